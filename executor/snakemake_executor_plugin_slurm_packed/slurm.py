"""The few Slurm commands that are needed, as functions.

Only `sbatch`, `squeue`, `scancel`, `scontrol`, `sinfo` and, where there is one, `sacct` are called; all but the last
work without an accounting database. Sites wrap these commands, and what wraps them prints notices: a line is taken for
what it looks like, whatever stands around it, and an answer without a single line that makes sense is no answer.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import time
from collections.abc import Iterable
from dataclasses import dataclass

from .errors import ExecutorError

#: States after which a job never runs again.
ENDED = frozenset(
    "BOOT_FAIL CANCELLED COMPLETED DEADLINE FAILED LAUNCH_FAILED NODE_FAIL OUT_OF_MEMORY PREEMPTED TIMEOUT".split()
)

_TIMEOUT_S = 120

#: How often a command is asked whose answer makes no sense, and the seconds between.
_ASKED, _PAUSE_S = 3, 1.0

#: Variables that say which cluster is meant and who asks.
_KEPT = frozenset({"SLURM_CONF", "SLURM_CONF_SERVER", "SLURM_JWT"})

#: What Slurm's commands read their options from.
_SETTINGS = ("SLURM", "SBATCH_", "SRUN_", "SALLOC_", "SQUEUE_", "SACCT_", "SINFO_", "SCANCEL_", "SCONTROL_")

#: What Slurm says of a job that it does not know, or forgot.
_DENIED = "invalid job id"

_SUBMITTED = re.compile(r"(?:Submitted batch job )?(\d+)(?:;[\w.-]+| on cluster [\w.-]+)?")
_JOB = re.compile(r"(\d+)\|([A-Z_]+)\|([^|]*)\|([^|]*)\|(.*)")
_PARTITION = re.compile(r"([\w.-]+)(\*?)\|((?:\d+-)?\d+(?::\d+){0,2}|infinite|UNLIMITED|n/a)")


class SlurmError(ExecutorError):
    """A Slurm command failed; the message holds the command and what it printed."""


class UnclearAnswer(SlurmError):
    """A command did as if it succeeded, and what it printed makes no sense."""


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

    Inside an allocation Slurm's own variables would be taken for options of the new job, and what a person set for the
    eyes (`SQUEUE_FORMAT`, `SACCT_FORMAT`, `SLURM_TIME_FORMAT`) would change answers that are read here.
    """
    return {name: value for name, value in os.environ.items() if name in _KEPT or not name.startswith(_SETTINGS)}


def _run(command: list[str], text: str | None = None) -> subprocess.CompletedProcess[str]:
    try:
        return subprocess.run(
            command,
            input=text,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=_TIMEOUT_S,
            env=environment(),
            check=False,
        )
    except FileNotFoundError:
        raise SlurmError(
            f"{command[0]} is not on the PATH; run this where Slurm's commands are, on a login node for example"
        ) from None
    except subprocess.TimeoutExpired:
        raise SlurmError(f"{command[0]} gave no answer in {_TIMEOUT_S} s") from None


def _failure(command: list[str], done: subprocess.CompletedProcess[str]) -> SlurmError:
    said = " ".join((done.stderr or done.stdout).split()) or f"exit status {done.returncode}"
    return SlurmError(f"{' '.join(command[:6])}: {said}")


def _call(command: list[str]) -> str:
    done = _run(command)
    if done.returncode:
        raise _failure(command, done)
    return done.stdout


def _table(command: list[str], header: str, row: re.Pattern[str]) -> list[re.Match[str]]:
    """
    The rows of a command that prints a table; what is none is skipped.

    The header is asked for, because it tells an empty table from no answer.

    Raises
    ------
    UnclearAnswer
        If time and again there is neither the header nor a row.
    """
    for attempt in range(_ASKED):
        if attempt:
            time.sleep(_PAUSE_S)
        lines = [line.strip() for line in _call(command).splitlines()]
        rows = [match for match in map(row.fullmatch, lines) if match]
        if rows or any(line.startswith(header) for line in lines):
            return rows
    said = next(filter(None, lines), "nothing")
    raise UnclearAnswer(f"{command[0]} gave no table but {said[:200]!r}")


