"""From agents and benchmarks to instances."""

import os
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest

from colosseum import settings
from colosseum.agent.agents.episodic import QLearningEpisodic
from colosseum.agent.agents.infinite_horizon import QLearningContinuous
from colosseum.agent.agents.random import RandomAgentEpisodic
from colosseum.benchmark import ColosseumBenchmark
from colosseum.benchmark.run import (
    instantiate_and_get_exp_instances_from_agents_and_benchmarks,
    instantiate_and_get_exp_instances_from_agents_and_benchmarks_for_hyperopt,
)
from colosseum.errors import ConfigurationError
from colosseum.experiment import ExperimentConfig
from colosseum.experiment.experiment_instances import save_instances_to_folder
from colosseum.mdp.deep_sea import DeepSeaEpisodic
from colosseum.mdp.river_swim import RiverSwimEpisodic

SETTINGS = ExperimentConfig(n_seeds=2, n_steps=300, max_interaction_time_s=30, log_every=100)
SWIMS = "prms_0/RiverSwimEpisodic.size = 5\nprms_1/RiverSwimEpisodic.size = 6\n"
SEAS = "prms_0/DeepSeaEpisodic.size = 4\n"
AGENT = "prms_0/QLearningEpisodic.p = 0.05\nprms_0/QLearningEpisodic.c_1 = 0.5\n"
AGENTS = AGENT + AGENT.replace("prms_0", "prms_3").replace("0.5", "0.7")


def benchmark(name="mine", settings=SETTINGS):
    return ColosseumBenchmark(name, {RiverSwimEpisodic: SWIMS, DeepSeaEpisodic: SEAS}, settings)


