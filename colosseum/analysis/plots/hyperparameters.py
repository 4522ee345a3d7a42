"""Score of each configuration of an agent against each hyperparameter, the best one marked."""

import ast
import math
import textwrap
from collections.abc import Callable

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import MaxNLocator

from colosseum.analysis.folder import Configured
from colosseum.analysis.names import family_of, scope_number
from colosseum.analysis.regrets import regret_title
from colosseum.analysis.results import Results, check_indicator
from colosseum.analysis.style import add_legend, add_note, agent_styles, new_figure, styled
from colosseum.logs.columns import column

DEFAULT_INDICATOR = "normalized_cumulative_regret"
MAX_COLUMNS = 4
TAKES_REDUCTION = True

_REDUCTIONS: dict[str, Callable[..., np.ndarray]] = {
    "mean": np.nanmean,
    "median": np.nanmedian,
    "min": np.nanmin,
    "max": np.nanmax,
}


def draw(results: Results, indicator: str = DEFAULT_INDICATOR, reduce_seeds: str = "mean") -> Figure:
    """
    Draw one panel a hyperparameter that varies, for each class of agents.

    Parameters
    ----------
    results : Results
        A benchmark whose agents have several configurations.
    indicator : str
        What the configurations are judged by: its mean over the environments, with the standard error over them; the
        best one is marked. The default is that of the selection.
    reduce_seeds : {"mean", "median", "min", "max"}
        How the seeds of an environment become one number.

    Returns
    -------
    Figure
    """
    check_indicator(indicator)
    parameters = {agent: _by_component(given) for agent, given in results.parameters("agent").items()}
    classes: dict[str, list[Configured]] = {}
    for agent in results.agents:
        classes.setdefault(agent.class_name, []).append(agent)
    varying = {name: _varying([parameters[agent] for agent in agents]) for name, agents in classes.items()}
    columns = min(MAX_COLUMNS, max(map(len, varying.values()))) or 1
    # the panels of an agent begin a row; None is a place that stays empty
    panels: list[tuple[str, str] | None] = []
    for name, names in varying.items():
        panels += [(name, parameter) for parameter in names] + [None] * (-len(names) % columns)
    styles = agent_styles(family_of(name) for name in classes)
    with styled():
        rows = len(panels) // columns or 1
        figure = new_figure(max(5.2, 2.55 * columns + 0.5), (2.1 * rows if panels else 0.3) + 0.9)
        axes = figure.subplots(rows, columns, squeeze=False)
        if not panels:
            axes[0, 0].set_axis_off()
            axes[0, 0].text(
                0.5, 0.5, "No hyperparameter varies: each agent has one configuration.", ha="center", va="center"
            )
        for axis, panel in zip(axes.flat, panels, strict=False):
            if panel is None:
                axis.set_axis_off()
                continue
            name, parameter = panel
            texts = [parameters[agent].get(parameter, "") for agent in classes[name]]
            points = [_score(results.values(indicator, agent), reduce_seeds) for agent in classes[name]]
            _draw_panel(
                axis,
                classes[name],
                texts,
                points,
                bool(column(indicator).higher_is_better),
                styles[family_of(name)]["color"],
            )
            axis.set_xlabel(parameter)
            axis.set_title(family_of(name))
        per_step = " per step" if column(indicator).is_sum else ""
        if panels:
            figure.supylabel(regret_title(indicator) + per_step, fontsize=9)
            plain = Line2D([], [], ls="", marker="o", ms=5, color="#888888", label="configuration ± standard error")
            best = Line2D([], [], ls="", marker="*", ms=11, mfc="#888888", mec="#111111", label="best (its gin scope)")
            add_legend(figure, [plain, best], results.note)
        else:
            add_note(figure, results.note)
    return figure


def _by_component(parameters: dict[str, str]) -> dict[str, str]:
    """Take lists apart: each number of one is a hyperparameter of its own."""
    found: dict[str, str] = {}
    for name, text in parameters.items():
        try:
            value = ast.literal_eval(text)
        except (ValueError, SyntaxError):
            value = None
        if isinstance(value, list | tuple):
            found |= {f"{name}[{i}]": repr(one) for i, one in enumerate(value)}
        else:
            found[name] = text
    return found


def _varying(configurations: list[dict[str, str]]) -> list[str]:
    names = sorted({name for one in configurations for name in one})
    return [name for name in names if len({one.get(name) for one in configurations}) > 1]


def _score(values: np.ndarray, reduce_seeds: str) -> tuple[float, float]:
    """Return mean and standard error over the environments of the reduced seeds; nan where one is missing."""
    if np.isnan(values).all(axis=0).any():
        return math.nan, math.nan
    reduced = _REDUCTIONS[reduce_seeds](values, axis=0)
    error = reduced.std(ddof=1) / math.sqrt(reduced.size) if reduced.size > 1 else 0.0
    return float(reduced.mean()), float(error)


def _draw_panel(
    axis: Axes, agents: list[Configured], texts: list[str], points: list[tuple[float, float]], high: bool, colour: str
) -> None:
    places = _places(axis, texts)
    means = np.array([mean for mean, _ in points])
    errors = np.array([error for _, error in points])
    axis.errorbar(places, means, errors, fmt="o", ms=4, color=colour, ecolor=colour, elinewidth=0.8, alpha=0.65)
    if not np.isnan(means).all():
        best = int(np.nanargmax(means) if high else np.nanargmin(means))  # ties go to the lower scope
        axis.plot(places[best], means[best], "*", ms=12, mfc=colour, mec="#111111", mew=0.8, zorder=5)
        axis.annotate(
            scope_number(agents[best].scope), (places[best], means[best]), (8, 0), textcoords="offset points",
            ha="left", va="center", fontsize=8, annotation_clip=False, zorder=6,
            bbox={"boxstyle": "round,pad=0.15", "fc": "white", "ec": "none", "alpha": 0.85},
        )  # fmt: skip
    axis.margins(x=0.1, y=0.22)
    axis.yaxis.set_major_locator(MaxNLocator(4))


def _places(axis: Axes, texts: list[str]) -> list[float]:
    """Return abscissae of gin values: numbers as they are, anything else in its order, with texts as ticks."""
    try:
        numbers = [float(ast.literal_eval(text)) for text in texts]
    except (ValueError, SyntaxError, TypeError):
        names = sorted(set(texts))
        axis.set_xticks(range(len(names)), [textwrap.fill(name.strip("'\""), 16) for name in names])
        return [float(names.index(text)) for text in texts]
    if min(numbers) > 0 and max(numbers) / min(numbers) > 200:
        axis.set_xscale("log")
    else:
        axis.xaxis.set_major_locator(MaxNLocator(4))
    return numbers
