"""What every packaged agent must do, whatever it learns."""

import csv
import os
import pickle
import subprocess
import sys
from pathlib import Path

import gin
import numpy as np
import pytest
from digest import AGENTS, HORIZON, digest, make
from small_mdps import Simulator, compiled, random_mdp, specs, step_by_step

from colosseum.agent.agents.base import BaseAgent
from colosseum.agent.agents.episodic import QLearningEpisodic
from colosseum.agent.agents.infinite_horizon import QLearningContinuous
from colosseum.agent.hyperparameters import get_default_gin_config
from colosseum.agent.utils import sample_agent_gin_configs_file, sample_agent_hyperparameters

SPECS = {True: lambda model: specs(model, HORIZON), False: specs}
HERE = Path(__file__).resolve().parent

each_agent = pytest.mark.parametrize("cls", AGENTS, ids=lambda cls: cls.__name__)


@pytest.fixture(autouse=True)
def forget_gin():
    yield
    gin.clear_config()


def policies_at_logs(agent, model, n, chunk):
    policies = []
    total, _, position = compiled(
        agent, model, n, seed=2, chunk=chunk, at_log=lambda s: policies.append(agent.current_optimal_stochastic_policy)
    )
    return total, position, policies


@each_agent
def test_policies_are_distributions_and_stay_as_they_were_given_out(cls):
    model = random_mdp(11)
    agent = make(cls, model, 600)
    shape = (model.n_states, model.n_actions)
    expected = (HORIZON, *shape) if cls.is_episodic() else shape
    policies = [agent.current_optimal_stochastic_policy] if "Random" in cls.__name__ else []
    copies = [policy.copy() for policy in policies]

    def at_log(s):
        policies.append(agent.current_optimal_stochastic_policy)
        copies.append(policies[-1].copy())

    compiled(agent, model, 600, seed=2, chunk=100, at_log=at_log)
    for policy, copy in zip(policies, copies, strict=True):
        assert policy.shape == expected and policy.dtype == np.float64
        assert (policy >= 0).all() and policy.sum(-1) == pytest.approx(1.0)
        assert np.array_equal(policy, copy)  # a policy that was given out is not changed later


@each_agent
def test_same_seed_same_run_and_another_seed_another(cls):
    model = random_mdp(11)
    runs = [compiled(make(cls, model, 500, seed=seed), model, 500, seed=4) for seed in (1, 1, 2)]
    assert runs[0][0] == runs[1][0] and np.array_equal(runs[0][2], runs[1][2])
    assert runs[0][0] != runs[2][0]


@each_agent
@pytest.mark.parametrize("chunk", [1, 7, 250])
def test_chunks_make_no_difference(cls, chunk):
    model, n = random_mdp(11), 500
    whole = policies_at_logs(make(cls, model, n), model, n, n)
    parts = policies_at_logs(make(cls, model, n), model, n, chunk)
    assert whole[0] == parts[0]
    assert np.array_equal(whole[1], parts[1])
    assert np.array_equal(whole[2][-1], parts[2][-1])


@each_agent
def test_asking_for_the_policy_makes_no_difference(cls):
    model, n = random_mdp(11), 500
    asked = policies_at_logs(make(cls, model, n), model, n, 10)
    agent = make(cls, model, n)
    total, _, position = compiled(agent, model, n, seed=2)
    assert asked[0] == total
    assert np.array_equal(asked[1], position)
    assert np.array_equal(asked[2][-1], agent.current_optimal_stochastic_policy)


@each_agent
@pytest.mark.parametrize("beta", [False, True])
def test_advance_is_the_step_by_step_loop(cls, beta):
    model, n, every = random_mdp(12, beta=beta), 500, 20
    total, position, policies = policies_at_logs(make(cls, model, n), model, n, every)
    agent = make(cls, model, n)
    simulator = Simulator(model, HORIZON if cls.is_episodic() else np.inf, seed=2)
    seen = []
    rewards = step_by_step(
        agent, simulator, n, at_log=lambda s: seen.append(agent.current_optimal_stochastic_policy), every=every
    )
    assert np.cumsum(rewards)[-1] == total
    assert simulator.state == position[0]
    assert len(seen) == len(policies) == n // every
    assert all(np.array_equal(a, b) for a, b in zip(seen, policies, strict=True))


def test_the_compiler_changes_nothing():
    plain = subprocess.run(
        [sys.executable, str(HERE / "digest.py"), "300"],
        env={**os.environ, "NUMBA_DISABLE_JIT": "1", "PYTHONPATH": str(HERE.parents[1])},
        capture_output=True,
        text=True,
        check=True,
    )
    assert plain.stdout.splitlines() == [digest(cls, 300) for cls in AGENTS]


@each_agent
def test_classes_are_pickled_by_reference(cls):
    assert pickle.loads(pickle.dumps(cls)) is cls
    assert issubclass(cls, BaseAgent)


