"""An indicator as colour at the place of each environment in the space of diameter and value norm."""

import math
import os
from pathlib import Path

import matplotlib
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import LogLocator, NullFormatter

from colosseum.analysis.hardness import get_hardness_measures
from colosseum.analysis.labels import place_labels
from colosseum.analysis.names import scope_number, short_family
from colosseum.analysis.paper import SMALLEST, WIDEST, Paper, wrap
from colosseum.analysis.regrets import per_step, regret_title, regrets_of
from colosseum.analysis.results import HardnessSource, Results, check_indicator
from colosseum.analysis.style import add_legend, new_figure, save_figure, styled
from colosseum.errors import ConfigurationError
from colosseum.logs.columns import column

DEFAULT_INDICATOR = "normalized_cumulative_regret"
INCHES_PER_UNIT = 0.45
"""Published sizes are those of a poster: pictures and their fonts are drawn at this scale, in the same proportions."""

_MARKER = 7.0
"""Points of a marker."""

_LEAST_PANEL = 1.75
"""Inches of a panel in which the numbers of twenty environments find a place."""

FAMILY_MARKERS = ("o", "s", "D", "^", "v", "P", "X", "h", "p", "d", "<", ">")


def plot_indicator_in_hardness_space(
    experiment_folder: str | os.PathLike,
    indicator: str = DEFAULT_INDICATOR,
    fontsize: int = 22,
    cmap: str = "Reds",
    fig_size: float = 8,
    text_label_fontsize: int = 14,
    savefig_folder: str | os.PathLike | None = "tmp",
    *,
    hardness: HardnessSource = None,
    allow_incomplete: bool = False,
) -> Figure:
    """
    Place the environments by diameter and value norm and colour them by an indicator, one panel an agent.

    Parameters
    ----------
    experiment_folder : str or path
        A benchmark's folder, or a ``summary.csv`` of it.
    indicator : str
        One of `colosseum.analysis.columns.INDICATORS`; per step, mean over the seeds.
    fontsize : int
        Size of the titles of axes and panels, in points at `INCHES_PER_UNIT` scale.
    cmap : str
        Name of a matplotlib colour map.
    fig_size : float
        Width of a panel, in units of `INCHES_PER_UNIT` inches.
    text_label_fontsize : int
        Size of the numbers beside the environments, likewise.
    savefig_folder : str or path, or None
        Where to save ``<indicator>_in_hard_space_<benchmark>.pdf``; None saves nothing.
    hardness : path, callable or None
        Where diameters and value norms come from, see `colosseum.analysis.hardness.get_hardness_measures`.
    allow_incomplete : bool
        Whether instances may be missing; the plot then says so.

    Returns
    -------
    Figure
        A matplotlib figure that pyplot does not know of.

    Raises
    ------
    ConfigurationError, LogError
        If an argument is none of the above, or instances are missing where that is not allowed.
    """
    results = Results.load(experiment_folder, hardness=hardness, allow_incomplete=allow_incomplete)
    figure = draw(results, indicator, fontsize, cmap, fig_size, text_label_fontsize)
    if savefig_folder is not None:
        save_figure(figure, Path(savefig_folder) / f"{indicator}_in_hard_space_{results.name}.pdf")
    return figure


