"""`python -m colosseum promote`: the samples of an agent that reach the next rung."""

import argparse

from colosseum import registry
from colosseum.commands._scores import add_arguments_of_scores
from colosseum.errors import ConfigurationError

HELP = "choose the samples of an agent that reach the next rung of a hyperparameter optimisation"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.description = (
        "Score the samples of an agent that are in the last of some rungs by the logs of all of them, as `select` "
        "does, and write the best as the configurations of the next rung: its slots, gin scopes prms_0, prms_1, ... "
        "The first samples take the slots in their order, each later one takes the slot of the worst if it is better: "
        "one more sample changes one slot of the second rung at most."
    )
    parser.add_argument("benchmarks", nargs="+", metavar="FOLDER", help="folders of the rungs, the first one first")
    parser.add_argument("--agent", required=True, metavar="CLASS", help="agent class, or package.module:Class")
    parser.add_argument("--keep", type=int, required=True, metavar="N", help="how many samples go on")
    add_arguments_of_scores(parser)
    parser.add_argument("-o", "--output", required=True, metavar="FILE.gin", help="configurations of the next rung")
    parser.add_argument("--table", required=True, metavar="FILE.csv", help="score and slot of each sample")


def main(args: argparse.Namespace) -> None:
    """Run the command."""
    import numpy as np

    from colosseum.hyperopt.promotion import promote, write_promotion

    if args.keep < 1:
        raise ConfigurationError(f"--keep {args.keep}: at least 1 sample goes on.")
    agent = registry.resolve_agent_class(args.agent)
    reduce_seeds = getattr(np, args.reduce_seeds)
    promotion = promote(agent, args.benchmarks, args.keep, args.indicator, reduce_seeds, args.allow_cut)
    write_promotion(promotion, args.output, args.table)
    print(f"{agent.__name__}: {len(promotion.slots)} of {len(promotion.scores)} samples go on, now in {args.output}")
