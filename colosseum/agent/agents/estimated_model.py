"""Optimal values of a model that is estimated from counts: a few next states a row, and a share of all others."""

import math

import numpy as np

from colosseum.agent.agents.choosing import best_of_row
from colosseum.mdp.sampling import uncounted, unsigned
from colosseum.utils.compiled import njit

DAMPING = 0.9
"""Weight of the new values in each sweep: less than one, so that periodic chains converge too (Puterman, 8.5.4)."""


@njit(cache=True)
def row_values(indptr, next_states, probs, uniform, rewards, v, out):
    """
    Set ``out`` to reward + expected value of every row, ``uniform`` being the probability of a uniformly random state.

    Parameters
    ----------
    indptr : int64 array of shape (S * A + 1,)
    next_states : int64 array of shape (n,)
    probs : float64 array of shape (n,)
    uniform, rewards, out : float64 array of shape (S * A,)
    v : float64 array of shape (S,)
    """
    mean = 0.0
    for s in range(v.shape[0]):
        mean += v[s]
    mean /= v.shape[0]
    for row in range(out.shape[0]):
        value = rewards[row] + uniform[row] * mean
        for k in range(indptr[row], indptr[row + 1]):
            value += probs[k] * v[next_states[k]]
        out[row] = value


@njit(cache=True)
def improve(q, v, new, chosen, greedy, n_actions):
    """
    Choose the best row of every state.

    Parameters
    ----------
    q : float64 array of shape (S * A,)
        The value of each row.
    v : float64 array of shape (S,)
        The values of the states so far.
    new : float64 array of shape (S,)
        Set to the best value of each state.
    chosen : int64 array of shape (S,)
        Set to the first row that has it.
    greedy : int32 array of shape (S,)
        Set to what `best_of_row` says of the state.
    n_actions : int

    Returns
    -------
    float
        The span of ``new - v``.
    """
    low = math.inf
    high = -math.inf
    for s in range(v.shape[0]):
        first = s * n_actions
        best, greedy[s] = best_of_row(q, first, n_actions)
        a = 0
        while q[first + a] != best:
            a += 1
        chosen[s] = first + a
        low = min(low, best - v[s])
        high = max(high, best - v[s])
        new[s] = best
    return high - low


@njit(cache=True)
def move(v, new):
    """Move the values `v` most of the way to `new`."""
    for s in range(v.shape[0]):
        v[s] += DAMPING * (new[s] - v[s])


@njit(cache=True)
def average_reward_values(indptr, next_states, probs, uniform, rewards, v, tolerance, max_rounds, n_inner):
    """
    Modified policy iteration for average reward (Puterman, 1994, section 8.7), from the values `v`.

    Each round improves the policy, then evaluates it by `n_inner` sweeps. It ends when the span of the change is below
    `tolerance`, or after `max_rounds`: then the policy is that of a long finite horizon, which is what there is to say
    of an estimated model whose parts do not communicate.

    Returns
    -------
    values : float64 array of shape (S * A,)
    greedy : int32 array of shape (S,)
        For each state, what `best_of_row` says of its values.
    """
    n_states = v.shape[0]
    q = np.empty(rewards.shape[0])
    v = v.copy()
    greedy = np.empty(n_states, np.int32)
    numbers = np.empty(n_states), np.empty(n_states), np.empty(n_states), np.empty(probs.shape[0])
    indices = np.empty(n_states, np.int64), np.zeros(n_states + 1, np.int64), np.empty(probs.shape[0], np.int64)
    _iterate(
        (indptr, next_states, probs, uniform, rewards), tolerance, max_rounds, n_inner, q, v, greedy, numbers, indices
    )
    return q, greedy


@njit(cache=True)
def _iterate(model, tolerance, max_rounds, n_inner, q, v, greedy, numbers, indices):
    indptr, next_states, probs, uniform, rewards = uncounted(model)
    q, v, greedy = uncounted((q, v, greedy))
    new, reward, share, prob = uncounted(numbers)
    chosen, start, state = uncounted(indices)
    n_states = v.shape[0]
    n_actions = rewards.shape[0] // n_states
    for _ in range(max_rounds):
        row_values(indptr, next_states, probs, uniform, rewards, v, q)
        if improve(q, v, new, chosen, greedy, n_actions) < tolerance:
            break
        move(v, new)
        # the rows of the policy, one after the other
        any_uniform = False
        n = 0
        for s in range(n_states):
            row = chosen[s]
            reward[s] = rewards[row]
            share[s] = uniform[row]
            any_uniform |= uniform[row] > 0.0
            for k in range(indptr[row], indptr[row + 1]):
                state[n] = next_states[k]
                prob[n] = probs[k]
                n += 1
            start[s + 1] = n
        for _ in range(n_inner):
            mean = 0.0
            if any_uniform:
                for s in range(n_states):
                    mean += v[s]
                mean /= n_states
            k = 0
            for s in range(n_states):
                value = reward[s] + share[s] * mean
                end = start[s + 1]
                while k < end:
                    value += prob[unsigned(k)] * v[unsigned(state[unsigned(k)])]
                    k += 1
                new[s] = value
            move(v, new)
        base = v[0]
        for s in range(n_states):
            v[s] -= base
