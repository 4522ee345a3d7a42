"""The arrays that every solver takes: the transitions of an MDP, and with its rewards."""

from typing import NamedTuple

import numpy as np


class Transitions(NamedTuple):
    """
    Transition probabilities, a compressed sparse row matrix of shape (S * A, S): row s * A + a is p(. | s, a).

    Attributes
    ----------
    indptr : int64 array of shape (S * A + 1,)
        The entries of a row are ``indptr[row] : indptr[row + 1]``.
    next_state : int64 array of shape (nnz,)
        Unique within a row.
    probs : float64 array of shape (nnz,)
        May hold zeros.
    n_actions : int
        A.
    """

    indptr: np.ndarray
    next_state: np.ndarray
    probs: np.ndarray
    n_actions: int

    @property
    def n_states(self) -> int:
        """S."""
        return (self.indptr.shape[0] - 1) // self.n_actions


class ModelArrays(NamedTuple):
    """
    An MDP: transition probabilities as in `Transitions`, and expected rewards.

    Attributes
    ----------
    indptr : int64 array of shape (S * A + 1,)
    next_state : int64 array of shape (nnz,)
    probs : float64 array of shape (nnz,)
    R : float64 array of shape (S, A)
    """

    indptr: np.ndarray
    next_state: np.ndarray
    probs: np.ndarray
    R: np.ndarray

    @property
    def transitions(self) -> Transitions:
        """The same without rewards."""
        return Transitions(self.indptr, self.next_state, self.probs, self.R.shape[1])
