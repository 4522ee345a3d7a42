"""
Extended value iteration: the optimal average reward of the best MDP within confidence sets (Jaksch et al., 2010).

Next states that were never met from a pair all have the same bounds, so that a row costs what its met states cost, not
S: the sums over the others come from the cumulative sums of the sorted values.
"""

import math
from typing import NamedTuple

import numpy as np

from colosseum.agent.agents.choosing import best_of_row
from colosseum.mdp.sampling import uncounted
from colosseum.utils.compiled import njit

MAX_SWEEPS = 10_000


class ConfidenceSet(NamedTuple):
    """
    Plausible transition probabilities of every row.

    Attributes
    ----------
    indptr : int64 array of shape (S * A + 1,)
    next_state : int64 array of shape (n,)
        The next states that were met.
    lower, slack : float64 array of shape (n,)
        With interval bounds: the least probability of each, and how much more it may be. With an L1 ball: the estimate,
        and zeros.
    rest : float64 array of shape (S * A,)
        With interval bounds: one minus the sum of the lower bounds. With an L1 ball: half its radius.
    slack_of_others : float64 array of shape (S * A,)
        With interval bounds: the greatest probability of a state that was not met. With an L1 ball: not used.
    is_l1 : bool
    """

    indptr: np.ndarray
    next_state: np.ndarray
    lower: np.ndarray
    slack: np.ndarray
    rest: np.ndarray
    slack_of_others: np.ndarray
    is_l1: bool


@njit(cache=True)
def sort_descending(v, order, spare):
    """Sort `order`, a permutation of the states, by descending values: stable, and fast where it nearly is so."""
    n = order.shape[0]
    width = 1
    while width < n:
        for first in range(0, n - width, 2 * width):
            middle = first + width
            last = min(middle + width, n)
            if v[order[middle - 1]] >= v[order[middle]]:
                continue
            i = first
            j = middle
            for k in range(first, last):
                if i < middle and (j >= last or v[order[i]] >= v[order[j]]):
                    spare[k] = order[i]
                    i += 1
                else:
                    spare[k] = order[j]
                    j += 1
            for k in range(first, last):
                order[k] = spare[k]
        width *= 2


@njit(cache=True)
def _greatest_in_intervals(first, last, ranks, by_rank, lower, slack, rest, other, sorted_v, cumulative):
    """
    Greatest expected value of a row whose probabilities lie in intervals.

    All are at their lower bounds at first; the rest of the mass goes to the states of the highest values, each as much
    as it may have. Between the met states, whose entries are sorted by rank, lie states that may have `other` each.
    """
    n = cumulative.shape[0] - 1
    value = 0.0
    for k in range(first, last):
        value += lower[k] * sorted_v[ranks[k]]
    rank = 0
    for i in range(first, last + 1):
        k = -1
        end = n
        if i < last:
            k = by_rank[i]
            end = ranks[k]
        if end > rank:
            n_between = end - rank
            if other > 0.0 and rest > other * n_between:
                value += other * (cumulative[end] - cumulative[rank])
                rest -= other * n_between
            elif other > 0.0:
                n_full = min(int(rest / other), n_between)
                value += other * (cumulative[rank + n_full] - cumulative[rank])
                rest -= other * n_full
                if n_full < n_between and rest > 0.0:
                    value += rest * sorted_v[rank + n_full]
                return value
        if k >= 0:
            part = min(rest, slack[k])
            value += part * sorted_v[end]
            rest -= part
            if rest <= 0.0:
                return value
            rank = end + 1
    return value


@njit(cache=True)
def _greatest_in_ball(first, last, ranks, by_rank, probs, radius, sorted_v):
    """
    Greatest expected value of a row whose probabilities lie in an L1 ball around the estimate (Figure 2 of the paper).

    The state of the highest value gains up to half the radius; the states of the lowest values lose it.
    """
    best = sorted_v[0]
    if first == last:
        return best
    on_best = 0.0
    value = 0.0
    for k in range(first, last):
        value += probs[k] * sorted_v[ranks[k]]
        if sorted_v[ranks[k]] == best:
            on_best += probs[k]
    if radius >= 1.0 - on_best:
        return best  # not the same sum in another order: pairs of which little is known are tied exactly
    gain = radius
    value += gain * best
    for i in range(last - 1, first - 1, -1):
        k = by_rank[i]
        if gain <= 0.0:
            break
        part = min(gain, probs[k])
        value -= part * sorted_v[ranks[k]]
        gain -= part
    return value


@njit(cache=True)
def _sort_rows(indptr, ranks, by_rank, row):
    """Sort the entries of a row by rank: fast where they nearly are."""
    first = indptr[row]
    for i in range(first + 1, indptr[row + 1]):
        k = by_rank[i]
        j = i
        while j > first and ranks[by_rank[j - 1]] > ranks[k]:
            by_rank[j] = by_rank[j - 1]
            j -= 1
        by_rank[j] = k


