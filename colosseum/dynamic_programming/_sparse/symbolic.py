"""
In which order to eliminate the states of an MDP, and where the fill falls: once for all its policies.

The order is a minimum degree one on the symmetrised pattern of all actions together. It is then put into a postorder of
its elimination tree, which does not change the fill but makes the columns of a row fall into few runs of neighbours: so
the inner loop of the elimination is a plain vector operation.
"""

from typing import NamedTuple, overload

import numpy as np

from colosseum.dynamic_programming._sparse.grouping import group
from colosseum.dynamic_programming._sparse.minimum_degree import minimum_degree, symmetric_neighbours
from colosseum.dynamic_programming.arrays import Transitions
from colosseum.utils.compiled import njit


class Pattern(NamedTuple):
    """
    The order of elimination of S states and the positions that may ever be non-zero (symmetric, diagonal excluded).

    Attributes
    ----------
    position : int64 array of shape (S,)
        When each state is eliminated.
    state : int64 array of shape (S,)
        The inverse: the state that is eliminated at each position.
    lower_start : int64 array of shape (S + 1,)
        The earlier neighbours of position i are ``lower[lower_start[i] : lower_start[i + 1]]``.
    lower : int64 array of shape (n_fill,)
        Positions, ascending within a row.
    upper_start : int64 array of shape (S + 1,)
        The values of the later neighbours of position i lie at ``upper_start[i] : upper_start[i + 1]``, run after run.
    run_start : int64 array of shape (S + 1,)
        The runs of position i are ``run_start[i] : run_start[i + 1]``.
    run_first, run_length : int64 array of shape (n_runs,)
        First position and number of positions of each run of later neighbours.
    """

    position: np.ndarray
    state: np.ndarray
    lower_start: np.ndarray
    lower: np.ndarray
    upper_start: np.ndarray
    run_start: np.ndarray
    run_first: np.ndarray
    run_length: np.ndarray


@njit(cache=True)
def _postorder(order, element_start, element):
    """Return the step that each place of a postorder of the elimination tree has in `order`."""
    n = order.shape[0]
    step_of = np.empty(n, np.int64)
    for k in range(n):
        step_of[order[k]] = k
    first_child = np.full(n, -1, np.int64)
    sibling = np.full(n, -1, np.int64)
    root = -1
    for k in range(n - 1, -1, -1):
        parent = n
        for i in range(element_start[k], element_start[k + 1]):
            parent = min(parent, step_of[element[i]])
        if parent == n:
            sibling[k] = root
            root = k
        else:
            sibling[k] = first_child[parent]
            first_child[parent] = k
    steps = np.empty(n, np.int64)
    stack = np.empty(n, np.int64)
    n_stack = 0
    n_steps = 0
    while root >= 0:
        stack[0] = root
        n_stack = 1
        root = sibling[root]
        while n_stack:
            k = stack[n_stack - 1]
            child = first_child[k]
            if child >= 0:
                first_child[k] = sibling[child]
                stack[n_stack] = child
                n_stack += 1
            else:
                n_stack -= 1
                steps[n_steps] = k
                n_steps += 1
    return steps


@njit(cache=True)
def _make_pattern(indptr, next_state, n_states, n_actions, most_work):
    start, neighbour = symmetric_neighbours(indptr, next_state, n_states, n_actions)
    order, element_start, element, work = minimum_degree(start, neighbour, most_work)
    n = n_states
    if work > most_work:  # only the types matter of what is returned
        element_start[:] = 0
        order = np.arange(n)
    steps = _postorder(order, element_start, element)
    position = np.empty(n, np.int64)
    state = np.empty(n, np.int64)
    for i in range(n):
        state[i] = order[steps[i]]
        position[state[i]] = i

    # Sorting the entries by column keeps the rows in order; sorting the result by row keeps the columns in order.
    row = np.empty(element.shape[0], np.int64)
    column = np.empty(element.shape[0], np.int64)
    at = 0
    for i in range(n):
        for k in range(element_start[steps[i]], element_start[steps[i] + 1]):
            row[at] = i
            column[at] = position[element[k]]
            at += 1
    lower_start, by_column = group(column[:at], n)
    lower = row[by_column]
    upper_start, by_row = group(lower, n)
    upper = column[by_column][by_row]

    run_start = np.zeros(n + 1, np.int64)
    run_first = np.empty(element.shape[0], np.int64)
    run_length = np.empty(element.shape[0], np.int64)
    n_runs = 0
    for i in range(n):
        for k in range(upper_start[i], upper_start[i + 1]):
            if k > upper_start[i] and upper[k] == upper[k - 1] + 1:
                run_length[n_runs - 1] += 1
            else:
                run_first[n_runs] = upper[k]
                run_length[n_runs] = 1
                n_runs += 1
        run_start[i + 1] = n_runs
    runs = run_first[:n_runs].copy(), run_length[:n_runs].copy()
    return position, state, lower_start, lower, upper_start, run_start, runs[0], runs[1], work


@overload
def make_pattern(transitions: Transitions) -> Pattern: ...
@overload
def make_pattern(transitions: Transitions, most_work: float) -> Pattern | None: ...
def make_pattern(transitions: Transitions, most_work: float = np.inf) -> Pattern | None:
    """
    Order the states of an MDP and find the fill of their elimination.

    Parameters
    ----------
    transitions : Transitions
    most_work : float
        Give up where an elimination would take more multiplications.

    Returns
    -------
    Pattern or None
        None where `most_work` was exceeded.
    """
    *arrays, work = _make_pattern(
        transitions.indptr, transitions.next_state, transitions.n_states, transitions.n_actions, float(most_work)
    )
    return Pattern(*arrays) if work <= most_work else None
