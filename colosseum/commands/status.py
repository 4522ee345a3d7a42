"""`python -m colosseum status`."""

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from colosseum.analysis.folder import BenchmarkFolder

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
    parser.add_argument("-o", "--output", metavar="FILE", help="write the table as .csv, .md, .tex or .html, too")


def main(args: argparse.Namespace) -> None:
    """Print the status."""
    from colosseum.analysis.status import status_table, study_status
    from colosseum.analysis.table_writers import WRITERS, to_text
    from colosseum.commands._executor import find_executor
    from colosseum.errors import ConfigurationError, nearest

    if args.output and Path(args.output).suffix not in WRITERS:
        raise ConfigurationError(f"{args.output}: unknown suffix; {nearest(Path(args.output).suffix, WRITERS)}")
    if args.folders and args.configfile:
        raise ConfigurationError("FOLDER and --configfile are both given; one of them is enough.")
    workflow = Path(args.workflow)
    benchmarks = _find(args.folders) if args.folders else _plan(workflow, args.configfile)
    snakemake_state = find_executor("snakemake_state")
    running = snakemake_state.RunningJobs(workflow) if snakemake_state is not None else frozenset()
    table = status_table(study_status(benchmarks, running))
    print(to_text(table), end="")
    if args.output:
        from colosseum.utils.files import write_atomically

        write_atomically(args.output, WRITERS[Path(args.output).suffix](table))


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
