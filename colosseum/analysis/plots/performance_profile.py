"""Share of instances that score better than each threshold, one curve an agent, with bands, by either regret."""

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from colosseum.analysis.paper import WIDEST, Paper
from colosseum.analysis.regrets import RANDOM_POLICY, TITLES, is_full, random_scores, regrets_of
from colosseum.analysis.results import Results
from colosseum.analysis.statistics import performance_profile, profile_band
from colosseum.analysis.style import (
    BASELINE_COLOUR,
    BASELINE_STYLES,
    FEWEST_FOR_BAND,
    AgentStyle,
    add_legend,
    band_remark,
    drawing_order,
    new_figure,
    styled,
    styles_of,
)

N_THRESHOLDS = 401
_RANDOM = BASELINE_STYLES["random"]


def draw(results: Results, indicator: str | None = None, paper: Paper = Paper()) -> Figure:  # noqa: B008 (frozen)
    """
    Draw the performance profiles of the agents, one panel a regret.

    Parameters
    ----------
    results : Results
        The benchmark.
    indicator : str, optional
        Not used: profiles are of the scores by either regret.
    paper : Paper
        What the picture is made for.

    Returns
    -------
    Figure
    """
    regrets = regrets_of(results)
    styles = styles_of(results)
    agents = list(results.scores()[0])
    n_seeds = len(results.scores()[0][agents[0]])
    with styled(paper):
        width, n = paper.fit(4.6 if len(regrets) == 1 else WIDEST), len(regrets)
        rows, columns = (n, 1) if paper.is_narrow else (1, n)
        figure = new_figure(width, rows * min(2.6, 0.62 * width / columns + 0.5) + 2 * paper.size / 72)
        axes = figure.subplots(rows, columns, sharey=True, squeeze=False).ravel()
        for axis, regret in zip(axes, regrets, strict=True):
            scores = {agent: one for agent, one in results.scores(regret)[0].items() if is_full(one)}
            _draw_panel(
                axis,
                [(styles[results.agent_labels[agent]], mine) for agent, mine in scores.items()],
                random_scores(results, regret),
            )
            axis.set_title(TITLES[regret])
        figure.supxlabel("Score τ  (1: optimal policy, 0: worst policy)", fontsize=paper.size)
        figure.supylabel("Share of instances with score > τ", fontsize=paper.size)
        handles = []
        for agent in agents:
            look = styles[results.agent_labels[agent]]
            handles.append(
                Line2D([], [], color=look["color"], ls=look["linestyle"], lw=1.8, label=results.agent_labels[agent])
            )
        if any(random_scores(results, regret) is not None for regret in regrets):
            handles.append(Line2D([], [], color=BASELINE_COLOUR, ls=_RANDOM, lw=1.2, label=RANDOM_POLICY))
        add_legend(figure, handles, results.score_note, band_remark(n_seeds, "each threshold"))
    return figure


def _draw_panel(axis: Axes, agents: list[tuple[AgentStyle, np.ndarray]], random: np.ndarray | None) -> None:
    everything = np.concatenate([*(mine.ravel() for _, mine in agents), *([] if random is None else [random.ravel()])])
    thresholds = np.linspace(min(0.0, everything.min()), max(1.0, everything.max()), N_THRESHOLDS)
    for style, mine in agents:
        band = profile_band(mine, thresholds)
        if len(mine) >= FEWEST_FOR_BAND:
            axis.fill_between(thresholds, band.low, band.high, step="post", color=style["color"], alpha=0.2, lw=0)
        axis.plot(
            thresholds,
            band.estimate,
            color=style["color"],
            linestyle=style["linestyle"],
            ds="steps-post",
            zorder=drawing_order(style),
        )
    if random is not None:
        profile = performance_profile(random, thresholds)
        axis.plot(thresholds, profile, color=BASELINE_COLOUR, ls=_RANDOM, lw=1.2, ds="steps-post", zorder=4)
    axis.set(xlim=(thresholds[0], thresholds[-1]), ylim=(-0.02, 1.02))
