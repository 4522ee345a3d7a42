"""A benchmark's logs in two tables: one row for each instance, and sampled curves."""

import csv
import io
import json
import os
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from colosseum.analysis.columns import CURVES_COLUMNS, SUMMARY_COLUMNS
from colosseum.analysis.folder import BenchmarkFolder, Instance, read_benchmark_folder
from colosseum.analysis.logs import read_sampled_log, read_stop_notes
from colosseum.errors import LogError

DEFAULT_POINTS = 50
"""Log points of each instance in `curves.csv`: more cannot be told apart in a plot."""


@dataclass(frozen=True)
class Summary:
    """
    The two tables of a benchmark, as CSV texts.

    Attributes
    ----------
    instances : str
        A row an instance, columns `SUMMARY_COLUMNS`.
    curves : str
        Sampled log points, columns `CURVES_COLUMNS`.
    n_instances, n_complete : int
        Instances that the benchmark's configuration asks for, and those whose log is complete.
    strangers : tuple of str
        Logs that the configuration does not ask for; they were not read.
    """

    instances: str
    curves: str
    n_instances: int
    n_complete: int
    strangers: tuple[str, ...]


def summarise(
    folder: str | os.PathLike,
    n_points: int = DEFAULT_POINTS,
    allow_incomplete: bool = False,
    expected_agents: Iterable[str] = (),
) -> Summary:
    """
    Read the logs of a benchmark.

    Parameters
    ----------
    folder : str or path
        The benchmark's folder.
    n_points : int
        Log points of each instance in the curves, evenly spaced.
    allow_incomplete : bool
        Whether instances may be missing or failed. They are rows of the first table in any case.
    expected_agents : iterable of str
        Names of agent classes. All instances of one that has no configuration in the folder (yet) are missing.

    Raises
    ------
    LogError
        If instances are missing or failed and that is not allowed, or if none is complete. It lists the files.
    ConfigurationError
        If the folder is no benchmark's.
    """
    benchmark = read_benchmark_folder(folder).with_agents(expected_agents)
    rows: list[dict[str, object]] = []
    curves: list[tuple[str, tuple[str, ...]]] = []
    problems: list[str] = []
    identity: list[str] = []
    for instance in benchmark.instances():
        row = _describe(benchmark, instance)
        identity = [str(row[name]) for name in ("mdp_class", "mdp_scope", "agent_class", "agent_scope", "seed")]
        try:
            log = read_sampled_log(benchmark.path / instance.log, benchmark.n_steps, n_points)
        except LogError as error:
            row["status"], row["problem"] = _classify(benchmark, instance, str(error))
            problems.append(f"{benchmark.path / instance.log}: {row['problem'] or 'missing'}")
        else:
            row.update(
                {name: text for name, text in log.last.values.items() if name in SUMMARY_COLUMNS},
                status="complete",
                steps=log.last.steps,
                seconds=format(log.last.seconds, ".6g"),
                stop_step="" if log.stop_step is None else log.stop_step,
            )
            if "training_state" not in log.last.values:
                row.update(_state_from_notes(benchmark, instance))
            curves.append((",".join(identity), log.lines))
        rows.append(row)
    if not curves or (problems and not allow_incomplete):
        raise LogError(_say_incomplete(benchmark, problems, len(rows), none_complete=not curves))
    return Summary(
        instances=_write_instances(rows, complete=not problems),
        curves=_write_curves(curves, complete=not problems),
        n_instances=len(rows),
        n_complete=len(curves),
        strangers=tuple(str(benchmark.path / stranger.log) for stranger in benchmark.strangers()),
    )


def _describe(benchmark: BenchmarkFolder, instance: Instance) -> dict[str, object]:
    return {
        "benchmark": benchmark.name,
        "mdp_class": instance.mdp.class_name,
        "mdp_scope": instance.mdp.scope,
        "agent_class": instance.agent.class_name,
        "agent_scope": instance.agent.scope,
        "seed": instance.seed,
        "agent_parameters": json.dumps(benchmark.agents[instance.agent], sort_keys=True),
        "mdp_parameters": json.dumps(benchmark.mdps[instance.mdp], sort_keys=True),
        "log": instance.log,
    }


def _state_from_notes(benchmark: BenchmarkFolder, instance: Instance) -> dict[str, object]:
    """Return the training state of a log that has none."""
    log = benchmark.path / instance.log
    stop = read_stop_notes(str(log.parent)).get(log.name)
    return {"training_state": "running"} if stop is None else {"training_state": "time_exceeded", "stop_step": stop}


def _classify(benchmark: BenchmarkFolder, instance: Instance, error: str) -> tuple[str, str]:
    if instance in benchmark.logs:
        return "failed", error.removeprefix(f"{benchmark.path / instance.log}: ")
    if benchmark.has_error(instance):
        return "failed", f"its run ended in an error, see {instance.error}"
    return "missing", ""


def _say_incomplete(benchmark: BenchmarkFolder, problems: list[str], n_instances: int, none_complete: bool) -> str:
    listed = "\n  ".join(problems[:20]) + (f"\n  and {len(problems) - 20} more" if len(problems) > 20 else "")
    cure = "" if none_complete else ", or allow incomplete benchmarks (--allow-incomplete)"
    return (
        f"{benchmark.path}: {len(problems)} of {n_instances} instances have no complete log. Run them again "
        f"(`snakemake`, or `python -m colosseum run INSTANCE.pkl`){cure}:\n  {listed}"
    )


def _write_instances(rows: list[dict[str, object]], complete: bool) -> str:
    text = io.StringIO()
    writer = csv.DictWriter(text, list(SUMMARY_COLUMNS), restval="", lineterminator="\n")
    writer.writeheader()
    for row in rows:
        writer.writerow({**row, "benchmark_complete": complete})
    return text.getvalue()


def _write_curves(curves: list[tuple[str, tuple[str, ...]]], complete: bool) -> str:
    lines = [",".join(CURVES_COLUMNS)]
    for identity, points in curves:
        lines.extend(f"{identity},{point},{complete}" for point in points)
    return "\n".join(lines) + "\n"


def default_curves_path(summary: str | os.PathLike) -> Path:
    """Return where the curves of a `summary.csv` are looked for: ``curves.csv`` beside it."""
    return Path(summary).with_name("curves.csv")