def draw(
    results: Results,
    indicator: str | None = None,
    fontsize: float | None = None,
    cmap: str = "Reds",
    fig_size: float | None = None,
    text_label_fontsize: float | None = None,
    paper: Paper = Paper(),  # noqa: B008 (frozen)
) -> Figure:
    """
    Draw the plot; parameters as in `plot_indicator_in_hardness_space`, sizes those of `paper` where none is given.

    The default indicator is learning regret, or policy regret where the logs hold no other.
    """
    indicator = check_indicator(indicator or regrets_of(results)[0]).name
    if cmap not in matplotlib.colormaps:
        raise ConfigurationError(f"unknown colour map {cmap!r}; matplotlib.colormaps lists the valid ones.")
    measures = get_hardness_measures(results)
    x = np.array([measures[mdp]["diameter"] for mdp in results.mdps])
    y = np.array([measures[mdp]["value_norm"] for mdp in results.mdps])
    families = sorted({short_family(mdp.class_name) for mdp in results.mdps})
    markers = {name: FAMILY_MARKERS[i % len(FAMILY_MARKERS)] for i, name in enumerate(families)}
    values = np.stack([_mean(results.values(indicator, agent)) for agent in results.agents])
    with styled(paper):
        title_size = paper.size if fontsize is None else max(SMALLEST, fontsize * INCHES_PER_UNIT)
        text_size = paper.small if text_label_fontsize is None else max(SMALLEST, text_label_fontsize * INCHES_PER_UNIT)
        n, has_bar_below = len(results.agents), paper.is_narrow
        beside = 0.0 if has_bar_below else 0.95
        if fig_size is None:
            width = paper.fit(WIDEST if n > 1 else 4.5)
            columns = min(n, max(1, int((width - beside - 0.5) / _LEAST_PANEL)))
            columns = math.ceil(n / math.ceil(n / columns))
            panel = (width - beside - 0.5) / columns
        else:
            columns, panel = min(n, 4), fig_size * INCHES_PER_UNIT
            width = max(columns * panel + beside, 4.6)
        rows = math.ceil(n / columns)
        panel_height = min(0.95 * panel, max(1.5, 0.6 * panel))
        figure = new_figure(
            width, rows * (panel_height + 1.8 * title_size / 72) + 0.45 + (0.55 if has_bar_below else 0)
        )
        axes = figure.subplots(rows, columns, squeeze=False, sharex=True, sharey=True)
        colours = matplotlib.cm.ScalarMappable(_norm(indicator, values), cmap)
        for i, (agent, axis) in enumerate(zip(results.agents, axes.flat, strict=False)):
            for j, mdp in enumerate(results.mdps):
                _draw_point(axis, x[j], y[j], values[i, j], colours, markers[short_family(mdp.class_name)])
            axis.set_title(wrap(results.agent_labels[agent], 0.95 * panel, title_size), fontsize=title_size)
            _scale_axes(axis, x, y)
            axis.tick_params(labelbottom=i + columns >= n)  # the lowest panel of its column
        for axis in axes.flat[n:]:
            axis.remove()
        if has_bar_below:
            axes[-1, 0].set_xlabel("Diameter", fontsize=title_size)
        else:
            figure.supxlabel("Diameter", fontsize=title_size)
        figure.supylabel("Value norm", fontsize=title_size)
        bar = figure.colorbar(
            colours,
            ax=figure.axes,
            location="bottom" if has_bar_below else "right",
            pad=0.02,
            aspect=25,
            fraction=0.05,
            shrink=1 if rows == 1 or has_bar_below else 0.6,
        )
        along = 0.9 * width if has_bar_below else 0.6 * figure.get_figheight()
        bar.set_label(wrap(regret_title(indicator) + per_step(indicator), along, paper.small), fontsize=paper.small)
        bar.outline.set_visible(False)
        _explain(figure, results.note, markers, _family_names(results))
        texts = [scope_number(mdp.scope) for mdp in results.mdps]
        figure.draw_without_rendering()  # places are final after the layout
        for axis in axes.flat[:n]:
            place_labels(axis, x, y, texts, fontsize=text_size, clearance=_MARKER / 2 + 1)
    return figure


def _family_names(results: Results) -> dict[str, str]:
    """Return what families are called: what their environments are, without the number."""
    names: dict[str, set[str]] = {}
    for mdp, text in results.mdp_labels.items():
        names.setdefault(short_family(mdp.class_name), set()).add(text.removesuffix(f" ({scope_number(mdp.scope)})"))
    return {family: of.pop() if len(of) == 1 else family for family, of in names.items()}


def _mean(values: np.ndarray) -> np.ndarray:
    count = (~np.isnan(values)).sum(axis=0)
    return np.divide(np.nansum(values, axis=0), count, out=np.full(count.shape, np.nan), where=count > 0)


def _norm(indicator: str, values: np.ndarray) -> matplotlib.colors.Normalize:
    known = values[~np.isnan(values)]
    low = min(0.0, float(known.min())) if column(indicator).is_sum else float(known.min())
    high = float(known.max())
    return matplotlib.colors.Normalize(low, high if high > low else low + 1.0)


def _draw_point(
    axis: Axes, x: float, y: float, value: float, colours: matplotlib.cm.ScalarMappable, marker: str
) -> None:
    face = "none" if math.isnan(value) else colours.to_rgba(np.array([value]))[0]
    axis.plot(x, y, marker, ms=_MARKER, mfc=face, mec="#333333", mew=0.7, zorder=3, clip_on=False)


def _scale_axes(axis: Axes, x: np.ndarray, y: np.ndarray) -> None:
    if x.min() > 0 and x.max() / x.min() > 20:
        axis.set_xscale("log")
        axis.xaxis.set_major_locator(LogLocator(10))
        axis.xaxis.set_minor_formatter(NullFormatter())
        axis.set_xlim(x.min() / 1.6, x.max() * 1.6)
    else:
        pad = 0.12 * (np.ptp(x) or x.max() or 1.0)
        axis.set_xlim(x.min() - pad, x.max() + pad)
    pad = 0.1 * (np.ptp(y) or y.max() or 1.0)
    axis.set_ylim(y.min() - pad, y.max() + pad)


def _explain(figure: Figure, note: str, markers: dict[str, str], names: dict[str, str]) -> None:
    handles = [
        Line2D([], [], ls="", marker=marker, ms=6.5, mfc="#dddddd", mec="#333333", mew=0.7, label=names[family])
        for family, marker in markers.items()
    ]
    add_legend(figure, handles, note, "Numbers: those in names such as DeepSea (2), of the environment's gin scope")
