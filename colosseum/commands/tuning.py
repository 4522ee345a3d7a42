"""`python -m colosseum tuning`."""

import argparse

from colosseum.commands._scores import add_arguments_of_scores

HELP = "gather the runs of a hyperparameter optimisation, of all its rungs, in one table"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.description = (
        "Write a row for each run of a hyperparameter optimisation: agent, rung, sample, environment, seed, the value "
        "that the selection compares, seconds. The plots rungs and tuning_budget and the tables tuning_cost and "
        "sensitivity are made of it: they look for tuning.csv beside a summary.csv."
    )
    parser.add_argument(
        "folders",
        nargs="+",
        metavar="FOLDER",
        help="folders of the rungs, the first one first, and of the confirmation",
    )
    add_arguments_of_scores(parser, allow_cut=False)
    parser.add_argument("--allow-incomplete", action="store_true", help="leave out what is missing")
    parser.add_argument("-o", "--output", required=True, metavar="TUNING.csv", help="the table")


def main(args: argparse.Namespace) -> None:
    """Write the table."""
    from colosseum.analysis.tuning import gather_runs
    from colosseum.utils.files import write_atomically

    table = gather_runs(args.folders, args.indicator, args.reduce_seeds, args.allow_incomplete)
    write_atomically(args.output, table)
    print(f"{args.output}: {table.count(chr(10)) - 1:,} runs.")
