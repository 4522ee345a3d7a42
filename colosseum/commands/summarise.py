"""`python -m colosseum summarise`."""

import argparse
import sys

HELP = "gather a benchmark's logs in one table of instances and one of sampled curves"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument(
        "folder", metavar="BENCHMARK_FOLDER", help="a folder with mdp_configs/, agents_configs/ and logs/"
    )
    parser.add_argument("-o", "--output", required=True, metavar="SUMMARY.csv", help="a row an instance")
    parser.add_argument(
        "--curves", metavar="CURVES.csv", help="sampled log points of each instance (default: not written)"
    )
    parser.add_argument("--points", type=int, default=50, metavar="N", help="log points of each instance (default: 50)")
    parser.add_argument(
        "--allow-incomplete",
        action="store_true",
        help="accept missing and failed instances; every output then says so (default: an error that lists them)",
    )
    parser.add_argument(
        "--agents",
        nargs="+",
        default=[],
        metavar="CLASS",
        help="agents that the benchmark is to have, in their order: one without a configuration there is missing",
    )
    parser.add_argument(
        "--label",
        nargs=2,
        action="append",
        default=[],
        metavar=("SCOPE-CLASS", "TEXT"),
        help="what tables and plots call a configuration of an agent, such as prms_1-UCRL2Continuous; may be repeated",
    )


def main(args: argparse.Namespace) -> None:
    """Write the tables."""
    from colosseum.analysis.summary import summarise
    from colosseum.errors import ConfigurationError
    from colosseum.utils.files import write_atomically

    if args.points < 2:
        raise ConfigurationError(f"--points is {args.points}; at least 2 are needed.")
    summary = summarise(args.folder, args.points, args.allow_incomplete, args.agents, dict(args.label))
    if summary.strangers:
        print(
            f"{args.folder}: {len(summary.strangers)} logs are not part of the benchmark's configuration and were left "
            f"out, {summary.strangers[0]} for one.",
            file=sys.stderr,
        )
    write_atomically(args.output, summary.instances)
    if args.curves:
        write_atomically(args.curves, summary.curves)
    print(f"{args.output}: {summary.n_complete} of {summary.n_instances} instances complete.")
