"""Ways to a set of states in the fewest moves."""

import numpy as np

from colosseum.dynamic_programming._sparse.grouping import rows_into
from colosseum.utils.compiled import njit


@njit(cache=True, nogil=True)
def breadth_first(start, rows, n_actions, n_targets, order, distance):
    """
    Write the states in the order of their distance to some targets, and the distances.

    Parameters
    ----------
    start, rows
        What `rows_into` returned.
    n_targets : int
    order : int64 array of shape (S,)
        Holds the targets in its first places; overwritten from there on.
    distance : int64 array of shape (S,)
        Overwritten; -1 for a state that cannot reach a target.

    Returns
    -------
    int
        How many states `order` then holds.
    """
    distance[:] = -1
    for i in range(n_targets):
        distance[order[i]] = 0
    n = n_targets
    i = 0
    while i < n:
        t = order[i]
        i += 1
        for k in range(start[t], start[t + 1]):
            s = rows[k] // n_actions
            if distance[s] < 0:
                distance[s] = distance[t] + 1
                order[n] = s
                n += 1
    return n


@njit(cache=True, nogil=True)
def take_nearer(transitions, distance, action):
    """
    Overwrite the action of every state at some distance: of those that may get nearer in one step, the likeliest.

    States at distance 0 or -1 keep theirs; from the others the policy then surely arrives at distance 0.
    """
    indptr, next_state, probs, n_actions = transitions
    for s in range(distance.shape[0]):
        if distance[s] > 0:
            best = 0.0
            for a in range(n_actions):
                nearer = 0.0
                for k in range(indptr[s * n_actions + a], indptr[s * n_actions + a + 1]):
                    if distance[next_state[k]] >= 0 and distance[next_state[k]] < distance[s]:
                        nearer += probs[k]
                if nearer > best:
                    best = nearer
                    action[s] = a


@njit(cache=True)
def lead_to(transitions, target, action):
    """
    Overwrite the actions outside a set of states so that it is reached from everywhere in the fewest moves.

    Of the actions that may get nearer in one step, the likeliest is taken. States that cannot reach it keep their
    action.

    Parameters
    ----------
    transitions : Transitions
    target : bool array of shape (S,)
    action : int64 array of shape (S,)
    """
    n_states = target.shape[0]
    start, rows = rows_into(transitions)
    order = np.empty(n_states, np.int64)
    n_targets = 0
    for s in range(n_states):
        if target[s]:
            order[n_targets] = s
            n_targets += 1
    distance = np.empty(n_states, np.int64)
    breadth_first(start, rows, transitions.n_actions, n_targets, order, distance)
    take_nearer(transitions, distance, action)
