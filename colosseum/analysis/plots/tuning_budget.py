"""The best score that a budget of samples is expected to find, for each agent."""

import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import NullLocator

from colosseum.analysis.names import family_of
from colosseum.analysis.paper import Paper, wrap
from colosseum.analysis.regrets import per_step, regret_title
from colosseum.analysis.results import Results
from colosseum.analysis.statistics.budget import best_of, quantile_of_best
from colosseum.analysis.style import add_legend, add_note, agent_styles, format_count, new_figure, styled
from colosseum.analysis.tuning import tuning_of


def draw(results: Results, indicator: str | None = None, paper: Paper = Paper()) -> Figure:  # noqa: B008 (frozen)
    """
    Draw a line an agent: the expected best of k samples for each k, with the middle half of what k samples give.

    Dodge, Gururangan, Card, Schwartz and Smith (2019), Show your work: improved reporting of experimental results,
    EMNLP. Subsets are drawn without replacement, which makes the expectation unbiased (Tang et al. 2020, Showing your
    work doesn't always work, ACL).

    Parameters
    ----------
    results : Results
        With the table of all runs (`colosseum.analysis.tuning`) beside their summary.
    indicator : str, optional
        Not used: it is that of the selection.
    paper : Paper
        What the picture is made for.

    Returns
    -------
    Figure
    """
    tuning = tuning_of(results)
    styles = agent_styles(map(family_of, tuning.agents))
    with styled(paper):
        width = paper.fit(5.5)
        figure = new_figure(width, 0.6 * width)
        axis = figure.subplots()
        handles, runs = [], []
        for agent in tuning.agents:
            looks = styles[family_of(agent)]
            costs = tuning.sign * np.array(list(tuning.scores(agent, "0").values()))
            if not costs.size:  # an incomplete optimisation: all that there is of this agent are later rungs
                continue
            budgets = np.arange(1, len(costs) + 1)
            low, high = (tuning.sign * quantile_of_best(costs, q) for q in (0.25, 0.75))
            (line,) = axis.plot(
                budgets, tuning.sign * best_of(costs), **looks, ms=4, markevery=0.15, label=family_of(agent)
            )
            axis.fill_between(budgets, low, high, color=looks["color"], alpha=0.16, lw=0)
            handles.append(line)
            runs.append(len(tuning.of(agent, "0")[["mdp", "seed"]].drop_duplicates()))
        axis.set_xscale("log")
        longest = max(len(tuning.scores(agent, "0")) for agent in tuning.agents)
        ticks = [tick * 10**power for power in range(6) for tick in (1, 2, 5) if tick * 10**power <= longest]
        axis.set_xticks(ticks, [format_count(tick) for tick in ticks])
        axis.xaxis.set_minor_locator(NullLocator())
        axis.set_xlabel("Samples tried")
        title = f"Expected best {regret_title(tuning.indicator).lower()}{per_step(tuning.indicator)}"
        axis.set_ylabel(wrap(title, 0.55 * width, paper.size))
        if not handles:
            axis.set_axis_off()
            axis.text(0.5, 0.5, "No sample has all runs of the first rung.", ha="center", va="center")
            add_note(figure, results.note or tuning.note)
            return figure
        remark = f"{max(runs):,} runs a sample. Bands: the middle half of what so many of the samples give."
        add_legend(figure, handles, results.note or tuning.note, remark)
    return figure
