"""`python -m colosseum sample-mdps`: parameters of an environment class as a gin file."""

import argparse

from colosseum import registry
from colosseum.errors import ConfigurationError

HELP = "write sampled parameters of an environment class to a gin file"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.description = (
        "Sample parameters of an environment class, as for hyperparameter optimisation. Sample i, gin scope prms_<i>, "
        "depends on the class, the seed and i alone: a larger --n adds samples and leaves the others as they are."
    )
    parser.add_argument("mdp", metavar="CLASS", help="name of the environment class, or package.module:Class")
    parser.add_argument("--n", type=int, required=True, metavar="N", help="number of samples")
    parser.add_argument("--first", type=int, default=0, metavar="I", help="leave out samples 0 to I - 1 (default: 0)")
    parser.add_argument("--seed", type=int, default=42, metavar="S", help="seed of the samples (default: %(default)s)")
    parser.add_argument("-o", "--output", required=True, metavar="FILE.gin", help="file to write")


def main(args: argparse.Namespace) -> None:
    """Run the command."""
    from colosseum.commands.sample_agents import check_sampling
    from colosseum.gin_config import parse_gin_text
    from colosseum.utils.files import write_atomically
    from colosseum.utils.miscellanea import sample_mdp_gin_configs

    mdp = registry.resolve_mdp_class(args.mdp)
    check_sampling(args.n, args.seed)
    if not 0 <= args.first < args.n:
        raise ConfigurationError(f"--first {args.first}: it must be at least 0 and less than --n {args.n}.")
    text = "\n".join(sample_mdp_gin_configs(mdp, args.n, args.seed)[args.first :])
    parse_gin_text(mdp, text, f"what {mdp.__name__} writes for its parameters")
    write_atomically(args.output, text.strip("\n") + "\n")
