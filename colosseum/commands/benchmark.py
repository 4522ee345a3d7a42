"""`python -m colosseum benchmark`: a benchmark's folder."""

import argparse

HELP = "write a benchmark's environments and experiment settings into a folder"

_SETTINGS = {
    "n_seeds": "n_seeds",
    "n_steps": "n_steps",
    "log_every": "log_performance_indicators_every",
    "max_time": "max_interaction_time_s",
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
        "mdp_configs/<Class>.gin and, unless all four settings are given here, experiment_config.yml",
    )
    parser.add_argument("-o", "--output", required=True, metavar="FOLDER", help="folder to write; may be the source")
    settings = parser.add_argument_group("settings that take the place of the source's")
    settings.add_argument("--n-seeds", type=int, metavar="N", help="repetitions of each interaction: seeds 0 to N - 1")
    settings.add_argument("--n-steps", type=int, metavar="N", help="steps of each interaction")
    settings.add_argument("--log-every", type=int, metavar="N", help="steps between evaluations of the agent")
    settings.add_argument("--max-time", type=float, metavar="SECONDS", help="time that an agent may train for")
    parser.add_argument(
        "--force",
        action="store_true",
        help="replace another benchmark in the folder: its configurations only, its logs stay",
    )


def main(args: argparse.Namespace) -> None:
    """Run the command."""
    import os
    from dataclasses import replace
    from pathlib import Path

    from colosseum.benchmark import ColosseumBenchmark, ColosseumDefaultBenchmark, folders
    from colosseum.benchmark.utils import instantiate_benchmark_folder
    from colosseum.errors import ConfigurationError
    from colosseum.experiment import ExperimentConfig

    given = {field: value for arg, field in _SETTINGS.items() if (value := getattr(args, arg)) is not None}
    if os.path.isdir(args.source):
        source = Path(args.source)
    elif os.sep in args.source or args.source.startswith("."):
        raise ConfigurationError(f"{args.source}: there is no such folder.")
    else:
        source = ColosseumDefaultBenchmark.from_name(args.source).folder
    if len(given) == len(_SETTINGS):
        settings = ExperimentConfig(**given)
    else:
        settings = replace(folders.read_experiment_config(source), **given)
    output = Path(args.output)
    name = Path(os.path.abspath(output)).name
    benchmark = ColosseumBenchmark(name, folders.read_mdp_configs(source), settings)
    if args.force or output.resolve() == source.resolve():
        wanted = {cls.__name__ for cls in benchmark.mdps_gin_configs}
        for path in (output / folders.MDP_CONFIGS).glob("*.gin"):
            if path.stem not in wanted:
                path.unlink()
        benchmark.instantiate(output)
    else:
        instantiate_benchmark_folder(benchmark, output)
