"""Mean, median, interquartile mean and optimality gap of each agent with their intervals, by either regret."""

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import MaxNLocator

from colosseum.analysis.paper import WIDEST, Paper, inches, wrap
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
    new_figure,
    small,
    styled,
    styles_of,
)


def draw(results: Results, indicator: str | None = None, paper: Paper = Paper()) -> Figure:  # noqa: B008 (frozen)
    """
    Draw one panel an aggregate and regret, one interval an agent.

    Parameters
    ----------
    results : Results
        The benchmark.
    indicator : str, optional
        Not used: aggregates are of the scores by either regret.
    paper : Paper
        What the picture is made for.

    Returns
    -------
    Figure
    """
    regrets = regrets_of(results)
    styles = styles_of(results)
    names = [results.agent_labels[agent] for agent in results.scores()[0]]
    n_seeds = len(next(iter(results.scores()[0].values())))
    with styled(paper):
        width = paper.fit(WIDEST)
        room = (width - inches(names, paper.small) - 2.2 * paper.size / 72) / len(AGGREGATES)
        columns = len(AGGREGATES) if room > inches("(higher is better)", paper.size) + 0.08 else 2
        blocks = len(AGGREGATES) // columns
        panel = max(2 * paper.small / 72 * len(names), 1.3 * inches("Learning regret", paper.size) * (columns > 2))
        title = 3.4 * paper.size / 72
        n_rows = len(regrets) * blocks
        height = n_rows * (panel + 2.4 * paper.small / 72) + (n_rows if blocks > 1 else 1) * title
        figure = new_figure(width, height + 3 * paper.line)
        axes = figure.subplots(n_rows, columns, sharey=True, squeeze=False)
        lines = False
        for i, regret in enumerate(regrets):
            scores = list(results.scores(regret)[0].values())
            random = random_scores(results, regret)
            lines |= random is not None
            of_regret = axes[i * blocks : (i + 1) * blocks]
            for axis, (title_of, aggregate) in zip(of_regret.flat, AGGREGATES.items(), strict=True):
                _draw_panel(axis, aggregate, [styles[name] for name in names], scores, random)
                if i == 0 or blocks > 1:
                    axis.set_title(f"{title_of}\n({'higher' if aggregate.more_is_better else 'lower'} is better)")
            for axis in of_regret[:, 0]:
                axis.set_yticks(range(len(names)), names)
                axis.set_ylim(len(names) - 0.5, -0.5)
                axis.set_ylabel(TITLES[regret] if blocks == 1 else wrap(TITLES[regret], 1.2 * panel, paper.size))
        note = ONE_SEED_NOTE if n_seeds == 1 else SEEDS_NOTE
        text = f"Score (1: optimal policy, 0: worst policy). {note}"
        figure.supxlabel(wrap(text, 0.95 * width, paper.small), fontsize=paper.small)
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
            axis.text(
                0.5, place, "no data", transform=axis.get_yaxis_transform(), ha="center", va="center", fontsize=small()
            )
            continue
        interval = aggregate.interval(mine)
        estimate, low, high = map(float, interval)
        if np.isfinite(low):
            axis.plot([low, high], [place, place], color=style["color"], lw=6, alpha=0.35, solid_capstyle="butt")
        ends += [one for one in (low, estimate, high) if np.isfinite(one)]
        axis.plot(estimate, place, "|", color=style["color"], ms=10, mew=2)
    if random is not None:
        value = float(aggregate.estimate(random))
        axis.axvline(value, color=BASELINE_COLOUR, linestyle=BASELINE_STYLES["random"], lw=1.2, zorder=0)
        ends.append(value)
    margin = 0.08 * (np.ptp(ends) or 0.1)
    axis.set_xlim(min(ends) - margin, max(ends) + margin)
    axis.xaxis.set_major_locator(MaxNLocator(3, steps=[1, 2, 5, 10]))
    axis.grid(False, axis="y")
    axis.tick_params(axis="y", length=0)
    axis.spines["left"].set_visible(False)
