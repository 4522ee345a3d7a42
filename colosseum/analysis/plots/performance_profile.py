"""Share of instances that score better than each threshold, one curve an agent, with confidence bands."""

import numpy as np
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from colosseum.analysis.results import Results
from colosseum.analysis.statistics import performance_profile, stratified_bootstrap
from colosseum.analysis.style import add_legend, agent_styles, new_figure, styled

N_THRESHOLDS = 401
N_RESAMPLES = 500
"""Bands of curves need fewer resamples than numbers that are printed."""


def draw(results: Results, indicator: str | None = None) -> Figure:
    """
    Draw the performance profiles of the agents.

    Parameters
    ----------
    results : Results
        The benchmark.
    indicator : str, optional
        Not used: profiles are of the scores of `Results.scores`.

    Returns
    -------
    Figure
    """
    scores, _ = results.scores()
    everything = np.concatenate([one[~np.isnan(one)] for one in scores.values()])
    thresholds = np.linspace(min(0.0, everything.min()), max(1.0, everything.max()), N_THRESHOLDS)
    styles = agent_styles(results.agent_labels.values())
    with styled():
        figure = new_figure(5.6, 3.7)
        axis = figure.subplots()
        handles = []
        for agent, mine in scores.items():
            style = styles[results.agent_labels[agent]]
            band = stratified_bootstrap(lambda one: performance_profile(one, thresholds), mine, n_resamples=N_RESAMPLES)
            axis.fill_between(thresholds, band.low, band.high, step="post", color=style["color"], alpha=0.2, lw=0)
            axis.plot(thresholds, band.estimate, color=style["color"], linestyle=style["linestyle"], ds="steps-post")
            handles.append(
                Line2D([], [], color=style["color"], ls=style["linestyle"], lw=2.2, label=results.agent_labels[agent])
            )
        axis.set(xlim=(thresholds[0], thresholds[-1]), ylim=(-0.02, 1.02))
        axis.set_xlabel("Score τ  (1: optimal policy, 0: worst policy)")
        axis.set_ylabel("Share of instances with score > τ")
        add_legend(figure, handles, results.score_note)
    return figure
