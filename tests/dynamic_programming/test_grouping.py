"""Counting sort, reversed transitions and shortest ways, against the plainest loops."""

import numpy as np
import pytest
from small_models import arrays_of, random_mdp, transitions_of

from colosseum.dynamic_programming._sparse.grouping import group, rows_into
from colosseum.dynamic_programming._sparse.nearest import breadth_first, lead_to
from colosseum.dynamic_programming.arrays import Transitions
from colosseum.dynamic_programming.checks import check_model, check_transitions
from colosseum.errors import ConfigurationError


@pytest.mark.parametrize("seed", range(20))
def test_group_sorts_stably_and_leaves_out_what_is_negative(seed):
    rng = np.random.default_rng(seed)
    n_groups = int(rng.integers(1, 8))
    key = rng.integers(-1, n_groups, int(rng.integers(0, 50)))
    start, entry = group(key, n_groups)
    assert start.shape == (n_groups + 1,) and start[0] == 0 and start[-1] == entry.size == (key >= 0).sum()
    for g in range(n_groups):
        assert entry[start[g] : start[g + 1]].tolist() == np.flatnonzero(key == g).tolist()


@pytest.mark.parametrize("seed", range(20))
def test_rows_into_a_state_are_those_that_may_lead_there(seed):
    rng = np.random.default_rng(seed)
    T, _ = random_mdp(rng, 7, 2, "sparse")
    transitions = transitions_of(T)
    transitions.probs[rng.integers(0, transitions.probs.size)] = 0.0
    dense = np.zeros(T.shape)
    dense[np.repeat(np.arange(14), np.diff(transitions.indptr)), transitions.next_state] = transitions.probs
    start, rows = rows_into(transitions)
    for s in range(7):
        assert rows[start[s] : start[s + 1]].tolist() == np.flatnonzero(dense[:, s]).tolist()


@pytest.mark.parametrize("seed", range(20))
def test_the_nearest_way_is_led(seed):
    rng = np.random.default_rng(seed)
    T, R = random_mdp(rng, 8, 2, "sparse")
    transitions = transitions_of(T)
    target = rng.random(8) < 0.3
    joined = T.reshape(8, 2, 8).max(1) > 0
    expected = np.where(target, 0, -1)
    for d in range(8):
        expected[(expected < 0) & joined[:, expected == d].any(1)] = d + 1
    order, distance = np.empty(8, np.int64), np.empty(8, np.int64)
    order[: target.sum()] = np.flatnonzero(target)
    n = breadth_first(*rows_into(transitions), 2, int(target.sum()), order, distance)
    assert distance.tolist() == expected.tolist()
    assert sorted(order[:n]) == np.flatnonzero(expected >= 0).tolist()
    assert (np.diff(distance[order[:n]]) >= 0).all()

    before = rng.integers(0, 2, 8)
    action = before.copy()
    lead_to(transitions, target, action)
    for s in range(8):
        if expected[s] <= 0:
            assert action[s] == before[s]
        else:
            nearer = [T[2 * s + a, (expected >= 0) & (expected < expected[s])].sum() for a in range(2)]
            assert nearer[action[s]] == max(nearer) > 0


def test_transitions_are_checked_without_rewards():
    T, R = random_mdp(np.random.default_rng(0), 5, 3, "dense")
    checked = check_transitions(transitions_of(T))
    assert checked.n_states == 5 and checked.n_actions == 3
    model = check_model(arrays_of(T, R))
    assert model.transitions.n_actions == 3
    assert all((a == b).all() for a, b in zip(checked[:3], model[:3], strict=True))


@pytest.mark.parametrize(
    "change, message",
    [
        (lambda t: t._replace(n_actions=2), "indptr: 9 ascending numbers .* 10 were given"),
        (lambda t: t._replace(n_actions=0), "indptr: .* for 0 actions"),
        (lambda t: t._replace(indptr=t.indptr[::-1]), "indptr: 10 ascending numbers"),
        (lambda t: t._replace(next_state=t.next_state - 1), "next_state: only states 0 to 2"),
        (lambda t: t._replace(probs=t.probs[:-1]), "next_state, probs: the shapes are"),
        (lambda t: t._replace(probs=-t.probs), "probs: every row"),
    ],
)
def test_transitions_that_are_none(change, message):
    transitions = Transitions(np.arange(10), np.zeros(9, np.int64), np.ones(9), 3)
    assert check_transitions(transitions).n_states == 3
    with pytest.raises(ConfigurationError, match=message):
        check_transitions(change(transitions))
