"""`python -m colosseum status`."""

import argparse

HELP = "tell how far a study is: instances done, running, failed and missing, core-hours spent and left"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument(
        "folders",
        nargs="*",
        default=["results"],
        metavar="FOLDER",
        help="benchmark folders, or folders that hold some (default: results)",
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
    from pathlib import Path

    from colosseum.analysis.folder import find_benchmark_folders
    from colosseum.analysis.running_jobs import RunningJobs
    from colosseum.analysis.status import status_table, study_status
    from colosseum.analysis.table_model import WRITERS, to_text
    from colosseum.errors import ConfigurationError, nearest

    if args.output and Path(args.output).suffix not in WRITERS:
        raise ConfigurationError(f"{args.output}: unknown suffix; {nearest(Path(args.output).suffix, WRITERS)}")
    folders = [found for folder in args.folders for found in find_benchmark_folders(folder)]
    if not folders:
        raise ConfigurationError(
            f"{', '.join(args.folders)}: no benchmark's folder in there; has the study been started?"
        )
    table = status_table(study_status(folders, RunningJobs(args.workflow)))
    print(to_text(table), end="")
    if args.output:
        from colosseum.utils.files import write_atomically

        write_atomically(args.output, WRITERS[Path(args.output).suffix](table))
