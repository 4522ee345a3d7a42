"""`python -m colosseum select`: the best configuration of an agent."""

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from colosseum import registry
from colosseum.commands._scores import add_arguments_of_scores
from colosseum.errors import ConfigurationError, LogError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from colosseum.agent.agents.base import BaseAgent
    from colosseum.hyperopt.selection import Score

HELP = "choose the best configuration of an agent from the logs of a hyperparameter optimisation"


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
    add_arguments_of_scores(parser)
    parser.add_argument(
        "--rung",
        action="append",
        default=[],
        metavar="FOLDER",
        help="a later rung, whose samples `promote` chose; may be repeated, from the second rung to the last",
    )
    parser.add_argument(
        "--confirm",
        metavar="FOLDER",
        help="the runs that confirm the first samples: the best is chosen by them alone",
    )
    parser.add_argument(
        "--confirm-table",
        metavar="FILE.csv",
        help="scores when chosen and when confirmed (default: <confirm>/selection/<Class>.csv)",
    )
    parser.add_argument(
        "--failed",
        choices=("refuse", "worst"),
        default="refuse",
        help="whether runs that failed (`run --failed worst`) count as the worst policy; else they are an error "
        "(default: %(default)s)",
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
    from colosseum.hyperopt.promotion import select_after_rungs
    from colosseum.hyperopt.ranges import ranges_of, ranges_table, selection_warnings
    from colosseum.hyperopt.selection import default_paths, select_best_configuration, write_selection
    from colosseum.hyperopt.spaces import read_spaces_option
    from colosseum.utils.files import write_atomically

    agent = registry.resolve_agent_class(args.agent)
    text = folders.read_text(args.agent_config) if args.agent_config else None
    reduce_seeds = getattr(np, args.reduce_seeds)
    if args.rung or args.confirm:
        if text is not None:
            raise ConfigurationError("--agent-config: a rung or a confirmation is of the configurations in its folder.")
        judged_by = (args.indicator, reduce_seeds, args.allow_cut)
        winner = _confirm(agent, args, judged_by) if args.confirm else None
        selection = select_after_rungs(agent, [args.benchmark, *args.rung], *judged_by, winner)
    else:
        selection = select_best_configuration(agent, args.benchmark, args.indicator, reduce_seeds, text, args.allow_cut)
    _check_failed(args.benchmark, selection.scores, args.failed)
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


def _check_failed(benchmark: str, scores: "Iterable[Score]", failed: str) -> None:
    """Refuse runs that failed, unless the worst policy may stand in for them."""
    scopes = [one.scope for one in scores if one.n_failed]
    if scopes and failed == "refuse":
        raise LogError(
            f"{benchmark}: runs of {', '.join(scopes)} failed, and the worst policy stands in for them; run their "
            "instances again, or let them count so (--failed worst; in a study, selection.failed: worst)."
        )


def _confirm(agent: "type[BaseAgent]", args: argparse.Namespace, judged_by: tuple) -> str:
    """Write the table of the confirmation, tell its outcome, and return the sample that won."""
    from colosseum.hyperopt.confirmation import confirm, write_confirmation
    from colosseum.hyperopt.selection import default_paths

    confirmation = confirm(agent, args.confirm, *judged_by)
    _check_failed(args.confirm, [one.score for one in confirmation.samples], args.failed)
    write_confirmation(confirmation, args.confirm_table or default_paths(args.confirm, agent)[1])
    one = confirmation.winner
    print(
        f"{agent.__name__}: of {len(confirmation.samples)} on fresh seeds {one.score.scope} is the best, "
        f"{one.score.score:.6g} (standard error {one.standard_error:.2g}); {one.score_when_chosen:.6g} when chosen"
    )
    return one.score.scope
