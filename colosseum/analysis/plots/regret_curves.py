"""Curves of an indicator for each environment, with confidence bands, baselines and where training stopped."""

import math
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import MaxNLocator

from colosseum.analysis.folder import Configured
from colosseum.analysis.paper import Paper, inches, wrap
from colosseum.analysis.regrets import baseline_column, regret_title, regrets_of
from colosseum.analysis.results import Results, check_indicator
from colosseum.analysis.statistics import mean_interval
from colosseum.analysis.statistics.strata import variances_of_means
from colosseum.analysis.style import (
    BASELINE_COLOUR,
    BASELINE_STYLES,
    FEWEST_FOR_BAND,
    AgentStyle,
    add_legend,
    band_remark,
    drawing_order,
    format_count,
    new_figure,
    save_figure,
    styled,
    styles_of,
)
from colosseum.errors import ConfigurationError, nearest
from colosseum.logs.columns import BASELINES, column

INCHES_PER_UNIT = 0.32
"""Width of a panel in inches when `figsize_scale` is 1: the default scale 8 gives panels that read well on a page."""

N_POINTS = 12
"""Points of each seed in the place of a band."""

_STOPS = {"time_exceeded": ("X", 6, "cut by the time limit"), "optimal": ("*", 9, "stopped: policy optimal")}
"""Marker, its size in points, and meaning of the ways in which training stops early."""

_LEAST_PANEL = {True: 0.86, False: 1.2}
"""Inches of a panel in a picture of one column, and in a wider one."""


