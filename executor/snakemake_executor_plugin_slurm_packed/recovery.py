"""After a main process was killed: its jobs, its locks, and the marks on what it had begun."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

from . import hooks, run_notes, slurm, snakemake_state
from .errors import ExecutorError

Say = Callable[[str], None]


def recover(
    workdir: Path,
    cancel: bool,
    say: Say,
    whole: hooks.Whole | None = None,
    poll_s: float = 5.0,
    busy: bool = False,
    killed_elsewhere: bool = False,
) -> int:
    """
    Put a folder in order after main processes of runs in it were killed.

    Parameters
    ----------
    workdir : Path
        The folder from which the workflow was started.
    cancel : bool
        Cancel the jobs that wait or run; otherwise wait for them.
    say : callable
        Gets a line now and then.
    whole : callable, optional
        Judges outputs (see `hooks.Whole`), instead of the hook that the run's profile named.
    poll_s : float
        Seconds between two looks at Slurm.
    busy : bool
        Whether the caller knows of a run that goes on in the folder: no lock is removed that may be its.
    killed_elsewhere : bool
        Whether the caller knows of a run in the folder that was killed and is not noted here.

    Returns
    -------
    int
        0, or 1 if a Snakemake that still runs holds the folder.

    Raises
    ------
    ExecutorError
        If there is no such folder, or Slurm does not answer; nothing is unlocked then.
    """
    if not workdir.is_dir():
        raise ExecutorError(f"--directory {workdir}: there is no such folder")
    runs = run_notes.find(workdir)
    killed = [run for run in runs if not run.alive]
    for run in runs:
        if run in killed:
            _recover_run(run, cancel, say, whole or hooks.whole(run.whole), poll_s)
        else:
            say(f"{run.run_id}: still runs (process {run.pid} on {run.host}), left alone")
    if len(killed) < len(runs) and not killed_elsewhere:
        return 0
    locks = run_notes.unclaimed_locks(workdir)
    busy = busy or len(killed) < len(runs)
    if locks and not busy and (working := snakemake_state.working_snakemakes(workdir)):
        say(f"locked by a Snakemake that still runs (process {', '.join(map(str, working))}), left alone")
        return 1
    if killed_elsewhere or (locks and not busy):
        kept = keep_whole(workdir, whole or hooks.no_output_is_whole)
        done = "left Snakemake's locks to the run that goes on" if busy else "unlocked the folder after a local run"
        for lock in () if busy else locks:
            lock.unlink(missing_ok=True)
        if locks or kept or not killed:
            say(f"{done}; {len(kept)} finished outputs are kept")
    elif busy:
        return 1
    if runs or locks or killed_elsewhere:
        say("recovered: repeat the command that was interrupted, it runs what is missing")
    else:
        say("nothing to recover: no run was killed in this folder")
    return 0


def _recover_run(run: run_notes.Run, cancel: bool, say: Say, whole: hooks.Whole, poll_s: float) -> None:
    """Bring the jobs of a killed run to an end and free its folder."""
    noted = run.noted_jobs()
    if cancel and (active := slurm.active_jobs(run.run_id, noted)):
        slurm.cancel(run.run_id)
        for job in set(active) & set(noted):
            slurm.cancel_job(job)
    before = -1
    while active := slurm.active_jobs(run.run_id, noted):
        if len(active) != before:
            before = len(active)
            shown = ", ".join(active[:8]) + (", ..." if len(active) > 8 else "")
            say(f"{run.run_id}: waiting for {len(active)} Slurm job{'s' * (len(active) > 1)} ({shown})")
        time.sleep(poll_s)
    ended = Counter(state.state for state in slurm.job_states(run.run_id).values())
    if run.ledger.exists():
        from .staging import Ledger  # needs Snakemake

        arrived = Ledger(run.ledger).fetch(run.workdir.resolve())
        say(f"{run.run_id}: the outputs of {arrived} jobs arrived from the storage")
    kept = keep_whole(run.workdir, whole)
    unlocked = run.unlock()
    run.end()
    states = ", ".join(f"{count} {state}" for state, count in sorted(ended.items())) or "none known to Slurm"
    say(f"{run.run_id}: its Slurm jobs ended ({states})")
    if kept:
        say(f"{run.run_id}: {len(kept)} finished outputs are kept")
    if unlocked:
        say(f"{run.run_id}: unlocked the folder")


def keep_whole(workdir: Path, whole: hooks.Whole) -> list[Path]:
    """
    Remove Snakemake's mark "begun" from every output that is whole.

    The mark says that an output may be half written, and Snakemake would run its job again. Of one that is whole it
    only means that no main process was left to remove the mark.

    Returns
    -------
    list of Path
        Those outputs.
    """
    kept = []
    for mark, output in snakemake_state.marks(workdir):
        if whole(Path(workdir) / output):
            mark.unlink(missing_ok=True)
            kept.append(output)
    return sorted(kept)
