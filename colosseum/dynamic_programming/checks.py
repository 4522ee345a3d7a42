"""Checks of the arrays that the solvers are given: one sentence each, before any compiled loop reads past an end."""

import numpy as np
from numba import njit

from colosseum.errors import ConfigurationError

SUM_TOLERANCE = 1e-6
"""How far from one the probabilities of a row may sum up to."""


def check_model(
    indptr: np.ndarray, next_state: np.ndarray, probs: np.ndarray, R: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """
    Return the arrays of an MDP as contiguous, writable int64 and float64 arrays: so compiled code is met by one type
    only.

    Parameters
    ----------
    indptr : int array of shape (S * A + 1,)
    next_state : int array of shape (nnz,)
    probs : float array of shape (nnz,)
        A compressed sparse row matrix of shape (S * A, S): row s * A + a is p(. | s, a). No next state twice in a row.
    R : float array of shape (S, A)
        Expected rewards.

    Raises
    ------
    ConfigurationError
        If shapes do not fit, a next state does not exist, a row is no distribution, or a reward is not finite.
    """
    R = np.require(R, np.float64, "CW")
    if R.ndim != 2 or R.size == 0:
        raise ConfigurationError(f"R: the shape is {R.shape}; (n_states, n_actions) would do.")
    indptr = np.require(indptr, np.int64, "CW")
    next_state = np.require(next_state, np.int64, "CW")
    probs = np.require(probs, np.float64, "CW")
    if indptr.shape != (R.size + 1,) or indptr[0] != 0 or (np.diff(indptr) < 1).any():
        raise ConfigurationError(
            f"indptr: {R.size + 1} ascending numbers from 0 would do, S * A + 1 for R of shape {R.shape}, each row "
            f"with at least one entry; {indptr.size} were given."
        )
    if next_state.shape != (indptr[-1],) or probs.shape != next_state.shape:
        raise ConfigurationError(
            f"next_state, probs: the shapes are {next_state.shape} and {probs.shape}; ({indptr[-1]},) would do."
        )
    if next_state.min() < 0 or next_state.max() >= R.shape[0]:
        raise ConfigurationError(f"next_state: only states 0 to {R.shape[0] - 1} exist.")
    if not probs.min() >= 0 or not np.abs(np.add.reduceat(probs, indptr[:-1]) - 1).max() <= SUM_TOLERANCE:
        raise ConfigurationError("probs: every row has to be non-negative and to sum to one.")
    if not np.isfinite(R).all():
        raise ConfigurationError("R: every expected reward has to be finite.")
    return indptr, next_state, probs, R


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
