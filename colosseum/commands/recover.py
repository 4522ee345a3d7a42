"""`python -m colosseum recover`: put a folder in order after the main process of a run was killed."""

from __future__ import annotations

import argparse
import socket
import sys
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from colosseum.study.run_lock import Run

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
    parser.add_argument(
        "--results",
        type=Path,
        nargs="+",
        default=[],
        help="folders of results that do not lie in that folder (key `results` of the study)",
    )


def _say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


def main(args: argparse.Namespace) -> int:
    """Recover every killed run of the folder; 1 if a run that is still alive needs the folder."""
    from colosseum.commands._executor import require_executor
    from colosseum.errors import ColosseumError, ConfigurationError
    from colosseum.logs.read import is_whole_log
    from colosseum.study import run_lock

    if sys.platform == "linux" and not Path("/proc/self/stat").exists():
        raise ColosseumError("/proc is not there, so what is still running cannot be seen: mount it, and try again.")
    recovery = require_executor("recovery")
    folder = args.directory
    for path in (folder, *args.results):
        if not path.is_dir():
            raise ConfigurationError(f"{path}: no such folder; give the one from which the workflow was started")
    runs = run_lock.find(folder, args.results)
    here = [run for run in runs if run.is_of(folder)]
    for run in runs:
        if run not in here:
            _say(f"{run.note}: {run.state}; it was not started in this folder, left alone")
    for run in here:
        if run.state == run_lock.RUNNING:
            _say(f"{run.note}: still runs, left alone")
        elif run.state == run_lock.UNSEEN:
            _say(
                f"{run.note}: this machine ({socket.gethostname()}) cannot see whether it runs, but it did "
                f"{run_lock.SILENCE_S / 60:.0f} minutes ago or less: left alone; look there, or try again later"
            )
    killed = [run for run in here if run.state == run_lock.KILLED]
    for run in killed:
        _say(f"{run.note}: was killed")
    busy = len(killed) < len(here)

    def is_whole(path: Path) -> bool:
        return (not busy or any(_is_result_of(run, path) for run in killed)) and is_whole_log(path)

    try:
        status = recovery.recover(folder, args.cancel, _say, is_whole, busy=busy, killed_elsewhere=bool(killed))
    except require_executor("errors").ExecutorError as error:
        raise ColosseumError(str(error)) from error
    for run in killed if not status else ():
        run.forget()
    return 1 if busy else status


def _is_result_of(run: Run, path: Path) -> bool:
    """Tell whether an output belongs to the study of a run."""
    from colosseum import layout

    results = run.path.parent.parent
    roots = [Path(layout.stage_folder(results, stage, run.note.study)).resolve() for stage in layout.STAGES]
    return any(root in path.resolve().parents for root in roots)
