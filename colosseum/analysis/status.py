"""How far a study is: instances done, running, failed and missing, core-hours spent and left."""

import math
import os
from collections.abc import Container, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from colosseum.analysis.folder import BenchmarkFolder, Configured, read_benchmark_folder, scan_logs
from colosseum.analysis.judged import judge
from colosseum.analysis.table_model import Number, Row, Table
from colosseum.layout import parse_stage

if TYPE_CHECKING:
    from colosseum.study import Interactions

STATES = ("done", "running", "failed", "missing")
_LISTED = 10
_TITLES = ("Done", "Running", "Failed", "Missing", "All", "Core-hours spent", "Core-hours left")


@dataclass
class AgentStatus:
    """
    The instances of one class of agents in one benchmark.

    Attributes
    ----------
    stage, benchmark, agent : str
        ``hyperopt`` or ``benchmark``; names of the benchmark and of the agent's class.
    n_steps : int
        Steps of an instance, 0 where the benchmark does not say.
    counts : dict of str to int
        Instances in each of `STATES`.
    seconds : float
        Seconds that the done ones took.
    timed : int
        How many of the done ones say how long they took.
    problems : list of str
        What is wrong with each of the failed ones.
    seconds_left : float
        Estimate for those that are not done; nan where no log of the study tells.
    n_configurations : int
        How many configurations of the agent there are.
    seconds_each : float
        Mean time of an instance, likewise.
    """

    stage: str
    benchmark: str
    agent: str
    n_steps: int = 0
    counts: dict[str, int] = field(default_factory=lambda: dict.fromkeys(STATES, 0))
    seconds: float = 0.0
    timed: int = 0
    problems: list[str] = field(default_factory=list)
    seconds_left: float = math.nan
    n_configurations: int = 0
    seconds_each: float = math.nan

    @property
    def n_instances(self) -> int:
        """All of them."""
        return sum(self.counts.values())

    @property
    def left(self) -> int:
        """Instances that are not done."""
        return sum(self.counts.values()) - self.counts["done"]


def study_status(
    benchmarks: Iterable[str | os.PathLike | BenchmarkFolder], running: Container[str] = ()
) -> list[AgentStatus]:
    """
    Look at every instance of some benchmarks.

    Parameters
    ----------
    benchmarks : iterable of str, path or BenchmarkFolder
        Benchmark folders, or what should be in them (see `planned_folder`).
    running : container of str
        Paths of the logs that are being made (of the executor: `snakemake_state.RunningJobs`).

    Returns
    -------
    list of AgentStatus
        By stage, benchmark and agent. The time left of an agent is estimated by the mean of its own done instances in
        the benchmark, else by the time that its steps took elsewhere, else by that of all agents' steps.
    """
    found: list[AgentStatus] = []
    for one in benchmarks:
        benchmark = one if isinstance(one, BenchmarkFolder) else read_benchmark_folder(one)
        found += _look_at(benchmark, running)
    for status in found:
        status.seconds_each = _mean_seconds(status, found)
        status.seconds_left = status.left * status.seconds_each if status.left else 0.0
    order = {"hyperopt": 0, "benchmark": 1}
    # agents stay in their order
    return sorted(found, key=lambda one: (order[one.stage], *_rung(one.benchmark), one.benchmark))


def _rung(benchmark: str) -> tuple[str, float]:
    optimisation, stage = parse_stage(benchmark)
    return optimisation, math.inf if stage == "confirm" else int(stage)


def planned_folder(interactions: "Interactions") -> BenchmarkFolder:
    """
    Return the folder of a benchmark as a study will fill it, with the logs that are there by now.

    Parameters
    ----------
    interactions : colosseum.study.Interactions
        One benchmark in one stage of the study.
    """
    mdps = [Configured.parse(mdp) for mdp in interactions.mdps]
    agents = [Configured(name, scope) for name, scopes in interactions.agents.items() for scope in scopes]
    experiment = interactions.experiment
    return BenchmarkFolder(
        path=Path(interactions.folder),
        mdps={mdp: {} for mdp in mdps},
        agents={agent: {} for agent in agents},
        n_seeds=experiment.n_seeds,
        n_steps=experiment.n_steps,
        logs=scan_logs(interactions.folder),
        first_seed=experiment.first_seed,
    )


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
    notes: tuple[str, ...] = ("Core-hours left: estimated by the mean time of the instances that are done.",)
    if unknown:
        notes += (f"Not in the sum: {unknown} agents of which no instance is done (–).",)
    if totals["running"]:
        notes += ("Running: started, or queued on a cluster; after a workflow was killed also what it had started.",)
    notes += tuple(_savings(statuses))
    problems = [problem for one in statuses for problem in one.problems]
    notes += tuple(f"Failed: {problem}" for problem in problems[:_LISTED])
    if len(problems) > _LISTED:
        notes += (f"Failed: {len(problems) - _LISTED} more; `summarise` lists them.",)
    return Table("Status", ("Stage", "Benchmark", "Agent"), _TITLES, tuple(rows), notes)


