"""After a main process was killed: its jobs, its locks, and the marks on what it had begun."""

from __future__ import annotations

import base64
import binascii
import os
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from colosseum.cluster import runs, slurm
from colosseum.errors import LogError
from colosseum.logs.read import read_log


@dataclass
class Recovery:
    """
    What was done about one run.

    Attributes
    ----------
    run : Run
        The run.
    ended : dict of str to int
        How many of its Slurm jobs are in each state now.
    unlocked : bool
        Whether the folder was locked by it.
    kept : list of Path
        Logs that were finished though nobody had noted it: they are not run again.
    """

    run: runs.Run
    ended: dict[str, int] = field(default_factory=dict)
    unlocked: bool = False
    kept: list[Path] = field(default_factory=list)


def recover_run(run: runs.Run, cancel: bool, say: Callable[[str], None], poll_s: float = 5.0) -> Recovery:
    """
    Bring the jobs of a killed run to an end and free its folder.

    Parameters
    ----------
    run : Run
        A run whose main process is gone.
    cancel : bool
        Cancel what waits or runs; otherwise wait for it.
    say : callable
        Gets a line now and then.
    poll_s : float
        Seconds between two looks at Slurm.

    Returns
    -------
    Recovery

    Raises
    ------
    SlurmError
        If Slurm does not answer; nothing is unlocked then.
    """
    if cancel and slurm.active_jobs(run.run_id):
        slurm.cancel(run.run_id)
    before = -1
    while active := slurm.active_jobs(run.run_id):
        if len(active) != before:
            before = len(active)
            shown = ", ".join(active[:8]) + (", ..." if len(active) > 8 else "")
            say(f"{run.run_id}: waiting for {len(active)} Slurm job{'s' * (len(active) > 1)} ({shown})")
        time.sleep(poll_s)
    result = Recovery(run)
    for state in slurm.job_states(run.run_id).values():
        result.ended[state.state] = result.ended.get(state.state, 0) + 1
    if run.ledger.exists():
        from snakemake_executor_plugin_colosseum_slurm.staging import Ledger

        arrived = Ledger(run.ledger).fetch(run.workdir.resolve())
        say(f"{run.run_id}: the outputs of {arrived} jobs arrived from the storage")
    result.kept = keep_finished(run.workdir)
    result.unlocked = run.unlock()
    run.end()
    return result


def keep_finished(workdir: Path | str = ".") -> list[Path]:
    """
    Remove Snakemake's mark "begun" from every log that is whole.

    The mark says that a job's output may be half written, and Snakemake would run the job again. A log is written whole
    or not at all, so the mark of one that is there only means that no main process was left to remove it.

    Returns
    -------
    list of Path
        The logs.
    """
    workdir = Path(workdir)
    folder = workdir / ".snakemake" / "incomplete"
    kept = []
    for directory, _, names in os.walk(folder):
        for name in names:
            mark = Path(directory, name)
            try:
                # long names are split into folders that begin with @
                parts = [part.removeprefix("@") for part in mark.relative_to(folder).parts]
                path = Path(base64.urlsafe_b64decode("".join(parts)).decode())
            except (binascii.Error, UnicodeDecodeError):
                continue
            if path.suffix != ".csv":
                continue
            try:
                read_log(workdir / path)
            except LogError:
                continue
            mark.unlink(missing_ok=True)
            kept.append(path)
    return sorted(kept)


def working_snakemakes(workdir: Path | str = ".") -> list[int]:
    """The Snakemake processes of this host that work in `workdir`."""
    here = Path(workdir).resolve()
    found = []
    for name in os.listdir("/proc"):
        if not name.isdigit() or int(name) == os.getpid():
            continue
        try:
            words = Path(f"/proc/{name}/cmdline").read_bytes().split(b"\0")
            if any(word.endswith(b"snakemake") for word in words[:4]) and Path(f"/proc/{name}/cwd").resolve() == here:
                found.append(int(name))
        except OSError:
            continue
    return found
