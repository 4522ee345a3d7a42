"""Distances in the graph of an MDP: what can be reached in how many steps, whatever the probabilities."""

import numpy as np

from colosseum.utils.compiled import njit


@njit(cache=True)
def longest_shortest_path(indptr: np.ndarray, next_state: np.ndarray, n_actions: int, sources: np.ndarray) -> int:
    """
    Return the length of the longest of the shortest paths from any source to any state that it can reach.

    Parameters
    ----------
    indptr : int64 array of shape (S * A + 1,)
    next_state : int64 array of shape (nnz,)
        The successors of each state and action, as in `colosseum.mdp.model.MDPModel`.
    n_actions : int
    sources : int64 array
        States.

    Returns
    -------
    int
        Steps.
    """
    n_states = (indptr.shape[0] - 1) // n_actions
    seen_from = np.full(n_states, -1, np.int64)
    depth = np.empty(n_states, np.int64)
    queue = np.empty(n_states, np.int64)
    longest = 0
    for source in sources:
        seen_from[source] = source
        depth[source] = 0
        queue[0] = source
        first, last = 0, 1
        while first < last:
            state = queue[first]
            first += 1
            for k in range(indptr[state * n_actions], indptr[(state + 1) * n_actions]):
                following = next_state[k]
                if seen_from[following] != source:
                    seen_from[following] = source
                    depth[following] = depth[state] + 1
                    queue[last] = following
                    last += 1
        longest = max(longest, depth[queue[last - 1]])  # the last one in the queue is the farthest
    return longest