@pytest.fixture(autouse=True)
def _in_a_folder_of_its_own(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with settings.temporary_settings():
        settings.set_experiments_folder("experiments", "tests")
        settings.set_hyperopt_folder("experiments", "tests")
        yield


def test_one_instance_for_each_configuration_environment_and_seed():
    pairs = [({QLearningEpisodic: AGENTS, RandomAgentEpisodic: None}, benchmark())]
    instances = instantiate_and_get_exp_instances_from_agents_and_benchmarks(pairs)
    assert len(instances) == 3 * 3 * 2
    assert Counter((i.agent_class.__name__, i.agent_scope) for i in instances) == {
        ("QLearningEpisodic", "prms_0"): 6,
        ("QLearningEpisodic", "prms_3"): 6,
        ("RandomAgentEpisodic", "prms_0"): 6,
    }
    assert {(i.mdp_class, i.mdp_scope, i.seed) for i in instances} == {
        (cls, scope, seed)
        for cls, scope in ((RiverSwimEpisodic, "prms_0"), (RiverSwimEpisodic, "prms_1"), (DeepSeaEpisodic, "prms_0"))
        for seed in (0, 1)
    }
    folder = os.path.join("experiments", "benchmarking", "tests", "mine")
    assert {i.result_folder for i in instances} == {folder.replace(os.sep, "/")}
    assert sorted(os.listdir(folder)) == ["agents_configs", "experiment_config.yml", "mdp_configs"]
    assert os.listdir(os.path.join(folder, "agents_configs")).count("QLearningEpisodic.gin") == 1
    third = next(i for i in instances if i.agent_scope == "prms_3" and i.mdp_scope == "prms_1")
    assert third.agents_gin_config == "prms_3/QLearningEpisodic.c_1 = 0.7\nprms_3/QLearningEpisodic.p = 0.05\n"
    assert third.mdps_gin_config == "prms_1/RiverSwimEpisodic.size = 6\n"


def test_the_same_pairs_give_the_same_bytes_however_they_are_written():
    pair = ({QLearningEpisodic: AGENTS}, benchmark())
    first = instantiate_and_get_exp_instances_from_agents_and_benchmarks([pair])
    other_text = "# the same\n" + "\n".join(reversed(AGENTS.splitlines()))
    second = instantiate_and_get_exp_instances_from_agents_and_benchmarks(
        [({QLearningEpisodic: other_text}, benchmark())]
    )
    paths = save_instances_to_folder(first, "first"), save_instances_to_folder(second, "second")
    assert [os.path.relpath(p, "first") for p in paths[0]] == [os.path.relpath(p, "second") for p in paths[1]]
    for one, other in zip(*paths, strict=True):
        assert open(one, "rb").read() == open(other, "rb").read()
    assert first == second


def test_hyperopt_has_a_folder_of_its_own():
    pairs = [({QLearningEpisodic: AGENT}, benchmark())]
    instances = instantiate_and_get_exp_instances_from_agents_and_benchmarks_for_hyperopt(pairs, overwrite=True)
    assert {i.result_folder for i in instances} == {"experiments/hyperopt/tests/mine"}
    instances = instantiate_and_get_exp_instances_from_agents_and_benchmarks(pairs, False, "elsewhere")
    assert {i.result_folder for i in instances} == {"elsewhere/mine"}


def test_settings_of_the_wrong_kind_are_refused_before_anything_is_written():
    wrong = [
        ({QLearningEpisodic: AGENT}, benchmark("first")),
        ({QLearningContinuous: None}, benchmark("second")),
    ]
    with pytest.raises(ConfigurationError, match="QLearningContinuous on benchmark 'second': mixes episodic"):
        instantiate_and_get_exp_instances_from_agents_and_benchmarks(wrong)
    wrong[1] = ({QLearningEpisodic: AGENT.replace("c_1", "c1")}, benchmark("second"))
    with pytest.raises(ConfigurationError, match="QLearningEpisodic, line 2: .*did you mean 'c_1'"):
        instantiate_and_get_exp_instances_from_agents_and_benchmarks(wrong)
    wrong[1] = ({QLearningEpisodic: AGENT.replace("0.05", "5.0")}, benchmark("second"))
    with pytest.raises(ConfigurationError, match=r"QLearningEpisodic, prms_0: QLearningEpisodic.p = 5.0: .* in \(0, 1"):
        instantiate_and_get_exp_instances_from_agents_and_benchmarks(wrong)
    wrong[1] = ({RiverSwimEpisodic: SWIMS}, benchmark("second"))
    with pytest.raises(ConfigurationError, match="RiverSwimEpisodic is not an agent class"):
        instantiate_and_get_exp_instances_from_agents_and_benchmarks(wrong)
    assert [path for path in Path("experiments").rglob("*") if path.is_file()] == []


def test_agents_can_join_a_benchmark_later():
    run = instantiate_and_get_exp_instances_from_agents_and_benchmarks
    run([({QLearningEpisodic: AGENT}, benchmark())])
    joined = run([({RandomAgentEpisodic: None}, benchmark())])
    assert {i.agent_class for i in joined} == {RandomAgentEpisodic}


def test_overwriting_removes_the_old_benchmark_and_its_logs_but_nothing_foreign():
    run = instantiate_and_get_exp_instances_from_agents_and_benchmarks
    more_seeds = benchmark(settings=replace(SETTINGS, n_seeds=3))
    folder = benchmark().get_experiments_benchmark_log_folder()
    run([({QLearningEpisodic: AGENT}, benchmark())])
    os.makedirs(os.path.join(folder, "logs", "old"))
    with pytest.raises(ConfigurationError, match="n_seeds is 2 there and 3 here"):
        run([({QLearningEpisodic: AGENT}, more_seeds)])
    assert len(run([({QLearningEpisodic: AGENT}, more_seeds)], overwrite_previous_experiment=True)) == 9
    assert not os.path.exists(os.path.join(folder, "logs"))
    open(os.path.join(folder, "thesis.tex"), "w").close()
    with pytest.raises(ConfigurationError, match="not overwritten, because it holds what no benchmark has: thesis.tex"):
        run([({QLearningEpisodic: AGENT}, benchmark())], overwrite_previous_experiment=True)
    assert os.path.exists(os.path.join(folder, "thesis.tex"))


def test_two_pairs_of_one_benchmark_overwrite_it_once():
    pairs = [({QLearningEpisodic: AGENT}, benchmark()), ({RandomAgentEpisodic: None}, benchmark())]
    instances = instantiate_and_get_exp_instances_from_agents_and_benchmarks(pairs, overwrite_previous_experiment=True)
    assert len(instances) == 12
    folder = os.path.join(benchmark().get_experiments_benchmark_log_folder(), "agents_configs")
    assert sorted(os.listdir(folder)) == ["QLearningEpisodic.gin", "RandomAgentEpisodic.gin"]


def test_no_agent_means_no_instance():
    assert instantiate_and_get_exp_instances_from_agents_and_benchmarks([({}, benchmark())]) == []
