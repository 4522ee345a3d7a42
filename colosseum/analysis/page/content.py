"""What a page says, gathered from the tables and statistics of the analysis: nothing is computed here a second time."""

import math
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pandas as pd

from colosseum import layout
from colosseum.analysis.page.answer import Answer, answer
from colosseum.analysis.page.environments import environment_target, environments_table
from colosseum.analysis.page.shown import Shown, show, without_equal_columns
from colosseum.analysis.page.sources import Source, Sources
from colosseum.analysis.regrets import LEARNING_REGRET, MEANINGS, POLICY_REGRET, TITLES, regrets_of
from colosseum.analysis.table_model import Number, Row, Table
from colosseum.analysis.tables import average, completeness, improvement, leaderboard, tail
from colosseum.analysis.tuning import tuning_of

FIRST_SCREEN = {
    "Learning regret": "Learning regret: mean",
    "Policy regret": "Policy regret: mean",
    "Better than random": "Better than random",
}
"""Columns of the first screen, and the columns of the leaderboard that they are."""

STATES = ("complete", "failed", "missing")

_MEANINGS = {
    "Learning regret": "What the agent's own actions lose, per step: 0 for the optimal policy, 1 for the worst one.",
    "Policy regret": "What the policy would lose that the agent recommends at each log point, per step. It ignores "
    "what exploration costs.",
    "Learning regret: mean": MEANINGS[LEARNING_REGRET],
    "Learning regret: IQM": "Mean of the middle half of all instances' learning regret.",
    "Policy regret: mean": MEANINGS[POLICY_REGRET],
    "Policy regret: IQM": "Mean of the middle half of all instances' policy regret.",
    "Mean rank": "Rank among the agents in each environment, 1 for the best; the mean over environments.",
    "Better than random": "In how many environments the agent is significantly better than the random policy.",
    "Steps per second": "Median over the instances, on the machine that ran them.",
    "Optimal": "Instances whose training stopped early, because the policy was optimal.",
    "Out of time": "Instances whose training was cut by the time limit: their last policy stands to the end.",
    "Complete": "Instances whose log is whole.",
}


@dataclass(frozen=True)
class Benchmark:
    """
    A benchmark on the page.

    Attributes
    ----------
    source : Source
    answer : Answer
    first, board : Shown
        The leaderboard of the first screen, and the whole one.
    tables : list of Shown
        The rest.
    environments : Shown
    """

    source: Source
    answer: Answer
    first: Shown
    board: Shown
    tables: list[Shown] = field(default_factory=list)
    environments: Shown | None = None


def read_benchmark(source: Source, place: int, tuned: str) -> Benchmark:
    """
    Gather what the page shows of a benchmark.

    Parameters
    ----------
    source : Source
    place : int
        Among the benchmarks of the page.
    tuned : str
        How hyperparameters were chosen.
    """
    results = source.results
    agents = list(results.agent_labels.values())
    targets = {results.mdp_labels[mdp]: environment_target(source, mdp) for mdp in results.mdps}
    keys = {
        (results.mdp_labels[mdp], results.agent_labels[agent]): f"{place}/{i}/{j}"
        for i, mdp in enumerate(results.mdps)
        for j, agent in enumerate(results.agents)
    }
    board = leaderboard.build(results)
    whole = without_equal_columns(board, of_rows=agents, keep=[f"{title}: mean" for title in TITLES.values()])
    tables = [
        show(
            average.build(results, (regret,)),
            f"{source.anchor}-environments-{regret}",
            agents, targets, keys, regret=regret,
        )
        for regret in regrets_of(results)
    ]  # fmt: skip
    tables += [
        show(tail.build(results), f"{source.anchor}-tail", agents, targets, meanings=_MEANINGS),
        show(improvement.build(results), f"{source.anchor}-improvement", agents),
        show(_times(source), f"{source.anchor}-time", agents),
    ]
    if results.note:
        tables.append(show(completeness.build(results), f"{source.anchor}-completeness", agents))
    return Benchmark(
        source,
        answer(source, board, tuned),
        show(_first_screen(board), f"{source.anchor}-first", agents, meanings=_MEANINGS),
        show(whole, f"{source.anchor}-board", agents, meanings=_MEANINGS),
        tables,
        environments_table(source, targets),
    )


def _first_screen(board: Table) -> Table:
    places = [board.columns.index(column) for column in FIRST_SCREEN.values()]
    rows = tuple(Row(row.labels, tuple(row.cells[i] for i in places), row.rule_above) for row in board.rows)
    return Table(board.title, board.label_columns, tuple(FIRST_SCREEN), rows, board.notes)


