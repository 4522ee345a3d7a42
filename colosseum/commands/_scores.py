"""The arguments that say what the score of a configuration is: the same for all commands that choose by it."""

import argparse

REDUCTIONS = ("mean", "median", "min", "max")
"""Of the seeds of an environment: functions of numpy."""


def add_arguments_of_scores(parser: argparse.ArgumentParser, allow_cut: bool = True) -> None:
    """Declare ``--indicator``, ``--reduce-seeds`` and, unless told otherwise, ``--allow-cut``."""
    parser.add_argument(
        "--indicator",
        default="normalized_cumulative_regret",
        metavar="NAME",
        help="column of the logs (default: %(default)s)",
    )
    parser.add_argument(
        "--reduce-seeds",
        choices=REDUCTIONS,
        default="mean",
        help="how the seeds of an environment become one number (default: %(default)s)",
    )
    if allow_cut:
        parser.add_argument(
            "--allow-cut",
            action=argparse.BooleanOptionalAction,
            default=True,
            help="whether logs of agents whose time was used up count; else they are an error (default: they do)",
        )
