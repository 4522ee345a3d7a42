import numpy as np
import pytest
from small_models import arrays_of, random_mdp

from colosseum.dynamic_programming import (
    AveragePolicyEvaluator,
    EpisodicPolicyEvaluator,
    average_reward_optimal,
    episodic_policy_evaluation,
    evaluators,
)
from colosseum.dynamic_programming._average import communicating
from colosseum.errors import ConfigurationError


def fork():
    """From state 0 a policy chooses between two sinks of rewards 1 and 3."""
    T = np.zeros((6, 3))
    T[0, 1] = T[1, 2] = T[2, 1] = T[3, 1] = T[4, 2] = T[5, 2] = 1
    return arrays_of(T, np.array([[0, 0], [1, 1], [3, 3.0]]))


def test_gain_weighs_the_classes():
    evaluator = AveragePolicyEvaluator(fork())
    policy = np.array([[0.25, 0.75], [1, 0], [1, 0]])
    assert evaluator.gain(policy, 0) == 2.5
    assert evaluator.gain(policy, 1) == 1
    assert evaluator.gains(policy).tolist() == [2.5, 1, 3]


def test_known_policies_cost_nothing():
    evaluator = AveragePolicyEvaluator(fork())
    policy = np.array([[0.25, 0.75], [1, 0], [1, 0]])
    for _ in range(3):
        assert [evaluator.gain(policy.copy(), s) for s in range(3)] == [2.5, 1, 3]
    assert evaluator.n_evaluations == 1  # from state 0 the others were met
    policy[0] = 1, 0
    assert evaluator.gain(policy, 0) == 1
    assert evaluator.gain(policy, 2) == 3
    assert evaluator.n_evaluations == 3


@pytest.mark.parametrize("seed", range(20))
def test_gain_of_a_state_does_not_depend_on_what_else_is_evaluated(seed):
    rng = np.random.default_rng(seed)
    T, R = random_mdp(rng, 25, 3, "sparse")
    evaluator = AveragePolicyEvaluator(arrays_of(T, R))
    policy = np.eye(3)[rng.integers(0, 3, 25)]
    gains = evaluator.gains(policy)
    for state in range(25):
        alone = AveragePolicyEvaluator(arrays_of(T, R)).gain(policy, state)
        assert alone == pytest.approx(gains[state], abs=1e-13)


@pytest.mark.parametrize("seed", range(10))
def test_iteration_agrees_with_elimination(seed, monkeypatch):
    rng = np.random.default_rng(seed)
    T, R = random_mdp(rng, 30, 3, "sparse")
    policies = [np.eye(3)[rng.integers(0, 3, 30)], rng.dirichlet(np.ones(3), 30)]
    exact = [AveragePolicyEvaluator(arrays_of(T, R)).gains(policy) for policy in policies]
    monkeypatch.setattr(evaluators, "MOST_WORK", 1.0)
    for policy, gains in zip(policies, exact, strict=True):
        evaluator = AveragePolicyEvaluator(arrays_of(T, R))
        assert evaluator._elimination is None
        assert evaluator.gains(policy) == pytest.approx(gains, abs=1e-10)


def test_optimum_without_elimination(monkeypatch):
    T, R = random_mdp(np.random.default_rng(3), 60, 3, "dense")
    exact = [average_reward_optimal(arrays_of(T, R), minimise=m)[0] for m in (False, True)]
    monkeypatch.setattr(communicating, "MOST_WORK", 1.0)
    assert [average_reward_optimal(arrays_of(T, R), minimise=m)[0] for m in (False, True)] == pytest.approx(
        exact, abs=1e-11
    )


def test_a_slow_chain_without_elimination_says_so(monkeypatch):
    P = np.array([[1 - 1e-9, 1e-9], [1e-9, 1 - 1e-9]])
    monkeypatch.setattr(evaluators, "MOST_WORK", 0.5)
    with pytest.warns(RuntimeWarning, match="known only within 1"):
        AveragePolicyEvaluator(arrays_of(P, np.array([[0], [1.0]]))).gain(np.ones((2, 1)), 0)


@pytest.mark.parametrize("seed", range(10))
def test_episodic_value_agrees_with_backward_induction(seed):
    rng = np.random.default_rng(seed)
    T, R = random_mdp(rng, 12, 3, "sparse")
    H = int(rng.integers(1, 9))
    evaluator = EpisodicPolicyEvaluator(arrays_of(T, R), H)
    for policy in (rng.dirichlet(np.ones(3), (H, 12)), np.eye(3)[rng.integers(0, 3, (H, 12))]):
        _, V = episodic_policy_evaluation(arrays_of(T, R), H, policy)
        for state in range(12):
            assert evaluator.value(policy, state) == pytest.approx(V[0, state], rel=1e-13, abs=1e-13)
    assert evaluator.n_evaluations == 24
    evaluator.value(policy.copy(), 4)
    assert evaluator.n_evaluations == 24


@pytest.mark.parametrize(
    "policy, message",
    [
        (np.ones((3, 3)) / 3, r"shape is \(3, 3\); \(3, 2\) would do"),
        (np.ones((3, 2)), "sum to one"),
        (np.array([[2, -1], [1, 0], [1, 0.0]]), "non-negative"),
        (np.full((3, 2), np.nan), "non-negative"),
    ],
)
def test_policies_that_are_none(policy, message):
    with pytest.raises(ConfigurationError, match=message):
        AveragePolicyEvaluator(fork()).gain(policy, 0)