def _savings(statuses: list[AgentStatus]) -> Iterator[str]:
    """What the rungs of an optimisation save, planned instances included, against all samples on all pairs."""
    by_agent: dict[tuple[str, str], list[AgentStatus]] = {}
    for one in statuses:
        optimisation, stage = parse_stage(one.benchmark)
        if one.stage == "hyperopt" and stage != "confirm":
            by_agent.setdefault((optimisation, one.agent), []).append(one)
    for (_, agent), rungs in by_agent.items():
        n_samples = max(one.n_configurations for one in rungs)
        kept_out = [(one.n_instances // one.n_configurations) * (n_samples - one.n_configurations) for one in rungs]
        if not sum(kept_out):
            continue
        n_runs = sum(one.n_instances for one in rungs)
        spent, left = (math.fsum(getattr(one, name) for one in rungs) for name in ("seconds", "seconds_left"))
        saved = math.fsum(n * one.seconds_each for n, one in zip(kept_out, rungs, strict=True) if n)
        parts = ((spent, "spent"), (left, "left"), (saved, "saved"))
        hours = ", ".join(f"{_hours(seconds).parts[0]} {what}" for seconds, what in parts)
        yield (
            f"Rungs of {agent}: {n_runs:,} runs in place of {n_runs + sum(kept_out):,} "
            f"({n_runs / (n_runs + sum(kept_out)):.0%}); core-hours: {hours}."
        )


def _cells(counts: dict[str, int], seconds: float, seconds_left: float) -> tuple[Number | str, ...]:
    numbers = [f"{counts[state]:,}" for state in STATES]
    return (*numbers, f"{sum(counts.values()):,}", _hours(seconds), _hours(seconds_left))


def _hours(seconds: float) -> Number:
    hours = seconds / 3600
    return Number(hours, 0 if hours >= 100 else 2 if hours >= 0.01 or hours == 0 else 4)


def _look_at(benchmark: BenchmarkFolder, running: Container[str]) -> list[AgentStatus]:
    above = benchmark.path.resolve().parts[-3:-2]  # <results>/hyperopt/<study>/<benchmark>
    stage = "hyperopt" if above == ("hyperopt",) or benchmark.name.startswith("hyperopt") else "benchmark"
    statuses = {
        agent.class_name: AgentStatus(stage, benchmark.name, agent.class_name, benchmark.n_steps or 0)
        for agent in benchmark.agents
    }
    for agent in benchmark.agents:
        statuses[agent.class_name].n_configurations += 1
    for judged in judge(benchmark):
        status = statuses[judged.instance.agent.class_name]
        path = f"{benchmark.path}/{judged.instance.log}"
        state = "failed" if judged.problem else "missing"
        if judged.log is not None:
            state = "done"
            seconds = judged.log.seconds
            if not math.isnan(seconds):
                status.seconds += seconds
                status.timed += 1
        elif path in running:
            state = "running"
        elif judged.problem:
            status.problems.append(f"{path}: {judged.problem}")
        status.counts[state] += 1
    return list(statuses.values())


def _mean_seconds(status: AgentStatus, found: list[AgentStatus]) -> float:
    """Return the mean time of an instance, estimated by the time of a step where instances are of another length."""
    if status.timed:
        return status.seconds / status.timed
    for group in ([one for one in found if one.agent == status.agent], found):
        n_steps = sum(one.timed * one.n_steps for one in group)
        if n_steps:
            return status.n_steps * sum(one.seconds for one in group if one.n_steps) / n_steps or math.nan
    return math.nan
