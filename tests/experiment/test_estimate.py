"""Estimates from pickles."""

import pickle

import pytest

from colosseum import registry
from colosseum.errors import ColosseumError
from colosseum.experiment import ExperimentConfig
from colosseum.experiment.estimate import Allowance, demand, n_states
from colosseum.experiment.experiment_instance import ExperimentInstance


def saved(path, mdp="SimpleGridContinuous", gin="size = 10", agent="QLearningContinuous", n_steps=1000, max_s=300.0):
    mdp_class, agent_class = registry.resolve_mdp_class(mdp), registry.resolve_agent_class(agent)
    settings = ExperimentConfig(1, n_steps, max_s, 100)
    text = f"prms_0/{mdp}.{gin}\n"
    ExperimentInstance(0, "b", mdp_class, "prms_0", text, agent_class, "prms_0", "", settings, "b").save(path)
    return path


def test_more_of_everything_asks_for_more(tmp_path):
    small = demand(saved(tmp_path / "a"))
    assert 300 <= small.mem_mb <= 350 and 60 < small.seconds < 70 and small.minutes == 2
    assert demand(saved(tmp_path / "b", gin="size = 40")).mem_mb > small.mem_mb + 100
    assert demand(saved(tmp_path / "c", n_steps=1_000_000)).seconds > small.seconds + 40
    again = demand(tmp_path / "a", attempt=2)
    assert again.mem_mb == 2 * small.mem_mb
    assert again.seconds > 2 * 300  # all that the agent may train for


def test_a_time_limit_bounds_training(tmp_path):
    long = demand(saved(tmp_path / "a", n_steps=10_000_000))
    assert long.seconds < demand(saved(tmp_path / "b", n_steps=10_000_000, max_s=1000.0)).seconds


def test_a_profile_says_what_each_is_allowed(tmp_path):
    path = saved(tmp_path / "a")
    small, more = demand(path), demand(path, allowance=Allowance(instance_mem_mb=1300, instance_start_s=160))
    assert (more.mem_mb - small.mem_mb, more.seconds - small.seconds) == (1000, 100)
    # packaged agents are known to be fast
    assert demand(path, allowance=Allowance(instance_steps_per_second=10)) == small


def test_what_a_profile_says_is_read_by_its_names():
    said = {"slurm_account": "''", "instance_mem_mb": 500}
    assert Allowance.of_profile(said) == Allowance(500, 60, 500)
    for value in (0, -1, 2.5, "500 * attempt", True):
        with pytest.raises(
            ColosseumError, match="default-resources: instance_start_s: .* is not a positive whole number"
        ):
            Allowance.of_profile({"instance_start_s": value})


@pytest.mark.parametrize("content", [b"", b"junk", pickle.dumps([1, 2]), pickle.dumps(ExperimentConfig)])
def test_what_is_no_instance_has_a_demand_too(tmp_path, content):
    (tmp_path / "x").write_bytes(content)
    assert demand(tmp_path / "x").mem_mb == 300


def test_a_missing_file_is_missing(tmp_path):
    with pytest.raises(FileNotFoundError):
        demand(tmp_path / "none")


@pytest.mark.parametrize("name", sorted(registry.PACKAGED_MDPS))
def test_the_number_of_states_is_bounded(name):
    mdp_class = registry.resolve_mdp_class(name)
    for seed in range(3):
        parameters = mdp_class.sample_parameters(seed)
        actual = mdp_class(seed=0, **parameters).n_states
        bound = n_states(name, parameters)
        assert actual <= bound <= 6 * actual + 50
