"""The agent of examples/ goes the whole path: registered, optimised, selected, benchmarked beside a packaged one."""

from dataclasses import replace
from pathlib import Path

import pytest

from colosseum import config
from colosseum.agent.agents.episodic import QLearningEpisodic
from colosseum.benchmark import ColosseumDefaultBenchmark
from colosseum.benchmark.run import (
    instantiate_and_get_exp_instances_from_agents_and_benchmarks,
    instantiate_and_get_exp_instances_from_agents_and_benchmarks_for_hyperopt,
)
from colosseum.experiment import ExperimentConfig
from colosseum.experiment.experiment_instances import (
    run_experiment_instance,
    run_experiment_instances,
    save_instances_to_folder,
)
from colosseum.hyperopt import SMALL_HYPEROPT_CONF
from colosseum.hyperopt.selection import retrieve_best_agent_config_from_hp_folder
from colosseum.hyperopt.utils import sample_agent_configs_and_benchmarks_for_hyperopt
from colosseum.logs.columns import COLUMNS, TIME_COLUMNS
from colosseum.logs.read import check_log, read_log
from colosseum.mdp.river_swim import RiverSwimEpisodic
from colosseum.mdp.simple_grid import SimpleGridEpisodic

EXAMPLES = Path(__file__).parents[2] / "examples"


@pytest.fixture
def my_agent(own_folder, monkeypatch):
    monkeypatch.syspath_prepend(EXAMPLES)
    config.set_experiments_folder("tutorial", "own_agent")
    config.set_hyperopt_folder("tutorial", "own_agent")
    return config.register_from_path("my_lab.sarsa:Sarsa")


def test_an_agent_that_is_user_defined_from_hyperparameters_to_benchmark(my_agent):
    small = replace(
        SMALL_HYPEROPT_CONF, n_steps=1_000, log_every=500, mdp_classes=[RiverSwimEpisodic, SimpleGridEpisodic]
    )
    sampled = sample_agent_configs_and_benchmarks_for_hyperopt([my_agent], small)
    instances = instantiate_and_get_exp_instances_from_agents_and_benchmarks_for_hyperopt(sampled)
    assert len(instances) == 2 * 2 * 2
    run_experiment_instances(instances)
    agents = retrieve_best_agent_config_from_hp_folder()
    assert list(agents) == [my_agent]
    assert agents[my_agent].splitlines()[0].startswith("prms_0/Sarsa.epsilon = 0.0")

    agents[QLearningEpisodic] = None
    settings = ExperimentConfig(n_seeds=1, n_steps=2_000, max_interaction_time_s=30, log_every=500)
    benchmark = ColosseumDefaultBenchmark.EPISODIC_QUICK_TEST.get_benchmark(experiment_config=settings)
    instances = instantiate_and_get_exp_instances_from_agents_and_benchmarks([(agents, benchmark)])
    assert len(instances) == 2 * 7
    run_experiment_instances(instances)
    logs = list(Path(benchmark.get_experiments_benchmark_log_folder(), "logs").rglob("*.csv"))
    assert len(logs) == 14
    regrets = [float(check_log(log, 2_000)["normalized_cumulative_regret"]) for log in logs]
    assert all(0 <= regret <= 2_000 for regret in regrets)


def test_an_agent_that_is_user_defined_in_a_process_of_its_own(my_agent, own_folder, colosseum_command):
    """The same pickle, run by a command line that is told where the class is, gives the same log."""
    settings = ExperimentConfig(n_seeds=1, n_steps=600, max_interaction_time_s=30, log_every=200)
    benchmark = ColosseumDefaultBenchmark.EPISODIC_QUICK_TEST.get_benchmark(experiment_config=settings)
    text = "prms_0/Sarsa.learning_rate = 0.2\nprms_0/Sarsa.epsilon = 0.1\n"
    instances = instantiate_and_get_exp_instances_from_agents_and_benchmarks([({my_agent: text}, benchmark)])
    instance = next(i for i in instances if i.mdp_class is RiverSwimEpisodic)
    [path] = save_instances_to_folder([instance], "pickles")
    here = read_log(run_experiment_instance(path))

    command = ["run", path, "--log", "other.csv"]
    refused = colosseum_command(command, own_folder)
    assert refused.returncode == 2
    assert "--register my_lab.sarsa:Sarsa" in refused.stderr
    done = colosseum_command([*command, "--register", "my_lab.sarsa:Sarsa"], own_folder, EXAMPLES)
    assert done.returncode == 0, done.stderr
    there = read_log("other.csv")
    for column in set(COLUMNS) - set(TIME_COLUMNS):
        assert (here[column] == there[column]).all(), column
