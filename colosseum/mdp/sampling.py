"""
Compiled draws of starting states, transitions and rewards: the innermost functions of every interaction.

Every loop takes its steps with `take_step`, as ``MDP.step`` does; and all of them take the generator that they draw
from, so a loop that is compiled, a loop in plain Python and ``MDP.step`` meet the same numbers. Only ``math`` functions
and generator methods are used, never numpy's vectorised functions: so the results with the compiler off
(``NUMBA_DISABLE_JIT=1``) are the same to the last digit.
"""

from typing import Any, NamedTuple, TypeVar

import numpy as np
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic, overload

from colosseum.utils.compiled import njit

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
    n_states, n_actions : int
        S and A.
    gap : float64 array of shape (S * A,), or (H * S * A,) when episodic
        What each action loses in expectation against the optimal policy (``MDP.optimality_gaps``), or zeros where that
        is not asked for.
    gap_stride : int
        Entries of `gap` from one time of an episode to the next: S * A, or 0 where all times have the same ones.
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
    n_states: int
    n_actions: int
    gap: np.ndarray
    gap_stride: int

    def with_gaps(self, gaps: np.ndarray) -> "SamplingTables":
        """Return the same tables with what each action loses: an array of shape (S, A), or (H, S, A) when episodic."""
        return self._replace(gap=gaps.ravel(), gap_stride=gaps[0].size if gaps.ndim == 3 else 0)


Arrays = TypeVar("Arrays")


def uncounted(tables: Arrays) -> Arrays:
    """
    Return the same tuple of arrays, whose references compiled code does not count: each loop begins with it, for the
    tables and for its own arrays.

    References are counted atomically. A loop that hands a tuple of arrays to a function, or takes an array out of it,
    would count some at every step, which takes from two to seven times as long as the step itself. At times numba sees
    that it need not, and another line in the loop makes it blind again. Whoever calls the loop holds the arrays, so
    within it nothing needs to be counted.
    """
    return tables


@intrinsic
def _without_counts(typing_context: Any, tables: Any) -> Any:
    def codegen(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        (value,) = args
        for i, kind in enumerate(tables.types):
            if isinstance(kind, types.Array):
                array = cgutils.create_struct_proxy(kind)(context, builder, builder.extract_value(value, i))
                array.meminfo = array.meminfo.type(None)
                value = builder.insert_value(value, array._getvalue(), i)
        return value

    return tables(tables), codegen


@overload(uncounted, inline="always")
def _uncounted(tables):
    return lambda tables: _without_counts(tables)


@njit(cache=True, inline="always")
def draw_start(tables, rng):
    """Draw a starting state; no random number is used when there is only one."""
    n = tables.start_state.shape[0]
    i = 0
    if n > 1:
        u = rng.random()
        while i < n - 1 and u >= tables.start_cumulative[i]:
            i += 1
    return tables.start_state[i]


@njit(cache=True, inline="always")
def take_step(tables, rng, s, h, a):
    """
    Take a step.

    Random numbers are used only where there are several next states, and where the reward is not constant.

    Parameters
    ----------
    tables : SamplingTables
        In a compiled loop, what `uncounted` returns.
    rng : numpy.random.Generator
    s, h, a : int
        State, in-episode time (0 when continuous) and action.

    Returns
    -------
    next_state : int
    reward : float
    gap : float
        What the action loses in expectation, or 0 if the tables do not tell.
    """
    row = s * tables.n_actions + a
    # first of all and without a branch: it is there when it is wanted, while the transition still waits for its number
    gap = tables.gap[unsigned(h * tables.gap_stride + row)]
    k = tables.indptr[unsigned(row)]
    n = tables.indptr[unsigned(row + 1)] - k
    if n > 1:
        u = rng.random() * n
        i = int(u)
        k += i
        other = tables.alias[unsigned(k)]  # read beforehand, so that the choice is no branch: it cannot be predicted
        k = other if u - i >= tables.accept[unsigned(k)] else k
    d = unsigned(tables.reward[unsigned(k)])
    reward = tables.reward_loc[d]
    if tables.reward_kind[d] != DETERMINISTIC:
        reward += tables.reward_scale[d] * rng.beta(tables.reward_a[d], tables.reward_b[d])
    return tables.next_state[unsigned(k)], reward, gap


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
