"""
The diameter of an MDP: how long the best policy needs, in expectation, between the two states that are farthest apart.

Jaksch, Ortner and Auer (2010), Near-optimal regret bounds for reinforcement learning, Journal of Machine Learning
Research 11, definition 1. Each target state is a stochastic shortest path problem of its own.
"""

import math

import numpy as np

from colosseum.dynamic_programming._average.by_iteration import MOST_WORK
from colosseum.dynamic_programming._sparse.chains import make_chain, members_inside, without_rewards
from colosseum.dynamic_programming._sparse.end_components import communicating_classes
from colosseum.dynamic_programming._sparse.grouping import rows_into
from colosseum.dynamic_programming._sparse.gth import Factors, factorise, make_factors, solve
from colosseum.dynamic_programming._sparse.nearest import breadth_first, take_nearer
from colosseum.dynamic_programming._sparse.symbolic import make_pattern
from colosseum.dynamic_programming.arrays import Transitions
from colosseum.dynamic_programming.checks import check_transitions
from colosseum.dynamic_programming.dense import takes_dense_transitions
from colosseum.hardness.measures.sharing import Progress, share
from colosseum.utils.compiled import njit

TOLERANCE = 1e-9
"""Largest relative error of a diameter."""

_CHUNK = 16  # targets of one call: between calls the bound is shared, and progress shown
_SWEEPS = 50  # of value iteration, before policies are evaluated exactly
_MOST_SWEEPS = 10_000_000
_MOST_POLICIES = 200


@njit(cache=True, nogil=True, inline="always")  # a call would take half as long again as all the rest
def _one_step(transitions, times, s, a):
    """
    Return the expected time of an action, the times from its next states on given, and how probably it stays.

    The time is that without staying: over ``1 - stay`` it is that of the action repeated until it leads elsewhere.
    """
    indptr, next_state, probs, n_actions = transitions
    stay = 0.0
    time = 1.0
    for k in range(indptr[s * n_actions + a], indptr[s * n_actions + a + 1]):
        if next_state[k] == s:
            stay += probs[k]
        else:
            time += probs[k] * times[next_state[k]]
    return time, stay


@njit(cache=True, nogil=True)
def _sweep(transitions, order, times, action):
    """
    Raise the times (lower bounds, 0 at the target) in place, nearest states first.

    Returns
    -------
    largest : float
        Of the times.
    residual : float
        At most how much less than one step the greedy policy is charged for anywhere: its expected times, and so the
        optimal ones, are at most ``times / (1 - residual)``.
    """
    largest = 0.0
    residual = 0.0
    for i in range(1, order.shape[0]):
        s = order[i]
        best = np.inf
        stay_of_best = 0.0
        for a in range(transitions.n_actions):
            time, stay = _one_step(transitions, times, s, a)
            if stay < 1.0:
                time /= 1.0 - stay
                if time < best:
                    best = time
                    stay_of_best = stay
                    action[s] = a
        residual = max(residual, (best - times[s]) * (1.0 - stay_of_best))
        times[s] = max(times[s], best)
        largest = max(largest, times[s])
    return largest, residual


@njit(cache=True, nogil=True)
def _times_of_policy(arrays, target, action, pattern, factors, times):
    """Write the exact expected times of a policy; return whether it arrives from everywhere."""
    n_states, n_actions = arrays.R.shape
    policy = np.zeros((n_states, n_actions))
    for s in range(n_states):
        policy[s, action[s]] = 1.0
    chain = make_chain(arrays, policy, np.int64(-1))
    for s in range(n_states):
        if chain.closed[chain.class_of[s]] and chain.class_of[s] != chain.class_of[target]:
            return False
    inside = np.ones(n_states, np.bool_)
    inside[target] = False
    member, leave = members_inside(pattern, chain, inside)
    right = np.ones(n_states)
    value = np.zeros(n_states)
    factorise(pattern, chain, member, inside, leave, factors)
    solve(pattern, member, factors, right, value)
    for s in range(n_states):
        times[s] = value[pattern.position[s]]
    return True


@njit(cache=True, nogil=True)
def _improve(transitions, target, times, action):
    """Take the actions that arrive sooner by more than rounding; return whether there were any."""
    changed = False
    for s in range(times.shape[0]):
        if s == target:
            continue
        best = times[s] * (1.0 - 1e-12)
        for a in range(transitions.n_actions):
            time, stay = _one_step(transitions, times, s, a)
            if stay < 1.0 and time / (1.0 - stay) < best:
                best = time / (1.0 - stay)
                action[s] = a
                changed = True
    return changed


@njit(cache=True, nogil=True)
def _largest_time(transitions, start, rows, targets, bound, pattern, factors, exact):
    """
    Find the largest of the shortest expected times to some targets, if it exceeds a bound; else anything up to the
    bound.

    Value iteration from below ends when its error is certified, or when a target is certified not to exceed what is
    known; where it takes long, policy iteration with exact evaluations goes on (`exact`).
    """
    arrays = without_rewards(transitions)
    n_states, n_actions = arrays.R.shape
    order = np.empty(n_states, np.int64)
    distance = np.empty(n_states, np.int64)
    action = np.zeros(n_states, np.int64)
    times = np.empty(n_states)
    for target in targets:
        order[0] = target
        breadth_first(start, rows, n_actions, 1, order, distance)
        times[:] = 0.0
        found = False
        for _ in range(_SWEEPS if exact else _MOST_SWEEPS):
            largest, residual = _sweep(transitions, order, times, action)
            if residual <= TOLERANCE or (residual < 1.0 and largest <= bound * (1.0 - residual)):
                found = True
                break
        if not found and exact:
            if not _times_of_policy(arrays, target, action, pattern, factors, times):
                take_nearer(transitions, distance, action)
                _times_of_policy(arrays, target, action, pattern, factors, times)
            for _ in range(_MOST_POLICIES):
                if not _improve(transitions, target, times, action):
                    break
                _times_of_policy(arrays, target, action, pattern, factors, times)
            largest = times.max()
        bound = max(bound, largest)
    return bound


@takes_dense_transitions
def get_diameter(
    transitions: Transitions,
    cores: int = 1,
    progress: Progress | None = None,
) -> float:
    """
    Find the diameter of an MDP in the continuous setting.

    Parameters
    ----------
    transitions : Transitions
    cores : int
        Number of threads that share the targets. The result does not depend on it.
    progress : callable (done, total), optional
        Called now and then with the number of targets done and that of all.

    Returns
    -------
    float
        Largest, over pairs of different states, of the smallest expected number of steps from one to the other;
        relative error at most 1e-9. Infinite if the MDP is not communicating.

    Raises
    ------
    ConfigurationError
        If the arrays are no transition probabilities.
    """
    transitions = check_transitions(transitions)
    n_states = transitions.n_states
    if communicating_classes(transitions)[1].size > 1:
        return math.inf
    start, rows = rows_into(transitions)
    exact_pattern = make_pattern(transitions, MOST_WORK)
    exact = exact_pattern is not None
    one_state = Transitions(np.arange(2), np.zeros(1, np.int64), np.ones(1), 1)
    pattern = exact_pattern or make_pattern(one_state)  # which is not read

    def solve_chunk(targets: np.ndarray, bound: float, factors: Factors) -> float:
        return _largest_time(transitions, start, rows, targets, bound, pattern, factors, exact)

    chunks = np.array_split(np.arange(n_states), -(-n_states // _CHUNK))
    return share(chunks, lambda: make_factors(pattern), solve_chunk, cores, progress)
