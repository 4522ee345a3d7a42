"""Mean, median, interquartile mean and optimality gap of each agent with their intervals, by either regret."""

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import MaxNLocator

from colosseum.analysis.regrets import (
    ONE_SEED_NOTE,
    RANDOM_POLICY,
    SEEDS_NOTE,
    TITLES,
    is_full,
    random_scores,
    regrets_of,
)
from colosseum.analysis.results import Results
from colosseum.analysis.statistics.intervals import AGGREGATES, Aggregate
from colosseum.analysis.style import (
    BASELINE_COLOUR,
    BASELINE_STYLES,
    AgentStyle,
    add_legend,
    agent_styles,
    new_figure,
    styled,
)


def draw(results: Results, indicator: str | None = None) -> Figure:
    """
    Draw one panel an aggregate and regret, one interval an agent.

    Parameters
    ----------
    results : Results
        The benchmark.
    indicator : str, optional
        Not used: aggregates are of the scores by either regret.

    Returns
    -------
    Figure
    """
    regrets = regrets_of(results)
    styles = agent_styles(results.agent_labels.values())
    names = [results.agent_labels[agent] for agent in results.scores()[0]]
    n_seeds = len(next(iter(results.scores()[0].values())))
    with styled():
        figure = new_figure(9.2, (0.36 * len(names) + 0.75) * len(regrets) + 0.9)
        axes = figure.subplots(len(regrets), len(AGGREGATES), sharey=True, squeeze=False)
        lines = False
        for i, regret in enumerate(regrets):
            scores = list(results.scores(regret)[0].values())
            random = random_scores(results, regret)
            lines |= random is not None
            for axis, (title, aggregate) in zip(axes[i], AGGREGATES.items(), strict=True):
                _draw_panel(axis, aggregate, [styles[name] for name in names], scores, random)
                if i == 0:
                    axis.set_title(f"{title}\n({'higher' if aggregate.more_is_better else 'lower'} is better)")
            axes[i, 0].set_yticks(range(len(names)), names)
            axes[i, 0].set_ylim(len(names) - 0.5, -0.5)
            axes[i, 0].set_ylabel(TITLES[regret])
        note = ONE_SEED_NOTE if n_seeds == 1 else SEEDS_NOTE
        figure.supxlabel(f"Score (1: optimal policy, 0: worst). {note}", fontsize=9)
        style = BASELINE_STYLES["random"]
        handles = [Line2D([], [], color=BASELINE_COLOUR, linestyle=style, lw=1.2, label=RANDOM_POLICY)]
        add_legend(figure, handles if lines else [], results.score_note)
    return figure


def _draw_panel(
    axis: Axes, aggregate: Aggregate, styles: list[AgentStyle], scores: list[np.ndarray], random: np.ndarray | None
) -> None:
    ends = []
    for place, (style, mine) in enumerate(zip(styles, scores, strict=True)):
        if not is_full(mine):
            axis.text(0.5, place, "no data", transform=axis.get_yaxis_transform(), ha="center", va="center", fontsize=8)
            continue
        interval = aggregate.interval(mine)
        estimate, low, high = map(float, interval)
        if np.isfinite(low):
            axis.plot([low, high], [place, place], color=style["color"], lw=7, alpha=0.35, solid_capstyle="butt")
        ends += [one for one in (low, estimate, high) if np.isfinite(one)]
        axis.plot(estimate, place, "|", color=style["color"], ms=13, mew=2.2)
    if random is not None:
        value = float(aggregate.estimate(random))
        axis.axvline(value, color=BASELINE_COLOUR, linestyle=BASELINE_STYLES["random"], lw=1.2, zorder=0)
        ends.append(value)
    margin = 0.08 * (np.ptp(ends) or 0.1)
    axis.set_xlim(min(ends) - margin, max(ends) + margin)
    axis.xaxis.set_major_locator(MaxNLocator(4, steps=[1, 2, 2.5, 5, 10]))
    axis.grid(False, axis="y")
    axis.tick_params(axis="y", length=0)
    axis.spines["left"].set_visible(False)