@each_agent
def test_accepts_tabular_observations(cls):
    class Tabular:
        is_tabular = True

    assert cls.is_emission_map_accepted(Tabular())


@each_agent
def test_gin_round_trip(cls):
    """The agent of a gin text is the agent of the hyperparameters that the text was made from."""
    model, n = random_mdp(11), 400
    for index in (0, 3):
        parameters = sample_agent_hyperparameters(cls, 8 + index)
        gin.clear_config()
        gin.parse_config(cls.produce_gin_file_from_parameters(parameters, index))
        with gin.config_scope(f"prms_{index}"):
            of_gin = cls(3, SPECS[cls.is_episodic()](model), n)
        of_parameters = cls.get_agent_instance_from_parameters(3, n, SPECS[cls.is_episodic()](model), parameters)
        runs = [policies_at_logs(agent, model, n, 100) for agent in (of_gin, of_parameters)]
        assert runs[0][0] == runs[1][0]
        assert all(np.array_equal(a, b) for a, b in zip(runs[0][2], runs[1][2], strict=True))


@each_agent
def test_sampled_gin_text_depends_on_seed_plus_index_alone(cls):
    def unscoped(text):
        return sorted(line.partition("/")[2] for line in text.splitlines() if "/" in line)

    if not cls.get_hyperparameters_search_spaces():
        return
    both = sample_agent_gin_configs_file(cls, 2, 10).splitlines()
    first = sample_agent_gin_configs_file(cls, 1, 10).splitlines()
    second = sample_agent_gin_configs_file(cls, 1, 11).splitlines()
    assert [line for line in both if "prms_0/" in line] == first
    assert unscoped("\n".join(line for line in both if "prms_1/" in line)) == unscoped("\n".join(second))
    assert first != second


@each_agent
def test_samples_lie_in_their_search_spaces(cls):
    spaces = cls.get_hyperparameters_search_spaces()
    samples = [sample_agent_hyperparameters(cls, seed) for seed in range(50)]
    for name, space in spaces.items():
        values = [sample[name] for sample in samples]
        assert all(value in space for value in values)
        assert len(set(values)) == len(values)
        middle = (space.low + space.high) / 2
        assert 0.2 < np.mean([value < middle for value in values]) < 0.8
    if len(spaces) > 1:  # independent of each other: not all from the same place of their intervals
        places = np.array(
            [[(sample[name] - s.low) / (s.high - s.low) for name, s in spaces.items()] for sample in samples]
        )
        assert np.ptp(places, axis=1).mean() > 0.2


@each_agent
def test_packaged_hyperparameters_make_an_agent(cls):
    model = random_mdp(11)
    text = get_default_gin_config(cls)
    assert all(line.startswith(f"prms_0/{cls.__name__}.") for line in text.splitlines())
    assert bool(text) == bool(cls.get_hyperparameters_search_spaces())
    gin.parse_config(text)
    with gin.config_scope("prms_0"):
        agent = cls(0, SPECS[cls.is_episodic()](model), 300)
    total, _, _ = compiled(agent, model, 300)
    assert total > 0


@each_agent
def test_rewards_in_another_range_are_no_trouble(cls):
    model = random_mdp(11)
    mdp_specs = SPECS[cls.is_episodic()](model)
    mdp_specs.rewards_range = (-1.0, 4.0)
    agent = cls.get_agent_instance_from_parameters(0, 300, mdp_specs, sample_agent_hyperparameters(cls, 0))
    compiled(agent, model, 300)
    assert np.isfinite(agent.current_optimal_stochastic_policy).all()


@each_agent
def test_one_action_or_one_state_is_no_trouble(cls):
    for shape in ((1, 1), (1, 3), (4, 1)):
        model = random_mdp(5, n_states=shape[0], n_actions=shape[1], n_next=1)
        agent = make(cls, model, 200)
        total, _, _ = compiled(agent, model, 200)
        assert total > 0
        assert agent.current_optimal_stochastic_policy.sum(-1) == pytest.approx(1.0)


@pytest.mark.parametrize("cls", [QLearningContinuous, QLearningEpisodic])
def test_packaged_hyperparameters_are_those_with_the_best_score_of_the_tuning_study(cls):
    table = Path(__file__).parents[2] / "studies/tuning" / f"{cls.__name__}.csv"
    with open(table, newline="") as file:
        samples = list(csv.DictReader(file))
    assert len(samples) == 50
    assert {row["n_logs"] for row in samples} == {"105"}
    best = min(samples, key=lambda row: float(row["score"]))
    assert [row["scope"] for row in samples if row["selected"] == "1"] == [best["scope"]]
    lines = get_default_gin_config(cls).splitlines()
    packaged = dict(line.removeprefix(f"prms_0/{cls.__name__}.").split(" = ") for line in lines)
    assert {name: value.strip("'") for name, value in packaged.items()} == {name: best[name] for name in packaged}
    assert set(cls.get_hyperparameters_search_spaces()) <= set(packaged)
