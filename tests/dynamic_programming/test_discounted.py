import numpy as np
import pytest
import quantecon
from small_models import arrays_of, random_mdp

from colosseum.dynamic_programming import (
    discounted_policy_evaluation,
    discounted_policy_iteration,
    discounted_value_iteration,
)
from colosseum.errors import ConfigurationError


@pytest.mark.parametrize("discount", [0.0, 0.5, 0.99, 0.9999])
@pytest.mark.parametrize("kind", ["dense", "sparse", "deterministic", "cycle"])
def test_agrees_with_quantecon(kind, discount):
    T, R = random_mdp(np.random.default_rng(7), 20, 3, kind)
    best = quantecon.markov.DiscreteDP(R, T.reshape(20, 3, 20), discount).solve("policy_iteration").v
    worst = -quantecon.markov.DiscreteDP(-R, T.reshape(20, 3, 20), discount).solve("policy_iteration").v
    scale = np.ptp(R) / (1 - discount)
    for minimise, expected in ((False, best), (True, worst)):
        Q, V = discounted_value_iteration(arrays_of(T, R), discount, 1e-9, minimise)
        assert np.abs(V - expected).max() <= 1e-9 * scale
        assert (Q.min(1) if minimise else Q.max(1)) == pytest.approx(V, abs=1e-8 * scale)
        Q, V, policy = discounted_policy_iteration(arrays_of(T, R), discount, minimise)
        assert V == pytest.approx(expected, rel=1e-11, abs=1e-11 * scale)
        assert discounted_policy_evaluation(arrays_of(T, R), discount, policy)[1] == pytest.approx(V, abs=1e-12 * scale)


@pytest.mark.parametrize("seed", range(10))
def test_evaluation_agrees_with_a_linear_system(seed):
    rng = np.random.default_rng(seed)
    T, R = random_mdp(rng, 15, 2, "sparse")
    policy = rng.dirichlet(np.ones(2), 15)
    P = np.einsum("sa,sat->st", policy, T.reshape(15, 2, 15))
    expected = np.linalg.solve(np.eye(15) - 0.95 * P, (policy * R).sum(1))
    Q, V = discounted_policy_evaluation(arrays_of(T, R), 0.95, policy)
    assert V == pytest.approx(expected, rel=1e-12)
    assert (policy * Q).sum(1) == pytest.approx(V, rel=1e-12)


def test_iteration_ends_whatever_the_tolerance():
    T, R = random_mdp(np.random.default_rng(2), 10, 2, "sparse")
    _, V = discounted_value_iteration(arrays_of(T, R), 0.99, 0.0)
    assert V == pytest.approx(discounted_policy_iteration(arrays_of(T, R), 0.99)[1], rel=1e-12)
    assert discounted_value_iteration(arrays_of(T, np.ones((10, 2))), 0.9)[1] == pytest.approx(np.full(10, 10))


@pytest.mark.parametrize("discount", [1, -0.1, float("nan")])
def test_discounts_that_are_none(discount):
    with pytest.raises(ConfigurationError, match=r"does not lie in \[0, 1\)"):
        discounted_value_iteration(arrays_of(np.eye(2), np.zeros((2, 1))), discount)
