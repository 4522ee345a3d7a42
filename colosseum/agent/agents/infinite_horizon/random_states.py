"""
The random next states of simple optimistic samples, of which only those are drawn that somebody asks for.

Each of the rows has psi random states, and what counts of them is the best by the values at hand. So states are walked
in the order of their values, each with a bit for every row that has it, until every row has met one of its own: a few
of the first states do for all rows at once, however large psi is.

The bits of a state are drawn when a walk first comes by. Draws that have not been found among the states before are
uniform over the states that are left: so the number of them that are of this state is binomial, and which ones is a
random subset. That is the multinomial distribution of all draws, one state after the other; the order may depend on
anything that is known by then. Later walks, by other values, find the same states again.
"""

from typing import NamedTuple

import numpy as np

from colosseum.utils.compiled import njit
from colosseum.utils.split_mix import STEP, uniform, word_of

_BIT_OF = np.zeros(67, np.int64)
_BIT_OF[[2**bit % 67 for bit in range(64)]] = np.arange(64)
"""The number of a bit from the word in which it alone is set: 2 generates all remainders of the prime 67."""


class RandomStates(NamedTuple):
    """
    What is known of the random states of some rows.

    Attributes
    ----------
    draws : int32 array of shape (n_draws,)
        The row of each draw; those that are not known yet come first.
    rows : uint64 array of shape (ceil(n_rows / 64),)
        A bit for each row that has draws.
    place : int64 array of shape (S,)
        For each state, where its bits are; -1 where they were not drawn.
    bits : uint64 array of shape (S, ceil(n_rows / 64))
    used : int64 array of shape (2,)
        How many states have their bits, and how many draws are not known yet.
    """

    draws: np.ndarray
    rows: np.ndarray
    place: np.ndarray
    bits: np.ndarray
    used: np.ndarray

    @classmethod
    def of(cls, has_draws: np.ndarray, psi: int, n_states: int) -> "RandomStates":
        """
        Nothing is known yet.

        Parameters
        ----------
        has_draws : bool array of shape (n_rows,)
            Which rows have random states.
        psi : int
            How many each.
        n_states : int
        """
        n_words = (len(has_draws) + 63) // 64
        padded = np.zeros(64 * n_words, np.uint8)
        padded[: len(has_draws)] = has_draws
        rows = np.packbits(padded, bitorder="little").view("<u8").astype(np.uint64)
        draws = np.repeat(np.flatnonzero(has_draws).astype(np.int32), psi)
        # memory that no state uses is never touched
        bits = np.empty((n_states, n_words), np.uint64)
        return cls(draws, rows, np.full(n_states, -1), bits, np.array([0, len(draws)]))

    def forget(self) -> None:
        """Let nothing be known again."""
        self.place[:] = -1
        self.used[:] = 0, len(self.draws)


@njit(cache=True)
def draw_state(states, s, rng):
    """Draw which rows have state `s` among their random states."""
    draws, rows, place, bits, used = states
    n_asked = used[0]
    n_left = used[1]
    place[s] = n_asked
    for w in range(rows.shape[0]):
        bits[n_asked, w] = np.uint64(0)
    n_others = place.shape[0] - n_asked
    n_hits = n_left
    if n_others > 1 and n_left > 0:
        n_hits = rng.binomial(n_left, 1.0 / n_others)
    number = np.uint64(np.int64(rng.random() * 2.0**53)) << np.uint64(11)  # far from those of other states
    for _ in range(n_hits):
        number += STEP
        i = int(uniform(word_of(number)) * n_left)
        n_left -= 1
        row = draws[i]
        draws[i] = draws[n_left]
        draws[n_left] = row
        bits[n_asked, row >> 6] |= np.uint64(1) << np.uint64(row & 63)
    used[0] = n_asked + 1
    used[1] = n_left


@njit(cache=True)
def best_states(states, v, rng, best):
    """
    For each row that has random states, set `best` to that of the greatest value; of equal values, the lowest state.

    Parameters
    ----------
    states : RandomStates
        What is missing is drawn.
    v : float64 array of shape (S,)
    rng : numpy.random.Generator
    best : int64 array of shape (n_rows,)
    """
    n_states = v.shape[0]
    heap = np.arange(n_states)
    for i in range(n_states // 2 - 1, -1, -1):
        _sift(heap, v, i, n_states)
    missing = states.rows.copy()
    is_missing = states.draws.shape[0] > 0
    n = n_states
    while is_missing:
        s = heap[0]
        n -= 1
        heap[0] = heap[n]
        _sift(heap, v, 0, n)
        if states.place[s] < 0:
            draw_state(states, s, rng)
        place = states.place[s]
        is_missing = False
        for w in range(missing.shape[0]):
            hits = missing[w] & states.bits[place, w]
            missing[w] ^= hits
            while hits != np.uint64(0):
                others = hits & (hits - np.uint64(1))
                best[64 * w + _BIT_OF[(hits ^ others) % np.uint64(67)]] = s
                hits = others
            is_missing |= missing[w] != np.uint64(0)


@njit(cache=True)
def _sift(heap, v, i, n):
    """Restore the order of a heap of states by value, then number, from place `i` down."""
    s = heap[i]
    while True:
        child = 2 * i + 1
        if child >= n:
            break
        t = heap[child]
        if child + 1 < n:
            u = heap[child + 1]
            if v[u] > v[t] or (v[u] == v[t] and u < t):
                child += 1
                t = u
        if v[s] > v[t] or (v[s] == v[t] and s < t):
            break
        heap[i] = t
        i = child
    heap[i] = s
