"""Where the two regrets disagree: the best agent by either in each environment, and the pairs that change places."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from colosseum.analysis.folder import Configured
from colosseum.analysis.names import label, setting_title
from colosseum.analysis.regrets import (
    LEARNING_REGRET,
    MEANINGS,
    NOT_BETTER,
    POLICY_REGRET,
    TITLES,
    better_note,
    better_than_random,
    cut_note,
    is_full,
    layouts,
    missing_regret_note,
    random_values,
    regrets_of,
)
from colosseum.analysis.results import Results
from colosseum.analysis.statistics import mean_score, p_value_of_pair
from colosseum.analysis.statistics.comparison import LEVEL
from colosseum.analysis.table_model import DASH, Row, Table

TAKES_SEVERAL = True

CLEAR = 0.02
"""Agents whose regrets per step differ by no more than this are not told apart."""

MANY_PAIRS = 10
"""More pairs than those of five agents are counted, without a column for each."""

_ROUNDING = 1e-12

Pair = tuple[Configured, Configured]


@dataclass(frozen=True)
class _Cell:
    """
    An environment's agents.

    `regrets` holds for learning and policy regret the values of each agent, float64 arrays of shape (n_seeds, 1);
    `worse` whom the random policy is not worse than.
    """

    regrets: tuple[dict[Configured, np.ndarray], dict[Configured, np.ndarray]]
    worse: tuple[set[Configured], set[Configured]]
    layout: bool

    def best(self, which: int) -> set[Configured]:
        """The agents whose mean is the least, several only where they are equal; none where one is not known."""
        values = self.regrets[which]
        if not all(map(is_full, values.values())):
            return set()
        means = {agent: float(mean_score(one)) for agent, one in values.items()}
        return {agent for agent, mean in means.items() if mean <= min(means.values()) + _ROUNDING}

    @property
    def differs(self) -> bool | None:
        """Whether no agent is the best one by both regrets."""
        learning, policy = self.best(0), self.best(1)
        return learning.isdisjoint(policy) if learning and policy else None

    def is_reversed(self, one: Configured, other: Configured) -> bool | None:
        """Whether a pair's order by one regret is that by the other turned round; None where it is not clear."""
        learning, policy = (self._clear(self.regrets[which], one, other) for which in (0, 1))
        return learning * policy < 0 if learning and policy else None

    def _clear(self, values: dict[Configured, np.ndarray], one: Configured, other: Configured) -> float:
        """The difference of a pair, 0 unless it is clear."""
        if one not in values or other not in values or not (is_full(values[one]) and is_full(values[other])):
            return 0.0
        difference, p_value = p_value_of_pair(values[one], values[other], np.array([self.layout]))
        # with a single seed there is no p-value, the values alone decide
        return difference if abs(difference) > CLEAR + _ROUNDING and not p_value > LEVEL else 0.0


def build(benchmarks: Results | Sequence[Results], indicators: Sequence[str] = ()) -> Table:
    """
    Build the table.

    Parameters
    ----------
    benchmarks : Results, or sequence of Results
        One benchmark or several; the last row counts over all of them.
    indicators : sequence of str
        Not used: it is of both regrets.

    Returns
    -------
    Table
        A row an environment, with the best agents and, for each pair of agents, whether its order is the other one by
        the other regret.
    """
    results = [benchmarks] if isinstance(benchmarks, Results) else list(benchmarks)
    several = len(results) > 1
    agents = list(dict.fromkeys(agent for one in results for agent in one.agents))
    names = label(agents)
    found = [_cells_of(one) for one in results]
    pairs = [
        pair for pair in combinations(agents, 2) if any(set(pair) <= set(one.agents) for one in results)
    ]  # those that meet
    shown = pairs if len(pairs) <= MANY_PAIRS else []
    rows: list[Row] = []
    for one, cells in zip(results, found, strict=True):
        for i, (mdp, cell) in enumerate(cells.items()):
            place = (one.mdp_labels[mdp],)
            labels = (setting_title(one.name), *place) if several else place
            rows.append(Row(labels, _texts(cell, names, pairs, shown), rule_above=i == 0 and bool(rows)))
    everything = [cell for cells in found for cell in cells.values()]
    total = _totals(everything, pairs, shown)
    rows.append(Row(("All", "") if several else ("All",), total, rule_above=True))
    titles = (
        f"Best by {TITLES[LEARNING_REGRET].lower()}",
        f"Best by {TITLES[POLICY_REGRET].lower()}",
        "Best differs",
        *(f"{names[one]} / {names[other]}" for one, other in shown),
        *(["All pairs"] if len(pairs) > 1 else []),
    )
    title = "Where the two regrets disagree" + ("" if several else f": {setting_title(results[0].name)}")
    return Table(
        title, ("Benchmark", "Environment") if several else ("Environment",), titles, tuple(rows), _notes(results)
    )


