"""Estimates from pickles."""

import math
import os
import pickle
import subprocess
import sys
from pathlib import Path

import gin
import numpy as np
import pytest

from colosseum import registry
from colosseum.errors import ColosseumError
from colosseum.experiment import ExperimentConfig
from colosseum.experiment.estimate import Allowance, demand
from colosseum.experiment.experiment_instance import ExperimentInstance
from colosseum.mdp import river_swim
from colosseum.mdp.custom_mdp import CustomContinuous


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


DAMAGED = {
    "empty": b"",
    "text": b"junk",
    "plain data": pickle.dumps([1, 2]),
    "a class": pickle.dumps(ExperimentConfig),
    "a long number": pickle.dumps(10**5000),
    "deep": b"(" * 100_000 + b"t" * 100_000 + b".",
}


@pytest.mark.parametrize("name", DAMAGED)
def test_what_is_no_instance_has_a_demand_too(tmp_path, name):
    (tmp_path / "x").write_bytes(DAMAGED[name])
    assert demand(tmp_path / "x").mem_mb == 300


def test_a_folder_has_a_demand_too(tmp_path):
    assert demand(tmp_path).mem_mb == 300


def test_a_missing_file_is_missing(tmp_path):
    with pytest.raises(FileNotFoundError):
        demand(tmp_path / "none")


def test_every_flipped_byte_has_a_demand(tmp_path):
    whole = saved(tmp_path / "a").read_bytes()
    for i in range(len(whole)):
        path = tmp_path / f"{i}"
        path.write_bytes(whole[:i] + bytes([whole[i] ^ 0xFF]) + whole[i + 1 :])
        assert demand(path).mem_mb >= 300


def test_training_without_a_limit(tmp_path):
    path = saved(tmp_path / "a", max_s=math.inf)
    first, second = demand(path), demand(path, attempt=2)
    assert first == demand(saved(tmp_path / "b"))
    assert 2 * first.seconds <= second.seconds < 2 * first.seconds + 10


def test_a_size_that_only_gin_knows(tmp_path):
    gin.constant("estimate_size", 40)
    path = saved(tmp_path / "a", gin="size = %estimate_size")
    assert demand(path) == demand(saved(tmp_path / "b", gin="size = 'what?'"))
    assert demand(path).mem_mb > 1000  # as for an environment of which nothing is known


@pytest.mark.parametrize("name", sorted(registry.PACKAGED_MDPS))
def test_the_number_of_states_is_bounded(name):
    mdp_class = registry.resolve_mdp_class(name)
    for seed in range(3):
        parameters = mdp_class.sample_parameters(seed)
        actual = mdp_class(seed=0, **parameters).n_states
        assert actual <= mdp_class.n_states_bound(parameters) <= 6 * actual + 50


def test_the_states_of_environments_from_arrays_are_counted():
    rewards = np.zeros((3, 2))
    for R in (rewards, rewards.tolist(), {(s, a): 0.0 for s in range(3) for a in range(2)}):
        assert CustomContinuous.n_states_bound({"R": R}) == 3


def test_a_users_copy_of_a_family_is_estimated_like_the_packaged_one(tmp_path):
    """It is one file; nothing else names it. And the head, which estimates, imports neither it nor numba."""
    source = Path(river_swim.__file__).read_text().replace("RiverSwim", "MyRiver")
    (tmp_path / "my_river.py").write_text(source)
    make = """
from test_estimate import saved
from colosseum import registry
registry.register_from_path("my_river:MyRiverContinuous")
saved("mine.pkl", "MyRiverContinuous", "size = 77")
saved("packaged.pkl", "RiverSwimContinuous", "size = 77")
saved("other.pkl", "RiverSwimContinuous", "size = 777")
"""
    path = [str(tmp_path), str(Path(__file__).parent), *filter(None, sys.path)]
    environment = dict(os.environ, PYTHONPATH=os.pathsep.join(path))
    subprocess.run([sys.executable, "-c", make], cwd=tmp_path, env=environment, check=True)
    estimate = """
import sys
from colosseum.experiment.estimate import demand
assert demand("mine.pkl") == demand("packaged.pkl") != demand("other.pkl")
assert not {"numba", "numpy", "gin", "my_river"} & set(sys.modules)
"""
    subprocess.run([sys.executable, "-c", estimate], cwd=tmp_path, env=environment, check=True)
