"""Score of each configuration of an agent against each hyperparameter, the chosen one marked."""

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
from colosseum.analysis.paper import WIDEST, Paper, wrap
from colosseum.analysis.regrets import per_step, regret_title
from colosseum.analysis.results import Results, check_indicator
from colosseum.analysis.style import add_legend, add_note, agent_styles, new_figure, small, styled
from colosseum.analysis.tuning import chosen_sample
from colosseum.logs.columns import column

DEFAULT_INDICATOR = "normalized_cumulative_regret"
TAKES_REDUCTION = True

_LEAST_PANEL = 1.3
"""Inches."""

_LATER = "Scores are those of the first rung; the choice is that of all rungs and of the seeds that confirmed it."

_REDUCTIONS: dict[str, Callable[..., np.ndarray]] = {
    "mean": np.nanmean,
    "median": np.nanmedian,
    "min": np.nanmin,
    "max": np.nanmax,
}


def draw(
    results: Results,
    indicator: str = DEFAULT_INDICATOR,
    reduce_seeds: str = "mean",
    paper: Paper = Paper(),  # noqa: B008 (frozen)
) -> Figure:
    """
    Draw one panel a hyperparameter that varies, for each class of agents.

    Parameters
    ----------
    results : Results
        A benchmark whose agents have several configurations.
    indicator : str
        What the configurations are judged by: its mean over the environments, with the standard error over them. The
        default is that of the selection. Marked is the configuration that the selection chose, on all rungs and the
        confirmation where there were some; where nothing tells which it is, the best of these results.
    reduce_seeds : {"mean", "median", "min", "max"}
        How the seeds of an environment become one number.
    paper : Paper
        What the picture is made for.

    Returns
    -------
    Figure
    """
    check_indicator(indicator)
    parameters = {agent: _by_component(given) for agent, given in results.parameters("agent").items()}
    classes: dict[str, list[Configured]] = {}
    for agent in results.agents_as_given:
        classes.setdefault(agent.class_name, []).append(agent)
    varying = {name: _varying([parameters[agent] for agent in agents]) for name, agents in classes.items()}
    most = max(map(len, varying.values()))
    chosen = {name: chosen_sample(results, name, indicator, reduce_seeds) for name in classes}
    with styled(paper):
        width = paper.fit(max(4.0, min(WIDEST, most * 2.2 + 0.5)))
        columns = min(most, max(1, int((width - 0.5) / _LEAST_PANEL))) or 1
        # the panels of an agent begin a row; None is a place that stays empty
        panels: list[tuple[str, str] | None] = []
        for name, names in varying.items():
            panels += [(name, parameter) for parameter in names] + [None] * (-len(names) % columns)
        styles = agent_styles(family_of(name) for name in classes)
        rows = len(panels) // columns or 1
        room = (width - 0.5) / columns
        figure = new_figure(width, rows * (min(1.7, 0.85 * room) + 4.5 * paper.size / 72) if panels else 0.6)
        axes = figure.subplots(rows, columns, squeeze=False)
        if not panels:
            axes[0, 0].set_axis_off()
            text = wrap("No hyperparameter varies: each agent has one configuration.", 0.9 * width, paper.size)
            axes[0, 0].text(0.5, 0.5, text, ha="center", va="center")
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
                (chosen[name] or ("", False))[0],
            )
            axis.set_xlabel(wrap(parameter, room - 0.3, paper.size))
            axis.set_title(wrap(family_of(name), room - 0.3, paper.size))
        if panels:
            title = regret_title(indicator) + per_step(indicator)
            figure.supylabel(wrap(title, 0.9 * figure.get_figheight(), paper.size), fontsize=paper.size)
            plain = Line2D([], [], ls="", marker="o", ms=5, color="#888888", label="configuration ± standard error")
            mark = "chosen" if all(chosen.values()) else "best"
            best = Line2D(
                [], [], ls="", marker="*", ms=10, mfc="#888888", mec="#111111", label=f"{mark} (its gin scope)"
            )
            add_legend(
                figure, [plain, best], results.note, _LATER if any(one and one[1] for one in chosen.values()) else ""
            )
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
    axis: Axes,
    agents: list[Configured],
    texts: list[str],
    points: list[tuple[float, float]],
    high: bool,
    colour: str,
    chosen: str,
) -> None:
    places = _places(axis, texts)
    means = np.array([mean for mean, _ in points])
    errors = np.array([error for _, error in points])
    axis.errorbar(places, means, errors, fmt="o", ms=4, color=colour, ecolor=colour, elinewidth=0.8, alpha=0.65)
    if not np.isnan(means).all():
        best = int(np.nanargmax(means) if high else np.nanargmin(means))  # ties go to the lower scope
        best = next((i for i, agent in enumerate(agents) if agent.scope == chosen), best)
        axis.plot(places[best], means[best], "*", ms=12, mfc=colour, mec="#111111", mew=0.8, zorder=5)
        axis.annotate(
            scope_number(agents[best].scope), (places[best], means[best]), (8, 0), textcoords="offset points",
            ha="left", va="center", fontsize=small(), annotation_clip=False, zorder=6,
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
        axis.set_xticks(range(len(names)), [textwrap.fill(name.strip("'\""), 14) for name in names])
        return [float(names.index(text)) for text in texts]
    if min(numbers) > 0 and max(numbers) / min(numbers) > 200:
        axis.set_xscale("log")
    else:
        axis.xaxis.set_major_locator(MaxNLocator(4))
    return numbers
