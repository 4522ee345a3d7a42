"""Search spaces of hyperparameters; light, where importing scipy.stats would take longer than many a run."""

import inspect
import math
import random
import re
from abc import ABC, abstractmethod
from collections.abc import Mapping
from numbers import Real
from typing import Any, ClassVar

import numpy as np

from colosseum.errors import ConfigurationError, nearest

_NUMBER = re.compile(r"[-+]?([0-9]+(\.[0-9]*)?|\.[0-9]+)(e[-+]?[0-9]+)?", re.IGNORECASE)


class Space(ABC):
    """
    A distribution of a hyperparameter, drawn through its quantiles.

    It has both faces that a search space may have: `rvs` (scipy.stats) and `sample` (ray.tune). Each value takes one
    uniform number, whatever the kind, so that another kind for one hyperparameter leaves the draws of the others.
    """

    kind: ClassVar[str]
    """How a study names it: ``{<kind>: ...}``."""

    @property
    @abstractmethod
    def given(self) -> Any:
        """What a study writes behind the kind."""

    @abstractmethod
    def at(self, quantile: float) -> Any:
        """Return the value at a quantile in [0, 1)."""

    @abstractmethod
    def __contains__(self, value: object) -> bool: ...

    def place(self, value: Any) -> float | None:
        """Return where a value lies between the ends, on the space's own scale (0 to 1); None if there are no ends."""
        return None

    def spec(self) -> dict[str, Any]:
        """Return the space as a study writes it: ``{"uniform": [0.1, 3.0]}``."""
        return {self.kind: self.given}

    def __repr__(self) -> str:
        given = self.given
        return f"{type(self).__name__}({', '.join(map(repr, given)) if self.kind != 'fixed' else repr(given)})"

    def __eq__(self, other: object) -> bool:
        return type(self) is type(other) and self.spec() == other.spec()

    def __hash__(self) -> int:
        return hash(repr(self))

    def rvs(self, size: int | None = None, random_state: Any = None) -> Any:
        """Draw a value, or an array of them; `random_state` is a Generator, a RandomState, a seed or None."""
        if random_state is None or isinstance(random_state, int | np.integer):
            random_state = np.random.default_rng(random_state)
        quantiles = random_state.uniform(size=size)
        return self.at(float(quantiles)) if size is None else np.array([self.at(float(q)) for q in quantiles])

    sample = rvs


class _Interval(Space):
    """Between two ends, both numbers."""

    def __init__(self, low: float, high: float):
        if not (_is_number(low) and _is_number(high)):
            raise ConfigurationError(f"{self.kind}: [{low!r}, {high!r}] are not two numbers.")
        if not low < high:
            raise ConfigurationError(
                f"{self.kind}: [{low!r}, {high!r}]: low must be less than high; fixed takes one value."
            )
        self.low, self.high = float(low), float(high)

    @property
    def given(self) -> list[Any]:
        return [self.low, self.high]

    def __contains__(self, value: object) -> bool:
        return _is_number(value) and self.low <= value <= self.high  # type: ignore[operator]


class Uniform(_Interval):
    """
    The uniform distribution on [low, high).

    Parameters
    ----------
    low, high : float
        With low < high.

    Raises
    ------
    ConfigurationError
        If they are no numbers, or the wrong way round.
    """

    kind = "uniform"

    def at(self, quantile: float) -> float:
        return self.low + (self.high - self.low) * quantile

    def place(self, value: Any) -> float:
        return (value - self.low) / (self.high - self.low)


class LogUniform(_Interval):
    """
    The distribution on [low, high) whose logarithm is uniform.

    Parameters
    ----------
    low, high : float
        With 0 < low < high.

    Raises
    ------
    ConfigurationError
        If they are no numbers, not positive, or the wrong way round.

    Examples
    --------
    >>> [float(f"{LogUniform(1e-4, 1).at(u):.4g}") for u in (0, 0.25, 0.5, 0.75)]
    [0.0001, 0.001, 0.01, 0.1]
    """

    kind = "log_uniform"

    def __init__(self, low: float, high: float):
        super().__init__(low, high)
        if self.low <= 0:
            raise ConfigurationError(f"{self.kind}: [{low!r}, {high!r}]: low must be positive.")

    def at(self, quantile: float) -> float:
        return math.exp(math.log(self.low) + math.log(self.high / self.low) * quantile)

    def place(self, value: Any) -> float:
        return math.log(value / self.low) / math.log(self.high / self.low)


class Integer(_Interval):
    """
    The uniform distribution on the whole numbers from low to high, both included.

    Parameters
    ----------
    low, high : int
        With low < high.

    Raises
    ------
    ConfigurationError
        If they are no whole numbers, or the wrong way round.
    """

    kind = "integer"

    def __init__(self, low: int, high: int):
        super().__init__(low, high)
        if not (self.low.is_integer() and self.high.is_integer()):
            raise ConfigurationError(f"{self.kind}: [{low!r}, {high!r}] are not two whole numbers.")

    @property
    def given(self) -> list[Any]:
        return [int(self.low), int(self.high)]

    def at(self, quantile: float) -> int:
        return int(self.low) + int((self.high - self.low + 1) * quantile)

    def place(self, value: Any) -> float:
        return (value - self.low) / (self.high - self.low)

    def __contains__(self, value: object) -> bool:
        return super().__contains__(value) and float(value).is_integer()  # type: ignore[arg-type]


