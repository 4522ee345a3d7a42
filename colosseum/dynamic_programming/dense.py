"""Dense arrays in the place of the sparse ones, as published functions take them."""

import functools
import inspect
from collections.abc import Callable
from typing import Any, TypeVar

import numpy as np

from colosseum.dynamic_programming.arrays import ModelArrays, Transitions
from colosseum.errors import ConfigurationError

_C = TypeVar("_C", bound=Callable[..., Any])


def transitions_of(T: np.ndarray) -> Transitions:
    """
    Return dense transition probabilities as sparse ones.

    Parameters
    ----------
    T : array of shape (S, A, S)

    Raises
    ------
    ConfigurationError
        If it has another shape.
    """
    T = np.asarray(T, dtype=np.float64)
    if T.ndim != 3 or T.shape[0] != T.shape[2]:
        raise ConfigurationError(f"T: the shape is {T.shape}; (n_states, n_actions, n_states) would do.")
    rows = T.reshape(-1, T.shape[2])
    row, next_state = np.nonzero(rows)
    indptr = np.concatenate([[0], np.cumsum(np.bincount(row, minlength=len(rows)))])
    return Transitions(indptr, next_state, rows[row, next_state], T.shape[1])


def arrays_of(T: np.ndarray, R: np.ndarray) -> ModelArrays:
    """Return dense transition probabilities and rewards of shape (S, A) as sparse ones; raises as `transitions_of`."""
    transitions = transitions_of(T)
    return ModelArrays(*transitions[:3], np.asarray(R, dtype=np.float64))


def takes_dense(function: _C) -> _C:
    """
    Let a function of `ModelArrays` take ``T, R`` in its place, after H where the published function has that first.

    Examples
    --------
    >>> import colosseum
    >>> from colosseum.dynamic_programming import discounted_value_iteration
    >>> mdp = colosseum.make_mdp("continuous_quick_test/RiverSwim/0", seed=0)
    >>> Q, V = discounted_value_iteration(mdp.T, mdp.R, 0.9)
    >>> bool(abs(Q.max(1) - V).max() < 1e-9)
    True
    """

    @functools.wraps(function)
    def call(*args: Any, **kwargs: Any) -> Any:
        if "T" in kwargs and "R" in kwargs:
            args = (arrays_of(kwargs.pop("T"), kwargs.pop("R")), *args)
        elif (at := next((i for i in (0, 1) if i + 1 < len(args) and _is_dense(args[i])), None)) is not None:
            args = (arrays_of(*args[at : at + 2]), *args[:at], *args[at + 2 :])
        return function(*args, **kwargs)

    call.__signature__ = inspect.signature(function)  # type: ignore[attr-defined]  # what is documented
    return call  # type: ignore[return-value]


def takes_dense_transitions(function: _C) -> _C:
    """Let a function of `Transitions` take ``T`` in its place."""

    @functools.wraps(function)
    def call(*args: Any, **kwargs: Any) -> Any:
        if args and _is_dense(args[0]):
            args = (transitions_of(args[0]), *args[1:])
        return function(*args, **kwargs)

    call.__signature__ = inspect.signature(function)  # type: ignore[attr-defined]
    return call  # type: ignore[return-value]


def _is_dense(value: Any) -> bool:
    return isinstance(value, np.ndarray) and value.ndim == 3
