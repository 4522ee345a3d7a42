"""`python -m snakemake_executor_plugin_slurm_packed`: put a folder in order after a run in it was killed."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from .errors import ExecutorError
from .recovery import recover


def main(argv: list[str] | None = None) -> int:
    """Recover every killed run of a folder; returns the exit status."""
    parser = argparse.ArgumentParser(prog="python -m snakemake_executor_plugin_slurm_packed", description=__doc__)
    choice = parser.add_mutually_exclusive_group()
    choice.add_argument("--wait", action="store_true", help="wait for the jobs that go on (default)")
    choice.add_argument("--cancel", action="store_true", help="cancel the jobs that go on")
    parser.add_argument("-d", "--directory", type=Path, default=Path(), help="the workflow's folder (default: here)")
    args = parser.parse_args(argv)
    try:
        return recover(args.directory, args.cancel, lambda line: print(line, file=sys.stderr, flush=True))
    except ExecutorError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2


if __name__ == "__main__":
    sys.exit(main())