def _cells_of(results: Results) -> dict[Configured, _Cell]:
    """The environments that all agents have, with what is compared."""
    (learning, mdps), (policy, _) = results.scores(LEARNING_REGRET), results.scores(POLICY_REGRET)
    changed, held = layouts(results), regrets_of(results)
    better = [
        {agent: better_than_random(results, regret, agent) if regret in held else None for agent in learning}
        for regret in TITLES
    ]
    cells = {}
    for j, mdp in enumerate(mdps):
        place = results.mdps.index(mdp)
        by_learning, by_policy = ({agent: 1.0 - s[:, [j]] for agent, s in one.items()} for one in (learning, policy))
        worse = [{agent for agent, known in one.items() if known is not None and not known[place]} for one in better]
        cells[mdp] = _Cell((by_learning, by_policy), (worse[0], worse[1]), bool(changed[place]))
    return cells


def _texts(cell: _Cell, names: dict[Configured, str], pairs: Sequence[Pair], shown: Sequence[Pair]) -> tuple[str, ...]:
    best = []
    for which in (0, 1):
        worse = cell.worse[which]
        marked = [
            f"{names[agent]}{NOT_BETTER if agent in worse else ''}" for agent in names if agent in cell.best(which)
        ]
        best.append(", ".join(marked) or DASH)
    differs = DASH if cell.differs is None else "yes" if cell.differs else ""
    texts = [*best, differs]
    for pair in shown:
        reversed_ = cell.is_reversed(*pair)
        texts.append("" if reversed_ is None else "reversed" if reversed_ else "same")
    return tuple([*texts, _count([cell.is_reversed(*pair) for pair in pairs])] if len(pairs) > 1 else texts)


def _totals(cells: Sequence[_Cell], pairs: Sequence[Pair], shown: Sequence[Pair]) -> tuple[str, ...]:
    texts = ["", "", _count([cell.differs for cell in cells])]
    texts += [_count([cell.is_reversed(*pair) for cell in cells]) for pair in shown]
    everything = [cell.is_reversed(*pair) for cell in cells for pair in pairs]
    return tuple([*texts, _count(everything)] if len(pairs) > 1 else texts)


def _count(answers: Sequence[bool | None]) -> str:
    known = [answer for answer in answers if answer is not None]
    return f"{sum(known)} of {len(known)}" if known else DASH


def _notes(results: Sequence[Results]) -> tuple[str, ...]:
    seeds = sorted({len(one.compared[1]) for one in results})
    mdps = sum(len(one.compared[2]) for one in results)
    test = f" and, with more than one seed, significantly (Welch's t test, {LEVEL:.0%} each, pair by pair)"
    notes = [
        *MEANINGS.values(),
        "Best: by the mean over the seeds. All: in how many environments no agent is best by both regrets, and how "
        "many of the clear comparisons of a pair are reversed.",
        f"Clear: by either regret the agents differ by more than {CLEAR:g} a step{test}.",
        f"Environments: {mdps}, seeds: {', '.join(map(str, seeds))}.",
        *(
            [better_note(seeds[0])]
            if any(random_values(one, regrets_of(one)[0]) is not None for one in results)
            else []
        ),
    ]
    for one in results:
        of_one = [*missing_regret_note(one), *cut_note(one), *one.score_notes]
        notes += [f"{setting_title(one.name)}: {note}" for note in of_one] if len(results) > 1 else of_one
    return tuple(notes)
