"""Maximal end components: the sets of states that communicate under some policy which never leaves them."""

import numpy as np

from colosseum.dynamic_programming._sparse.chains import make_chain, without_rewards
from colosseum.dynamic_programming.arrays import ModelArrays, Transitions
from colosseum.utils.compiled import njit


@njit(cache=True)
def _classes(transitions, allowed):
    chain = make_chain(without_rewards(transitions), allowed, np.int64(-1))
    return chain.n_classes, chain.class_of, chain.closed


@njit(cache=True)
def _forbid_leaving(transitions, class_of, allowed):
    """Forbid the actions that may leave their class; return whether there were any."""
    indptr, next_state, probs, n_actions = transitions
    n_states = allowed.shape[0]
    changed = False
    for s in range(n_states):
        for a in range(n_actions):
            if allowed[s, a] > 0.0:
                for k in range(indptr[s * n_actions + a], indptr[s * n_actions + a + 1]):
                    if probs[k] > 0.0 and class_of[next_state[k]] != class_of[s]:
                        allowed[s, a] = 0.0
                        changed = True
                        break
    return changed


def communicating_classes(transitions: Transitions) -> tuple[np.ndarray, np.ndarray]:
    """
    Find the communicating classes of an MDP.

    Returns
    -------
    class_of : int64 array of shape (S,)
        No class leads to one of a higher number.
    closed : bool array of shape (n_classes,)
        Whether a class cannot be left by any action.
    """
    everything = np.ones((transitions.n_states, transitions.n_actions))
    n_classes, class_of, closed = _classes(transitions, everything)
    return class_of, closed[:n_classes]


def maximal_end_components(transitions: Transitions) -> tuple[np.ndarray, np.ndarray]:
    """
    Find the maximal end components of an MDP.

    de Alfaro (1997), Formal verification of probabilistic systems, section 3.3: forbid what leaves a communicating
    class, until nothing does.

    Returns
    -------
    component : int64 array of shape (S,)
        Numbered from 0; -1 for a state that is transient under every policy.
    allowed : bool array of shape (S, A)
        The actions that stay in the component.
    """
    n_states, n_actions = transitions.n_states, transitions.n_actions
    allowed = np.ones((n_states, n_actions))
    changed = True
    while changed:
        _, class_of, _ = _classes(transitions, allowed)
        changed = _forbid_leaving(transitions, class_of, allowed)
    stays = allowed.any(1)
    component = np.full(n_states, -1, np.int64)
    component[stays] = np.unique(class_of[stays], return_inverse=True)[1]
    return component, allowed > 0


def restrict(arrays: ModelArrays, states: np.ndarray, allowed: np.ndarray) -> tuple[ModelArrays, np.ndarray]:
    """
    Cut an end component out of an MDP.

    Parameters
    ----------
    states : int64 array of shape (n,)
    allowed : bool array of shape (S, A)

    Returns
    -------
    arrays : ModelArrays
        The component, with as many actions: one that is not allowed is a copy of the
        first that is.
    action : int64 array of shape (n, A)
        The action of the whole MDP that each of them is.
    """
    indptr, next_state, probs, R = arrays
    n_actions = R.shape[1]
    action = np.where(allowed[states], np.arange(n_actions), allowed[states].argmax(1)[:, None])
    rows = (states[:, None] * n_actions + action).ravel()
    counts = indptr[rows + 1] - indptr[rows]
    start = np.concatenate(([0], np.cumsum(counts)))
    entries = np.arange(start[-1]) + np.repeat(indptr[rows] - start[:-1], counts)
    number = np.full(R.shape[0], -1, np.int64)
    number[states] = np.arange(states.size)
    positive = probs[entries] > 0  # zeros may lead out
    target = np.where(
        positive, number[next_state[entries]], np.repeat(np.arange(states.size), counts.reshape(-1, n_actions).sum(1))
    )
    return ModelArrays(start, target, probs[entries], np.take_along_axis(R[states], action, 1)), action
