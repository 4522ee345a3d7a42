"""Checks of hyperparameters; each error is one line: the agent, the hyperparameter, its value and what would do."""

import math
from collections.abc import Collection
from numbers import Integral, Real
from typing import Any

from colosseum.errors import ConfigurationError, nearest


def check_number(agent: Any, name: str, value: Any, low: float, high: float = math.inf, *, closed: str = "") -> float:
    """
    Return a hyperparameter as a float, if it is a finite number of the open interval (low, high).

    Parameters
    ----------
    agent : object
        Its class is named in the error.
    name : str
    value : object
    low, high : float
    closed : {"", "low", "high", "both"}
        The ends that belong to the interval.

    Raises
    ------
    ConfigurationError
    """
    a = "[" if closed in ("low", "both") else "("
    b = "]" if closed in ("high", "both") else ")"
    inside = (
        isinstance(value, Real)
        and not isinstance(value, bool)
        and math.isfinite(value)
        and (low <= float(value) if a == "[" else low < float(value))
        and (float(value) <= high if b == "]" else float(value) < high)
    )
    if not inside:
        raise ConfigurationError(
            f"{type(agent).__name__}.{name} = {value!r}: it must be a number in {a}{low:g}, {high:g}{b}"
        )
    return float(value)


def check_integer(agent: Any, name: str, value: Any, low: int) -> int:
    """Return a hyperparameter as an int, if it is a whole number of at least `low`; else raise ConfigurationError."""
    if not isinstance(value, Integral) or isinstance(value, bool) or value < low:
        raise ConfigurationError(
            f"{type(agent).__name__}.{name} = {value!r}: it must be a whole number of at least {low}"
        )
    return int(value)


def check_choice(agent: Any, name: str, value: Any, valid: Collection[str]) -> str:
    """Return a hyperparameter in lower case, if it is one of these names; else raise ConfigurationError."""
    if not isinstance(value, str) or value.lower() not in valid:
        raise ConfigurationError(f"{type(agent).__name__}.{name} = {value!r}: {nearest(str(value), valid)}")
    return value.lower()


def check_neutral(agent: Any, name: str, value: Any, neutral: Any) -> None:
    """Raise a ConfigurationError if a published hyperparameter asks for a variant that does not exist here."""
    if value != neutral:
        raise ConfigurationError(
            f"{type(agent).__name__}.{name} = {value!r}: there is no such variant here; only {neutral!r} is taken"
        )