@njit(cache=True)
def extended_value_iteration(confidence, rewards, v, epsilon, every_row=True):
    """
    Iterate until the span of the change is below epsilon (Jaksch et al., 2010, Figure 2 and equation 13).

    From one sweep to the next, no row's value grows by more than the greatest growth of a state's value, for whatever
    the row's distribution is, it sums to one (MacQueen, 1967). So a row whose last known value, plus what it can have
    grown by since, is below that of another row of its state need not be evaluated.

    Parameters
    ----------
    confidence : ConfidenceSet
    rewards : float64 array of shape (S * A,)
        Optimistic rewards.
    v : float64 array of shape (S,)
        Where to start; set to the last values, the least of which is 0.
    epsilon : float
    every_row : bool
        Whether to evaluate every row in every sweep. What is returned is the same, but for values.

    Returns
    -------
    values : float64 array of shape (S * A,)
        Optimistic reward plus greatest expected next value, of the last sweep; -inf where a row was not evaluated:
        there it is not the best.
    greedy : int32 array of shape (S,)
        For each state, what `best_of_row` says of its values.
    gain : float
        The middle of the bounds on the optimistic average reward.
    n_sweeps : int
        At most MAX_SWEEPS.
    """
    n_states = v.shape[0]
    n_entries = confidence.next_state.shape[0]
    q = np.empty(rewards.shape[0])
    greedy = np.empty(n_states, np.int32)
    of_states = np.arange(n_states), np.empty(n_states, np.int64), np.empty(n_states, np.int64)
    of_entries = np.empty(n_entries, np.int64), np.arange(n_entries)
    numbers = np.empty(n_states), np.empty(n_states), np.zeros(n_states + 1), np.full(rewards.shape[0], np.inf)
    gain, n_sweeps = _sweep(
        confidence, rewards, v, epsilon, every_row, (q, np.empty(n_states)), greedy, of_states, of_entries, numbers
    )
    return q, greedy, gain, n_sweeps


@njit(cache=True)
def _sweep(confidence, rewards, v, epsilon, every_row, values, greedy, of_states, of_entries, numbers):
    indptr, next_states, lower, slack, rest, others, is_l1 = uncounted(confidence)
    rewards, v, greedy = uncounted((rewards, v, greedy))
    q, new = uncounted(values)
    order, spare, rank_of = uncounted(of_states)
    ranks, by_rank = uncounted(of_entries)
    sorted_v, before, cumulative, bound = uncounted(numbers)
    n_states = v.shape[0]
    n_actions = rewards.shape[0] // n_states
    high = 0.0
    gain = 0.0
    n_sweeps = 0
    while n_sweeps < MAX_SWEEPS:
        n_sweeps += 1
        sort_descending(v, order, spare)
        for i in range(n_states):
            rank_of[order[i]] = i
            sorted_v[i] = v[order[i]]
            cumulative[i + 1] = cumulative[i] + sorted_v[i]
        for k in range(next_states.shape[0]):
            ranks[k] = rank_of[next_states[k]]
        least = math.inf
        for s in range(n_states):
            start = s * n_actions
            # the row that was the best comes first
            first = start if n_sweeps == 1 or greedy[s] < 0 else start + greedy[s]
            best = -math.inf
            for i in range(n_actions):
                row = start + i - 1 if i > 0 and start + i <= first else start + i
                if i == 0:
                    row = first
                bound[row] += high
                q[row] = -math.inf
                if every_row or bound[row] >= best:
                    _sort_rows(indptr, ranks, by_rank, row)
                    if is_l1:
                        value = _greatest_in_ball(
                            indptr[row], indptr[row + 1], ranks, by_rank, lower, rest[row], sorted_v
                        )
                    else:
                        value = _greatest_in_intervals(
                            indptr[row],
                            indptr[row + 1],
                            ranks,
                            by_rank,
                            lower,
                            slack,
                            rest[row],
                            others[row],
                            sorted_v,
                            cumulative,
                        )
                    q[row] = bound[row] = rewards[row] + value
                    best = max(best, q[row])
            new[s], greedy[s] = best_of_row(q, start, n_actions)
            least = min(least, new[s])
        low = math.inf
        high = -math.inf
        growth = -math.inf
        for s in range(n_states):
            low = min(low, new[s] - v[s])
            high = max(high, new[s] - v[s])
            before[s] = v[s]
            v[s] = new[s] - least
            growth = max(growth, v[s] - before[s])
        gain = (low + high) / 2.0
        if high - low < epsilon:
            break
        # rounding, above all of the differences of cumulative sums
        high = growth + 4e-16 * n_states * (cumulative[n_states] + sorted_v[0])
    return gain, n_sweeps
