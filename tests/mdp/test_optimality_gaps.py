"""Optimality gaps of the environments of the published benchmark, and what the baselines lose in the long run."""

import warnings

import numpy as np
import pytest
from mdp_samples import SAMPLES, benchmark_mdp, benchmark_parameters

from colosseum import dynamic_programming as dp

DEFAULT = [key for key in benchmark_parameters() if "quick" not in key[0]]
EVERY = pytest.mark.parametrize("key", DEFAULT, ids=":".join)


def test_there_are_eighty():
    assert len(DEFAULT) == 80


@EVERY
def test_no_gap_is_negative_and_the_greedy_policy_is_optimal(key):
    mdp = benchmark_mdp(key)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        gaps = mdp.optimality_gaps
    assert gaps is mdp.optimality_gaps
    assert gaps.dtype == np.float64 and gaps.flags.c_contiguous
    assert (gaps >= 0).all() and (gaps.min(-1) == 0).all()
    greedy = np.eye(mdp.n_actions)[gaps.argmin(-1)]
    arrays = mdp.model.arrays
    if mdp.is_episodic():
        assert gaps.shape == (mdp.H, mdp.n_states, mdp.n_actions)
        Q, V = mdp.optimal_value_functions
        np.testing.assert_allclose(gaps, V[:-1, :, None] - Q[:-1], atol=1e-12)
        value = dp.episodic_policy_evaluation(arrays, mdp.H, greedy)[1][0]
        np.testing.assert_allclose(value, V[0], atol=1e-12)
    else:
        assert gaps.shape == (mdp.n_states, mdp.n_actions)
        g, h = mdp.optimal_average_reward, mdp.optimal_bias
        left = g + h[:, None] - mdp.R - (mdp.model.T @ h).reshape(mdp.R.shape)
        np.testing.assert_allclose(gaps, left, atol=1e-11)
        np.testing.assert_allclose(dp.AveragePolicyEvaluator(arrays).gains(greedy), g, atol=1e-12)
        assert mdp.optimal_bias_span == h.max() - h.min()


@EVERY
def test_baselines_are_the_gaps_that_their_policies_meet(key):
    """In the long run the mean gap of a policy is the optimal average reward minus its own."""
    mdp = benchmark_mdp(key)
    assert 0 < mdp.random_learning_regret <= mdp.worst_learning_regret + 1e-12
    uniform = np.full((mdp.n_states, mdp.n_actions), 1 / mdp.n_actions)
    if mdp.is_episodic():
        policies = np.broadcast_to(uniform, (mdp.H, *uniform.shape)), mdp.get_worst_policy(True)
        for policy, expected in zip(policies, (mdp.random_learning_regret, mdp.worst_learning_regret), strict=True):
            now, lost = mdp.starting_state_distribution, 0.0
            for h in range(mdp.H):
                chosen = now[:, None] * policy[h]
                lost += (chosen * mdp.optimality_gaps[h]).sum()
                now = mdp.model.T.T @ chosen.ravel()
            assert lost / mdp.H == pytest.approx(expected, abs=1e-12)
    else:
        of_gaps = dp.AveragePolicyEvaluator(mdp.model.arrays._replace(R=mdp.optimality_gaps))
        start = int(mdp.model.start_state[0])
        assert of_gaps.gain(mdp.get_worst_policy(True), start) == pytest.approx(mdp.worst_learning_regret, abs=1e-10)
        random = of_gaps.gains(uniform) @ mdp.starting_state_distribution
        assert random == pytest.approx(mdp.random_learning_regret, abs=1e-10)


@pytest.mark.parametrize("name", SAMPLES)
def test_every_class_has_gaps(name):
    cls, parameters = SAMPLES[name]
    mdp = cls(0, **parameters)
    assert (mdp.optimality_gaps >= 0).all() and (mdp.optimality_gaps.min(-1) == 0).all()
    assert mdp.worst_learning_regret > 0
