"""`python -m colosseum benchmark`: a benchmark's folder."""

import argparse
import os
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from colosseum.errors import ConfigurationError, nearest

if TYPE_CHECKING:
    from colosseum.experiment import ExperimentConfig

HELP = "write a benchmark's environments and experiment settings into a folder"

_SETTINGS = {
    "n_seeds": "n_seeds",
    "first_seed": "first_seed",
    "n_steps": "n_steps",
    "log_every": "log_every",
    "max_time": "max_interaction_time_s",
    "stop_when_optimal": "stop_when_optimal",
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.description = (
        "Write mdp_configs/<Class>.gin and experiment_config.yml of a benchmark into a folder, after checking them. "
        "The name of the folder becomes that of the benchmark. A folder that holds this very benchmark is left as it "
        "is; one that holds another is an error."
    )
    parser.add_argument(
        "source",
        metavar="NAME_OR_FOLDER",
        help="a default benchmark (continuous_ergodic, continuous_communicating, episodic_ergodic, "
        "episodic_communicating, continuous_quick_test, episodic_quick_test), or a folder with "
        "mdp_configs/<Class>.gin and, unless its four numbers are given here, experiment_config.yml",
    )
    parser.add_argument("-o", "--output", required=True, metavar="FOLDER", help="folder to write; may be the source")
    parser.add_argument(
        "--mdp",
        action="append",
        metavar="CLASS",
        help="only this environment class of the source; may be repeated (default: all)",
    )
    settings = parser.add_argument_group("settings that take the place of the source's")
    settings.add_argument("--n-seeds", type=int, metavar="N", help="repetitions of each interaction")
    settings.add_argument("--first-seed", type=int, metavar="K", help="the seeds are K to K + N - 1")
    settings.add_argument("--n-steps", type=int, metavar="N", help="steps of each interaction")
    settings.add_argument("--log-every", type=int, metavar="N", help="steps between evaluations of the agent")
    settings.add_argument("--max-time", type=float, metavar="SECONDS", help="time that an agent may train for")
    settings.add_argument(
        "--stop-when-optimal",
        action=argparse.BooleanOptionalAction,
        help="whether training also stops when the policy has been optimal for a while, as in the published package",
    )
    parser.add_argument(
        "--force",
        action="store_true",
        help="replace another benchmark in the folder: its configurations only, its logs stay",
    )


def main(args: argparse.Namespace) -> None:
    """Run the command."""
    from colosseum import layout
    from colosseum.benchmark import ColosseumBenchmark
    from colosseum.benchmark.utils import instantiate_benchmark_folder

    source, output = _find(args.source), Path(args.output)
    name = Path(os.path.abspath(output)).name
    benchmark = ColosseumBenchmark(name, _environments(source, args.mdp), _settings(source, args))
    if args.force or output.resolve() == source.resolve():
        wanted = {f"{cls.__name__}.gin" for cls in benchmark.mdps_gin_configs}
        for path in (output / layout.MDP_CONFIGS).glob("*.gin"):
            if path.name not in wanted:
                path.unlink()
        benchmark.instantiate(output)
    else:
        instantiate_benchmark_folder(benchmark, output)


def _find(source: str) -> Path:
    from colosseum.benchmark import ColosseumDefaultBenchmark

    if os.path.isdir(source):
        return Path(source)
    if os.sep in source or source.startswith("."):
        raise ConfigurationError(f"{source}: there is no such folder.")
    return ColosseumDefaultBenchmark.from_name(source).folder


def _environments(source: Path, chosen: list[str] | None) -> dict[type, str]:
    from colosseum.benchmark import folders

    configs = {cls.__name__: (cls, text) for cls, text in folders.read_mdp_configs(source).items()}
    wanted = configs.keys() if chosen is None else {path.rpartition(":")[2] for path in chosen}
    for name in sorted(wanted - configs.keys()):
        raise ConfigurationError(f"{source}: there is no {name!r}; {nearest(name, configs)}")
    return {cls: text for name, (cls, text) in configs.items() if name in wanted}


def _settings(source: Path, args: argparse.Namespace) -> "ExperimentConfig":
    from colosseum import layout
    from colosseum.benchmark import folders
    from colosseum.experiment import ExperimentConfig
    from colosseum.experiment.config import OPTIONAL, REQUIRED

    given = {field: value for arg, field in _SETTINGS.items() if (value := getattr(args, arg)) is not None}
    complete = given.keys() >= set(REQUIRED)
    if complete and (given.keys() >= set(OPTIONAL) or not os.path.exists(layout.experiment_config_file(source))):
        return ExperimentConfig(**given)
    return replace(folders.read_experiment_config(source), **given)
