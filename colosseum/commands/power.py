"""`python -m colosseum power`."""

import argparse

HELP = "how many seeds a difference between agents needs, and which difference the present seeds can show"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument("source", metavar="FOLDER", help="a benchmark's folder, or a summary.csv or its folder")
    parser.add_argument(
        "--difference",
        type=float,
        default=0.02,
        metavar="D",
        help="difference of two agents' normalized regrets per step, averaged over the environments (default: 0.02)",
    )
    parser.add_argument("--power", type=float, default=0.8, help="probability of finding it (default: 0.8)")
    parser.add_argument(
        "--indicator", metavar="NAME", help="a normalized regret (default: learning regret, or what the logs hold)"
    )
    parser.add_argument("-o", "--output", nargs="+", metavar="FILE", help="also write it as .tex, .csv, .md or .html")
    parser.add_argument("--allow-incomplete", action="store_true", help="accept missing instances; the table says so")


def main(args: argparse.Namespace) -> None:
    """Print the table, and write it where that is asked for."""
    from pathlib import Path

    from colosseum.analysis.power import build
    from colosseum.analysis.results import Results
    from colosseum.analysis.table_writers import WRITERS, to_text
    from colosseum.errors import ConfigurationError, nearest
    from colosseum.utils.files import write_atomically

    for output in args.output or []:
        if Path(output).suffix not in WRITERS:
            raise ConfigurationError(f"{output}: unknown kind of table: {nearest(Path(output).suffix, WRITERS)}")
    results = Results.load(args.source, allow_incomplete=args.allow_incomplete)
    table = build(results, args.difference, args.power, args.indicator)
    for output in args.output or []:
        write_atomically(output, WRITERS[Path(output).suffix](table))
    print(to_text(table), end="")
