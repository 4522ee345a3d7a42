"""Mean, median, interquartile mean and optimality gap of each agent, with their intervals."""

from collections.abc import Sequence

import numpy as np

from colosseum.analysis.names import setting_title
from colosseum.analysis.regrets import (
    ONE_SEED_NOTE,
    RANDOM_POLICY,
    SEEDS_NOTE,
    TITLES,
    cut_note,
    is_full,
    missing_regret_note,
    random_scores,
    regrets_of,
)
from colosseum.analysis.results import Results
from colosseum.analysis.statistics.intervals import AGGREGATES
from colosseum.analysis.table_model import Number, Row, Table

SCORE_NOTE = "Score: 1 − normalized regret per step (1 optimal policy, 0 worst)."


def build(results: Results, indicators: Sequence[str] = ()) -> Table:
    """Build the table; `indicators` is not used: aggregates are of the scores by either regret."""
    rows: list[Row] = []
    for regret in regrets_of(results):
        scores, mdps = results.scores(regret)
        first = len(rows)
        for agent, mine in scores.items():
            cells = tuple(_cell(name, mine) for name in AGGREGATES)
            rows.append(Row((TITLES[regret], results.agent_labels[agent]), cells, rule_above=len(rows) == first > 0))
        random = random_scores(results, regret)
        if random is not None:
            exact = (Number(float(aggregate.estimate(random)), 3) for aggregate in AGGREGATES.values())
            rows.append(Row((TITLES[regret], RANDOM_POLICY), tuple(exact)))
    n_seeds = len(next(iter(scores.values())))
    notes = (
        f"{SCORE_NOTE} {SEEDS_NOTE}",
        f"Environments: {len(mdps)}, seeds: {n_seeds}." + (f" {ONE_SEED_NOTE}" if n_seeds == 1 else ""),
        *missing_regret_note(results),
        *cut_note(results),
        *results.score_notes,
    )
    titles = tuple(AGGREGATES)
    return Table(f"Aggregates: {setting_title(results.name)}", ("Scores by", "Agent"), titles, tuple(rows), notes)


def _cell(name: str, scores: np.ndarray) -> Number:
    if not is_full(scores):
        return Number(float("nan"))
    found = AGGREGATES[name].interval(scores)
    return Number(float(found.estimate), 3, interval=(float(found.low), float(found.high)))
