"""Pictures of an environment: its states and actions, or its states alone; they need networkx."""

import os
from collections.abc import Hashable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import matplotlib
import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import Normalize
from matplotlib.figure import Figure

from colosseum.analysis.style import PALETTE, new_figure, save_figure, styled
from colosseum.errors import ConfigurationError

if TYPE_CHECKING:
    from colosseum.mdp.base import BaseMDP

Labels = bool | Mapping[Any, float | str] | None
Place = tuple[float, float]

NODE_PALETTE = (PALETTE[4], PALETTE[2], PALETTE[5], "#bbbbbb")
"""Colours of starting states, of those with the greatest expected reward, of others, of transient ones."""

_KINDS = ("starting state", "greatest reward", "state", "transient state")
_EDGE = "#999999"
_LARGEST, _SMALLEST = 14.0, 3.5  # inches


def plot_MCGraph(
    mdp: "BaseMDP",
    node_palette: Sequence[Any] = NODE_PALETTE,
    labels: Labels = None,
    font_color_labels: str = "k",
    save_file: str | os.PathLike | None = None,
    ax: Axes | None = None,
    figsize: tuple[float, float] | None = None,
    prog: str | None = None,
    legend_fontsize: int | None = None,
    node_size: int = 100,
    cm_state_labels: Any = None,
    no_written_state_labels: bool = True,
) -> Figure:
    """
    Draw the states, with an arrow where some action may lead from one to the other.

    Parameters
    ----------
    mdp : BaseMDP
    node_palette : sequence of four colours
        See `NODE_PALETTE`.
    labels : bool, or dict of node to float or str, optional
        What is written at the nodes, True: themselves; where `cm_state_labels` is given, numbers that colour them.
    font_color_labels : colour
    save_file : str or path, optional
        A .svg, .png or .pdf file to write.
    ax : matplotlib.axes.Axes, optional
        Where to draw; by default in a new figure.
    figsize : tuple (float, float), optional
        Inches.
    prog : str, optional
        Published: a program of graphviz. It is not used; nodes lie at their coordinates.
    legend_fontsize : int, optional
        Points.
    node_size : int
        Points squared.
    cm_state_labels : str or matplotlib colour map, optional
        Colours the nodes by their labels, such as those of `BaseMDP.get_node_labels`.
    no_written_state_labels : bool
        Whether labels that colour are not written as well.

    Returns
    -------
    matplotlib.figure.Figure

    Raises
    ------
    ConfigurationError
        If networkx is not installed, or a label is of no node.
    """
    places = mdp.graph_layout
    edges = [(places[a], places[b], 1.0) for a, b in mdp.G.edges]
    with styled():
        axes = _axes(places, figsize, ax)
        _draw_edges(axes, edges, _EDGE)
        _draw_states(mdp, axes, places, node_palette, labels, cm_state_labels, node_size)
        if cm_state_labels is None or not no_written_state_labels:
            _write(axes, places, labels, font_color_labels)
        if cm_state_labels is None:
            _legend(axes, legend_fontsize, 4)
        return _finish(axes, save_file)


