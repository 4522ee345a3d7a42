"""Pack jobs into submissions, and turn a submission into the batch script and the options of `sbatch`."""

from __future__ import annotations

import base64
import heapq
import io
import json
import math
import tarfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

#: Seconds that a submission asks for beside the time of its jobs: the start of Python and Snakemake on a cold node.
STARTUP_S = 120

#: MiB of the runner itself, in which Snakemake and what a session hook needs are loaded once for all jobs.
RUNNER_MB = 400

_END = "END_OF_SUBMISSION"


@dataclass(eq=False)
class Entry:
    """One Snakemake job on its way to the cluster.

    Attributes
    ----------
    job : object
        Snakemake's job.
    argv : list of str
        The job's own arguments of the Snakemake on the node.
    command : str
        Instead of arguments, a whole command line (for a group of jobs).
    name : str
        How a person knows it: the rule and its first output.
    threads, mem_mb, seconds : int
        What the job asks for; it is stopped when it takes more memory or time.
    options : tuple of str
        Options of `sbatch` that all jobs of a submission must share (partition, account, ...).
    inputs, outputs : list of str
        Its files (the log files are among the outputs), relative to the working directory.
    deferred : int
        How often a submission ended before the job's turn came.
    """

    job: Any
    argv: list[str]
    command: str
    name: str
    threads: int
    mem_mb: int
    seconds: int
    options: tuple[str, ...] = ()
    inputs: list[str] = field(default_factory=list)
    outputs: list[str] = field(default_factory=list)
    deferred: int = 0


@dataclass(eq=False)
class Submission:
    """Jobs that share one Slurm job."""

    entries: list[Entry]
    cpus: int
    longest_s: int
    job_id: str = ""
    reported: set[int] = field(default_factory=set)
    missed: int = 0
    unclear_since: float | None = None
    cancelled: int = 0
    told: bool = False
    staged: str = ""
    unfetched: int = 0

    def staged_outputs(self, number: int) -> str:
        """The name in the storage of the outputs of a job."""
        return f"{self.staged}-{number}"

    @property
    def workers(self) -> int:
        """How many jobs run at a time."""
        return max(1, min(self.cpus // self.entries[0].threads, len(self.entries)))

    @property
    def seconds(self) -> int:
        """An upper bound of the run time of the whole, in seconds (the makespan of list scheduling)."""
        # a single job that asks for more than is allowed gets what is allowed: it would wait for ever
        return min(STARTUP_S + makespan([entry.seconds for entry in self.entries], self.workers), self.longest_s)

    @property
    def mem_mb(self) -> int:
        """The memory of the jobs that can run at a time, and of the runner, in MiB."""
        return RUNNER_MB + sum(heapq.nlargest(self.workers, (entry.mem_mb for entry in self.entries)))

    def options(self) -> list[str]:
        """What to ask of Slurm."""
        return [
            f"--cpus-per-task={self.workers * self.entries[0].threads}",
            f"--mem={self.mem_mb}",
            f"--time={math.ceil(self.seconds / 60)}",
            *self.entries[0].options,
        ]


def makespan(seconds: list[int], workers: int) -> int:
    """When the last of the jobs ends if each free worker takes the next job of the list."""
    ends = [0] * workers
    for duration in seconds:
        heapq.heapreplace(ends, ends[0] + duration)
    return max(ends)


def pack(
    entries: list[Entry], size: int, cpus: int, longest_s: int, limit_s: Callable[[Entry], int], partial: bool
) -> Iterator[Submission]:
    """Take submissions off the front of a list of waiting jobs.

    Parameters
    ----------
    entries : list of Entry
        The waiting jobs; those of the submissions are removed.
    size : int
        Jobs in a submission.
    cpus : int
        CPUs of a submission (more, if a single job asks for more).
    longest_s : int
        Seconds that a submission may ask for, if no single job asks for more.
    limit_s : callable
        Seconds that a submission with a job may ask for at all.
    partial : bool
        Whether to submit fewer than `size` jobs as well.

    Yields
    ------
    Submission
        Jobs with the same options and threads, in the order in which they came.
    """
    by_kind: dict[tuple, list[Entry]] = {}
    for entry in entries:
        by_kind.setdefault((entry.options, entry.threads), []).append(entry)
    for (_, threads), waiting in by_kind.items():
        while waiting:
            chosen = [waiting.pop(0)]
            most_s = limit_s(chosen[0])
            workers = max(1, cpus // threads)
            full = False
            while waiting and not full and len(chosen) < size:
                chosen.append(waiting.pop(0))
                full = STARTUP_S + makespan([entry.seconds for entry in chosen], workers) > min(longest_s, most_s)
                if full:
                    waiting.insert(0, chosen.pop())
            if not (full or partial or len(chosen) == size):
                break
            for entry in chosen:
                entries.remove(entry)
            yield Submission(chosen, max(cpus, threads), most_s)


def batch_script(submission: Submission, python: str, prologue: str, common: dict[str, Any]) -> str:
    """The script that Slurm carries to the node: everything that the runner must know is in it.

    Parameters
    ----------
    submission : Submission
        The jobs.
    python : str
        The command that starts Python on the node; may have arguments of its own (a container's).
    prologue : str
        Shell lines to run first, such as `module load ...`.
    common : dict
        What all submissions of the run share (see `runner.Order`).
    """
    order = {
        **common,
        "workers": submission.workers,
        "inputs": submission.staged,
        "jobs": [
            {
                "argv": entry.argv,
                "command": entry.command,
                "name": entry.name,
                "mem_mb": entry.mem_mb,
                "seconds": entry.seconds,
                "threads": entry.threads,
                "outputs": entry.outputs,
                "staged_outputs": submission.staged_outputs(number),
            }
            for number, entry in enumerate(submission.entries)
        ],
    }
    payload = base64.b64encode(zlib.compress(json.dumps(order).encode())).decode()
    lines = "\n".join(payload[i : i + 76] for i in range(0, len(payload), 76))
    # exec: Slurm's signals reach the runner, which cleans up the node
    return (
        f"#!/bin/bash\n{prologue}\n"
        f"exec {python} -m snakemake_executor_plugin_slurm_packed.runner <<'{_END}'\n{lines}\n{_END}\n"
    )


def read_order(text: str) -> dict[str, Any]:
    """The inverse of `batch_script`, on the node."""
    return json.loads(zlib.decompress(base64.b64decode("".join(text.split()))))


def archive(paths: list[Path]) -> str:
    """Pack files, relative to the working directory, into the text of an archive."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:xz") as packed:
        for path in paths:
            packed.add(path)
    return base64.b64encode(buffer.getvalue()).decode()


def unpack(text: str, folder: Path) -> None:
    """The inverse of `archive`."""
    with tarfile.open(fileobj=io.BytesIO(base64.b64decode(text)), mode="r:xz") as packed:
        extract(packed, folder)


def extract(packed: tarfile.TarFile, folder: Path) -> None:
    """Extract one of our own archives; with a filter where Python has it, from 3.11.4 on."""
    if hasattr(tarfile, "data_filter"):
        packed.extraction_filter = tarfile.data_filter
    packed.extractall(folder)
