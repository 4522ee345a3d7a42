"""User-defined benchmarks, in the three ways of the published tutorial: sampled, borrowed, from environments."""

from dataclasses import replace

import numpy as np
import pytest

from colosseum.agent.agents.random import RandomAgentEpisodic
from colosseum.agent.utils import sample_agent_gin_configs_file
from colosseum.benchmark import ColosseumDefaultBenchmark
from colosseum.benchmark.benchmark import ColosseumBenchmark
from colosseum.benchmark.run import instantiate_and_get_exp_instances_from_agents_and_benchmarks
from colosseum.benchmark.utils import get_mdps_configs_from_mdps, retrieve_benchmark
from colosseum.experiment import ExperimentConfig
from colosseum.experiment.experiment_instances import run_experiment_instances
from colosseum.logs.read import check_log
from colosseum.mdp.custom_mdp import CustomEpisodic
from colosseum.mdp.deep_sea import DeepSeaEpisodic
from colosseum.mdp.frozen_lake import FrozenLakeEpisodic
from colosseum.utils.miscellanea import get_colosseum_mdp_classes, sample_mdp_gin_configs_file

SETTINGS = ExperimentConfig(n_seeds=1, n_steps=600, max_interaction_time_s=30, log_every=200)


def sampled():
    configs = {cls: sample_mdp_gin_configs_file(cls, n=1, seed=42) for cls in get_colosseum_mdp_classes(episodic=True)}
    return ColosseumBenchmark(name="sampled", mdps_gin_configs=configs, experiment_config=SETTINGS)


def borrowed():
    configs = ColosseumDefaultBenchmark.EPISODIC_QUICK_TEST.get_benchmark().mdps_gin_configs
    return ColosseumBenchmark("borrowed", configs, SETTINGS)


def from_environments():
    mdps = [
        DeepSeaEpisodic(seed=4, size=6, p_rand=0.4),
        FrozenLakeEpisodic(seed=4, size=4, p_frozen=0.8),
        DeepSeaEpisodic(seed=4, size=5),
    ]
    return ColosseumBenchmark("from_environments", get_mdps_configs_from_mdps(mdps), SETTINGS)


@pytest.mark.parametrize(("make", "n_environments"), [(sampled, 7), (borrowed, 7), (from_environments, 3)])
def test_a_user_defined_benchmark_is_run(tmp_path, make, n_environments):
    benchmark = make()
    agents = {RandomAgentEpisodic: sample_agent_gin_configs_file(RandomAgentEpisodic, n=1, seed=42)}
    instances = instantiate_and_get_exp_instances_from_agents_and_benchmarks(
        [(agents, benchmark)], experiment_folder=tmp_path
    )
    assert len(instances) == n_environments
    run_experiment_instances(instances)
    for instance in instances:
        check_log(instance.log_path, 600)
    assert retrieve_benchmark(tmp_path / benchmark.name) == benchmark


def test_environments_from_user_defined_arrays_are_kept_in_folders_too(tmp_path):
    two_states = CustomEpisodic(
        seed=0,
        T=np.array([[[0.5, 0.5], [1.0, 0.0]], [[0.0, 1.0], [0.25, 0.75]]]),
        R=np.array([[0.0, 0.5], [1.0, 0.25]]),
        starting_state_distribution=np.array([1.0, 0.0]),
        H=3,
    )
    benchmark = ColosseumBenchmark("arrays", get_mdps_configs_from_mdps([two_states]), SETTINGS)
    instances = instantiate_and_get_exp_instances_from_agents_and_benchmarks(
        [({RandomAgentEpisodic: None}, benchmark)], experiment_folder=tmp_path
    )
    assert retrieve_benchmark(tmp_path / "arrays") == benchmark
    run_experiment_instances(instances)
    check_log(instances[0].log_path, 600)


def test_settings_of_a_benchmark_can_be_changed():
    benchmark = borrowed()
    benchmark.experiment_config = replace(SETTINGS, n_seeds=4)
    assert benchmark != borrowed()
