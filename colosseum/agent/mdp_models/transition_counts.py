"""Counts of the transitions that were met, in memory proportional to how many different ones there are."""

from typing import NamedTuple

import numpy as np

from colosseum.utils.compiled import njit


class TransitionCounts(NamedTuple):
    """
    For each pair of state and action, row s * A + a, a linked list of the next states that were met, in that order.

    Attributes
    ----------
    visits : int64 array of shape (S * A,)
        How often each pair was tried.
    head : int64 array of shape (S * A,)
        First entry of each list, -1 where it is empty.
    link : int64 array of shape (capacity,)
        The entry after this one, -1 for the last.
    next_state : int64 array of shape (capacity,)
    count : int64 array of shape (capacity,)
    used : int64 array of shape (1,)
        The number of entries in use.
    """

    visits: np.ndarray
    head: np.ndarray
    link: np.ndarray
    next_state: np.ndarray
    count: np.ndarray  # type: ignore[assignment]  # hides the method of tuples, which nobody asks
    used: np.ndarray

    @classmethod
    def empty(cls, n_states: int, n_actions: int) -> "TransitionCounts":
        """Counts of nothing, with room for nothing."""
        n = n_states * n_actions
        link, next_state, count = (np.empty(0, np.int64) for _ in range(3))
        return cls(np.zeros(n, np.int64), np.full(n, -1), link, next_state, count, np.zeros(1, np.int64))

    def with_room_for(self, n: int) -> "TransitionCounts":
        """Return the same counts with room for `n` more entries; no more than one is needed for each step."""
        needed = int(self.used[0]) + n
        capacity = len(self.link)
        if needed <= capacity:
            return self
        more = max(needed, 2 * capacity) - capacity

        def longer(array: np.ndarray) -> np.ndarray:
            return np.concatenate([array, np.empty(more, np.int64)])

        return self._replace(link=longer(self.link), next_state=longer(self.next_state), count=longer(self.count))


@njit(cache=True, inline="always")
def add_transition(visits, head, link, next_states, count, used, row, next_state):
    """Count one more transition; there must be room for one entry."""
    k = head[row]
    last = -1
    while k >= 0 and next_states[k] != next_state:
        last = k
        k = link[k]
    if k < 0:
        k = used[0]
        used[0] = k + 1
        next_states[k] = next_state
        count[k] = 0
        link[k] = -1
        if last < 0:
            head[row] = k
        else:
            link[last] = k
    count[k] += 1
    visits[row] += 1


@njit(cache=True)
def compressed_rows(head, link, next_states, count, used):
    """
    Copy the lists into compressed sparse rows.

    Returns
    -------
    indptr : int64 array of shape (S * A + 1,)
    next_state : int64 array of shape (n,)
        In the order in which they were first met.
    count : float64 array of shape (n,)
    """
    n_rows = head.shape[0]
    indptr = np.zeros(n_rows + 1, np.int64)
    states = np.empty(used[0], np.int64)
    counts = np.empty(used[0])
    i = 0
    for row in range(n_rows):
        k = head[row]
        while k >= 0:
            states[i] = next_states[k]
            counts[i] = count[k]
            i += 1
            k = link[k]
        indptr[row + 1] = i
    return indptr, states, counts
