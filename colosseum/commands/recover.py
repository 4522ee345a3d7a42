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
    from colosseum.commands._executor import require_executor
    from colosseum.errors import ColosseumError
    from colosseum.logs.read import is_whole_log

    recovery = require_executor("recovery")
    try:
        return recovery.recover(args.directory, args.cancel, _say, is_whole_log)
    except require_executor("errors").ExecutorError as error:
        raise ColosseumError(str(error)) from error
