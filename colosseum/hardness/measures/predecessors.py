"""Which pairs of state and action may lead into each state."""

import numpy as np
from numba import njit


@njit(cache=True)
def rows_into(indptr, next_state, probs, n_states):
    """
    Reverse the transitions of an MDP.

    Parameters
    ----------
    indptr, next_state, probs
        Transition probabilities, compressed sparse row matrix of shape (S * A, S).
    n_states : int

    Returns
    -------
    start : int64 array of shape (S + 1,)
    rows : int64 array of shape (n,)
        ``rows[start[s] : start[s + 1]]`` are the rows that lead into s with a positive probability, ascending.
    """
    start = np.zeros(n_states + 1, np.int64)
    for k in range(next_state.shape[0]):
        if probs[k] > 0.0:
            start[next_state[k] + 1] += 1
    for s in range(n_states):
        start[s + 1] += start[s]
    rows = np.empty(start[n_states], np.int64)
    filled = start[:n_states].copy()
    for row in range(indptr.shape[0] - 1):
        for k in range(indptr[row], indptr[row + 1]):
            if probs[k] > 0.0:
                rows[filled[next_state[k]]] = row
                filled[next_state[k]] += 1
    return start, rows
