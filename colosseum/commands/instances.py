"""`python -m colosseum instances`: the pickled instances of an agent on a benchmark."""

import argparse

from colosseum import registry

HELP = "pickle the instances of an agent on a benchmark, each ready to be run anywhere"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.description = (
        "Write one pickle for each configuration of the agent, environment of the benchmark and seed: "
        "FOLDER/<benchmark>/<mdp_scope>-<MDP>____<agent_scope>-<Agent>/seed<k>.pkl. All that determines a log is in "
        "its pickle; the same inputs give the same bytes."
    )
    parser.add_argument("--benchmark", required=True, metavar="FOLDER", help="folder of an instantiated benchmark")
    parser.add_argument("--agent", required=True, metavar="CLASS", help="agent class, or package.module:Class")
    parser.add_argument(
        "--agent-config",
        metavar="FILE.gin",
        help="its configurations (default: <benchmark>/agents_configs/<Class>.gin)",
    )
    parser.add_argument(
        "--agent-scope",
        action="append",
        metavar="prms_<i>",
        help="only this configuration; may be repeated (default: all)",
    )
    parser.add_argument(
        "--mdp",
        action="append",
        metavar="prms_<i>-CLASS",
        help="only this environment of the benchmark, such as prms_0-TaxiEpisodic; may be repeated (default: all)",
    )
    parser.add_argument(
        "--result-folder", metavar="FOLDER", help="where logs/ is written by the runs (default: the benchmark's folder)"
    )
    parser.add_argument("-o", "--output", required=True, metavar="FOLDER", help="folder for the pickles")


def main(args: argparse.Namespace) -> None:
    """Run the command."""
    from colosseum import layout
    from colosseum.benchmark import folders
    from colosseum.benchmark.make_instances import check_agents, make_instances
    from colosseum.benchmark.utils import retrieve_benchmark
    from colosseum.experiment.experiment_instances import save_instances_to_folder
    from colosseum.gin_config import select_scopes

    agent = registry.resolve_agent_class(args.agent)
    benchmark = retrieve_benchmark(args.benchmark)
    path = args.agent_config or layout.agent_config_file(args.benchmark, agent.__name__)
    checked = check_agents({agent: folders.read_text(path)}, benchmark, {agent: path})
    scopes = select_scopes(checked[agent], args.agent_scope, path)
    instances = make_instances(benchmark, {agent: scopes}, args.result_folder or args.benchmark, args.mdp)
    save_instances_to_folder(instances, args.output, overwrite=True)
