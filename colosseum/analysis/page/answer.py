"""The answer of a benchmark in one sentence: who leads, by how much, how sure that is, and what it rests on."""

from collections.abc import Sequence
from dataclasses import dataclass

from colosseum.analysis.page.sources import Source
from colosseum.analysis.regrets import RANDOM_POLICY, TITLES, regrets_of
from colosseum.analysis.statistics import FEWEST_SEEDS
from colosseum.analysis.table_model import Number, Row, Table

_NAMED = 4
"""So many agents are named; of more there is a count."""


@dataclass(frozen=True)
class Answer:
    """
    The sentence of a benchmark, in parts.

    Attributes
    ----------
    title : str
        Of the benchmark.
    anchor : str
        Of its leaderboard.
    leader : str
        Label of the agent that leads.
    lead : str
        By what it leads.
    certainty : str
        Against whom that is not sure, and why.
    basis : str
        What it rests on: seeds, environments, tuning.
    """

    title: str
    anchor: str
    leader: str
    lead: str
    certainty: str
    basis: str


def answer(source: Source, board: Table, tuned: str) -> Answer:
    """
    Say what a leaderboard says.

    Parameters
    ----------
    source : Source
        A benchmark.
    board : Table
        Its leaderboard, see `colosseum.analysis.tables.leaderboard`.
    tuned : str
        How hyperparameters were chosen; empty where that is not known.
    """
    results = source.results
    regret = regrets_of(results)[0]
    column = board.columns.index(f"{TITLES[regret]}: mean")
    ranked = [row for row in board.rows if row.labels[0]]
    value, _, interval = _number(ranked[0], column).parts
    _, seeds, mdps = results.compared
    measure = f"{TITLES[regret].lower()} {value} a step"
    basis = [f"{_count(len(seeds), 'seed')}, {_count(len(mdps), 'environment')}", *([tuned] if tuned else [])]
    return Answer(
        title=source.title,
        anchor=f"{source.anchor}-board",
        leader=ranked[0].labels[1],
        lead=f"leads with {measure}" + (f" {interval}" if len(seeds) > 1 else "")
        if len(ranked) > 1
        else f"has {measure}",
        certainty=" ".join(filter(None, [_rivals(ranked, column, len(seeds)), _below_random(board)])),
        basis="; ".join(basis) + ".",
    )


def _rivals(ranked: Sequence[Row], column: int, n_seeds: int) -> str:
    others = ranked[1:]
    if not others:
        return "It is the only agent."
    if n_seeds < FEWEST_SEEDS:
        return f"Too few seeds to tell agents apart: a comparison takes {FEWEST_SEEDS}."
    close = [row.labels[1] for row in others if _number(row, column).bold]
    if not close:
        return "Every other agent is significantly worse." if len(others) > 1 else "The other is significantly worse."
    if len(close) == len(others):
        return f"Not distinguishable from it: {_list(close)}{' (all others)' if len(others) > 1 else ''}."
    return f"Not distinguishable from it: {_list(close)}; the others are worse."


def _below_random(board: Table) -> str:
    places = [row.labels[1] for row in board.rows]
    if RANDOM_POLICY not in places:
        return ""
    below = places[places.index(RANDOM_POLICY) + 1 :]
    return f"Worse than the random policy: {_list(below)}." if below else ""


def _number(row: Row, column: int) -> Number:
    cell = row.cells[column]
    assert isinstance(cell, Number)
    return cell


def _list(names: Sequence[str]) -> str:
    if len(names) > _NAMED:
        return f"{', '.join(names[:_NAMED])} and {len(names) - _NAMED} more"
    return " and ".join(filter(None, [", ".join(names[:-1]), names[-1]]))


def _count(n: int, what: str) -> str:
    return f"{n:,} {what}" if n == 1 else f"{n:,} {what}s"
