"""Environments from user-defined arrays."""

import gin
import numpy as np
import pytest
from mdp_samples import START, R, T
from scipy import sparse, stats

from colosseum.errors import ConfigurationError
from colosseum.mdp.custom_mdp import CustomContinuous, CustomEpisodic
from colosseum.testing.mdps import assert_same_model
from colosseum.utils.miscellanea import sample_mdp_parameters

MEANS = [[0.5, 0.4], [1.0, 0.4], [0.0, 0.25]]


def make(**changes):
    return CustomContinuous(**{"seed": 0, "T": T, "R": R, "starting_state_distribution": START} | changes)


def test_the_arrays_are_those_that_were_given():
    mdp = make()
    np.testing.assert_allclose(mdp.T, T, rtol=1e-15)
    np.testing.assert_allclose(mdp.R, MEANS)
    np.testing.assert_array_equal(mdp.starting_state_distribution, START)
    assert mdp.n_states == 3 and mdp.n_actions == 2 and mdp.H is None
    assert len(mdp.model.reward_kind) == 5  # five different distributions among six pairs
    assert mdp.optimal_average_reward > mdp.random_average_reward > mdp.worst_average_reward


ENTRIES = [(s, a, t, T[s, a, t]) for s in range(3) for a in range(2) for t in range(3)]


@pytest.mark.parametrize(
    "written",
    [
        {"T": T.tolist()},
        {"T": sparse.csr_array(T.reshape(6, 3))},
        {"T": sparse.coo_matrix(T.reshape(6, 3))},
        {"T": ENTRIES},
        {"T": tuple(reversed(ENTRIES))},
        {"T": [(np.int64(s), a, t, np.float64(p)) for s, a, t, p in ENTRIES if p]},
        {"R": {(s, a): R[s][a] for s in range(3) for a in range(2)}},
        {"R": [[0.5, stats.beta(2, 3)], [1, stats.beta(2, 3)], [0, 0.25]]},
        {"R": np.array([[0.5, stats.beta(2, 3)], [1, stats.beta(2, 3)], [0, 0.25]], object)},
        {"starting_state_distribution": {0: 0.25, 2: 0.75}},
        {"starting_state_distribution": np.array(START)},
        {"starting_state_distribution": None, "T_0": {0: 0.25, 2: 0.75}},
    ],
    ids=lambda written: ",".join(f"{name}-{type(value).__name__}" for name, value in written.items()),
)
def test_arrays_can_be_written_in_several_ways(written):
    assert_same_model(make(**written).model, make().model)


def test_the_published_order_of_arguments_works():
    mdp = CustomEpisodic(0, {0: 0.25, 2: 0.75}, T, np.array(MEANS), H=4)
    np.testing.assert_allclose(mdp.R, MEANS)
    assert mdp.H == 4


def test_single_precision_is_welcome():
    mdp = make(T=T.astype(np.float32))
    assert abs(mdp.T.sum(2) - 1).max() < 4e-16
    gin.parse_config(mdp.get_gin_config())
    with gin.config_scope("prms_0"):
        assert_same_model(CustomContinuous(seed=0).model, mdp.model)


def test_a_sparse_array_is_left_as_it_was():
    array = sparse.coo_array(([0.5, 0.5, 1.0], ([0, 0, 1], [0, 0, 1])), (2, 2))
    mdp = CustomContinuous(0, {0: 1.0}, array, [[0.0], [1.0]])
    np.testing.assert_array_equal(mdp.T[:, 0], np.eye(2))
    assert array.nnz == 3


def test_horizons_are_taken_as_given_and_otherwise_reach_every_state():
    chain = np.zeros((5, 1, 5))
    chain[np.arange(5), 0, np.minimum(np.arange(5) + 1, 4)] = 1
    rewards = np.zeros((5, 1))
    assert CustomEpisodic(0, {0: 1.0}, chain, rewards).H == 5
    assert CustomEpisodic(0, {0: 0.5, 3: 0.5}, chain, rewards).H == 5
    assert CustomEpisodic(0, {3: 1.0}, chain, rewards).H == 2
    assert CustomEpisodic(0, {0: 1.0}, chain, rewards, H=2).H == 2


def test_the_range_of_rewards_is_given_or_found():
    assert make().rewards_range == (0.0, 1.0)
    assert make(R=[[0.5, -2], [1, 3], [0, 0]]).rewards_range == (-2.0, 3.0)
    assert make(R=[[5, 5]] * 3).rewards_range == (5.0, 6.0)
    assert make(R=[[0.5, stats.uniform(1, 7)], [1, 3], [0, 0]]).rewards_range == (0.0, 8.0)
    wide = make(rewards_range=(-10, 10))
    assert wide.rewards_range == (-10.0, 10.0)
    np.testing.assert_allclose(wide.R, MEANS)  # nothing is rescaled
    with pytest.raises(ConfigurationError, match="the rewards lie between 0.0 and 1.0"):
        make(rewards_range=(0, 0.9))


