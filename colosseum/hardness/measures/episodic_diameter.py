"""The diameter of an episodic MDP: that of its time-augmented MDP, as in the published benchmark."""

import math

import numpy as np

from colosseum.dynamic_programming.arrays import Transitions
from colosseum.dynamic_programming.checks import check_horizon, check_transitions
from colosseum.dynamic_programming.dense import takes_dense_transitions
from colosseum.hardness.measures.augmented import check_start, reachable_layers
from colosseum.hardness.measures.sharing import Progress, share
from colosseum.utils.compiled import njit

_CHUNK = 8
_MOST_POLICIES = 100
_UNREACHED = 1e250  # stands for the time of a new start that is never as good as any chance to arrive


@njit(cache=True, nogil=True)
def _episode(transitions, start, reached, target, restart, time, arrival):
    """
    Go for a target in the best way if a new start is worth `restart` steps.

    Parameters
    ----------
    time : float64 array of shape (2, S)
    arrival : float64 array of shape (2, S)
        Work space: expected steps spent from a step of the episode on, and probability of arriving within it.

    Returns
    -------
    float
        Expected steps from the last step of an episode to the target under this policy, new starts included; infinite
        if it never arrives.
    """
    indptr, next_state, probs, n_actions = transitions
    H, n_states = reached.shape
    now = 0
    for s in range(n_states):
        time[now, s] = 0.0
        arrival[now, s] = 1.0 if s == target else 0.0
    for h in range(H - 2, -1, -1):
        then = now
        now = 1 - now
        time[now, target] = 0.0
        arrival[now, target] = 1.0
        for s in range(n_states):
            if reached[h, s] and s != target:
                best = np.inf
                for a in range(n_actions):
                    t = 1.0
                    p = 0.0
                    for k in range(indptr[s * n_actions + a], indptr[s * n_actions + a + 1]):
                        if probs[k] > 0.0:
                            t += probs[k] * time[then, next_state[k]]
                            p += probs[k] * arrival[then, next_state[k]]
                    if t - p * restart < best:
                        best = t - p * restart
                        time[now, s] = t
                        arrival[now, s] = p
    steps = 1.0
    hit = 0.0
    for s in range(n_states):
        if start[s] > 0.0:
            steps += start[s] * time[now, s]
            hit += start[s] * arrival[now, s]
    return steps / hit if hit > 0.0 else np.inf


@njit(cache=True, nogil=True)
def _largest_time(transitions, start, reached, targets, bound):
    """The largest of the shortest expected times to some targets, if it exceeds a bound; else the bound."""
    H, n_states = reached.shape
    time = np.empty((2, n_states))
    arrival = np.empty((2, n_states))
    for target in targets:
        best = np.inf
        restart = max(bound, float(H))
        for _ in range(_MOST_POLICIES):
            found = _episode(transitions, start, reached, target, restart, time, arrival)
            if found == np.inf and restart < _UNREACHED:
                restart = _UNREACHED
                continue
            if not found < best * (1.0 - 1e-14):
                break
            best = found
            restart = found
            if best <= bound:
                break
        bound = max(bound, best)
    return bound


@takes_dense_transitions
def get_episodic_diameter(
    transitions: Transitions,
    H: int,
    starting_distribution: np.ndarray,
    cores: int = 1,
    progress: Progress | None = None,
) -> float:
    """
    Find the diameter of an episodic MDP.

    Parameters
    ----------
    transitions : Transitions
    H : int
        Horizon, in steps.
    starting_distribution : float64 array of shape (S,)
    cores : int
        Number of threads that share the targets. The result does not depend on it.
    progress : callable (done, total), optional
        Called now and then with the number of targets done and that of all.

    Returns
    -------
    float
        Largest, over states, of the smallest expected number of steps from the last step of an episode to that state,
        at whatever step of an episode; relative error about 1e-13. Infinite if a state cannot be reached within an
        episode.

    Raises
    ------
    ConfigurationError
        If the arrays are no episodic MDP.

    Notes
    -----
    The last step of an episode leads to a new start whatever the state and the action, so nothing in the
    time-augmented MDP is farther from a target than it. With x the expected time from there, an episode that fails
    costs x again: x is a fixed point of a concave function, found by policy iteration (Newton's method) with one
    backward induction each.
    """
    transitions = check_transitions(transitions)
    n_states = transitions.n_states
    start = check_start(starting_distribution, n_states)
    reached = reachable_layers(transitions, check_horizon(H), start)
    if not reached.any(0).all():
        return math.inf
    chunks = np.array_split(np.arange(n_states)[::-1], -(-n_states // _CHUNK))  # the farthest states were numbered last
    return share(
        chunks,
        lambda: None,
        lambda targets, bound, _: _largest_time(transitions, start, reached, targets, bound),
        cores,
        progress,
    )
