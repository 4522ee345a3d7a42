"""The arguments of `table` and `plot` that choose a part of the results, name it and size it."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from colosseum.analysis.results import Results


def add_choice_arguments(parser: argparse.ArgumentParser, about_width: str) -> None:
    """Declare them."""
    parser.add_argument("--width", type=float, metavar="INCHES", help=about_width)
    parser.add_argument(
        "--fontsize", type=float, metavar="POINTS", help="size of letters, at least 7; what is small is a point smaller"
    )
    named = "by label (QLearning), class (QLearningEpisodic) or configuration (prms_0-QLearningEpisodic)"
    parser.add_argument("--agents", nargs="+", default=[], metavar="NAME", help=f"these agents alone, {named}")
    parser.add_argument("--mdps", nargs="+", default=[], metavar="NAME", help="these environments alone, likewise")
    parser.add_argument(
        "--labels",
        nargs="+",
        default=[],
        metavar="NAME=LABEL",
        help="other names for agents and environments, such as QLearning='Q-learning'",
    )


def chosen_part(
    several: Sequence[Results], args: argparse.Namespace, has_runs_of_its_own: bool = False
) -> list[Results]:
    """Return the parts of some results that the arguments ask for."""
    from colosseum.analysis.choice import choose, parse_labels
    from colosseum.errors import ConfigurationError

    if has_runs_of_its_own and args.mdps:
        raise ConfigurationError(f"--kind {args.kind} takes no --mdps: samples are compared on all environments.")
    if not (args.agents or args.mdps or args.labels):
        return list(several)
    return choose(several, args.agents, args.mdps, parse_labels(args.labels))
