import itertools

import numpy as np
import pytest
from small_models import arrays_of, random_mdp

from colosseum.dynamic_programming import (
    episodic_policy_evaluation,
    episodic_value_iteration,
    get_policy_from_q_values,
)
from colosseum.errors import ConfigurationError


def twin(T, R, H, choose):
    """Backward induction in numpy; `choose` (h, Q of shape (S, A)) gives the values of the states."""
    n_states, n_actions = R.shape
    Q, V = np.zeros((H + 1, n_states, n_actions)), np.zeros((H + 1, n_states))
    for h in reversed(range(H)):
        Q[h] = R + (T @ V[h + 1]).reshape(R.shape)
        V[h] = choose(h, Q[h])
    return Q, V


@pytest.mark.parametrize("seed", range(20))
def test_values_agree_with_the_twin(seed):
    rng = np.random.default_rng(seed)
    n_states, n_actions, H = (int(x) for x in rng.integers(1, 9, 3))
    T, R = random_mdp(rng, n_states, n_actions, ("dense", "sparse", "deterministic")[seed % 3])
    policy = rng.dirichlet(np.ones(n_actions), (H, n_states))
    cases = [
        (episodic_value_iteration(arrays_of(T, R), H), lambda h, q: q.max(1)),
        (episodic_value_iteration(arrays_of(T, R), H, minimise=True), lambda h, q: q.min(1)),
        (episodic_policy_evaluation(arrays_of(T, R), H, policy), lambda h, q: (policy[h] * q).sum(1)),
    ]
    for (Q, V), choose in cases:
        expected_Q, expected_V = twin(T, R, H, choose)
        assert Q == pytest.approx(expected_Q, abs=1e-13)
        assert V == pytest.approx(expected_V, abs=1e-13)


def test_optimum_is_the_best_of_all_policies():
    rng = np.random.default_rng(5)
    T, R = random_mdp(rng, 2, 2, "dense")
    H = 3
    values = []
    for actions in itertools.product(range(2), repeat=2 * H):
        policy = np.eye(2)[np.array(actions).reshape(H, 2)]
        values.append(episodic_policy_evaluation(arrays_of(T, R), H, policy)[1][0])
    assert episodic_value_iteration(arrays_of(T, R), H)[1][0] == pytest.approx(np.max(values, 0))
    assert episodic_value_iteration(arrays_of(T, R), H, minimise=True)[1][0] == pytest.approx(np.min(values, 0))


def test_greedy_policies():
    Q = np.array([[[1, 3, 3], [0, 0, 0]], [[2, 1, 0], [-1, -2, -1]]], float)
    assert get_policy_from_q_values(Q).tolist() == [[1, 0], [0, 0]]
    mixed = get_policy_from_q_values(Q, stochastic_form=True)
    assert mixed.tolist() == [[[0, 0.5, 0.5], [1 / 3] * 3], [[1, 0, 0], [0.5, 0, 0.5]]]
    T, R = random_mdp(np.random.default_rng(1), 6, 3, "deterministic")
    Q, V = episodic_value_iteration(arrays_of(T, R), 5)
    assert episodic_policy_evaluation(arrays_of(T, R), 5, get_policy_from_q_values(Q[:-1], True))[1] == pytest.approx(V)


@pytest.mark.parametrize("H", [0, -1, 2.5, True])
def test_horizons_that_are_none(H):
    with pytest.raises(ConfigurationError, match="H: .* is not an integer of at least 1"):
        episodic_value_iteration(arrays_of(np.eye(2), np.zeros((2, 1))), H)
