import warnings

import numpy as np
import pytest
from small_models import all_policies, arrays_of, chain_of, exact_gain, gains_by_squaring, random_mdp

from colosseum.dynamic_programming import (
    AveragePolicyEvaluator,
    average_reward_optimal,
    multichain_policy_iteration,
)
from colosseum.dynamic_programming._average import communicating
from colosseum.errors import ConfigurationError, NotWeaklyCommunicatingError

KINDS = ("dense", "sparse", "deterministic", "cycle", "sparse")


def brute_force(T, R):
    """Largest and smallest gain of every state over all deterministic policies."""
    gains = [gains_by_squaring(*chain_of(T, R, actions)) for actions in all_policies(*R.shape)]
    return np.max(gains, 0), np.min(gains, 0)


@pytest.mark.parametrize("seed", range(100))
def test_agrees_with_all_policies_of_small_mdps(seed):
    rng = np.random.default_rng(seed)
    T, R = random_mdp(rng, int(rng.integers(1, 6)), int(rng.integers(1, 4)), KINDS[seed % len(KINDS)])
    arrays = arrays_of(T, R)
    evaluator = AveragePolicyEvaluator(arrays)
    for minimise, expected in zip((False, True), brute_force(T, R), strict=True):
        gain, bias, policy = multichain_policy_iteration(arrays, minimise=minimise)
        assert gain == pytest.approx(expected, abs=1e-9)
        assert evaluator.gains(policy) == pytest.approx(gain, abs=1e-12)
        assert np.isfinite(bias).all()
        if np.ptp(expected) > 1e-8:
            with pytest.raises(NotWeaklyCommunicatingError, match="smallest" if minimise else "largest"):
                average_reward_optimal(arrays, minimise=minimise)
        else:
            gain, policy = average_reward_optimal(arrays, minimise=minimise)
            assert gain == pytest.approx(expected[0], abs=1e-9)
            assert evaluator.gains(policy) == pytest.approx(np.full(R.shape[0], gain), abs=1e-12)
            assert ((policy == 0) | (policy == 1)).all() and (policy.sum(1) == 1).all()


@pytest.mark.parametrize("seed", range(60))
def test_is_exact_where_every_policy_lingers(seed):
    """Relative values of up to 1e30, met by rational arithmetic over all policies."""
    rng = np.random.default_rng(seed)
    T, R = random_mdp(rng, int(rng.integers(2, 5)), int(rng.integers(1, 4)), "clusters")
    gains = [exact_gain(*chain_of(T, R, actions)) for actions in all_policies(*R.shape)]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        best, _ = average_reward_optimal(arrays_of(T, R))
        worst, _ = average_reward_optimal(arrays_of(T, R), minimise=True)
    assert best == pytest.approx(max(gains), abs=1e-12)
    assert worst == pytest.approx(min(gains), abs=1e-12)


@pytest.mark.parametrize("n", [2, 7, 40, 101])
def test_cycles_of_any_length(n):
    """Stay in a cycle (one reward a round) or cut it short (none): periodic, so nothing converges by itself."""
    T = np.zeros((2 * n, n))
    T[2 * np.arange(n), (np.arange(n) + 1) % n] = 1
    T[2 * np.arange(n) + 1, 0] = 1
    R = np.zeros((n, 2))
    R[n - 1] = 1
    gain, policy = average_reward_optimal(arrays_of(T, R))
    assert gain == pytest.approx(1 / n, rel=1e-14)
    assert (policy[: n - 1, 0] == 1).all()
    assert average_reward_optimal(arrays_of(T, R), minimise=True)[0] == 0


def river(n, p_rand):
    """Left (0.005 at the end) and right (1 at the end), the other one executed with probability p_rand / 2."""
    T = np.zeros((2 * n, n))
    for x in range(n):
        for a in range(2):
            T[2 * x + a, max(x - 1, 0)] += 1 - p_rand / 2 if a == 0 else p_rand / 2
            T[2 * x + a, min(x + 1, n - 1)] += 1 - p_rand / 2 if a == 1 else p_rand / 2
    R = np.zeros((n, 2))
    R[0, 0], R[-1, 1] = 0.005, 1
    return arrays_of(T, R)


def test_long_river_with_little_randomness():
    """Policies that drift to both ends cross over once in 1e80 steps; the best one swims right."""
    n, up = 80, 0.995
    arrays = river(n, 0.01)
    gain, policy = average_reward_optimal(arrays)
    q = (1 - up) / up
    assert gain == pytest.approx((1 - q) / (1 - q**n), rel=1e-14)
    assert (policy[:, 1] == 1).all()
    assert average_reward_optimal(arrays, minimise=True)[0] == pytest.approx(0, abs=1e-80)


