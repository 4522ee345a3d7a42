import itertools
import math

import numpy as np
import pytest
from small_models import arrays_of, random_mdp, transitions_of

from colosseum.errors import ConfigurationError
from colosseum.hardness.measures import (
    MDPCommunicationClass,
    augment,
    get_communication_class,
    get_episodic_communication_class,
    get_episodic_diameter,
    get_episodic_value_norm,
    get_reachable_states,
    get_value_norm,
)


def random_episodic(seed, kind=None):
    rng = np.random.default_rng(seed)
    n_states, n_actions, H = int(rng.integers(2, 6)), int(rng.integers(1, 4)), int(rng.integers(1, 6))
    T, R = random_mdp(rng, n_states, n_actions, kind or ("dense", "sparse", "deterministic")[seed % 3])
    start = np.where(rng.random(n_states) < 0.5, rng.random(n_states), 0)
    start[0] += 0.1
    return T, R, H, start / start.sum()


def expected_reach(T, n_states, n_actions, H, start):
    reached = np.zeros((H, n_states), bool)
    reached[0] = start > 0
    for h in range(1, H):
        reached[h] = (T.reshape(n_states, n_actions, n_states)[reached[h - 1]] > 0).any((0, 1))
    return reached


def twin_diameter(T, R, H, start):
    """Value iteration on steps and states for every target, until nothing moves."""
    n_states, n_actions = R.shape
    P = T.reshape(n_states, n_actions, n_states)
    largest = 0.0
    for target in range(n_states):
        restart = 0.0
        for _ in range(200_000):
            times = np.full(n_states, restart)
            times[target] = 0
            for _h in range(H - 1):
                times = (1 + P @ times).min(1)
                times[target] = 0
            new = 1 + start @ times
            if abs(new - restart) <= 1e-13 * new:
                break
            restart = new
        largest = max(largest, new)
    return largest


@pytest.mark.parametrize("seed", range(40))
def test_diameter_agrees_with_value_iteration(seed):
    T, R, H, start = random_episodic(seed)
    found = get_episodic_diameter(transitions_of(T), H, start)
    if expected_reach(T, *R.shape, H, start).any(0).all():
        assert found == pytest.approx(twin_diameter(T, R, H, start), rel=1e-8)
    else:
        assert found == math.inf


def test_diameter_of_a_long_shot():
    """A state that an episode of 21 steps reaches with probability 1e-60: one success in 1e60 episodes."""
    n, up = 21, 1e-3
    P = np.diag(np.full(n - 1, up), 1)
    P[:, 0] += 1 - P.sum(1)
    start = np.eye(n)[0]
    assert get_episodic_diameter(transitions_of(P), n, start) == pytest.approx(n * up ** -(n - 1), rel=1e-9)


def test_cores_change_nothing_and_progress_is_told():
    T, _ = random_mdp(np.random.default_rng(0), 40, 2, "dense")
    told = []
    start = np.full(40, 1 / 40)
    alone = get_episodic_diameter(transitions_of(T), 6, start, progress=lambda done, total: told.append((done, total)))
    assert told[-1] == (40, 40)
    assert get_episodic_diameter(transitions_of(T), 6, start, 2) == alone


@pytest.mark.parametrize("seed", range(20))
def test_augmented_mdp(seed):
    T, R, H, start = random_episodic(seed)
    n_states, n_actions = R.shape
    reached = expected_reach(T, n_states, n_actions, H, start)
    assert (get_reachable_states(transitions_of(T), H, start) == reached).all()
    model = augment(arrays_of(T, R), H, start)
    pairs = list(zip(model.step.tolist(), model.state.tolist(), strict=True))
    assert len(set(pairs)) == len(pairs)
    assert set(pairs) == {tuple(pair) for pair in np.argwhere(reached).tolist()}
    for i, (h, s) in enumerate(pairs):
        assert (model.arrays.R[i] == R[s]).all()
        for a in range(n_actions):
            found = np.zeros((H, n_states))
            for k in range(model.arrays.indptr[i * n_actions + a], model.arrays.indptr[i * n_actions + a + 1]):
                found[pairs[model.arrays.next_state[k]]] = model.arrays.probs[k]
            expected = np.zeros((H, n_states))
            expected[(h + 1) % H] = start if h == H - 1 else T[s * n_actions + a]
            assert (found == expected).all()


@pytest.mark.parametrize("seed", range(20))
def test_value_norms_are_those_of_the_augmented_mdp(seed):
    T, R, H, start = random_episodic(seed)
    model = augment(arrays_of(T, R), H, start)
    for discounted in (True, False):
        found = get_episodic_value_norm(arrays_of(T, R), H, start, discounted)
        assert found == pytest.approx(get_value_norm(model.arrays, discounted), abs=1e-6)


@pytest.mark.parametrize("seed", range(40))
def test_communication_class_is_that_of_the_augmented_mdp(seed):
    T, R, H, start = random_episodic(seed)
    model = augment(arrays_of(T, R), H, start)
    found = get_episodic_communication_class(transitions_of(T), H, start)
    assert found == get_communication_class(model.arrays.transitions)


def test_both_communication_classes_occur():
    found = set()
    for seed in range(40):
        T, _, H, start = random_episodic(seed)
        found.add(get_episodic_communication_class(transitions_of(T), H, start))
    assert found == {MDPCommunicationClass.ERGODIC, MDPCommunicationClass.COMMUNICATING}


@pytest.mark.parametrize("start", [np.ones(2), np.array([1.5, -0.5]), np.array([1.0]), np.array([np.nan, 1])])
def test_starting_distributions_that_are_none(start):
    with pytest.raises(ConfigurationError, match=r"starting_distribution|next_state|indptr"):
        get_episodic_diameter(transitions_of(np.eye(2)), 3, start)


def test_every_pair_of_starts_counts():
    """The time from the end of an episode: mean over the starts, each with the best way from there."""
    n = 9
    T = np.zeros((2 * n, n))
    for x in range(n):
        T[2 * x, max(x - 1, 0)] = T[2 * x + 1, min(x + 1, n - 1)] = 1
    for one, other in itertools.combinations(range(n), 2):
        start = np.zeros(n)
        start[[one, other]] = 0.5
        expected = max(1 + (abs(one - t) + abs(other - t)) / 2 for t in range(n))
        assert get_episodic_diameter(transitions_of(T), n, start) == pytest.approx(expected, rel=1e-12)