def change(array, index, value):
    array = np.array(array, float)
    array[index] = value
    return array


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"T": change(T, (0, 1, 0), 0.9)}, r"T\[0, 1\]: the probabilities of the next states sum to 0.9 and not to 1"),
        ({"T": change(T, (0, 0), (1.5, -0.5, 0))}, r"T\[0, 0, 0\]: 1.5 is no probability"),
        ({"T": change(T, (1, 1, 2), np.nan)}, r"T\[1, 1, 2\]: nan is no probability"),
        ({"T": T[:, :1]}, r"T: of shape \(3, 1, 3\) does not fit R of shape \(3, 2\); .* = \(3, 2, 3\)"),
        ({"T": T[0]}, r"T: of shape \(2, 3\) does not fit"),
        ({"T": "array"}, r"T: 'array' does not fit"),
        ({"T": None}, "T: missing; give an array"),
        ({"T": sparse.csr_array(T.reshape(3, 6))}, r"T: a sparse array of shape \(3, 6\) does not fit"),
        ({"T": ENTRIES[:-1] + [(2, 1, 3, 1.0)]}, r"T: \(2, 1, 3\) does not exist; there are 3 states and 2 actions"),
        ({"T": [*ENTRIES, (0, 2, 0, 1.0)]}, r"T: \(0, 2, 0\) does not exist"),
        ({"T": [*ENTRIES, (0, 0, 0, 0.5)]}, r"T: \(0, 0, 0\) is given twice"),
        ({"T": [e for e in ENTRIES if e[:2] != (1, 0)]}, r"T\[1, 0\]: .* sum to 0.0 and not to 1"),
        ({"R": None}, "R: missing; give an array"),
        ({"R": [0, 1, 2]}, r"R: its shape is not \(S, A\)"),
        ({"R": [[0, 1], [0], [1, 1]]}, r"R: its shape is not \(S, A\)"),
        ({"R": []}, r"R: its shape is not \(S, A\)"),
        ({"R": 3}, r"R: its shape is not \(S, A\)"),
        ({"R": T}, r"R\[0, 0\]: \[0.5, 0.5, 0.0\] is not a reward distribution"),
        ({"R": [[0, "high"], [0, 0], [0, 0]]}, r"R\[0, 1\]: 'high' is not a reward distribution"),
        ({"R": [[0, np.inf], [0, 0], [0, 0]]}, r"R\[0, 1\]: a constant reward must be finite, got inf"),
        ({"R": {(0, 0): 1.0, (1, 1): 1.0}}, r"R: give a reward for every \(state, action\); there is no \(0, 1\)"),
        ({"R": {"left": 1.0}}, r"R: give a reward for every \(state, action\)"),
        ({"starting_state_distribution": None}, "give the starting distribution"),
        ({"T_0": START}, "give the starting distribution"),
        ({"starting_state_distribution": {3: 1.0}}, "there is no state 3; 0 to 2 would do"),
        ({"starting_state_distribution": {0: 0.5}}, "is no distribution; give probabilities that sum to 1"),
        ({"starting_state_distribution": (1.5, -0.5, 0)}, "is no distribution"),
        ({"starting_state_distribution": (0.5, 0.5)}, "is not a probability for each of 3 states"),
        ({"starting_state_distribution": "first"}, "is not a probability for each of 3 states"),
        ({"rewards_range": (1, 0)}, r"rewards_range: \(1, 0\) makes no sense; give \(lo, hi\) with lo < hi"),
        ({"seed": -1}, "seed: -1 is not an integer of at least 0"),
    ],
)
def test_arrays_that_make_no_sense_are_refused(changes, says):
    with pytest.raises(ConfigurationError, match=rf"^CustomContinuous.*{says}"):
        make(**changes)


@pytest.mark.parametrize("H", [0, 2.5, "3"])
def test_horizons_are_checked(H):
    with pytest.raises(ConfigurationError, match=f"CustomEpisodic.H: {H!r} makes no sense"):
        CustomEpisodic(0, START, T, R, H=H)


def test_own_arrays_are_never_sampled():
    with pytest.raises(ConfigurationError, match="CustomEpisodic has no `sample_parameters"):
        sample_mdp_parameters(CustomEpisodic, 1, seed=0)