def test_two_ends_that_are_nearly_as_good():
    """
    Once in 1e5 steps chance carries the walker over to the other end, where staying pays 1e-4 less: whether to walk
    back is decided by what value iteration takes 1e5 sweeps to see.
    """
    n, slip = 7, 0.04
    T = np.zeros((3 * n, n))
    for x in range(n):
        for a, step in enumerate((-1, 0, 1)):
            for b in (-1, 0, 1):
                T[3 * x + a, min(max(x + b, 0), n - 1)] += 1 - slip if b == step else slip / 2
    R = np.full((n, 3), 0.5)
    R[0, 1], R[-1, 1] = 1 - 1e-4, 1
    arrays = arrays_of(T, R)
    gain, policy = average_reward_optimal(arrays)
    expected, _, _ = multichain_policy_iteration(arrays, policy=policy)
    assert gain == pytest.approx(expected[0], abs=1e-12)
    gains = [AveragePolicyEvaluator(arrays).gain(np.eye(3)[list(a)], 0) for a in all_policies(n, 3)]
    assert gain == pytest.approx(max(gains), abs=1e-12)


def test_an_optimum_that_cannot_be_certified_says_so(monkeypatch):
    """Two states that are left once in 1e20 steps, by one action thrice as soon as by the other."""
    leave = np.array([1e-20, 3e-20])
    T = np.array([[1, leave[0]], [1, leave[1]], [leave[0], 1], [leave[1], 1]])
    R = np.array([[0, 0.1], [1, 0.9]])
    gains = [(R[0, a] * leave[b] + R[1, b] * leave[a]) / (leave[a] + leave[b]) for a in range(2) for b in range(2)]
    assert average_reward_optimal(arrays_of(T, R))[0] == pytest.approx(max(gains), rel=1e-14)
    assert average_reward_optimal(arrays_of(T, R), minimise=True)[0] == pytest.approx(min(gains), rel=1e-14)
    monkeypatch.setattr(communicating, "MOST_CAREFUL_STATES", 0)
    with pytest.warns(RuntimeWarning, match="optimal only within"):
        average_reward_optimal(arrays_of(T, R))


def test_transient_states_do_not_matter():
    """A state to start from, another in which one may linger (for less), and a closed pair."""
    T = np.zeros((8, 4))
    T[0, 1] = T[1, 2] = T[2, 1] = T[3, 2] = 1
    T[4, 3] = T[5, 3] = T[6, 2] = T[7, 2] = 1
    R = np.array([[9, 0], [0.5, 0], [2, 2], [4, 0.0]])
    gain, policy = average_reward_optimal(arrays_of(T, R))
    assert gain == 3
    assert AveragePolicyEvaluator(arrays_of(T, R)).gains(policy).tolist() == [3, 3, 3, 3]
    # Lingering is the worst, but possible only from two of the states.
    with pytest.raises(NotWeaklyCommunicatingError, match="between 0.5 and 1"):
        average_reward_optimal(arrays_of(T, R), minimise=True)


def test_message_counts_what_cannot_be_left():
    T = np.eye(3)[[0, 1, 0]]
    with pytest.raises(NotWeaklyCommunicatingError) as error:
        average_reward_optimal(arrays_of(T, np.array([[0.25], [1], [0]])))
    assert "between 0.25 and 1. Sets of states that cannot be left: 2; others" in str(error.value)


@pytest.mark.parametrize("seed", range(5))
def test_bounds_hold_on_larger_mdps(seed):
    """No oracle is exact here, but no policy may beat the optimum, and policy iteration has to agree."""
    rng = np.random.default_rng(seed)
    T, R = random_mdp(rng, 150, 3, "sparse")
    T = 0.95 * T + 0.05 / 150  # all states communicate
    arrays = arrays_of(T, R)
    best, _ = average_reward_optimal(arrays)
    worst, _ = average_reward_optimal(arrays, minimise=True)
    assert multichain_policy_iteration(arrays)[0] == pytest.approx(np.full(150, best), abs=1e-11)
    assert multichain_policy_iteration(arrays, minimise=True)[0] == pytest.approx(np.full(150, worst), abs=1e-11)
    evaluator = AveragePolicyEvaluator(arrays)
    for _ in range(5):
        assert worst <= evaluator.gain(rng.dirichlet(np.ones(3), 150), 0) <= best


@pytest.mark.parametrize(
    "change, message",
    [
        (lambda a: a._replace(indptr=a.indptr[:-1]), "indptr: 5 ascending numbers"),
        (lambda a: a._replace(indptr=a.indptr[::-1]), "indptr: 5 ascending numbers"),
        (lambda a: a._replace(next_state=a.next_state + 1), "next_state: only states 0 to 1"),
        (lambda a: a._replace(probs=a.probs * 0.9), "probs: every row"),
        (lambda a: a._replace(probs=a.probs * np.nan), "probs: every row"),
        (lambda a: a._replace(R=a.R * np.inf), "R: every expected reward"),
        (lambda a: a._replace(R=a.R.ravel()), "R: the shape is"),
    ],
)
def test_arrays_that_are_no_mdp(change, message):
    arrays = arrays_of(np.eye(2)[[0, 1, 0, 1]], np.array([[1.0, 2], [3, 4]]))
    assert average_reward_optimal(arrays)[0] == 4
    with pytest.raises(ConfigurationError, match=message):
        average_reward_optimal(change(arrays))
