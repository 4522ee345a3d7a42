"""The best score that a budget of samples is expected to find, for each agent."""

import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import NullLocator

from colosseum.analysis.names import family_of
from colosseum.analysis.regrets import regret_title
from colosseum.analysis.results import Results
from colosseum.analysis.statistics.budget import best_of, quantile_of_best
from colosseum.analysis.style import add_legend, agent_styles, format_count, new_figure, styled
from colosseum.analysis.tuning import tuning_of


def draw(results: Results, indicator: str | None = None) -> Figure:
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

    Returns
    -------
    Figure
    """
    tuning = tuning_of(results)
    styles = agent_styles(map(family_of, tuning.agents))
    with styled():
        figure = new_figure(5.6, 4.1)
        axis = figure.subplots()
        handles, runs = [], []
        for agent in tuning.agents:
            looks = styles[family_of(agent)]
            costs = tuning.sign * np.array(list(tuning.scores(agent, "0").values()))
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
        axis.set_xlabel("samples tried")
        axis.set_ylabel(f"expected best {regret_title(tuning.indicator).lower()}")
        remark = f"{max(runs):,} runs a sample. Bands: the middle half of what\nso many of the samples give."
        add_legend(figure, handles, results.note or tuning.note, remark)
    return figure