def _times(source: Source) -> Table:
    results = source.results
    done = results.summary[results.summary["status"] == "complete"]
    rows = []
    for agent in results.agents:
        mine = done[(done["agent_class"] == agent.class_name) & (done["agent_scope"] == agent.scope)]
        cells = (
            _time(mine["seconds"].median()),
            _time(mine["seconds"].max()),
            Number(float(mine["steps_per_second"].median()), 0),
            Number(float(mine["seconds"].sum()) / 3600, 3),
        )
        rows.append(Row((results.agent_labels[agent],), cells))
    notes = ("Seconds are those of the machines that ran the instances, and of what else they did then.",)
    titles = ("Seconds, median", "Seconds, longest", "Steps per second, median", "Core-hours")
    return Table("Time", ("Agent",), titles, tuple(rows), notes)


def _time(seconds: float) -> Number:
    return Number(float(seconds), 0 if seconds >= 100 else 1 if seconds >= 10 else 2)


def core_hours(sources: Sources) -> float:
    """Return what all complete instances took together, in core-hours."""
    tables = [source.results.summary for source in sources.benchmarks]
    tables += [tuning_of(source.results).runs for source in sources.optimisations]
    return math.fsum(float(table["seconds"].sum()) for table in tables) / 3600


def counts(sources: Sources) -> tuple[int, int]:
    """Return how many instances are complete, and how many there are: all rungs and the confirmation among them."""
    complete = total = 0
    for source in sources.everything:
        summary = source.results.summary
        done = int((summary["status"] == "complete").sum())
        later = len(tuning_of(source.results).runs) - done if source.is_optimisation and done else 0
        complete += done + later
        total += len(summary) + later
    return complete, total


def instances(source: Source) -> dict[str, Any]:
    """
    Return every instance of a benchmark for the page's script, and how its log and its pickle are named.

    Returns
    -------
    dict
        ``rows`` hold positions of environment, agent, status and training state, the seed, both regrets a step,
        seconds, and what is wrong where something is.
    """
    results = source.results
    mdps = {tuple(mdp): i for i, mdp in enumerate(results.mdps)}
    agents = {tuple(agent): i for i, agent in enumerate(results.agents)}
    table = results.summary
    states = sorted(set(table["training_state"]))
    columns: list[Any] = [
        [mdps[pair] for pair in zip(table["mdp_class"], table["mdp_scope"], strict=True)],
        [agents[pair] for pair in zip(table["agent_class"], table["agent_scope"], strict=True)],
        table["seed"].astype(int).tolist(),
        [STATES.index(status) for status in table["status"]],
        [states.index(state) for state in table["training_state"]],
        *(_rounded(table[name] / table["steps"]) for name in TITLES),
        _rounded(table["seconds"]),
        table["problem"].tolist(),
    ]
    pickles = layout.instances_folder(source.folder.rpartition("/")[0], source.name)
    interaction = layout.interaction_name("{mdp}", "{agent}")
    return {
        "title": source.title,
        "mdps": [[mdp.name, results.mdp_labels[mdp], environment_target(source, mdp)] for mdp in results.mdps],
        "agents": [[agent.name, results.agent_labels[agent]] for agent in results.agents],
        "log": layout.log_file(source.folder, interaction, "{seed}"),
        "pickle": layout.pickle_file(pickles, interaction, "{seed}"),
        "statuses": STATES,
        "states": states,
        "rows": [list(row) for row in zip(*columns, strict=True)],
    }


def _rounded(values: "pd.Series[float]") -> list[float | None]:
    return [None if math.isnan(value) else float(f"{value:.6g}") for value in values.astype(float)]


@dataclass(frozen=True)
class Trouble:
    """
    Something that a reader must know before any number, and what mends it.

    Attributes
    ----------
    kind : str
        ``"missing"``, ``"failed"`` or ``"cut"``.
    what : str
    mend : str
        In words.
    command : str
        Empty where no command does it.
    """

    kind: str
    what: str
    mend: str
    command: str = ""


def troubles(sources: Sources, run_command: str) -> Iterator[Trouble]:
    """Yield what is missing, failed (stale logs among it) and cut in each benchmark."""
    for source in sources.everything:
        table = source.results.summary
        counts = table["status"].value_counts()
        if counts.get("missing", 0):
            what = f"{source.title}: {counts['missing']:,} of {len(table):,} instances are missing"
            yield Trouble("missing", what, "Run them:", run_command)
        failed = table[table["status"] == "failed"]
        if len(failed):
            first = f"{failed['log'].iloc[0]}: {str(failed['problem'].iloc[0]).rstrip('.')}"
            what = f"{source.title}: {len(failed):,} of {len(table):,} instances failed or are stale, first {first}"
            yield Trouble("failed", what, "Once the cause is gone, run them again:", run_command)
        cut = int((table["training_state"] == "time_exceeded").sum())
        if cut:
            what = f"{source.title}: {cut:,} of {len(table):,} instances were cut by their time limit"
            key = "hyperopt" if source.is_optimisation else "experiment"
            yield Trouble("cut", what, f"With a higher {key}.max_interaction_time_s in the study:", run_command)
