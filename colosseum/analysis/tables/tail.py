"""How bad the bad runs are: worst seed, mean of the worst tenth, share of seeds that end no better than random."""

from collections.abc import Sequence

import numpy as np

from colosseum.analysis.names import setting_title
from colosseum.analysis.regrets import (
    ONE_SEED_NOTE,
    SEEDS_NOTE,
    TITLES,
    cut_note,
    is_full,
    missing_regret_note,
    random_scores,
    regrets_of,
)
from colosseum.analysis.results import Results
from colosseum.analysis.statistics import conditional_value_at_risk, share_not_better
from colosseum.analysis.table_model import Number, Row, Table

WORST_SHARE = 0.1


def build(results: Results, indicators: Sequence[str] = ()) -> Table:
    """Build the table; `indicators` is not used: it is of either regret per step."""
    rows: list[Row] = []
    for regret in regrets_of(results):
        scores, mdps = results.scores(regret)
        _, seeds, _ = results.compared
        random = random_scores(results, regret)
        first = len(rows)
        for agent, mine in scores.items():
            label = (TITLES[regret], results.agent_labels[agent])
            cells: tuple[Number | str, ...] = (Number(float("nan")), "", Number(float("nan")), Number(float("nan")))
            if is_full(mine):
                seed, mdp = np.unravel_index(int(mine.argmin()), mine.shape)
                where = f"{results.mdp_labels[mdps[mdp]]}, seed {results.seeds[seeds[seed]]}"
                cells = (
                    Number(1.0 - float(mine[seed, mdp]), 3),
                    where,
                    Number(1.0 - conditional_value_at_risk(mine, WORST_SHARE), 3),
                    _share(mine, random),
                )
            rows.append(Row(label, cells, rule_above=len(rows) == first > 0))
    n_seeds = len(next(iter(scores.values())))
    notes = (
        "Regret per step (0 optimal policy, 1 worst). CVaR 10 %: mean of the worst tenth of all seeds of all "
        "environments, at least one.",
        "No better than random: share of the seeds whose regret is at least the random policy's expectation, mean over "
        f"the environments. {SEEDS_NOTE}" + (f" {ONE_SEED_NOTE}" if n_seeds == 1 else ""),
        f"Environments: {len(mdps)}, seeds: {n_seeds}.",
        *missing_regret_note(results),
        *cut_note(results),
        *results.score_notes,
    )
    titles = ("Worst seed", "Where", "CVaR 10 %", "No better than random")
    return Table(f"Tail: {setting_title(results.name)}", ("Regret", "Agent"), titles, tuple(rows), notes)


def _share(scores: np.ndarray, random: np.ndarray | None) -> Number:
    if random is None:
        return Number(float("nan"))
    found = share_not_better(scores, random)
    return Number(float(found.estimate), 2, interval=(float(found.low), float(found.high)))