def submit(script: str, options: Iterable[str]) -> str:
    """Hand a batch script to `sbatch` and return the job's id.

    Raises
    ------
    UnclearAnswer
        If it may have been taken, but no line of the answer is an id.
    SlurmError
        If `sbatch` refuses it.
    """
    # with several clusters --parsable prints "id;cluster"
    command = ["sbatch", "--parsable", *options]
    done = _run(command, script)
    ids = [match[1] for match in map(_SUBMITTED.fullmatch, map(str.strip, done.stdout.splitlines())) if match]
    if ids:
        return ids[-1]
    if done.returncode:
        raise _failure(command, done)
    raise UnclearAnswer(f"sbatch printed no job id but {' '.join(done.stdout.split())[:200]!r}")


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
        If the controller does not answer, or with what makes no sense.
    """
    command = ["squeue", "--states=all", f"--name={run_id}", "--format=%i|%T|%N|%r|%k"]
    return {
        job: JobState(state, node, reason, "" if comment == "(null)" else comment)
        for job, state, node, reason, comment in (row.groups() for row in _table(command, "JOBID|STATE|", _JOB))
    }


def job_state(job_id: str) -> JobState | None:
    """
    Ask for one job by its id; not `squeue`, whose silence is to be checked.

    Returns
    -------
    JobState or None
        None if Slurm denies it: there is no such job, or it ended more than `MinJobAge` seconds ago.

    Raises
    ------
    SlurmError
        If there is no answer, or none about this job.
    """
    command = ["scontrol", "show", "job", job_id]
    done = _run(command)
    lines = [line.strip() for line in done.stdout.splitlines()]
    words = [word for line in lines for word in line.split()]
    if f"JobId={job_id}" in words:
        values = dict(word.split("=", 1) for word in words if "=" in word)
        if re.fullmatch("[A-Z_]+", values.get("JobState", "")):
            node = values.get("NodeList", "").replace("(null)", "")
            comment = next((line.removeprefix("Comment=") for line in lines if line.startswith("Comment=")), "")
            return JobState(values["JobState"], node, values.get("Reason", ""), comment)
    if done.returncode and _DENIED in (done.stdout + done.stderr).lower():
        return None
    if done.returncode:
        raise _failure(command, done)
    raise UnclearAnswer(f"scontrol said nothing of job {job_id} but {' '.join(words)[:200]!r}")


def active_jobs(run_id: str, noted: Iterable[str] = ()) -> list[str]:
    """
    The ids of the run's jobs that wait or run.

    Parameters
    ----------
    run_id : str
        The name that all jobs of the run have.
    noted : iterable of str
        Ids of jobs that may be among them: one that is not listed under the name is asked for by its id.

    Raises
    ------
    SlurmError
        If the controller does not answer, or with what makes no sense.
    """
    states = job_states(run_id)
    active = [job for job, state in states.items() if not state.ended]
    for job in noted:
        if job not in states and (state := job_state(job)) is not None and not state.ended:
            active.append(job)
    return active


def time_limits() -> dict[str, int | None]:
    """
    The longest run time that each partition allows.

    Returns
    -------
    dict
        From the partition's name to minutes, or None without a limit. The default partition is there as "" as well.

    Raises
    ------
    SlurmError
        If `sinfo` does not answer, or with what makes no sense.
    """
    limits: dict[str, int | None] = {}
    for row in _table(["sinfo", "--format=%P|%l"], "PARTITION|TIMELIMIT", _PARTITION):
        name, default, limit = row.groups()
        limits[name] = _minutes(limit)
        if default:
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
    """The state of a job that Slurm's controller forgot, from the accounting database; None if nothing knows it."""
    if shutil.which("sacct") is None:
        return None
    row = re.compile(rf"{re.escape(job_id)}\|([A-Z_]+)\b.*")  # "CANCELLED by 1000"
    try:
        rows = _table(["sacct", "-X", "-P", "-j", job_id, "-o", "JobID,State"], "JobID|State", row)
    except SlurmError:
        return None
    return rows[-1][1] if rows else None


def cancel(run_id: str) -> None:
    """Cancel every job of a run."""
    _call(["scancel", f"--name={run_id}"])


def cancel_job(job_id: str) -> bool:
    """
    Cancel one job.

    Returns
    -------
    bool
        False if Slurm denies it: there is no such job.

    Raises
    ------
    SlurmError
        If the controller does not answer.
    """
    command = ["scancel", job_id]
    done = _run(command)
    denied = _DENIED in (done.stdout + done.stderr).lower()
    if done.returncode and not denied:
        raise _failure(command, done)
    return not denied
