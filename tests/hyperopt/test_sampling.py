"""Presets and sampling of a hyperparameter optimisation."""

import re
from dataclasses import FrozenInstanceError, replace

import pytest

from colosseum.agent.agents.episodic import QLearningEpisodic
from colosseum.agent.agents.infinite_horizon import QLearningContinuous
from colosseum.agent.agents.random import RandomAgentContinuous
from colosseum.errors import ConfigurationError
from colosseum.gin_config import parse_gin_text
from colosseum.hyperopt import DEFAULT_HYPEROPT_CONF, SMALL_HYPEROPT_CONF, HyperOptConfig, get_preset
from colosseum.hyperopt.utils import sample_agent_configs_and_benchmarks_for_hyperopt
from colosseum.mdp.river_swim import RiverSwimEpisodic
from colosseum.utils.miscellanea import get_colosseum_mdp_classes

SMALL = replace(SMALL_HYPEROPT_CONF, mdp_classes=[RiverSwimEpisodic])


def numbers(conf):
    return (
        conf.seed,
        conf.n_steps,
        conf.max_interaction_time_s,
        conf.n_samples_agents,
        conf.n_samples_mdps,
        conf.log_every,
        conf.n_seeds,
    )


def test_presets_are_the_published_ones():
    assert numbers(DEFAULT_HYPEROPT_CONF) == (42, 250_000, 300, 50, 5, 100_000, 3)
    assert numbers(SMALL_HYPEROPT_CONF) == (42, 30_000, 120, 2, 2, 10_000, 1)
    assert HyperOptConfig(1, 100, 10, 1, 1, 10).n_seeds == 3


def test_presets_by_name():
    assert get_preset("SMALL_HYPEROPT_CONF") is SMALL_HYPEROPT_CONF
    with pytest.raises(ConfigurationError, match="no preset 'SMALL_HYPEROPT'; did you mean 'SMALL_HYPEROPT_CONF'"):
        get_preset("SMALL_HYPEROPT")


def test_a_configuration_is_frozen_and_knows_its_experiment():
    settings = SMALL_HYPEROPT_CONF.experiment_config
    assert (settings.n_seeds, settings.n_steps, settings.max_interaction_time_s) == (1, 30_000, 120)
    assert settings.log_every == 10_000
    with pytest.raises(FrozenInstanceError):
        SMALL_HYPEROPT_CONF.seed = 3


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("seed", -1),
        ("seed", 1.5),
        ("n_samples_agents", 0),
        ("n_samples_mdps", True),
        ("n_seeds", 0),
        ("n_steps", 0),
        ("n_steps", "many"),
        ("log_every", 0),
        ("max_interaction_time_s", 0),
        ("mdp_classes", []),
    ],
)
def test_numbers_that_make_no_sense(field, value):
    with pytest.raises(ConfigurationError):
        replace(SMALL_HYPEROPT_CONF, **{field: value})


def test_one_benchmark_for_each_setting_that_has_agents():
    agents = [QLearningContinuous, QLearningEpisodic, RandomAgentContinuous]
    episodic, continuous = sample_agent_configs_and_benchmarks_for_hyperopt(agents, SMALL_HYPEROPT_CONF)
    assert list(episodic[0]) == [QLearningEpisodic]
    assert list(continuous[0]) == [QLearningContinuous, RandomAgentContinuous]
    for (_, benchmark), is_episodic in ((episodic, True), (continuous, False)):
        assert benchmark.name == f"hyperopt_{'episodic' if is_episodic else 'continuous'}"
        assert list(benchmark.mdps_gin_configs) == get_colosseum_mdp_classes(is_episodic)
        assert all(list(scopes) == ["prms_0", "prms_1"] for scopes in benchmark.mdp_scopes().values())
        assert benchmark.experiment_config == SMALL_HYPEROPT_CONF.experiment_config
    assert len(sample_agent_configs_and_benchmarks_for_hyperopt([QLearningEpisodic], SMALL_HYPEROPT_CONF)) == 1


def test_more_samples_leave_the_first_ones_as_they_are():
    [(few_agents, few_mdps)] = sample_agent_configs_and_benchmarks_for_hyperopt([QLearningEpisodic], SMALL)
    larger = replace(SMALL, n_samples_agents=4, n_samples_mdps=3)
    [(agents, mdps)] = sample_agent_configs_and_benchmarks_for_hyperopt([QLearningEpisodic], larger)
    assert agents[QLearningEpisodic].startswith(few_agents[QLearningEpisodic])
    assert mdps.mdp_scopes()[RiverSwimEpisodic].items() > few_mdps.mdp_scopes()[RiverSwimEpisodic].items()
    assert len({line.split(" = ")[1] for line in agents[QLearningEpisodic].splitlines() if ".c_1 " in line}) == 4


def test_the_seed_and_nothing_else_decides():
    def once(seed):
        [(agents, benchmark)] = sample_agent_configs_and_benchmarks_for_hyperopt(
            [QLearningEpisodic], replace(SMALL, seed=seed)
        )
        return agents, benchmark.mdps_gin_configs

    assert once(1) == once(1)
    assert once(1)[0] != once(2)[0]
    # nothing is shared with a neighbouring seed
    numbers_of = {seed: set(re.findall(r"c_\d = (\S+)", once(seed)[0][QLearningEpisodic])) for seed in (1, 2, 3)}
    assert [len(numbers) for numbers in numbers_of.values()] == [4, 4, 4]
    assert len(set.union(*numbers_of.values())) == 12


def test_the_search_spaces_of_a_configuration_are_taken():
    spaces = {"QLearningEpisodic": {"c_1": {"log_uniform": [1e-6, 1e-5]}, "UCB_type": {"fixed": "hoeffding"}}}
    [(agents, _)] = sample_agent_configs_and_benchmarks_for_hyperopt(
        [QLearningEpisodic], replace(SMALL, search_spaces=spaces)
    )
    for parameters in parse_gin_text(QLearningEpisodic, agents[QLearningEpisodic], "sampled").values():
        assert 1e-6 <= parameters["c_1"] < 1e-5
        assert parameters["UCB_type"] == "hoeffding"
    with pytest.raises(ConfigurationError, match="search_spaces.QLearningEpisodic.c_1: there is no kind 'normal'"):
        replace(SMALL, search_spaces={"QLearningEpisodic": {"c_1": {"normal": [0, 1]}}})
    others = replace(SMALL, search_spaces={"QLearningContinuous": {"h_weight": {"uniform": [0, 1]}}})
    with pytest.raises(ConfigurationError, match="search_spaces: there is no agent 'QLearningContinuous'"):
        sample_agent_configs_and_benchmarks_for_hyperopt([QLearningEpisodic], others)


def test_environments_of_the_other_setting_alone_are_an_error():
    with pytest.raises(ConfigurationError, match=r"only episodic environments \(RiverSwimEpisodic\)"):
        sample_agent_configs_and_benchmarks_for_hyperopt([QLearningContinuous], SMALL)
    with pytest.raises(ConfigurationError, match="RiverSwimEpisodic is not an agent class"):
        sample_agent_configs_and_benchmarks_for_hyperopt([RiverSwimEpisodic], SMALL)
