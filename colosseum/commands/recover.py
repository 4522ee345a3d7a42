"""`python -m colosseum recover`: put a folder in order after the main process of a run was killed."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

HELP = "after kill -9 or a power cut: end the cluster jobs of the last run, keep what they finished, unlock the folder"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments to its parser."""
    choice = parser.add_mutually_exclusive_group()
    choice.add_argument(
        "--wait", action="store_true", help="wait for the jobs that go on, and keep their logs (default)"
    )
    choice.add_argument("--cancel", action="store_true", help="cancel the jobs that go on")
    parser.add_argument(
        "-d",
        "--directory",
        type=Path,
        default=Path(),
        help="the folder from which the workflow was started (default: here)",
    )


def _say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


def main(args: argparse.Namespace) -> int:
    """Recover every killed run of the folder; 1 if a run that is still alive needs the folder."""
    from colosseum.cluster import recovery, runs

    found = runs.find(args.directory)
    alive = [run for run in found if run.alive]
    for run in alive:
        _say(f"{run.run_id}: still runs (process {run.pid} on {run.host}), left alone")
    for run in found:
        if run in alive:
            continue
        done = recovery.recover_run(run, args.cancel, _say)
        states = ", ".join(f"{count} {state}" for state, count in sorted(done.ended.items())) or "none known to Slurm"
        _say(f"{run.run_id}: its Slurm jobs ended ({states})")
        if done.kept:
            _say(f"{run.run_id}: {len(done.kept)} finished logs are kept")
        if done.unlocked:
            _say(f"{run.run_id}: unlocked the folder")
    status = _unlock_others(args.directory, bool(alive))
    if not found and status is None:
        _say("nothing to recover: no run was killed in this folder")
    elif not alive and not status:
        _say("recovered: repeat the command that was interrupted, it runs what is missing")
    return status or 0


def _unlock_others(directory: Path, alive: bool) -> int | None:
    """Deal with locks of runs that left no note, local ones mostly; None if there are none."""
    from colosseum.cluster import recovery, runs

    locks = runs.unclaimed_locks(directory)
    if not locks or alive:
        return None
    working = recovery.working_snakemakes(directory)
    if working:
        _say(f"locked by a Snakemake that still runs (process {', '.join(map(str, working))}), left alone")
        return 1
    kept = recovery.keep_finished(directory)
    for lock in locks:
        lock.unlink(missing_ok=True)
    _say(f"unlocked the folder after a local run; {len(kept)} finished logs are kept")
    return 0
