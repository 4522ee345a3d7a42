"""The few Slurm commands that are needed, as functions.

Only `sbatch`, `squeue`, `scancel`, `scontrol update` and, where there is one, `sacct` are called; each works without
an accounting database.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterable
from dataclasses import dataclass

from .errors import ExecutorError

#: States after which a job never runs again.
ENDED = frozenset(
    "BOOT_FAIL CANCELLED COMPLETED DEADLINE FAILED LAUNCH_FAILED NODE_FAIL OUT_OF_MEMORY PREEMPTED TIMEOUT".split()
)

_TIMEOUT_S = 120


class SlurmError(ExecutorError):
    """A Slurm command failed; the message holds the command and what it printed."""


@dataclass(frozen=True)
class JobState:
    """What Slurm knows of one job.

    Attributes
    ----------
    state : str
        Slurm's long name of the state ("RUNNING", "NODE_FAIL").
    node : str
        The node, or "" while the job waits.
    reason : str
        Why it waits, or ended as it did, in Slurm's words.
    comment : str
        The job's comment, in which a submission reports its jobs (see `job_comment`).
    """

    state: str
    node: str = ""
    reason: str = ""
    comment: str = ""

    @property
    def ended(self) -> bool:
        return self.state in ENDED


def environment() -> dict[str, str]:
    """The environment for Slurm's commands.

    Inside an allocation Slurm's own variables would be taken for options of the new job; `SLURM_CONF` alone says
    which cluster is meant.
    """
    return {
        name: value
        for name, value in os.environ.items()
        if name == "SLURM_CONF" or not name.startswith(("SLURM_", "SLURMD_", "SBATCH_", "SRUN_"))
    }


def _call(command: list[str], text: str | None = None) -> str:
    try:
        done = subprocess.run(
            command, input=text, capture_output=True, text=True, timeout=_TIMEOUT_S, env=environment(), check=False
        )
    except FileNotFoundError:
        raise SlurmError(
            f"{command[0]} is not on the PATH; run this where Slurm's commands are, on a login node for example"
        ) from None
    except subprocess.TimeoutExpired:
        raise SlurmError(f"{command[0]} gave no answer in {_TIMEOUT_S} s") from None
    if done.returncode:
        said = " ".join((done.stderr or done.stdout).split()) or f"exit status {done.returncode}"
        raise SlurmError(f"{' '.join(command[:6])}: {said}")
    return done.stdout


def submit(script: str, options: Iterable[str]) -> str:
    """Hand a batch script to `sbatch` and return the job's id.

    Raises
    ------
    SlurmError
        If `sbatch` refuses it.
    """
    # with several clusters --parsable prints "id;cluster"
    return _call(["sbatch", "--parsable", *options], script).strip().split(";")[0]


def job_states(run_id: str) -> dict[str, JobState]:
    """The state of every job of a run that Slurm still remembers.

    Parameters
    ----------
    run_id : str
        The name that all jobs of the run have.

    Returns
    -------
    dict
        From a job's id to its `JobState`. Slurm forgets an ended job after `MinJobAge` seconds (300 by default).

    Raises
    ------
    SlurmError
        If the controller does not answer.
    """
    out = _call(["squeue", "--noheader", "--states=all", f"--name={run_id}", "--format=%i|%T|%N|%r|%k"])
    states = {}
    for line in out.splitlines():
        job, state, node, reason, comment = line.split("|", 4)
        states[job.strip()] = JobState(state, node, reason, "" if comment == "(null)" else comment)
    return states


def active_jobs(run_id: str) -> list[str]:
    """The ids of the run's jobs that wait or run."""
    return [job for job, state in job_states(run_id).items() if not state.ended]


def time_limits() -> dict[str, int | None]:
    """
    The longest run time that each partition allows.

    Returns
    -------
    dict
        From the partition's name to minutes, or None without a limit. The default partition is there as "" as well.
    """
    limits: dict[str, int | None] = {}
    for line in _call(["sinfo", "--noheader", "--format=%P|%l"]).splitlines():
        name, limit = line.strip().split("|")
        limits[name.rstrip("*")] = _minutes(limit)
        if name.endswith("*"):
            limits[""] = _minutes(limit)
    return limits


def _minutes(limit: str) -> int | None:
    """Minutes of "days-hours:minutes:seconds", of which the left parts may be missing; None for "infinite"."""
    days, _, clock = limit.rpartition("-")
    try:
        parts = [int(part) for part in clock.split(":")]
    except ValueError:
        return None
    hours, minutes, _ = [0] * (3 - len(parts)) + parts
    return int(days or 0) * 1440 + hours * 60 + minutes


def accounted_state(job_id: str) -> str | None:
    """The state of a job that `squeue` forgot, from the accounting database; None if nothing knows it."""
    if shutil.which("sacct") is None:
        return None
    try:
        out = _call(["sacct", "-X", "-n", "-P", "-j", job_id, "-o", "State"])
    except SlurmError:
        return None
    words = out.split()
    return words[0] if words else None


def cancel(run_id: str) -> None:
    """Cancel every job of a run."""
    _call(["scancel", f"--name={run_id}"])