def plot_MDP_graph(
    mdp: "BaseMDP",
    node_palette: Sequence[Any] = NODE_PALETTE,
    action_palette: Sequence[Any] = PALETTE,
    save_file: str | os.PathLike | None = None,
    ax: Axes | None = None,
    figsize: tuple[float, float] | None = None,
    node_labels: Labels = None,
    action_labels: Labels = None,
    int_labels_offset_x: float = 0,
    int_labels_offset_y: float = 0,
    continuous_form: bool = True,
    prog: str | None = None,
    ncol: int = 4,
    title: str | None = None,
    legend_fontsize: int | None = None,
    font_color_state_labels: str = "k",
    font_color_state_actions_labels: str = "k",
    cm_state_labels: Any = None,
    cm_state_actions_labels: Any = None,
    no_written_state_labels: bool = True,
    no_written_state_action_labels: bool = True,
    node_size: int = 150,
) -> Figure:
    """
    Draw the states, a square for each action around each, and where it may lead, the thicker the likelier.

    Parameters
    ----------
    mdp : BaseMDP
    node_palette, save_file, ax, figsize, prog, legend_fontsize, node_size, cm_state_labels, no_written_state_labels
        As in `plot_MCGraph`.
    action_palette : sequence of colours
        Of the actions, in turn.
    node_labels, action_labels : bool or dict, optional
        As `labels` of `plot_MCGraph`; of actions by (node, action), such as those of `BaseMDP.get_node_action_labels`.
    int_labels_offset_x, int_labels_offset_y : float
        Points by which what is written is moved.
    continuous_form : bool
        Published. Only the graph without the steps of an episode is drawn: False is not taken.
    ncol : int
        Columns of the legend.
    title : str, optional
    font_color_state_labels, font_color_state_actions_labels : colour
    cm_state_actions_labels, no_written_state_action_labels
        As those of states, for actions.

    Returns
    -------
    matplotlib.figure.Figure

    Raises
    ------
    ConfigurationError
        As `plot_MCGraph`; or if `continuous_form` is False.
    """
    if not continuous_form:
        raise ConfigurationError("continuous_form: False is not taken; the graph is drawn without an episode's steps.")
    places = mdp.graph_layout
    squares = _place_actions(mdp, places)
    offset = (int_labels_offset_x, int_labels_offset_y)
    with styled():
        axes = _axes(places, figsize, ax)
        for node, place in places.items():
            for a, moves in mdp.get_info_class(node).transition_distributions.items():
                square = squares[node, a]
                _draw_edges(axes, [(place, square, 0.5)], action_palette[a % len(action_palette)])
                _draw_edges(axes, [(square, places[to], p) for to, p in moves.items() if p > 0], _EDGE)
        for a in range(mdp.n_actions):
            mine = {pair: place for pair, place in squares.items() if pair[1] == a}
            colours: Any = action_palette[a % len(action_palette)]
            if cm_state_actions_labels is not None:
                colours = _mapped(cm_state_actions_labels, _numbers(action_labels, list(squares)), list(mine))
            xy = np.array(list(mine.values()))
            named = f"action {a}" if cm_state_actions_labels is None else None
            axes.scatter(
                xy[:, 0],
                xy[:, 1],
                s=node_size / 4,
                c=colours,
                marker="s",
                edgecolors="k",
                linewidths=0.4,
                label=named,
                zorder=3,
            )
        _draw_states(mdp, axes, places, node_palette, node_labels, cm_state_labels, node_size)
        if cm_state_labels is None or not no_written_state_labels:
            _write(axes, places, node_labels, font_color_state_labels, offset)
        if cm_state_actions_labels is None or not no_written_state_action_labels:
            _write(axes, squares, action_labels, font_color_state_actions_labels, offset)
        _legend(axes, legend_fontsize, ncol)
        if title is not None:
            axes.set_title(title)
        return _finish(axes, save_file)


# ------------------------------------------------------------------------------------------------------- private parts


def _axes(places: Mapping[Hashable, Place], figsize: tuple[float, float] | None, ax: Axes | None) -> Axes:
    if ax is None:
        span = np.ptp(np.array(list(places.values())), axis=0)
        width, height = figsize or tuple(float(np.clip(0.9 * x + 1.5, _SMALLEST, _LARGEST)) for x in span)
        ax = new_figure(width, height).subplots()
    ax.set_aspect("equal", adjustable="datalim")
    ax.axis("off")
    return ax


