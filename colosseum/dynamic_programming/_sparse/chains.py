"""The Markov chain of a policy: its rows, and its classes."""

from typing import NamedTuple

import numpy as np

from colosseum.dynamic_programming._sparse.grouping import group
from colosseum.dynamic_programming.arrays import ModelArrays
from colosseum.utils.compiled import njit


class Chain(NamedTuple):
    """
    The Markov chain of a policy on the states that it reaches, with its classes.

    Attributes
    ----------
    n_classes : int
        Strongly connected components, numbered so that no class leads to one of a higher number.
    class_of : int64 array of shape (S,)
        The class of each state; -1 where the state is not reached.
    closed : bool array of shape (S,)
        For each class, whether it is recurrent (cannot be left).
    row_start, row_stop : int64 array of shape (S,)
        The transitions of state s are ``row_start[s] : row_stop[s]``.
    column : int64 array of shape (n_transitions,)
    value : float64 array of shape (n_transitions,)
        Next states, unique in a row, and their probabilities, all positive.
    reward : float64 array of shape (S,)
        Expected reward of a step in each state.
    """

    n_classes: int
    class_of: np.ndarray
    closed: np.ndarray
    row_start: np.ndarray
    row_stop: np.ndarray
    column: np.ndarray
    value: np.ndarray
    reward: np.ndarray


@njit(cache=True)
def without_rewards(transitions):
    """Return the MDP of these transitions in which nothing pays: for what asks only where a chain leads."""
    indptr, next_state, probs, n_actions = transitions
    n_states = (indptr.shape[0] - 1) // n_actions
    return ModelArrays(indptr, next_state, probs, np.zeros((n_states, n_actions)))


@njit(cache=True)
def make_chain(arrays, policy, root):
    """
    Follow a policy from a state (from all states if `root` is negative) and find the classes of its chain.

    Tarjan (1972), Depth-first search and linear graph algorithms, SIAM Journal on Computing 1; iterative.

    Parameters
    ----------
    arrays : ModelArrays
    policy : float64 array of shape (S, A)
    root : int

    Returns
    -------
    Chain
    """
    indptr, next_state, probs, R = arrays
    n_states, n_actions = R.shape
    row_start = np.zeros(n_states, np.int64)
    row_stop = np.zeros(n_states, np.int64)
    column = np.empty(next_state.shape[0], np.int64)
    value = np.empty(next_state.shape[0])
    reward = np.zeros(n_states)
    n_entries = 0
    place = np.full(n_states, -1, np.int64)  # of each next state in the row at hand
    class_of = np.full(n_states, -1, np.int64)
    closed = np.ones(n_states, np.bool_)
    n_classes = 0
    number = np.full(n_states, -1, np.int64)
    low = np.zeros(n_states, np.int64)
    n_found = 0
    pending = np.empty(n_states, np.int64)
    n_pending = 0
    path = np.empty(n_states, np.int64)
    cursor = np.empty(n_states, np.int64)

    for first in range(n_states if root < 0 else 1):
        start = first if root < 0 else root
        if number[start] >= 0:
            continue
        path[0] = start
        n_path = 1
        while n_path:
            s = path[n_path - 1]
            if number[s] < 0:
                number[s] = n_found
                low[s] = n_found
                n_found += 1
                pending[n_pending] = s
                n_pending += 1
                row_start[s] = n_entries
                for a in range(n_actions):
                    weight = policy[s, a]
                    if weight > 0.0:
                        reward[s] += weight * R[s, a]
                        for k in range(indptr[s * n_actions + a], indptr[s * n_actions + a + 1]):
                            p = weight * probs[k]
                            if p > 0.0:
                                t = next_state[k]
                                if place[t] < row_start[s]:
                                    place[t] = n_entries
                                    column[n_entries] = t
                                    value[n_entries] = p
                                    n_entries += 1
                                else:
                                    value[place[t]] += p
                row_stop[s] = n_entries
                cursor[s] = row_start[s]
            if cursor[s] < row_stop[s]:
                t = column[cursor[s]]
                cursor[s] += 1
                if number[t] < 0:
                    path[n_path] = t
                    n_path += 1
                elif class_of[t] < 0:
                    low[s] = min(low[s], number[t])
            else:
                n_path -= 1
                if low[s] == number[s]:
                    bottom = n_pending
                    while True:
                        bottom -= 1
                        class_of[pending[bottom]] = n_classes
                        if pending[bottom] == s:
                            break
                    for i in range(bottom, n_pending):
                        for k in range(row_start[pending[i]], row_stop[pending[i]]):
                            if class_of[column[k]] != n_classes:
                                closed[n_classes] = False
                    n_pending = bottom
                    n_classes += 1
                if n_path:
                    low[path[n_path - 1]] = min(low[path[n_path - 1]], low[s])
    return Chain(n_classes, class_of, closed, row_start, row_stop, column[:n_entries], value[:n_entries], reward)


@njit(cache=True)
def members_by_class(pattern, chain):
    """
    Sort the reached states by class.

    Returns
    -------
    start : int64 array of shape (n_classes + 2,)
        Members ``start[c] : start[c + 1]`` are the recurrent class c (none if it is transient); the last group, c =
        n_classes, holds all transient states.
    member : int64 array of shape (n_reached,)
        Positions, ascending within a group.
    """
    n = chain.n_classes
    key = np.empty(pattern.state.shape[0], np.int64)
    for i in range(pattern.state.shape[0]):
        c = chain.class_of[pattern.state[i]]
        key[i] = n if c >= 0 and not chain.closed[c] else c
    return group(key, n + 1)


@njit(cache=True)
def members_inside(pattern, chain, inside):
    """
    Find where some states stand in the order of elimination, and how probably a step from each leads out of them.

    Parameters
    ----------
    pattern : Pattern
    chain : Chain
    inside : bool array of shape (S,)
        Whether each *state* is one of them.

    Returns
    -------
    member : int64 array of shape (m,)
        Their positions, ascending.
    leave : float64 array of shape (S,)
        By position; zero elsewhere.
    """
    member = np.empty(inside.shape[0], np.int64)
    leave = np.zeros(inside.shape[0])
    n = 0
    for i in range(inside.shape[0]):
        s = pattern.state[i]
        if inside[s]:
            member[n] = i
            n += 1
            for k in range(chain.row_start[s], chain.row_stop[s]):
                if not inside[chain.column[k]]:
                    leave[i] += chain.value[k]
    return member[:n], leave
