"""`python -m colosseum table`."""

import argparse

from colosseum.commands._choice import add_choice_arguments

HELP = "write a table of a benchmark's results as LaTeX, CSV, Markdown or HTML"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    from colosseum.analysis.registry import available_kinds

    kinds = available_kinds("table")
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.epilog = "kinds:\n" + "\n".join(f"  {name:<14} {about}" for name, about in kinds.items())
    parser.add_argument(
        "source",
        nargs="+",
        metavar="FOLDER",
        help="a benchmark's folder, or a summary.csv or its folder; several for --kind overview and two_regrets",
    )
    parser.add_argument("--kind", default="average", metavar="KIND", help="see below (default: average)")
    parser.add_argument("--indicator", nargs="+", metavar="NAME", help="indicators (default: those of the kind)")
    add_choice_arguments(parser, "width of a LaTeX table, whose columns are laid in blocks where they do not fit")
    parser.add_argument(
        "-o", "--output", required=True, nargs="+", metavar="FILE", help="one or several of .tex, .csv, .md and .html"
    )
    parser.add_argument("--allow-incomplete", action="store_true", help="accept missing instances; the table says so")


def main(args: argparse.Namespace) -> None:
    """Write the table."""
    from pathlib import Path

    from colosseum.analysis.paper import Paper
    from colosseum.analysis.registry import load_kind
    from colosseum.analysis.results import Results
    from colosseum.analysis.table_writers import WRITERS, to_latex
    from colosseum.commands._choice import chosen_part
    from colosseum.errors import ConfigurationError, nearest
    from colosseum.study.products import FROM_ALL_RUNS
    from colosseum.utils.files import write_atomically

    kind = load_kind("table", args.kind)
    writers = getattr(kind, "WRITERS", WRITERS)
    for output in args.output:
        if Path(output).suffix not in writers:
            suffix = Path(output).suffix
            raise ConfigurationError(
                f"{output}: {args.kind} cannot be written as {suffix!r}: {nearest(suffix, writers)}"
            )
    has_size = args.width is not None or args.fontsize is not None
    if has_size and not any(Path(output).suffix == ".tex" for output in args.output):
        raise ConfigurationError(f"--width and --fontsize are of LaTeX tables: {', '.join(args.output)} has none.")
    paper = Paper(args.width, args.fontsize)
    results = [Results.load(source, allow_incomplete=args.allow_incomplete) for source in args.source]
    results = chosen_part(results, args, has_runs_of_its_own=args.kind in FROM_ALL_RUNS)
    if getattr(kind, "TAKES_SEVERAL", False):
        table = kind.build(results, *([args.indicator] if args.indicator else []))
    elif len(results) > 1:
        raise ConfigurationError(f"--kind {args.kind} takes one folder, and {len(results)} are given.")
    else:
        table = kind.build(results[0], *([args.indicator] if args.indicator else []))
    for output in args.output:
        suffix = Path(output).suffix
        text = to_latex(table, paper) if has_size and suffix == ".tex" else writers[suffix](table)
        write_atomically(output, text)
