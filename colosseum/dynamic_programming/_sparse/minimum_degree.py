"""
Minimum degree ordering of a sparse symmetric pattern.

On the quotient graph, with the approximate degrees of Amestoy, Davis and Duff (1996), An approximate minimum degree
ordering algorithm, SIAM Journal on Matrix Analysis and Applications 17.
"""

import numpy as np

from colosseum.dynamic_programming._sparse.grouping import group
from colosseum.utils.compiled import njit


@njit(cache=True)
def symmetric_neighbours(indptr, next_state, n_states, n_actions):
    """Return the symmetrised pattern without diagonal and duplicates as (start, neighbour)."""
    from_state = np.empty(2 * next_state.shape[0], np.int64)
    to_state = np.empty(2 * next_state.shape[0], np.int64)
    for s in range(n_states):
        for k in range(indptr[s * n_actions], indptr[(s + 1) * n_actions]):
            t = next_state[k]
            from_state[2 * k] = s if t != s else -1
            to_state[2 * k] = t
            from_state[2 * k + 1] = t if t != s else -1
            to_state[2 * k + 1] = s
    start, entry = group(from_state, n_states)
    everything = to_state[entry]
    seen = np.full(n_states, -1, np.int64)
    n = 0
    for s in range(n_states):
        low, high = start[s], start[s + 1]
        start[s] = n
        for k in range(low, high):
            t = everything[k]
            if seen[t] != s:
                seen[t] = s
                everything[n] = t
                n += 1
    start[n_states] = n
    return start, everything[:n]


@njit(cache=True)
def minimum_degree(start, neighbour, most_work):
    """
    Return the order of elimination and, for each step, the states that the eliminated one is then joined with.

    A step turns the eliminated state into an *element*, the set of states that it joins. A state is described by the
    neighbours that no element explains (kept in the place of its row) and by the elements that it belongs to.

    Returns
    -------
    order : int64 array of shape (S,)
    element_start : int64 array of shape (S + 1,)
    element : int64 array of shape (n_fill,)
        States, in no order.
    work : float
        Multiplications of an elimination. The search ends where they exceed `most_work`: the rest is then incomplete.
    """
    n = start.shape[0] - 1
    neighbour = neighbour.copy()
    belongs = np.empty(neighbour.shape[0], np.int64)  # elements of each state: one comes only where a neighbour goes
    n_neighbours = np.empty(n, np.int64)
    n_belongs = np.zeros(n, np.int64)
    degree = np.empty(n, np.int64)
    head = np.full(n + 1, -1, np.int64)  # of the list of states of each degree
    after = np.full(n, -1, np.int64)
    before = np.full(n, -1, np.int64)
    for s in range(n - 1, -1, -1):
        d = start[s + 1] - start[s]
        n_neighbours[s] = d
        degree[s] = d
        _link(s, d, head, after, before)

    order = np.empty(n, np.int64)
    step_of = np.full(n, -1, np.int64)
    element_start = np.zeros(n + 1, np.int64)
    element = np.empty(2 * neighbour.shape[0] + 16, np.int64)
    alive = np.zeros(n, np.bool_)  # elements, by step
    outside = np.zeros(n, np.int64)  # members of an element that are not in the newest one
    outside_step = np.full(n, -1, np.int64)
    mark = np.full(n, -1, np.int64)
    lowest = 0
    work = 0.0
    for step in range(n):
        while head[lowest] < 0:
            lowest += 1
        p = head[lowest]
        _unlink(p, lowest, head, after, before)
        order[step] = p
        step_of[p] = step
        mark[p] = step

        low = element_start[step]
        needed = low + degree[p] + n_neighbours[p]
        for i in range(start[p], start[p] + n_belongs[p]):
            e = belongs[i]
            needed += element_start[e + 1] - element_start[e]
        if needed > element.shape[0]:
            larger = np.empty(max(needed, 2 * element.shape[0]), np.int64)
            larger[:low] = element[:low]
            element = larger
        high = low
        for i in range(start[p], start[p] + n_neighbours[p]):
            t = neighbour[i]
            mark[t] = step
            element[high] = t
            high += 1
        for i in range(start[p], start[p] + n_belongs[p]):
            e = belongs[i]
            alive[e] = False  # the new element holds all of it
            for j in range(element_start[e], element_start[e + 1]):
                t = element[j]
                if mark[t] != step:
                    mark[t] = step
                    element[high] = t
                    high += 1
        element_start[step + 1] = high
        work += float(high - low) ** 2
        if work > most_work:
            return order, element_start, element[:0], work
        alive[step] = high > low

        _count_outside(step, element[low:high], start, belongs, n_belongs, alive, element_start, outside, outside_step)
        for i in range(low, high):
            s = element[i]
            d = degree[s]
            _unlink(s, d, head, after, before)
            kept = start[s]
            for j in range(start[s], start[s] + n_neighbours[s]):
                if mark[neighbour[j]] != step:
                    neighbour[kept] = neighbour[j]
                    kept += 1
            n_neighbours[s] = kept - start[s]
            bound = n_neighbours[s] + high - low - 1
            kept = start[s]
            for j in range(start[s], start[s] + n_belongs[s]):
                e = belongs[j]
                if outside[e] > 0:
                    belongs[kept] = e
                    kept += 1
                    bound += outside[e]
                else:
                    alive[e] = False
            belongs[kept] = step
            n_belongs[s] = kept + 1 - start[s]
            d = min(n - step - 2, d + high - low - 1, bound)
            degree[s] = d
            _link(s, d, head, after, before)
            if d < lowest:
                lowest = d
    return order, element_start, element[: element_start[n]], work


@njit(cache=True)
def _link(s, d, head, after, before):
    """Put a state at the head of the list of those of degree d."""
    before[s] = -1
    after[s] = head[d]
    if head[d] >= 0:
        before[head[d]] = s
    head[d] = s


@njit(cache=True)
def _unlink(s, d, head, after, before):
    """Take a state out of the list of those of degree d."""
    if before[s] >= 0:
        after[before[s]] = after[s]
    else:
        head[d] = after[s]
    if after[s] >= 0:
        before[after[s]] = before[s]


@njit(cache=True)
def _count_outside(step, members, start, belongs, n_belongs, alive, element_start, outside, outside_step):
    """Drop the absorbed elements of the newest one's members, and count what the others have outside of it."""
    for s in members:
        kept = start[s]
        for j in range(start[s], start[s] + n_belongs[s]):
            e = belongs[j]
            if alive[e]:
                belongs[kept] = e
                kept += 1
                if outside_step[e] != step:
                    outside_step[e] = step
                    outside[e] = element_start[e + 1] - element_start[e]
                outside[e] -= 1
        n_belongs[s] = kept - start[s]
