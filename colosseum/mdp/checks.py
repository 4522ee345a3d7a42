"""Checks of the parameters of environments: they return plain Python values, or raise a one-line error."""

import math
from collections.abc import Mapping
from numbers import Integral, Real
from typing import Any, NoReturn

from colosseum.errors import ConfigurationError


class Parameters:
    """
    The parameters of an environment under check.

    Parameters
    ----------
    owner : str
        Name of the class; errors begin with it.
    values : mapping of str to object

    Notes
    -----
    Each method takes the name of a parameter and raises a `ConfigurationError` if its value will not do.
    """

    def __init__(self, owner: str, values: Mapping[str, Any]):
        self._owner = owner
        self._values = values

    def refuse(self, name: str, would_do: str) -> NoReturn:
        """Raise an error that quotes the value and says what would do."""
        raise ConfigurationError(f"{self._owner}.{name}: {self._values[name]!r} makes no sense; {would_do}.")

    def boolean(self, name: str) -> bool:
        """True or False."""
        value = self._values[name]
        if not isinstance(value, bool):
            self.refuse(name, "give True or False")
        return value

    def integer(self, name: str, least: int, most: int | None = None) -> int:
        """An integer from `least` to `most`."""
        value = self._values[name]
        if not _is(value, Integral) or value < least or (most is not None and value > most):
            self.refuse(name, f"give an integer of at least {least}" + ("" if most is None else f", at most {most}"))
        return int(value)

    def number_between(self, name: str, low: float, high: float) -> float:
        """A number in the open interval."""
        value = self._values[name]
        if not _is(value, Real) or not low < value < high:
            would_do = f"greater than {low}" if high == math.inf else f"between {low} and {high}, both excluded"
            self.refuse(name, f"give a number {would_do}")
        return float(value)

    def probability(self, name: str) -> float:
        """A probability in [0, 1); None is 0."""
        value = self._values[name]
        if value is None:
            return 0.0
        if not _is(value, Real) or not 0 <= value < 1:
            self.refuse(name, "give None or a probability in [0, 1)")
        return float(value)

    def interval(self, name: str) -> tuple[float, float]:
        """Two numbers (lo, hi), lo < hi."""
        try:
            low, high = (float(x) for x in self._values[name])
        except (TypeError, ValueError):
            low = high = math.nan
        if not (math.isfinite(low) and math.isfinite(high) and low < high):
            self.refuse(name, "give (lo, hi) with lo < hi")
        return low, high


def _is(value: Any, kind: type) -> bool:
    return isinstance(value, kind) and not isinstance(value, bool)


def plain(value: Any) -> Any:
    """Return a value as gin text can express it: numpy's and enumerations' numbers as Python's own, lists as tuples."""
    if isinstance(value, bool | str) or value is None:
        return value
    if isinstance(value, Integral):
        return int(value)
    if isinstance(value, Real):
        return float(value)
    if hasattr(value, "tolist"):  # arrays, and numpy's booleans
        return plain(value.tolist())
    if isinstance(value, list | tuple):
        return tuple(plain(item) for item in value)
    return value
