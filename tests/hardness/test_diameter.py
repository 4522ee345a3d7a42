import math

import numpy as np
import pytest
from small_models import all_policies, chain_of, random_mdp, transitions_of

from colosseum.errors import ConfigurationError
from colosseum.hardness.measures import diameter as module
from colosseum.hardness.measures import get_diameter


def brute_force(T, n_states, n_actions):
    """Largest, over pairs, of the smallest expected time over all deterministic policies."""
    best = np.full((n_states, n_states), np.inf)
    for actions in all_policies(n_states, n_actions):
        P, _ = chain_of(T, np.zeros((n_states, n_actions)), actions)
        reach = np.linalg.matrix_power((P > 0) + np.eye(n_states), n_states) > 0
        for target in range(n_states):
            # Where the target may be missed for ever, the expected time is infinite.
            sure = [s for s in range(n_states) if reach[reach[s], target].all() and s != target]
            if sure:
                inner = P[np.ix_(sure, sure)]
                times = np.linalg.solve(np.eye(len(sure)) - inner, np.ones(len(sure)))
                best[sure, target] = np.minimum(best[sure, target], times)
        np.fill_diagonal(best, 0)
    return best.max()


@pytest.mark.parametrize("seed", range(60))
def test_agrees_with_all_policies_of_small_mdps(seed):
    rng = np.random.default_rng(seed)
    n_states, n_actions = int(rng.integers(2, 6)), int(rng.integers(1, 4))
    T, _ = random_mdp(rng, n_states, n_actions, ("dense", "sparse", "deterministic", "cycle")[seed % 4])
    assert get_diameter(transitions_of(T)) == pytest.approx(brute_force(T, n_states, n_actions), rel=1e-8)


def lazy_walk(n, p_lazy):
    T = np.zeros((2 * n, n))
    for x in range(n):
        T[2 * x, max(x - 1, 0)] += 1 - p_lazy
        T[2 * x + 1, min(x + 1, n - 1)] += 1 - p_lazy
        T[2 * x : 2 * x + 2, x] += p_lazy
    return transitions_of(T)


@pytest.mark.parametrize("p_lazy", [0, 0.3, 0.99])
def test_lazy_walk(p_lazy):
    assert get_diameter(lazy_walk(40, p_lazy)) == pytest.approx(39 / (1 - p_lazy), rel=1e-9)


def test_against_the_current():
    """One action, up with 0.02: from the bottom to the top takes 1e85 steps, and value iteration would for ever."""
    n, up = 51, 0.02
    P = np.zeros((n, n))
    for x in range(n):
        P[x, min(x + 1, n - 1)] += up
        P[x, max(x - 1, 0)] += 1 - up
    expected, step = 0.0, 0.0
    for _ in range(n - 1):  # expected time from x to x + 1
        step = 1 / up + (1 - up) / up * step
        expected += step
    assert expected > 1e80
    assert get_diameter(transitions_of(P)) == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize("seed", range(5))
def test_value_iteration_and_policy_iteration_agree(seed, monkeypatch):
    T, _ = random_mdp(np.random.default_rng(seed), 40, 2, "sparse")
    T = 0.95 * T + 0.05 / 40
    exact = get_diameter(transitions_of(T))
    monkeypatch.setattr(module, "MOST_WORK", 1.0)
    assert get_diameter(transitions_of(T)) == pytest.approx(exact, rel=2e-9)


def test_cores_change_nothing_and_progress_is_told():
    T, _ = random_mdp(np.random.default_rng(0), 60, 2, "dense")
    told = []
    alone = get_diameter(transitions_of(T), progress=lambda done, total: told.append((done, total)))
    assert told[-1] == (60, 60)
    assert [done for done, _ in told] == sorted({done for done, _ in told})
    told.clear()
    assert get_diameter(transitions_of(T), 3, lambda done, total: told.append((done, total))) == alone
    assert told[-1] == (60, 60)


def test_mdps_that_do_not_communicate():
    assert get_diameter(transitions_of(np.eye(3))) == math.inf
    assert get_diameter(transitions_of(np.eye(3)[[1, 2, 2]])) == math.inf
    assert get_diameter(transitions_of(np.eye(1))) == 0


def test_arrays_that_are_none():
    with pytest.raises(ConfigurationError, match="probs: every row"):
        get_diameter(transitions_of(np.eye(2) * 0.5))
