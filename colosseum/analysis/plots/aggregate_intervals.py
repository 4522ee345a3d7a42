"""Mean, median, interquartile mean and optimality gap of each agent with their confidence intervals."""

import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from colosseum.analysis.results import Results
from colosseum.analysis.statistics import stratified_bootstrap
from colosseum.analysis.statistics.aggregates import AGGREGATES
from colosseum.analysis.style import add_note, agent_styles, new_figure, styled


def draw(results: Results, indicator: str | None = None) -> Figure:
    """
    Draw one panel an aggregate, one interval an agent.

    Parameters
    ----------
    results : Results
        The benchmark.
    indicator : str, optional
        Not used: aggregates are of the scores of `Results.scores`.

    Returns
    -------
    Figure
    """
    scores, _ = results.scores()
    styles = agent_styles(results.agent_labels.values())
    names = [results.agent_labels[agent] for agent in scores]
    with styled():
        figure = new_figure(9.2, 0.36 * len(names) + 1.15)
        axes = figure.subplots(1, len(AGGREGATES), sharey=True)
        for axis, (title, (function, more_is_better)) in zip(axes, AGGREGATES.items(), strict=True):
            ends = []
            for place, (name, mine) in enumerate(zip(names, scores.values(), strict=True)):
                interval = stratified_bootstrap(function, mine)
                low, high = float(interval.low), float(interval.high)
                ends += [low, high]
                axis.plot(
                    [low, high], [place, place], color=styles[name]["color"], lw=7, alpha=0.35, solid_capstyle="butt"
                )
                axis.plot(float(interval.estimate), place, "|", color=styles[name]["color"], ms=13, mew=2.2)
            margin = 0.08 * (np.ptp(ends) or 0.1)
            axis.set_xlim(min(ends) - margin, max(ends) + margin)
            axis.set_title(f"{title}\n({'higher' if more_is_better else 'lower'} is better)")
            axis.xaxis.set_major_locator(MaxNLocator(4, steps=[1, 2, 2.5, 5, 10]))
            axis.grid(False, axis="y")
            axis.tick_params(axis="y", length=0)
            axis.spines["left"].set_visible(False)
        axes[0].set_yticks(range(len(names)), names)
        axes[0].set_ylim(len(names) - 0.5, -0.5)
        figure.supxlabel("Score (1: optimal policy, 0: worst), 95 % stratified bootstrap interval", fontsize=9)
        add_note(figure, results.score_note)
    return figure
