"""Probability that the agent of the row is better than that of the column, for every pair."""

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
from colosseum.analysis.statistics import bootstrap_interval, probability_of_improvement
from colosseum.analysis.table_model import Number, Row, Table


def build(results: Results, indicators: Sequence[str] = ()) -> Table:
    """Build the table; `indicators` is not used: compared are the scores by either regret."""
    rows: list[Row] = []
    for regret in regrets_of(results):
        scores = results.scores(regret)[0]
        random = random_scores(results, regret)
        opponents = [*scores.values(), *([] if random is None else [random])]
        first = len(rows)
        for i, (agent, mine) in enumerate(scores.items()):
            if is_full(mine):
                cells = tuple("" if i == j else _cell(mine, others) for j, others in enumerate(opponents))
                label = (TITLES[regret], results.agent_labels[agent])
                rows.append(Row(label, cells, rule_above=len(rows) == first > 0))
    agents = results.scores()[0]
    known = any(random_scores(results, regret) is not None for regret in regrets_of(results))
    columns = (*(results.agent_labels[agent] for agent in agents), *([RANDOM_POLICY] if known else []))
    rows = [Row(row.labels, (*row.cells, *[""] * (len(columns) - len(row.cells))), row.rule_above) for row in rows]
    n_seeds = len(next(iter(agents.values())))
    notes = (
        f"Mean over the environments of P(row's score > column's) + P(equal) / 2. {SEEDS_NOTE}"
        + (f" {ONE_SEED_NOTE}" if n_seeds == 1 else ""),
        *missing_regret_note(results),
        *cut_note(results),
        *results.score_notes,
    )
    title = f"Probability of improvement: {setting_title(results.name)}"
    return Table(title, ("Scores by", "Agent"), columns, tuple(rows), notes)


def _cell(mine: np.ndarray, others: np.ndarray) -> Number:
    if not is_full(others):
        return Number(float("nan"))
    found = bootstrap_interval(probability_of_improvement, mine, others, bounds=(0.0, 1.0))
    return Number(float(found.estimate), 2, interval=(float(found.low), float(found.high)))
