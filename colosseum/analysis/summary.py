"""A benchmark's logs in two tables: one row for each instance, and sampled curves."""

import csv
import io
import json
import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from colosseum.analysis.columns import CURVES_COLUMNS, IDENTITY_COLUMNS, SUMMARY_COLUMNS
from colosseum.analysis.folder import BenchmarkFolder, Instance, read_benchmark_folder
from colosseum.analysis.judged import judge
from colosseum.errors import LogError
from colosseum.logs.columns import HEADERS, VALUE_COLUMNS
from colosseum.logs.read import Log, read_stop_notes

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
    labels: Mapping[str, str] = MappingProxyType({}),
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
    labels : mapping of str to str
        What to call configurations of agents, by ``<scope>-<class>``.

    Raises
    ------
    LogError
        If instances are missing or failed and that is not allowed, or if none is complete. It lists the files.
    ConfigurationError
        If the folder is no benchmark's.
    """
    benchmark = read_benchmark_folder(folder).with_agents(expected_agents)
    rows: list[dict[str, object]] = []
    curves: list[tuple[str, list[str]]] = []
    problems: list[str] = []
    for judged in judge(benchmark):
        row = {**_describe(benchmark, judged.instance), "agent_label": labels.get(judged.instance.agent.name, "")}
        if judged.log is None:
            row["status"], row["problem"] = "failed" if judged.problem else "missing", judged.problem
            problems.append(f"{benchmark.path / judged.instance.log}: {judged.problem or 'missing'}")
        else:
            row.update(_end_of(judged.log))
            identity = ",".join(str(row[name]) for name in IDENTITY_COLUMNS)
            curves.append((identity, _sample(judged.log, n_points)))
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


def _end_of(log: Log) -> dict[str, object]:
    """The cells that follow from a whole log; what it lacks is left out."""
    stop, state = log.stop_step, log.last.get("training_state", "")
    if log.is_foreign:
        # other programs note where training was cut, and do not tell whether it stopped for another reason
        stop = read_stop_notes(os.path.dirname(log.path)).get(os.path.basename(log.path))
        state = "" if stop is None else "time_exceeded"
    return {
        "status": "complete",
        "training_state": state,
        "stop_step": "" if stop is None else stop,
        "steps": log.n_steps,
        "seconds": format(log.seconds, ".6g") if log.seconds == log.seconds else "",
        **{name: log.last[name] for name in VALUE_COLUMNS if name in log.last},
    }


def _sample(log: Log, n_points: int) -> list[str]:
    """Evenly spaced rows, the last one included: steps and values, joined by commas; what the log lacks is empty."""
    n = len(log.lines)
    lines = log.lines
    if n > n_points:
        lines = [lines[round((i + 1) * n / n_points) - 1] for i in range(n_points)]
    if log.columns == HEADERS[0]:
        return [line.rsplit(",", 2)[0] for line in lines]
    places = [log.columns.index(name) if name in log.columns else -1 for name in ("steps", *VALUE_COLUMNS)]
    rows = [[*line.split(","), ""] for line in lines]
    return [",".join(row[i] for i in places) for row in rows]


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


def _write_curves(curves: list[tuple[str, list[str]]], complete: bool) -> str:
    lines = [",".join(CURVES_COLUMNS)]
    for identity, points in curves:
        lines.extend(f"{identity},{point},{complete}" for point in points)
    return "\n".join(lines) + "\n"
