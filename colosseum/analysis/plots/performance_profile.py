"""Share of instances that score better than each threshold, one curve an agent, with bands, by either regret."""

import numpy as np
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from colosseum.analysis.regrets import RANDOM_POLICY, TITLES, is_full, random_scores, regrets_of
from colosseum.analysis.results import Results
from colosseum.analysis.statistics import performance_profile, profile_band
from colosseum.analysis.style import (
    BASELINE_COLOUR,
    BASELINE_STYLES,
    FEWEST_FOR_BAND,
    add_legend,
    agent_styles,
    band_remark,
    new_figure,
    styled,
)

N_THRESHOLDS = 401


def draw(results: Results, indicator: str | None = None) -> Figure:
    """
    Draw the performance profiles of the agents, one panel a regret.

    Parameters
    ----------
    results : Results
        The benchmark.
    indicator : str, optional
        Not used: profiles are of the scores by either regret.

    Returns
    -------
    Figure
    """
    regrets = regrets_of(results)
    styles = agent_styles(results.agent_labels.values())
    agents = list(results.scores()[0])
    n_seeds = len(results.scores()[0][agents[0]])
    handles = []
    for agent in agents:
        style = styles[results.agent_labels[agent]]
        look = {"color": style["color"], "ls": style["linestyle"], "lw": 2.2}
        handles.append(Line2D([], [], **look, label=results.agent_labels[agent]))
    grey = {"color": BASELINE_COLOUR, "linestyle": BASELINE_STYLES["random"], "lw": 1.2}
    with styled():
        figure = new_figure(5.6 if len(regrets) == 1 else 9.2, 3.9)
        axes = figure.subplots(1, len(regrets), sharey=True, squeeze=False)[0]
        random_drawn = False
        for axis, regret in zip(axes, regrets, strict=True):
            scores = {agent: one for agent, one in results.scores(regret)[0].items() if is_full(one)}
            random = random_scores(results, regret)
            everything = np.concatenate(
                [one.ravel() for one in (*scores.values(), *([] if random is None else [random]))]
            )
            thresholds = np.linspace(min(0.0, everything.min()), max(1.0, everything.max()), N_THRESHOLDS)
            for agent, mine in scores.items():
                style = styles[results.agent_labels[agent]]
                band = profile_band(mine, thresholds)
                if n_seeds >= FEWEST_FOR_BAND:
                    axis.fill_between(
                        thresholds, band.low, band.high, step="post", color=style["color"], alpha=0.2, lw=0
                    )
                axis.plot(
                    thresholds, band.estimate, color=style["color"], linestyle=style["linestyle"], ds="steps-post"
                )
            if random is not None:
                axis.plot(thresholds, performance_profile(random, thresholds), ds="steps-post", zorder=1, **grey)
                random_drawn = True
            axis.set(xlim=(thresholds[0], thresholds[-1]), ylim=(-0.02, 1.02))
            axis.set_title(TITLES[regret])
        figure.supxlabel("Score τ  (1: optimal policy, 0: worst policy)", fontsize=10)
        axes[0].set_ylabel("Share of instances with score > τ")
        if random_drawn:
            handles.append(Line2D([], [], **grey, label=RANDOM_POLICY))
        add_legend(figure, handles, results.score_note, band_remark(n_seeds, "each threshold"))
    return figure
