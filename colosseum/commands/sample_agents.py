"""`python -m colosseum sample-agents`: hyperparameters of an agent as a gin file."""

import argparse
from typing import TYPE_CHECKING

from colosseum import registry
from colosseum.errors import ConfigurationError
from colosseum.layout import FIRST_SCOPE, scope_name

if TYPE_CHECKING:
    from colosseum.agent.agents.base import BaseAgent

HELP = "write sampled (or the packaged) hyperparameters of an agent to a gin file"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.description = (
        "Sample hyperparameters of an agent from its search spaces. Sample i, gin scope prms_<i>, depends on the "
        "agent, its search spaces, the seed and i alone: a larger --n adds samples and leaves the others as they are."
    )
    parser.add_argument("agent", metavar="CLASS", help="name of the agent class, or package.module:Class")
    what = parser.add_mutually_exclusive_group(required=True)
    what.add_argument("--n", type=int, metavar="N", help="number of samples")
    what.add_argument("--packaged", action="store_true", help="write the packaged hyperparameters, sample nothing")
    what.add_argument("--published", action="store_true", help="write the published hyperparameters, sample nothing")
    what.add_argument("--gin", metavar="FILE.gin", help="write the hyperparameters of a file, after checking them")
    what.add_argument(
        "--configs",
        nargs="+",
        metavar="CONFIG",
        help="write several configurations, prms_0, prms_1, ...: scope prms_0 of gin files, 'packaged', 'published'",
    )
    parser.add_argument("--seed", type=int, default=42, metavar="S", help="seed of the samples (default: %(default)s)")
    parser.add_argument(
        "--spaces",
        metavar="FILE.yaml",
        help="search spaces in place of the agent's own, by class name and hyperparameter, as in "
        "studies/search_spaces.yaml (or those of this agent as JSON); what is not there keeps its own",
    )
    parser.add_argument("-o", "--output", required=True, metavar="FILE.gin", help="file to write")


def main(args: argparse.Namespace) -> None:
    """Run the command."""
    from colosseum.agent.hyperparameters import get_default_gin_config, get_published_gin_config
    from colosseum.agent.utils import sample_agent_gin_configs_file
    from colosseum.benchmark.folders import read_text
    from colosseum.gin_config import parse_gin_text
    from colosseum.hyperopt.spaces import read_spaces_option
    from colosseum.utils.files import write_atomically

    agent = registry.resolve_agent_class(args.agent)
    if args.spaces and args.n is None:
        raise ConfigurationError("--spaces: search spaces are for sampling: give --n as well.")
    source = f"what {agent.__name__} writes for its hyperparameters"
    if args.gin is not None:
        text, source = read_text(args.gin), args.gin
    elif args.configs is not None:
        text = "".join(_of_config(agent, config, scope_name(i)) for i, config in enumerate(args.configs))
    elif args.packaged:
        text = get_default_gin_config(agent)
    elif args.published:
        text = get_published_gin_config(agent)
    else:
        check_sampling(args.n, args.seed)
        spaces = read_spaces_option(args.spaces, agent) if args.spaces else None
        text = sample_agent_gin_configs_file(agent, args.n, args.seed, spaces)
    parse_gin_text(agent, text, source)
    write_atomically(args.output, text.strip("\n") + "\n")


def _of_config(agent: "type[BaseAgent]", config: str, scope: str) -> str:
    """Gin text of one of several configurations, for its scope among them."""
    from colosseum.agent.hyperparameters import get_default_gin_config, get_published_gin_config
    from colosseum.benchmark.folders import read_text
    from colosseum.gin_config import format_scope, parse_gin_text

    made = {"packaged": get_default_gin_config, "published": get_published_gin_config}.get(config)
    scopes = parse_gin_text(agent, read_text(config) if made is None else made(agent), config)
    if FIRST_SCOPE not in scopes:
        raise ConfigurationError(f"{config}: has no scope {FIRST_SCOPE}, which is the one that is taken.")
    return format_scope(agent, scope, scopes[FIRST_SCOPE])


def check_sampling(n: int, seed: int) -> None:
    """Raise a `ConfigurationError` if a number of samples or a seed makes no sense."""
    if n < 1:
        raise ConfigurationError(f"--n {n}: there must be at least 1 sample.")
    if seed < 0:
        raise ConfigurationError(f"--seed {seed}: a seed is 0 or more.")
