"""`python -m colosseum plot`."""

import argparse

from colosseum.commands._choice import add_choice_arguments
from colosseum.commands._scores import REDUCTIONS

HELP = "draw a plot of a benchmark's results as SVG, PNG or PDF"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    from colosseum.analysis.registry import available_kinds

    kinds = available_kinds("plot")
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.epilog = "kinds:\n" + "\n".join(f"  {name:<20} {about}" for name, about in kinds.items())
    parser.add_argument("source", metavar="FOLDER", help="a benchmark's folder, or a summary.csv or its folder")
    parser.add_argument("--kind", default="regret_curves", metavar="KIND", help="see below (default: regret_curves)")
    parser.add_argument("--indicator", metavar="NAME", help="what to show (default: that of the kind)")
    parser.add_argument(
        "--reduce-seeds",
        choices=REDUCTIONS,
        help="how the seeds of an environment become one number, as in select; for --kind hyperparameters (mean)",
    )
    add_choice_arguments(parser, "width of the picture: 3.25 and 6.75 are those of pages in two columns, 5.5 in one")
    parser.add_argument(
        "--curves", metavar="CURVES.csv", help="curves of a summary.csv (default: curves.csv beside it)"
    )
    parser.add_argument(
        "--hardness",
        metavar="HARDNESS.csv",
        help="diameters and value norms (default: hardness.csv in the folder, else they are computed)",
    )
    parser.add_argument(
        "-o", "--output", required=True, nargs="+", metavar="FILE", help="one or several of .svg, .png and .pdf"
    )
    parser.add_argument("--allow-incomplete", action="store_true", help="accept missing instances; the plot says so")


def main(args: argparse.Namespace) -> None:
    """Draw and save the plot."""
    from pathlib import Path

    from colosseum.analysis.paper import Paper
    from colosseum.analysis.registry import load_kind
    from colosseum.analysis.results import Results
    from colosseum.analysis.style import SUFFIXES, save_figure
    from colosseum.commands._choice import chosen_part
    from colosseum.errors import ConfigurationError, nearest
    from colosseum.study.products import FROM_ALL_RUNS

    kind = load_kind("plot", args.kind)
    for output in args.output:
        if Path(output).suffix not in SUFFIXES:
            raise ConfigurationError(f"{output}: unknown kind of picture: {nearest(Path(output).suffix, SUFFIXES)}")
    if args.reduce_seeds and not getattr(kind, "TAKES_REDUCTION", False):
        raise ConfigurationError(f"--kind {args.kind} takes no --reduce-seeds: it shows all seeds.")
    paper = Paper(args.width, args.fontsize)
    results = Results.load(args.source, args.curves, args.hardness, args.allow_incomplete)
    (results,) = chosen_part([results], args, has_runs_of_its_own=args.kind in FROM_ALL_RUNS)
    given = {"indicator": args.indicator, "reduce_seeds": args.reduce_seeds, "paper": paper}
    figure = kind.draw(results, **{name: value for name, value in given.items() if value})
    for output in args.output:
        save_figure(figure, output)