def _legend(axes: Axes, fontsize: int | None, n_columns: int) -> None:
    handles, names = axes.get_legend_handles_labels()
    width = axes.get_window_extent().width / axes.get_figure(root=True).dpi  # type: ignore[union-attr]  # in inches
    fitting = max(1, min(n_columns, int(width / 1.5)))
    n_rows = -(-len(names) // fitting)
    axes.legend(
        handles,
        names,
        fontsize=fontsize,
        ncol=fitting,
        loc="upper center",
        bbox_to_anchor=(0.5, -0.02 * n_rows),
        markerscale=0.6,
    )


def _finish(axes: Axes, save_file: str | os.PathLike | None) -> Figure:
    axes.margins(0.08)
    figure = axes.get_figure(root=True)
    assert figure is not None, "axes lie in a figure"
    if save_file is not None:
        save_figure(figure, os.fspath(save_file))
    return figure


def _place_actions(mdp: "BaseMDP", places: Mapping[Any, Place]) -> dict[Any, Place]:
    points = np.array(list(places.values()))
    near = min((float(np.hypot(*(points[i + 1 :] - points[i]).T).min()) for i in range(len(points) - 1)), default=1.0)
    angles = np.pi / 2 - 2 * np.pi * np.arange(mdp.n_actions) / mdp.n_actions
    return {
        (node, a): (x + 0.33 * near * float(np.cos(angles[a])), y + 0.33 * near * float(np.sin(angles[a])))
        for node, (x, y) in places.items()
        for a in range(mdp.n_actions)
    }


def _draw_edges(axes: Axes, edges: Sequence[tuple[Place, Place, float]], colour: Any) -> None:
    moving = [edge for edge in edges if edge[0] != edge[1]]
    if moving:
        start, end = np.array([edge[0] for edge in moving]), np.array([edge[1] for edge in moving])
        arrows: dict[str, Any] = {"angles": "xy", "scale_units": "xy", "scale": 1, "headwidth": 5, "headlength": 6}
        for weight in sorted({edge[2] for edge in moving}):
            chosen = [i for i, edge in enumerate(moving) if edge[2] == weight]
            width = 0.0008 + 0.0015 * weight
            axes.quiver(*start[chosen].T, *(end - start)[chosen].T, color=colour, width=width, zorder=1, **arrows)


def _draw_states(
    mdp: "BaseMDP",
    axes: Axes,
    places: Mapping[Any, Place],
    palette: Sequence[Any],
    labels: Labels,
    cmap: Any,
    size: int,
) -> None:
    nodes = list(places)
    if cmap is not None:
        groups: dict[str | None, tuple[list[Any], Any]] = {None: (nodes, _mapped(cmap, _numbers(labels, nodes), nodes))}
    else:
        kinds = _kinds(mdp)
        groups = {
            _KINDS[kind]: ([node for node in nodes if kinds[mdp.node_to_index[node]] == kind], palette[kind])
            for kind in sorted(set(kinds))
        }
    for name, (members, colours) in groups.items():
        xy = np.array([places[node] for node in members])
        axes.scatter(xy[:, 0], xy[:, 1], s=size, c=colours, edgecolors="k", linewidths=0.6, label=name, zorder=2)


def _kinds(mdp: "BaseMDP") -> list[int]:
    """Return which of `_KINDS` each state is."""
    from networkx import strongly_connected_components

    kinds = np.full(mdp.n_states, 2)
    if mdp.H is None:
        for members in strongly_connected_components(mdp.G):
            if any(to not in members for node in members for to in mdp.G.successors(node)):
                kinds[[mdp.node_to_index[node] for node in members]] = 3
    kinds[mdp.R.max(1) == mdp.R.max()] = 1
    kinds[mdp.model.start_state] = 0
    return kinds.tolist()


def _numbers(labels: Labels, known: Sequence[Any]) -> Mapping[Any, float]:
    if not isinstance(labels, Mapping):
        raise ConfigurationError("labels: a colour map needs a number for each node, as get_node_labels returns them.")
    _check(labels, known)
    missing = [key for key in known if key not in labels]
    if missing:
        raise ConfigurationError(f"labels: there is none of {missing[0]!r}.")
    return {key: float(labels[key]) for key in known}


def _check(labels: Mapping[Any, Any], known: Sequence[Any]) -> None:
    for key in labels:
        if key not in known:
            raise ConfigurationError(f"labels: there is no {key!r}; {known[0]!r} would do.")


def _mapped(cmap: Any, numbers: Mapping[Any, float], keys: Sequence[Any]) -> Any:
    scale = Normalize(min(numbers.values()), max(numbers.values()))
    chosen = matplotlib.colormaps[cmap] if isinstance(cmap, str) else cmap
    return [chosen(scale(numbers[key])) for key in keys]


def _write(
    axes: Axes, places: Mapping[Any, Place], labels: Labels, colour: str, offset: tuple[float, float] = (0, 0)
) -> None:
    if not labels:
        return
    if isinstance(labels, Mapping):
        _check(labels, list(places))
    else:
        labels = {key: _short(key) for key in places}
    for key, label in labels.items():
        text = f"{label:.3g}" if isinstance(label, float) else str(label)
        axes.annotate(
            text,
            places[key],
            offset,
            textcoords="offset points",
            ha="center",
            va="center",
            fontsize=6,
            color=colour,
            zorder=4,
        )


def _short(key: Any) -> str:
    if isinstance(key, tuple) and hasattr(key, "_fields"):
        return ",".join(str(int(value)) for value in key)
    return str(key[1]) if isinstance(key, tuple) else str(key)
