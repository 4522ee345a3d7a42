"""`python -m colosseum status`."""

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from colosseum.analysis.folder import BenchmarkFolder
    from colosseum.analysis.table_model import Table

HELP = "tell how far a study is: instances done, running, failed and missing, core-hours spent and left"

CONFIG_FILES = ("config.yaml", "config/config.yaml")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument(
        "folders",
        nargs="*",
        metavar="FOLDER",
        help="benchmark folders, or folders that hold some (default: those of the study that is configured)",
    )
    parser.add_argument(
        "--configfile",
        nargs="+",
        metavar="FILE",
        help=f"configuration of the study (default: {' or '.join(CONFIG_FILES)})",
    )
    parser.add_argument(
        "--workflow",
        default=".",
        metavar="FOLDER",
        help="working directory of the workflow, whose files tell what is running (default: here)",
    )
    parser.add_argument("--watch", action="store_true", help="show it again and again, until all is done or Ctrl-C")
    parser.add_argument(
        "--interval", type=float, default=10.0, metavar="SECONDS", help="between two looks of --watch (default: 10)"
    )
    parser.add_argument("-o", "--output", metavar="FILE", help="write the table as .csv, .md, .tex or .html, too")


def main(args: argparse.Namespace) -> None:
    """Print the status, once or until all is done."""
    import contextlib
    import sys
    import time

    from colosseum.analysis.table_writers import WRITERS, to_text
    from colosseum.errors import ConfigurationError, nearest

    if args.output and Path(args.output).suffix not in WRITERS:
        raise ConfigurationError(f"{args.output}: unknown suffix; {nearest(Path(args.output).suffix, WRITERS)}")
    if args.folders and args.configfile:
        raise ConfigurationError("FOLDER and --configfile are both given; one of them is enough.")
    if not args.interval > 0:
        raise ConfigurationError(f"--interval is {args.interval:g}; a number of seconds above 0 is expected.")
    with contextlib.suppress(KeyboardInterrupt) if args.watch else contextlib.nullcontext():
        while True:
            table, is_done = _look(args)
            if args.watch and sys.stdout.isatty():
                print("\033[H\033[2J", end="")  # to the upper left corner of an empty screen
            now = f"{time.strftime('%H:%M:%S')}, again in {args.interval:g} s, Ctrl-C ends it\n" if args.watch else ""
            print(f"{to_text(table)}{'' if is_done else now}", end="", flush=True)
            if args.output:
                from colosseum.utils.files import write_atomically

                write_atomically(args.output, WRITERS[Path(args.output).suffix](table))
            if is_done or not args.watch:
                return
            time.sleep(args.interval)


def _look(args: argparse.Namespace) -> "tuple[Table, bool]":
    """Return the table of what there is now, and whether all instances are done."""
    from colosseum.analysis.status import status_table, study_status
    from colosseum.commands._executor import find_executor

    workflow = Path(args.workflow)
    benchmarks = _find(args.folders) if args.folders else _plan(workflow, args.configfile)
    snakemake_state = find_executor("snakemake_state")
    running = snakemake_state.RunningJobs(workflow) if snakemake_state is not None else frozenset()
    statuses = study_status(benchmarks, running)
    return status_table(statuses), not any(one.left for one in statuses)


def _find(folders: list[str]) -> list[Path]:
    from colosseum.analysis.folder import find_benchmark_folders
    from colosseum.errors import ConfigurationError

    found = [benchmark for folder in folders for benchmark in find_benchmark_folders(folder)]
    if not found:
        raise ConfigurationError(f"{', '.join(folders)}: no benchmark's folder in there; has the study been started?")
    return found


def _plan(workflow: Path, files: list[str] | None) -> "list[BenchmarkFolder]":
    """Return what the study of a configuration asks for, whether its folders exist by now or not."""
    from colosseum.analysis.status import planned_folder
    from colosseum.errors import ConfigurationError
    from colosseum.study import Study
    from colosseum.study.text import read_study_files

    there = [workflow / name for name in CONFIG_FILES if (workflow / name).exists()]
    paths = [Path(file) for file in files] if files else there[:1] or [workflow / CONFIG_FILES[0]]
    missing = [path for path in paths if not path.exists()]
    if missing:
        raise ConfigurationError(
            f"{missing[0]}: missing; name benchmark folders, or start where the workflow is (or --workflow FOLDER)."
        )
    configuration = read_study_files(paths)
    study = Study(configuration, source=", ".join(map(str, paths)))
    return [planned_folder(interactions) for interactions in study.interactions()]
