import numpy as np
import pytest
from small_models import arrays_of, random_mdp, transitions_of

from colosseum.dynamic_programming._sparse.end_components import communicating_classes, maximal_end_components, restrict


def reaches(joined):
    """Transitive closure."""
    closure = joined | np.eye(len(joined), dtype=bool)
    for _ in range(len(joined)):
        closure = closure | (closure.astype(int) @ closure.astype(int) > 0)
    return closure


def brute_force_components(T, n_states, n_actions):
    """The largest sets of states that communicate by actions which stay in the set."""
    found = []
    for code in range(1, 2**n_states):
        inside = np.array([code >> s & 1 for s in range(n_states)], bool)
        stays = (T[:, ~inside] == 0).all(1).reshape(n_states, n_actions) & inside[:, None]
        joined = np.zeros((n_states, n_states), bool)
        for s, a in np.argwhere(stays):
            joined[s] |= T[s * n_actions + a] > 0
        if stays[inside].any(1).all() and reaches(joined)[np.ix_(inside, inside)].all():
            found.append(frozenset(np.flatnonzero(inside)))
    return {c for c in found if not any(c < d for d in found)}


@pytest.mark.parametrize("seed", range(60))
def test_components_are_the_largest_sets(seed):
    rng = np.random.default_rng(seed)
    n_states, n_actions = int(rng.integers(1, 7)), int(rng.integers(1, 4))
    T, R = random_mdp(rng, n_states, n_actions, ("sparse", "deterministic")[seed % 2])
    component, allowed = maximal_end_components(transitions_of(T))
    found = {frozenset(np.flatnonzero(component == c)) for c in range(component.max() + 1)}
    assert found == brute_force_components(T, n_states, n_actions)
    for c in range(component.max() + 1):
        states = np.flatnonzero(component == c)
        (indptr, next_state, probs, rewards), action = restrict(arrays_of(T, R), states, allowed)
        assert allowed[states[:, None], action].all()
        for i, s in enumerate(states):
            for a in range(n_actions):
                row = np.zeros(n_states)
                entries = slice(indptr[i * n_actions + a], indptr[i * n_actions + a + 1])
                row[states[next_state[entries]]] = probs[entries]
                assert row.tolist() == T[s * n_actions + action[i, a]].tolist()
                assert rewards[i, a] == R[s, action[i, a]]


@pytest.mark.parametrize("seed", range(20))
def test_classes_are_those_of_the_closure(seed):
    rng = np.random.default_rng(seed)
    T, _ = random_mdp(rng, 8, 1, "sparse")
    class_of, closed = communicating_classes(transitions_of(T))
    closure = reaches(T > 0)
    assert ((class_of[:, None] == class_of[None, :]) == (closure & closure.T)).all()
    for s in range(8):
        assert closed[class_of[s]] == (closure[s] <= closure[:, s]).all()
        assert (class_of[closure[s]] <= class_of[s]).all()
