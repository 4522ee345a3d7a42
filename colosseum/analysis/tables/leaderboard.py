"""Agents of a benchmark, best first: aggregates of their scores, ranks, speed, how their training ended."""

from collections.abc import Sequence

import numpy as np

from colosseum.analysis.folder import Configured
from colosseum.analysis.names import setting_title
from colosseum.analysis.results import Results
from colosseum.analysis.statistics import mean_ranks, not_significantly_worse, stratified_bootstrap
from colosseum.analysis.statistics.aggregates import AGGREGATES
from colosseum.analysis.table_model import Number, Row, Table

DEFAULT_INDICATORS = ("normalized_cumulative_regret",)
SCORE_NOTE = "Score: 1 − normalized regret per step (1 optimal policy, 0 worst)."


def build(results: Results, indicators: Sequence[str] = DEFAULT_INDICATORS) -> Table:
    """
    Build the leaderboard of a benchmark.

    Parameters
    ----------
    results : Results
        The benchmark.
    indicators : sequence of str
        Not used: agents are ordered by the interquartile mean of their scores (see `Results.scores`).
    """
    scores, mdps = results.scores()
    order = sorted(scores, key=lambda agent: -float(AGGREGATES["IQM"][0](scores[agent])))
    best = dict(zip(scores, not_significantly_worse(list(scores.values())), strict=True))
    ranks = stratified_bootstrap(mean_ranks, *(scores[agent] for agent in order))
    rows = []
    for place, agent in enumerate(order):
        cells: list[Number | str] = []
        for name in ("IQM", "Mean", "Median", "Optimality gap"):
            interval = stratified_bootstrap(AGGREGATES[name][0], scores[agent])
            ends = (float(interval.low), float(interval.high))
            bold = name == "Mean" and best[agent]
            cells.append(Number(float(interval.estimate), 3, interval=ends, bold=bold))
        ends = (float(ranks.low[place]), float(ranks.high[place]))
        cells.append(Number(float(ranks.estimate[place]), 2, interval=ends))
        cells.append(Number(_median_speed(results, agent), 0))
        states = training_states(results, agent)
        cells += [str(states[state]) for state in ("optimal", "time exceeded", "complete")]
        rows.append(Row((str(place + 1), results.agent_labels[agent]), tuple(cells)))
    titles = (
        "IQM", "Mean", "Median", "Optimality gap", "Mean rank", "Steps per second",
        "Optimal", "Out of time", "Complete",
    )  # fmt: skip
    n_seeds = len(scores[order[0]])
    notes = (
        f"{SCORE_NOTE} Brackets: 95 % stratified bootstrap intervals.",
        "Bold mean: not significantly worse than the best (one-sided Welch tests, 5 %, Holm).",
        f"Environments: {len(mdps)}, seeds: {n_seeds}.",
        "Steps per second: median. Optimal, out of time: instances whose training stopped early, and why.",
        *filter(None, [results.score_note]),
    )
    return Table(setting_title(results.name), ("#", "Agent"), titles, tuple(rows), notes)


def training_states(results: Results, agent: Configured) -> dict[str, int]:
    """Return how many instances of an agent are complete, failed and missing, and how the complete ones ended."""
    table = results.summary
    mine = table[(table["agent_class"] == agent.class_name) & (table["agent_scope"] == agent.scope)]
    complete = mine[mine["status"] == "complete"]
    return {
        "complete": len(complete),
        "optimal": int((complete["training_state"] == "optimal").sum()),
        "time exceeded": int((complete["training_state"] == "time_exceeded").sum()),
        "failed": int((mine["status"] == "failed").sum()),
        "missing": int((mine["status"] == "missing").sum()),
    }


def _median_speed(results: Results, agent: Configured) -> float:
    if results.summary["steps_per_second"].isna().all():
        return float("nan")
    return float(np.nanmedian(results.values("steps_per_second", agent)))
