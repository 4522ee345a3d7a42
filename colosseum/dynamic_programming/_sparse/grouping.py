"""Counting sort: which entries fall into which group, and what leads where, reversed."""

import numpy as np

from colosseum.utils.compiled import njit


@njit(cache=True, nogil=True)
def group(key, n_groups):
    """
    Sort entries by the number of their group, in linear time, and stably.

    Parameters
    ----------
    key : int64 array of shape (n,)
        The group of each entry, 0 to n_groups - 1; an entry with a negative one is left out.
    n_groups : int

    Returns
    -------
    start : int64 array of shape (n_groups + 1,)
    entry : int64 array of shape (m,)
        ``entry[start[g] : start[g + 1]]`` are the entries of group g, ascending.
    """
    start = np.zeros(n_groups + 1, np.int64)
    for k in range(key.shape[0]):
        if key[k] >= 0:
            start[key[k] + 1] += 1
    for g in range(n_groups):
        start[g + 1] += start[g]
    entry = np.empty(start[n_groups], np.int64)
    filled = start[:n_groups].copy()
    for k in range(key.shape[0]):
        if key[k] >= 0:
            entry[filled[key[k]]] = k
            filled[key[k]] += 1
    return start, entry


@njit(cache=True, nogil=True)
def rows_into(transitions):
    """
    Reverse the transitions of an MDP.

    Returns
    -------
    start : int64 array of shape (S + 1,)
    rows : int64 array of shape (n,)
        ``rows[start[s] : start[s + 1]]`` are the rows s * A + a that lead into state s with a positive probability,
        ascending.
    """
    indptr, next_state, probs, n_actions = transitions
    n_rows = indptr.shape[0] - 1
    row_of = np.empty(next_state.shape[0], np.int64)
    key = np.empty(next_state.shape[0], np.int64)
    for row in range(n_rows):
        for k in range(indptr[row], indptr[row + 1]):
            row_of[k] = row
            key[k] = next_state[k] if probs[k] > 0.0 else -1
    start, entry = group(key, n_rows // n_actions)
    return start, row_of[entry]
