"""Mean rank of each agent and the random policy with its interval, and the probability of each rank."""

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
from colosseum.analysis.statistics import rank_distribution
from colosseum.analysis.table_model import DASH, Number, Row, Table
from colosseum.analysis.tables.leaderboard import intervals_of_ranks, number_of


def build(results: Results, indicators: Sequence[str] = ()) -> Table:
    """Build the table; `indicators` is not used: ranked are the scores by either regret."""
    regrets = regrets_of(results)
    blocks = [_rows_of(results, regret) for regret in regrets]
    n_ranks = max(len(block) for block in blocks)
    rows: list[Row] = []
    for block in blocks:
        for i, row in enumerate(block):
            filled = (*row.cells, *[""] * (n_ranks + 1 - len(row.cells)))
            rows.append(Row(row.labels, filled, rule_above=i == 0 and bool(rows)))
    n_seeds = len(next(iter(results.scores()[0].values())))
    probabilities = "" if n_seeds == 1 else " Probabilities: the same seeds resampled in each environment."
    notes = (
        "Ranks by mean score in each environment, ties sharing theirs; mean over the environments. "
        + SEEDS_NOTE
        + (f" {ONE_SEED_NOTE}" if n_seeds == 1 else "")
        + probabilities,
        *missing_regret_note(results),
        *cut_note(results),
        *results.score_notes,
    )
    titles = ("Mean rank", *(f"P(rank {k + 1})" for k in range(n_ranks)))
    return Table(f"Ranks: {setting_title(results.name)}", ("Scores by", "Agent"), titles, tuple(rows), notes)


def _rows_of(results: Results, regret: str) -> list[Row]:
    scores = {agent: one for agent, one in results.scores(regret)[0].items() if is_full(one)}
    random = random_scores(results, regret)
    arrays = [*scores.values(), *([] if random is None else [random])]
    names = [*(results.agent_labels[agent] for agent in scores), *([] if random is None else [RANDOM_POLICY])]
    ranks = intervals_of_ranks(list(scores.values()), random)
    several = len(arrays[0]) > 1
    shares = rank_distribution(*arrays) if several else np.full((len(arrays), len(arrays)), np.nan)
    return [
        Row(
            (TITLES[regret], name),
            (number_of(ranks, i, 2), *(Number(float(share), 2) if several else DASH for share in shares[i])),
        )
        for i, name in enumerate(names)
    ]
