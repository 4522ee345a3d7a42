"""`python -m colosseum select`: the best configuration of an agent."""

import argparse
from pathlib import Path

from colosseum import registry

HELP = "choose the best configuration of an agent from the logs of a hyperparameter optimisation"

REDUCTIONS = ("mean", "median", "min", "max")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.description = (
        "Score every configuration of an agent by the mean over all environments and seeds of an indicator at the last"
        " step (divided by the number of steps if it is cumulative) and write the best one, as gin scope prms_0, and a"
        " table of all scores. Regrets are minimised, rewards and steps per second maximised; of equal configurations "
        "the first is taken. A log that is missing, empty, truncated or foreign is an error."
    )
    parser.add_argument("--benchmark", required=True, metavar="FOLDER", help="folder of the benchmark, with its logs/")
    parser.add_argument("--agent", required=True, metavar="CLASS", help="agent class, or package.module:Class")
    parser.add_argument(
        "--agent-config",
        metavar="FILE.gin",
        help="its configurations (default: <benchmark>/agents_configs/<Class>.gin)",
    )
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
    parser.add_argument(
        "--allow-cut",
        action=argparse.BooleanOptionalAction,
        default=True,
        help="whether logs of agents whose time was used up count; else they are an error (default: they do)",
    )
    parser.add_argument(
        "-o", "--output", metavar="FILE.gin", help="chosen configuration (default: <benchmark>/selection/<Class>.gin)"
    )
    parser.add_argument(
        "--table",
        metavar="FILE.csv",
        help="score, standard error and number of logs of each configuration (default: beside the choice)",
    )
    parser.add_argument(
        "--ranges",
        metavar="FILE.csv",
        help="what the scores say of the range of each hyperparameter: whether the best samples lie at its end, "
        "whether it does anything, its share of the variance (default: beside the choice, <Class>_ranges.csv)",
    )
    parser.add_argument(
        "--spaces",
        metavar="FILE.yaml",
        help="search spaces that the configurations were drawn from, as for sample-agents (default: the agent's own)",
    )


def main(args: argparse.Namespace) -> None:
    """Run the command."""
    import numpy as np

    from colosseum.agent.utils import search_spaces
    from colosseum.benchmark import folders
    from colosseum.hyperopt.ranges import ranges_of, ranges_table, selection_warnings
    from colosseum.hyperopt.selection import default_paths, select_best_configuration, write_selection
    from colosseum.hyperopt.spaces import read_spaces_option
    from colosseum.utils.files import write_atomically

    agent = registry.resolve_agent_class(args.agent)
    text = folders.read_text(args.agent_config) if args.agent_config else None
    reduce_seeds = getattr(np, args.reduce_seeds)
    selection = select_best_configuration(agent, args.benchmark, args.indicator, reduce_seeds, text, args.allow_cut)
    output = Path(args.output) if args.output else default_paths(args.benchmark, agent)[0]
    write_selection(selection, output, args.table or output.with_suffix(".csv"))
    spaces = search_spaces(agent, read_spaces_option(args.spaces, agent) if args.spaces else None)
    ranges = ranges_of(selection, spaces)
    write_atomically(args.ranges or output.with_name(f"{output.stem}_ranges.csv"), ranges_table(ranges))
    for line in selection_warnings(selection, ranges):
        print(f"warning: {line}")
    best = selection.best
    print(
        f"{agent.__name__}: {best.scope} of {len(selection.scores)} configurations, {selection.indicator} "
        f"{best.score:.6g} (standard error {best.standard_error:.2g}, {best.n_logs} logs"
        f"{f', {best.n_cut} of them cut by the time limit' if best.n_cut else ''}), now in {output}"
    )