class Choice(Space):
    """
    Each of some values with the same probability.

    Parameters
    ----------
    *values : number, text, bool or None
        At least one, each once.

    Raises
    ------
    ConfigurationError
        If there is none, one is listed twice, or one is nothing that a gin file could hold.
    """

    kind = "choice"

    def __init__(self, *values: Any):
        if not values:
            raise ConfigurationError(f"{self.kind}: [] has no values.")
        for i, value in enumerate(values):
            _check_plain(self.kind, value)
            if any(value == other and type(value) is type(other) for other in values[:i]):
                raise ConfigurationError(f"{self.kind}: {value!r} is listed twice.")
        self.values = values

    @property
    def given(self) -> list[Any]:
        return list(self.values)

    def at(self, quantile: float) -> Any:
        return self.values[int(len(self.values) * quantile)]

    def __contains__(self, value: object) -> bool:
        return value in self.values


class Fixed(Space):
    """
    One value, which is not searched.

    Parameters
    ----------
    value : number, text, bool or None

    Raises
    ------
    ConfigurationError
        If it is nothing that a gin file could hold.
    """

    kind = "fixed"

    def __init__(self, value: Any):
        _check_plain(self.kind, value)
        self.value = value

    @property
    def given(self) -> Any:
        return self.value

    def at(self, quantile: float) -> Any:
        return self.value

    def __contains__(self, value: object) -> bool:
        return value == self.value


KINDS: dict[str, type[Space]] = {cls.kind: cls for cls in (Uniform, LogUniform, Integer, Choice, Fixed)}
"""The kinds of spaces by the name that studies have for them."""


def read_space(spec: Any) -> Space:
    """
    Make a search space of what a study writes for it.

    Numbers may be texts, as YAML reads ``1e-5`` as one.

    Parameters
    ----------
    spec : mapping
        One kind and what belongs to it: ``{"log_uniform": [1e-5, 1]}``, ``{"choice": [1, 2, 4]}``, ``{"fixed": 0.1}``.

    Raises
    ------
    ConfigurationError
        If there is no such kind, or its bounds make no sense.
    """
    kinds = "give one of uniform, log_uniform and integer: [low, high], choice: [values] or fixed: value"
    if not isinstance(spec, Mapping) or len(spec) != 1:
        raise ConfigurationError(f"{spec!r} is no search space; {kinds}.")
    [(kind, given)] = spec.items()
    if kind not in KINDS:
        raise ConfigurationError(f"there is no kind {kind!r}; {nearest(str(kind), KINDS)}")
    if kind == "fixed":
        return Fixed(_as_number(given))
    if not isinstance(given, list | tuple) or (kind != "choice" and len(given) != 2):
        raise ConfigurationError(
            f"{kind}: {given!r} is not a list of {'values' if kind == 'choice' else 'two numbers, [low, high]'}."
        )
    return KINDS[kind](*map(_as_number, given))


def draw(space: Any, rng: np.random.Generator) -> Any:
    """
    Draw one value from a search space; the same for the same state of the generator.

    Parameters
    ----------
    space : object
        Anything with ``rvs(random_state=...)`` or with ``sample()``. Where `sample` takes no `random_state`, the global
        generators of numpy and of the standard library are seeded for the call and restored after it.
    rng : numpy.random.Generator

    Raises
    ------
    TypeError
        If it has neither method.
    """
    if hasattr(space, "rvs"):
        return space.rvs(random_state=rng)
    if not hasattr(space, "sample"):
        raise TypeError(f"a search space must have rvs(random_state=...) or sample(), {space!r} has neither")
    if _takes_random_state(space.sample):
        return space.sample(random_state=rng)
    seed = int(rng.integers(2**32))
    of_numpy, of_python = np.random.get_state(), random.getstate()
    try:
        np.random.seed(seed)
        random.seed(seed)
        return space.sample()
    finally:
        np.random.set_state(of_numpy)
        random.setstate(of_python)


def _takes_random_state(function: Any) -> bool:
    try:
        return "random_state" in inspect.signature(function).parameters
    except (TypeError, ValueError):  # builtins have no signature
        return False


def _is_number(value: object) -> bool:
    return isinstance(value, Real) and not isinstance(value, bool) and math.isfinite(value)


def _as_number(value: Any) -> Any:
    return float(value) if isinstance(value, str) and _NUMBER.fullmatch(value) else value


def _check_plain(kind: str, value: Any) -> None:
    if not (value is None or isinstance(value, bool | str) or _is_number(value)):
        raise ConfigurationError(f"{kind}: {value!r} is no number, text, true, false or null.")