def agent_performances_per_mdp_plot(
    experiment_folder: str | os.PathLike,
    indicator: str,
    figsize_scale: float = 8,
    standard_error: bool = False,
    color_palette: Sequence[str] | Mapping[str, str] | None = None,
    n_rows: int | None = None,
    savefig_folder: str | os.PathLike | None = None,
    baselines: Sequence[str] = BASELINES,
    *,
    allow_incomplete: bool = False,
) -> Figure:
    """
    Plot an indicator against the steps: one panel an environment, one curve an agent.

    Parameters
    ----------
    experiment_folder : str or path
        A benchmark's folder, or a ``summary.csv`` with its ``curves.csv``.
    indicator : str
        One of `colosseum.analysis.columns.INDICATORS`.
    figsize_scale : float
        Size of a panel, in units of `INCHES_PER_UNIT` inches.
    standard_error : bool
        Whether the band is the mean over the seeds plus and minus its standard error; else it is Student's 95 %
        interval of the mean.
    color_palette : sequence of str, or mapping of agents' labels to str, optional
        Colours of the agents; by default each has its own colour, the same in all plots.
    n_rows : int, optional
        Rows of panels; by default as many as columns.
    savefig_folder : str or path, optional
        Where to save ``<indicator>-for-<benchmark>.pdf``; by default nothing is saved.
    baselines : sequence of str
        Of ``random``, ``worst`` and ``optimal``.
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
    results = Results.load(experiment_folder, allow_incomplete=allow_incomplete)
    figure = draw(
        results,
        indicator,
        baselines=baselines,
        standard_error=standard_error,
        panel_width=figsize_scale * INCHES_PER_UNIT,
        n_rows=n_rows,
        colours=color_palette,
    )
    if savefig_folder is not None:
        save_figure(figure, Path(savefig_folder) / f"{indicator}-for-{results.name}.pdf")
    return figure


def draw(
    results: Results,
    indicator: str | None = None,
    baselines: Sequence[str] = BASELINES,
    standard_error: bool = False,
    panel_width: float | None = None,
    n_rows: int | None = None,
    colours: Sequence[str] | Mapping[str, str] | None = None,
    paper: Paper = Paper(),  # noqa: B008 (frozen)
) -> Figure:
    """
    Draw the plot; parameters as in `agent_performances_per_mdp_plot`, `panel_width` in inches.

    Without `panel_width` there are as many panels beside each other as fit into the width of `paper`. The default
    indicator is learning regret, or policy regret where the logs hold no other.
    """
    indicator = check_indicator(indicator or regrets_of(results)[0]).name
    results.check_held(indicator)
    for baseline in baselines:
        if baseline not in BASELINES:
            raise ConfigurationError(f"unknown baseline {baseline!r}: {nearest(baseline, BASELINES)}")
    n_panels = len(results.mdps)
    if n_rows is not None and n_rows < 1:
        raise ConfigurationError(f"n_rows is {n_rows}; at least 1 is expected.")
    styles = _with_colours(styles_of(results), colours)
    with styled(paper):
        sides = 4.8 * paper.size / 72  # names of the axis and ticks
        n_columns = math.ceil(math.sqrt(n_panels))
        if panel_width is None:
            width = paper.fit(max(4.0, n_columns * 1.9 + sides))
            n_columns = min(n_columns, max(1, int((width - sides) / _LEAST_PANEL[paper.is_narrow])))
        if n_rows is not None or panel_width is not None:
            n_rows = min(n_panels, n_rows or math.floor(math.sqrt(n_panels)))
            n_columns = math.ceil(n_panels / n_rows)
        n_rows = math.ceil(n_panels / n_columns)
        if panel_width is not None:
            width = max(n_columns * panel_width, 1.9 * panel_width if n_columns == 1 else 0) + 0.3
        panel = (width - sides) / n_columns
        size = paper.small if paper.is_narrow else paper.size
        titles = {mdp: wrap(name, 0.96 * panel, size) for mdp, name in results.mdp_labels.items()}
        n_lines = 1 + max(title.count("\n") for title in titles.values())
        height = n_rows * (0.68 * panel + (1.3 * n_lines + 0.5) * size / 72) + 4 * paper.size / 72
        figure = new_figure(width, height)
        axes = figure.subplots(n_rows, n_columns, squeeze=False, sharex=True, sharey="normalized" in indicator)
        stops: set[tuple[str, bool]] = set()
        for mdp, axis in zip(results.mdps, axes.flat, strict=False):
            stops |= _draw_panel(axis, results, mdp, indicator, baselines, standard_error, styles)
            axis.set_title(titles[mdp], fontsize=size)
        _tidy_axes(axes, n_panels, max(2, min(4, int(panel / inches("200k", paper.small) / 1.1))))
        figure.supxlabel("Steps", fontsize=paper.size)
        figure.supylabel(wrap(_axis_title(indicator), 0.9 * height, paper.size), fontsize=paper.size)
        shown = [baseline for baseline in baselines if baseline_column(baseline, indicator)]
        _explain(figure, results, styles, shown, stops, standard_error)
    return figure


def _axis_title(indicator: str) -> str:
    return regret_title(indicator) + (" (sum over the steps)" if column(indicator).is_sum else "")


def confidence_band(values: np.ndarray, standard_error: bool = False) -> tuple[np.ndarray, np.ndarray]:
    """
    Return the ends of a band of the mean over seeds.

    Parameters
    ----------
    values : ndarray of shape (n_seeds, n_points)
        Curves, without nan.
    standard_error : bool
        Whether to return mean -+ standard error, else Student's 95 % interval at each point.

    Returns
    -------
    low, high : ndarray of shape (n_points,)
        nan with a single seed.
    """
    if standard_error:
        variances, _ = variances_of_means(values)
        return values.mean(axis=0) - np.sqrt(variances), values.mean(axis=0) + np.sqrt(variances)
    interval = mean_interval(values.T[:, :, None])
    return interval.low, interval.high


def _draw_panel(
    axis: Axes,
    results: Results,
    mdp: Configured,
    indicator: str,
    baselines: Sequence[str],
    standard_error: bool,
    styles: dict[str, AgentStyle],
) -> set[tuple[str, bool]]:
    """Draw an environment; return in which ways training stopped, each with whether it did with all seeds."""
    stops: set[tuple[str, bool]] = set()
    drawn_baselines = False
    for agent in results.agents:
        style = styles[results.agent_labels[agent]]
        steps, values = results.curves_of(mdp, agent, indicator)
        if not values.size:
            continue
        mean = values.mean(axis=0)
        if len(values) >= FEWEST_FOR_BAND:
            axis.fill_between(steps, *confidence_band(values, standard_error), color=style["color"], alpha=0.2, lw=0)
        elif len(values) > 1:
            places = np.unique(np.linspace(1, steps.size - 1, N_POINTS).astype(int))
            for one in values:
                axis.plot(steps[places], one[places], ".", ms=3, color=style["color"], alpha=0.7, zorder=2)
        axis.plot(steps, mean, color=style["color"], linestyle=style["linestyle"], zorder=drawing_order(style))
        for state, step, share in _stops(results, mdp, agent):
            height = float(np.interp(step, steps, mean))
            axis.plot(step, height, zorder=5, clip_on=False, **_stop_style(state, share == 1, style["color"]))
            stops.add((state, share == 1))
        if not drawn_baselines:
            for baseline in baselines:
                _draw_baseline(axis, results, mdp, agent, baseline, indicator)
            drawn_baselines = True
    if not axis.lines:
        axis.text(0.5, 0.5, "no log", transform=axis.transAxes, ha="center", va="center", color=BASELINE_COLOUR)
    return stops


def _draw_baseline(
    axis: Axes, results: Results, mdp: Configured, agent: Configured, baseline: str, indicator: str
) -> None:
    column = baseline_column(baseline, indicator)
    if column is None:
        return
    steps, values = results.curves_of(mdp, agent, column)
    if np.isfinite(values).all():
        axis.plot(
            steps, values.mean(axis=0), color=BASELINE_COLOUR, linestyle=BASELINE_STYLES[baseline], lw=1.1, zorder=2
        )


def _stop_style(state: str, with_all: bool, colour: str) -> dict[str, Any]:
    """Return the looks of the mark where training stopped: filled where it did with all seeds, else open."""
    marker, size, _ = _STOPS[state]
    face, edge = (colour, "white") if with_all else ("white", colour)
    return {"ls": "", "marker": marker, "ms": size, "mfc": face, "mec": edge, "mew": 0.7}


def _stops(results: Results, mdp: Configured, agent: Configured) -> list[tuple[str, float, float]]:
    """Return for each way in which seeds stopped: the state, the median step, the share of the seeds."""
    table = results.summary
    chosen = (table["mdp_class"] == mdp.class_name) & (table["mdp_scope"] == mdp.scope)
    chosen &= (table["agent_class"] == agent.class_name) & (table["agent_scope"] == agent.scope)
    rows = table[chosen & (table["status"] == "complete")]
    found = []
    for state in _STOPS:
        stopped = rows[(rows["training_state"] == state) & rows["stop_step"].notna()]
        if len(stopped):
            found.append((state, float(stopped["stop_step"].median()), len(stopped) / len(rows)))
    return found


def _with_colours(
    styles: dict[str, AgentStyle], colours: Sequence[str] | Mapping[str, str] | None
) -> dict[str, AgentStyle]:
    if colours is None:
        return styles
    named = colours if isinstance(colours, Mapping) else dict(zip(styles, colours, strict=False))
    return {name: AgentStyle(style, color=named.get(name, style["color"])) for name, style in styles.items()}


def _tidy_axes(axes: np.ndarray, n_panels: int, n_ticks: int) -> None:
    n_columns = axes.shape[1]
    for i, axis in enumerate(axes.flat):
        if i >= n_panels:
            axis.remove()
            continue
        axis.set_xlim(left=0)
        axis.margins(x=0)
        for along in (axis.xaxis, axis.yaxis):
            along.set_major_locator(MaxNLocator(n_ticks, steps=[1, 2, 2.5, 5, 10]))
            along.set_major_formatter(format_count)
        if i + n_columns >= n_panels:  # the lowest panel of its column
            axis.tick_params(labelbottom=True)


def _explain(
    figure: Figure,
    results: Results,
    styles: dict[str, AgentStyle],
    baselines: Sequence[str],
    stops: set[tuple[str, bool]],
    standard_error: bool,
) -> None:
    handles = [
        Line2D([], [], color=style["color"], linestyle=style["linestyle"], lw=1.8, label=name)
        for name, style in styles.items()
    ]
    handles += [
        Line2D(
            [], [], color=BASELINE_COLOUR, linestyle=BASELINE_STYLES[name], lw=1.2, label=f"{name.capitalize()} policy"
        )
        for name in baselines
    ]
    handles += [
        Line2D(
            [],
            [],
            label=_STOPS[state][2] + ("" if with_all else ", some of the seeds"),
            **_stop_style(state, with_all, "#444444"),
        )
        for state in _STOPS
        for with_all in (True, False)
        if (state, with_all) in stops
    ]
    n_seeds = len(results.seeds)
    remark = band_remark(n_seeds, "each step")
    if n_seeds >= FEWEST_FOR_BAND and standard_error:
        remark = "Bands: standard error of the mean over the seeds."
    elif 1 < n_seeds < FEWEST_FOR_BAND:
        remark = f"{n_seeds} seeds: points in the place of bands."
    add_legend(figure, handles, results.note, remark)
