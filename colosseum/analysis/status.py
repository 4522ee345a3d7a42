"""How far a study is: instances done, running, failed and missing, core-hours spent and left."""

import math
import os
from collections.abc import Container, Iterable
from dataclasses import dataclass, field

from colosseum.analysis.folder import BenchmarkFolder, read_benchmark_folder
from colosseum.analysis.logs import read_last_line
from colosseum.analysis.table_model import Number, Row, Table
from colosseum.errors import LogError

STATES = ("done", "running", "failed", "missing")
_TITLES = ("Done", "Running", "Failed", "Missing", "All", "Core-hours spent", "Core-hours left")


@dataclass
class AgentStatus:
    """
    The instances of one class of agents in one benchmark.

    Attributes
    ----------
    stage, benchmark, agent : str
        ``hyperopt`` or ``benchmark``; names of the benchmark and of the agent's class.
    counts : dict of str to int
        Instances in each of `STATES`.
    seconds : float
        Seconds that the done ones took.
    timed : int
        How many of the done ones say how long they took.
    seconds_left : float
        Estimate for those that are not done; nan where no log of the study tells.
    """

    stage: str
    benchmark: str
    agent: str
    counts: dict[str, int] = field(default_factory=lambda: dict.fromkeys(STATES, 0))
    seconds: float = 0.0
    timed: int = 0
    seconds_left: float = math.nan

    @property
    def left(self) -> int:
        """Instances that are not done."""
        return sum(self.counts.values()) - self.counts["done"]


def study_status(folders: Iterable[str | os.PathLike], running: Container[str] = ()) -> list[AgentStatus]:
    """
    Look at every instance of some benchmarks.

    Parameters
    ----------
    folders : iterable of str or path
        Benchmark folders.
    running : container of str
        Paths of the logs that are being made (`running_jobs.RunningJobs`).

    Returns
    -------
    list of AgentStatus
        By stage, benchmark and agent. The time left of an agent is estimated by the mean of its own done instances in
        the benchmark, else in the other benchmarks of as many steps, else by that of all agents there.
    """
    found: list[tuple[AgentStatus, int | None]] = []
    for folder in folders:
        benchmark = read_benchmark_folder(folder)
        found += [(status, benchmark.n_steps) for status in _look_at(benchmark, running)]
    for status, n_steps in found:
        status.seconds_left = status.left * _mean_seconds(status, n_steps, found) if status.left else 0.0
    order = {"hyperopt": 0, "benchmark": 1}
    return sorted((status for status, _ in found), key=lambda one: (order[one.stage], one.benchmark, one.agent))


def status_table(statuses: list[AgentStatus]) -> Table:
    """Return statuses as a table with a row of sums."""
    rows, above = [], None
    for one in statuses:
        numbers = _cells(one.counts, one.seconds, one.seconds_left)
        rows.append(Row((one.stage, one.benchmark, one.agent), numbers, rule_above=one.benchmark != above))
        above = one.benchmark
    totals = {state: sum(one.counts[state] for one in statuses) for state in STATES}
    known = [one.seconds_left for one in statuses if not math.isnan(one.seconds_left)]
    left = sum(known) if known else math.nan
    rows.append(Row(("Sum", "", ""), _cells(totals, sum(one.seconds for one in statuses), left), rule_above=True))
    unknown = len(statuses) - len(known)
    notes = ("Core-hours left: estimated by the mean time of the instances that are done.",)
    if unknown:
        notes += (f"Not in the sum: {unknown} agents of which no instance is done (–).",)
    if totals["running"]:
        notes += ("Running: started, or queued on a cluster; after a workflow was killed also what it had started.",)
    return Table("Status", ("Stage", "Benchmark", "Agent"), _TITLES, tuple(rows), notes)


def _cells(counts: dict[str, int], seconds: float, seconds_left: float) -> tuple[Number | str, ...]:
    numbers = [f"{counts[state]:,}" for state in STATES]
    return (*numbers, f"{sum(counts.values()):,}", _hours(seconds), _hours(seconds_left))


def _hours(seconds: float) -> Number:
    hours = seconds / 3600
    return Number(hours, 0 if hours >= 100 else 2 if hours >= 0.01 or hours == 0 else 4)


def _look_at(benchmark: BenchmarkFolder, running: Container[str]) -> list[AgentStatus]:
    stage = "hyperopt" if "hyperopt" in benchmark.path.parts or benchmark.name.startswith("hyperopt") else "benchmark"
    statuses = {agent.class_name: AgentStatus(stage, benchmark.name, agent.class_name) for agent in benchmark.agents}
    root = str(benchmark.path)
    for instance in benchmark.instances():
        status = statuses[instance.agent.class_name]
        path = f"{root}/{instance.log}"
        state = "missing"
        if instance in benchmark.logs:
            try:
                seconds = read_last_line(path, benchmark.n_steps).seconds
            except LogError:
                state = "failed"
            else:
                state = "done"
                if not math.isnan(seconds):
                    status.seconds += seconds
                    status.timed += 1
        if state != "done":
            if path in running:
                state = "running"
            elif benchmark.has_error(instance):
                state = "failed"
        status.counts[state] += 1
    return list(statuses.values())


def _mean_seconds(status: AgentStatus, n_steps: int | None, found: list[tuple[AgentStatus, int | None]]) -> float:
    comparable = [one for one, steps in found if steps == n_steps]
    for group in ([status], [one for one in comparable if one.agent == status.agent], comparable):
        timed = sum(one.timed for one in group)
        if timed:
            return sum(one.seconds for one in group) / timed
    return math.nan
