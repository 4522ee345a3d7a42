"""Checks of the arrays that the solvers are given: one sentence each, before any compiled loop reads past an end."""

import numpy as np

from colosseum.dynamic_programming.arrays import ModelArrays, Transitions
from colosseum.errors import ConfigurationError
from colosseum.utils.compiled import njit

SUM_TOLERANCE = 1e-6
"""How far from one the probabilities of a row may sum up to."""


def check_transitions(transitions: Transitions) -> Transitions:
    """
    Return transition probabilities as contiguous, writable int64 and float64 arrays: so compiled code is met by one
    type only.

    Raises
    ------
    ConfigurationError
        If shapes do not fit, a next state does not exist, or a row is no distribution.
    """
    indptr, next_state, probs, n_actions = transitions
    indptr = np.require(indptr, np.int64, ["C", "W"])
    next_state = np.require(next_state, np.int64, ["C", "W"])
    probs = np.require(probs, np.float64, ["C", "W"])
    n_states = (indptr.size - 1) // n_actions if n_actions >= 1 else 0
    if n_states < 1 or indptr.shape != (n_states * n_actions + 1,) or indptr[0] != 0 or (np.diff(indptr) < 1).any():
        raise ConfigurationError(
            f"indptr: {max(n_states, 1) * n_actions + 1} ascending numbers from 0 would do, S * A + 1 for {n_actions} "
            f"actions, each row with at least one entry; {indptr.size} were given."
        )
    if next_state.shape != (indptr[-1],) or probs.shape != next_state.shape:
        raise ConfigurationError(
            f"next_state, probs: the shapes are {next_state.shape} and {probs.shape}; ({indptr[-1]},) would do."
        )
    if next_state.min() < 0 or next_state.max() >= n_states:
        raise ConfigurationError(f"next_state: only states 0 to {n_states - 1} exist.")
    if not probs.min() >= 0 or not np.abs(np.add.reduceat(probs, indptr[:-1]) - 1).max() <= SUM_TOLERANCE:
        raise ConfigurationError("probs: every row has to be non-negative and to sum to one.")
    return Transitions(indptr, next_state, probs, n_actions)


def check_model(arrays: ModelArrays) -> ModelArrays:
    """
    Return the arrays of an MDP, the transitions as `check_transitions` does, R as a float64 array.

    Raises
    ------
    ConfigurationError
        As `check_transitions`; or if R has another shape, or a reward is not finite.
    """
    indptr, next_state, probs, R = arrays
    R = np.require(R, np.float64, ["C", "W"])
    if R.ndim != 2 or R.size == 0:
        raise ConfigurationError(f"R: the shape is {R.shape}; (n_states, n_actions) would do.")
    if np.shape(indptr) != (R.size + 1,):
        raise ConfigurationError(
            f"indptr: {R.size + 1} ascending numbers from 0 would do, S * A + 1 for R of shape {R.shape}; "
            f"{np.size(indptr)} were given."
        )
    indptr, next_state, probs, _ = check_transitions(Transitions(indptr, next_state, probs, R.shape[1]))
    if not np.isfinite(R).all():
        raise ConfigurationError("R: every expected reward has to be finite.")
    return ModelArrays(indptr, next_state, probs, R)


@njit(cache=True)
def _are_distributions(rows):
    """Whether the rows are non-negative and sum to one; numpy takes several times as long for so short rows."""
    for i in range(rows.shape[0]):
        total = 0.0
        for j in range(rows.shape[1]):
            if not rows[i, j] >= 0.0:
                return False
            total += rows[i, j]
        if not abs(total - 1.0) <= SUM_TOLERANCE:
            return False
    return True


def check_policy(policy: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
    """
    Return a copy of a policy, a contiguous float64 array.

    Raises
    ------
    ConfigurationError
        If the shape is another one than `shape`, or a row is no distribution.
    """
    policy = np.array(policy, np.float64, order="C")
    if policy.shape != shape:
        raise ConfigurationError(f"policy: the shape is {policy.shape}; {shape} would do.")
    if not _are_distributions(policy.reshape(-1, shape[-1])):
        raise ConfigurationError("policy: the probabilities of the actions have to be non-negative and to sum to one.")
    return policy


def check_discount(discount: float) -> float:
    """Return the discount; raise a ConfigurationError if it does not lie in [0, 1)."""
    if not 0 <= discount < 1:
        raise ConfigurationError(f"discount: {discount!r} does not lie in [0, 1).")
    return float(discount)


def check_horizon(H: int) -> int:
    """Return the horizon; raise a ConfigurationError if it is no integer of at least 1."""
    if isinstance(H, bool) or not isinstance(H, int | np.integer) or H < 1:
        raise ConfigurationError(f"H: {H!r} is not an integer of at least 1.")
    return int(H)
