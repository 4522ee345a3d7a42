"""An episodic MDP as a continuous one: states are (step of the episode, state), the last step leads to a new start."""

from typing import NamedTuple

import numpy as np

from colosseum.dynamic_programming.arrays import ModelArrays, Transitions
from colosseum.dynamic_programming.checks import check_horizon, check_model, check_transitions
from colosseum.errors import ConfigurationError
from colosseum.utils.compiled import njit


class Augmented(NamedTuple):
    """
    The time-augmented MDP on what can be reached.

    Attributes
    ----------
    step, state : int64 array of shape (N,)
        What each augmented state stands for; the last steps come first, so that values found in this order need few
        sweeps.
    arrays : ModelArrays
        Its transition probabilities and rewards.
    """

    step: np.ndarray
    state: np.ndarray
    arrays: ModelArrays


def check_start(starting_distribution: np.ndarray, n_states: int) -> np.ndarray:
    """Return a starting distribution, float64 array of shape (S,); raise a ConfigurationError if it is none."""
    start = np.require(starting_distribution, np.float64, ["C", "W"])
    if start.shape != (n_states,) or not start.min() >= 0 or not abs(start.sum() - 1) <= 1e-6:
        raise ConfigurationError(
            f"starting_distribution: the shape is {start.shape}; {n_states} probabilities that sum to one would do."
        )
    return start


@njit(cache=True)
def reachable_layers(transitions, H, start):
    """Compiled part of `get_reachable_states`; nothing is checked."""
    indptr, next_state, probs, n_actions = transitions
    reached = np.zeros((H, start.shape[0]), np.bool_)
    for s in range(start.shape[0]):
        reached[0, s] = start[s] > 0.0
    for h in range(H - 1):
        for s in range(start.shape[0]):
            if reached[h, s]:
                for k in range(indptr[s * n_actions], indptr[(s + 1) * n_actions]):
                    if probs[k] > 0.0:
                        reached[h + 1, next_state[k]] = True
    return reached


def get_reachable_states(transitions: Transitions, H: int, starting_distribution: np.ndarray) -> np.ndarray:
    """
    Tell which states an episode can be in at each step.

    Parameters
    ----------
    transitions : Transitions
    H : int
        Horizon, in steps.
    starting_distribution : float64 array of shape (S,)

    Returns
    -------
    bool array of shape (H, S)

    Raises
    ------
    ConfigurationError
        If the arrays are no episodic MDP.
    """
    transitions = check_transitions(transitions)
    start = check_start(starting_distribution, transitions.n_states)
    return reachable_layers(transitions, check_horizon(H), start)


@njit(cache=True)
def _augment(arrays, start, reached):
    indptr, next_state, probs, R = arrays
    H, n_states = reached.shape
    n_actions = R.shape[1]
    number = np.full((H, n_states), -1, np.int64)
    n = 0
    n_entries = 0
    n_starts = 0
    for s in range(n_states):
        if start[s] > 0.0:
            n_starts += 1
    for h in range(H - 1, -1, -1):
        for s in range(n_states):
            if reached[h, s]:
                number[h, s] = n
                n += 1
                if h == H - 1:
                    n_entries += n_actions * n_starts
                else:
                    n_entries += indptr[(s + 1) * n_actions] - indptr[s * n_actions]
    step = np.empty(n, np.int64)
    state = np.empty(n, np.int64)
    rewards = np.empty((n, n_actions))
    new_indptr = np.zeros(n * n_actions + 1, np.int64)
    column = np.empty(n_entries, np.int64)
    value = np.empty(n_entries)
    at = 0
    for h in range(H - 1, -1, -1):
        for s in range(n_states):
            i = number[h, s]
            if i < 0:
                continue
            step[i] = h
            state[i] = s
            for a in range(n_actions):
                rewards[i, a] = R[s, a]
                if h == H - 1:
                    for t in range(n_states):
                        if start[t] > 0.0:
                            column[at] = number[0, t]
                            value[at] = start[t]
                            at += 1
                else:
                    for k in range(indptr[s * n_actions + a], indptr[s * n_actions + a + 1]):
                        if probs[k] > 0.0:
                            column[at] = number[h + 1, next_state[k]]
                            value[at] = probs[k]
                            at += 1
                new_indptr[i * n_actions + a + 1] = at
    return step, state, ModelArrays(new_indptr, column[:at], value[:at], rewards)


def augment(
    arrays: ModelArrays,
    H: int,
    starting_distribution: np.ndarray,
) -> Augmented:
    """
    Build the time-augmented MDP of an episodic one.

    Parameters
    ----------
    arrays : ModelArrays
    H, starting_distribution
        As in `get_reachable_states`.

    Returns
    -------
    Augmented

    Raises
    ------
    ConfigurationError
        If the arrays are no episodic MDP.
    """
    arrays = check_model(arrays)
    start = check_start(starting_distribution, arrays.R.shape[0])
    reached = reachable_layers(arrays.transitions, check_horizon(H), start)
    return Augmented(*_augment(arrays, start, reached))
