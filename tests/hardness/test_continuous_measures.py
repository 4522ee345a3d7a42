import numpy as np
import pytest
from small_models import all_policies, arrays_of, chain_of, random_mdp, transitions_of

from colosseum.dynamic_programming import discounted_policy_iteration
from colosseum.errors import ConfigurationError, NotWeaklyCommunicatingError
from colosseum.hardness.measures import (
    MDPCommunicationClass,
    get_communication_class,
    get_published_value_norm,
    get_sum_reciprocals_suboptimality_gaps,
    get_value_norm,
)

KINDS = ("dense", "sparse", "deterministic", "cycle")


@pytest.mark.parametrize("seed", range(20))
def test_value_norms_agree_with_their_formulas(seed):
    rng = np.random.default_rng(seed)
    T, R = random_mdp(rng, 7, 3, KINDS[seed % 4])
    _, V, _ = discounted_policy_iteration(arrays_of(T, R), 0.99)
    mean = T @ V
    expected = np.sqrt((T * (V[None, :] - mean[:, None]) ** 2).sum(1)).max()
    assert get_value_norm(arrays_of(T, R)) == pytest.approx(expected, abs=1e-7)
    after = mean.reshape(7, 3)
    published = max(np.sqrt(T[s * 3 + a] @ (V - after[:, a]) ** 2) for s in range(7) for a in range(3))
    assert get_published_value_norm(arrays_of(T, R)) == pytest.approx(published, abs=1e-7)


@pytest.mark.parametrize("seed", range(10))
def test_undiscounted_value_norm_is_that_of_the_optimality_equation(seed):
    """Relative value iteration, plain, on an MDP that mixes."""
    rng = np.random.default_rng(seed)
    T, R = random_mdp(rng, 6, 2, "sparse")
    T = 0.8 * T + 0.2 / 6
    h = np.zeros(6)
    for _ in range(2000):
        h = (R + (T @ h).reshape(6, 2)).max(1)
        h -= h[0]
    deviation = np.sqrt((T * (h[None, :] - (T @ h)[:, None]) ** 2).sum(1)).max()
    assert get_value_norm(arrays_of(T, R), discounted=False) == pytest.approx(deviation, abs=1e-9)


def test_value_norm_of_deterministic_transitions_is_zero():
    T, R = random_mdp(np.random.default_rng(1), 8, 2, "deterministic")
    assert get_value_norm(arrays_of(np.round(T), R)) == 0
    with pytest.raises(NotWeaklyCommunicatingError):
        get_value_norm(arrays_of(np.eye(2), np.array([[0], [1]])), discounted=False)


def test_gaps():
    Q = np.array([[1, 0.5], [2, 2]])
    V = np.array([1, 2])
    assert get_sum_reciprocals_suboptimality_gaps(Q, V) == pytest.approx(10 + 1 / 0.6 + 20)
    assert get_sum_reciprocals_suboptimality_gaps(Q, V, regularization=1) == pytest.approx(1 + 1 / 1.5 + 2)
    Q, V = np.stack([Q, Q + 1, 0 * Q]), np.stack([V, V + 1, 0 * V])
    reachable = np.array([[True, False], [True, True]])
    expected = 10 + 1 / 0.6 + (10 + 1 / 0.6 + 20)
    assert get_sum_reciprocals_suboptimality_gaps(Q, V, reachable) == pytest.approx(expected)
    with pytest.raises(ConfigurationError, match="shapes are"):
        get_sum_reciprocals_suboptimality_gaps(Q, V)
    with pytest.raises(ConfigurationError, match="regularization: 0 leaves"):
        get_sum_reciprocals_suboptimality_gaps(Q, V, reachable, 0)


def brute_force_class(T, n_states, n_actions):
    """From the definitions, over all deterministic policies."""
    reaches = []
    for actions in all_policies(n_states, n_actions):
        P, _ = chain_of(T, np.zeros((n_states, n_actions)), actions)
        reaches.append(np.linalg.matrix_power((P > 0) + np.eye(n_states), n_states) > 0)
    reaches = np.array(reaches)
    if reaches.all():
        return MDPCommunicationClass.ERGODIC
    some = reaches.any(0)
    if some.all():
        return MDPCommunicationClass.COMMUNICATING
    # Recurrent under a policy: what is reached leads back.
    recurrent = (~reaches | reaches.transpose(0, 2, 1)).all(2).any(0)
    inside = np.flatnonzero(recurrent)
    if some[np.ix_(inside, inside)].all():
        return MDPCommunicationClass.WEAKLY_COMMUNICATING
    return MDPCommunicationClass.NON_WEAKLY_COMMUNICATING


def test_communication_classes_agree_with_their_definitions():
    counts = dict.fromkeys(MDPCommunicationClass, 0)
    for seed in range(300):
        rng = np.random.default_rng(seed)
        n_states, n_actions = int(rng.integers(1, 6)), int(rng.integers(1, 4))
        T, _ = random_mdp(rng, n_states, n_actions, ("sparse", "deterministic", "sparse", "cycle")[seed % 4])
        found = get_communication_class(transitions_of(T))
        assert found == brute_force_class(T, n_states, n_actions)
        counts[found] += 1
    assert min(counts.values()) >= 5
