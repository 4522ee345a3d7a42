"""
Compiled draws of starting states, transitions and rewards: the innermost functions of every interaction.

All of them take the generator that they draw from, so a loop that is compiled, a loop in plain Python and
``MDP.step`` meet the same numbers. Only ``math`` functions and generator methods are used, never numpy's vectorised
functions: so the results with the compiler off (``NUMBA_DISABLE_JIT=1``) are the same to the last digit.
"""

from typing import NamedTuple

import numpy as np
from numba import njit

DETERMINISTIC, BETA = 0, 1

# Numba knows of an unsigned index that it does not count from the end of an array; asking costs a quarter of a step.
unsigned = np.uint64


class SamplingTables(NamedTuple):
    """
    What a compiled loop needs of an MDP to simulate it; entry k is one possible transition.

    Attributes
    ----------
    indptr : int64 array of shape (S * A + 1,)
        The entries of state s and action a are ``indptr[s * A + a] : indptr[s * A + a + 1]``.
    next_state : int64 array of shape (nnz,)
        The next state of each entry.
    accept : float64 array of shape (nnz,)
        Walker's alias method: probability of keeping the entry that was hit.
    alias : int64 array of shape (nnz,)
        Walker's alias method: the entry taken otherwise.
    reward : int64 array of shape (nnz,)
        Index of the entry's reward distribution in the four arrays that follow.
    reward_kind : int64 array of shape (n_rewards,)
        DETERMINISTIC (the reward is `reward_loc`) or BETA (`reward_loc` + `reward_scale` * Beta(a, b)).
    reward_a, reward_b, reward_loc, reward_scale : float64 array of shape (n_rewards,)
        The parameters of the reward distributions, in the units that the agent receives.
    start_state : int64 array of shape (n_start,)
        The possible starting states.
    start_cumulative : float64 array of shape (n_start,)
        Their cumulative probabilities; the last one is 1.
    """

    indptr: np.ndarray
    next_state: np.ndarray
    accept: np.ndarray
    alias: np.ndarray
    reward: np.ndarray
    reward_kind: np.ndarray
    reward_a: np.ndarray
    reward_b: np.ndarray
    reward_loc: np.ndarray
    reward_scale: np.ndarray
    start_state: np.ndarray
    start_cumulative: np.ndarray


@njit(cache=True)
def draw_start(tables, rng):
    """Draw a starting state; no random number is used when there is only one."""
    return pick_start(tables.start_state, tables.start_cumulative, rng)


@njit(cache=True)
def draw_entry(tables, rng, row):
    """Draw the entry (possible transition) of row s * A + a; no random number is used when there is only one."""
    return pick_entry(tables.indptr, tables.accept, tables.alias, rng, row)


@njit(cache=True)
def draw_reward(tables, rng, k):
    """Draw the reward of entry k; no random number is used when it is constant."""
    return pick_reward(
        tables.reward,
        tables.reward_kind,
        tables.reward_a,
        tables.reward_b,
        tables.reward_loc,
        tables.reward_scale,
        rng,
        k,
    )


# A compiled loop unpacks its tables once and calls the three functions below: to pass the whole tuple, or to take an
# array out of it, counts references at every step, and that takes three times as long as the step itself.


@njit(cache=True, inline="always")
def pick_start(start_state, start_cumulative, rng):
    """`draw_start` on arrays."""
    n = start_state.shape[0]
    i = 0
    if n > 1:
        u = rng.random()
        while i < n - 1 and u >= start_cumulative[i]:
            i += 1
    return start_state[i]


@njit(cache=True, inline="always")
def pick_entry(indptr, accept, alias, rng, row):
    """`draw_entry` on arrays."""
    first = indptr[unsigned(row)]
    n = indptr[unsigned(row + 1)] - first
    if n == 1:
        return first
    u = rng.random() * n
    i = int(u)
    k = first + i
    other = alias[unsigned(k)]  # read beforehand, so that the choice is no branch: it cannot be predicted
    return other if u - i >= accept[unsigned(k)] else k


@njit(cache=True, inline="always")
def pick_reward(reward, reward_kind, reward_a, reward_b, reward_loc, reward_scale, rng, k):
    """`draw_reward` on arrays."""
    d = unsigned(reward[unsigned(k)])
    if reward_kind[d] == DETERMINISTIC:
        return reward_loc[d]
    return reward_loc[d] + reward_scale[d] * rng.beta(reward_a[d], reward_b[d])


@njit(cache=True)
def alias_tables(indptr, probs):
    """
    Build the tables of Walker's alias method (Vose, 1991) for every row of a sparse matrix.

    Parameters
    ----------
    indptr : int64 array of shape (n_rows + 1,)
    probs : float64 array of shape (nnz,)
        Each row sums to one.

    Returns
    -------
    accept : float64 array of shape (nnz,)
    alias : int64 array of shape (nnz,)
    """
    accept = np.ones(probs.shape[0])
    alias = np.arange(probs.shape[0])
    for row in range(indptr.shape[0] - 1):
        first, last = indptr[row], indptr[row + 1]
        n = last - first
        scaled = probs[first:last] * n
        small = np.empty(n, np.int64)
        large = np.empty(n, np.int64)
        n_small = n_large = 0
        for i in range(n):
            if scaled[i] < 1.0:
                small[n_small] = i
                n_small += 1
            else:
                large[n_large] = i
                n_large += 1
        while n_small and n_large:
            n_small -= 1
            i = small[n_small]
            j = large[n_large - 1]
            accept[first + i] = scaled[i]
            alias[first + i] = first + j
            scaled[j] -= 1.0 - scaled[i]
            if scaled[j] < 1.0:
                n_large -= 1
                small[n_small] = j
                n_small += 1
    return accept, alias
