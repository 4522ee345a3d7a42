"""Reward distributions as users write them, and as the numbers that compiled loops draw from."""

import math
from numbers import Real
from typing import Any, NamedTuple

from colosseum.errors import ConfigurationError, nearest
from colosseum.mdp.sampling import BETA, DETERMINISTIC


class Reward(NamedTuple):
    """
    One reward distribution: `loc` if deterministic, else ``loc + scale * Beta(a, b)``.

    Attributes
    ----------
    kind : int
        DETERMINISTIC or BETA of `colosseum.mdp.sampling`.
    a, b, loc, scale : float
    """

    kind: int
    a: float
    b: float
    loc: float
    scale: float

    @classmethod
    def of(cls, value: Any, name: str) -> "Reward":
        """
        Read a distribution.

        Parameters
        ----------
        value : tuple (str, tuple of float), number, or frozen scipy.stats distribution
            ``("beta", (a, b))`` (on [0, 1]) or ``("beta", (a, b, loc, scale))`` (on [loc, loc + scale]),
            ``("deterministic", (value,))``, a number (a constant reward), or a frozen ``scipy.stats.beta`` or
            ``scipy.stats.uniform``.
        name : str
            What the error calls it.

        Raises
        ------
        ConfigurationError
            If it is none of these.
        """
        if isinstance(value, Real) and not isinstance(value, bool):
            return cls.constant(float(value), name)
        if hasattr(value, "dist") and hasattr(value, "kwds"):
            return cls._of_scipy(value, name)
        try:
            kind, parameters = value
            numbers = tuple(float(x) for x in parameters)
        except (TypeError, ValueError):
            raise ConfigurationError(
                f"{name}: {value!r} is not a reward distribution; give ('beta', (a, b)), ('deterministic', (value,)) "
                "or a frozen scipy.stats distribution."
            ) from None
        if kind == "beta" and len(numbers) in (2, 4):
            a, b, loc, scale = (*numbers, 0.0, 1.0)[:4]
            return cls.beta(a, b, loc, scale, name=name)
        if kind == "deterministic" and len(numbers) == 1:
            return cls.constant(numbers[0], name)
        if kind in _KINDS:
            raise ConfigurationError(
                f"{name}: {value!r} has {len(numbers)} parameters; beta takes 2 (or 4), deterministic 1."
            )
        raise ConfigurationError(f"{name}: unknown kind of reward {kind!r}; {nearest(str(kind), _KINDS)}")

    @classmethod
    def constant(cls, value: float, name: str = "reward") -> "Reward":
        """A constant reward."""
        if not math.isfinite(value):
            raise ConfigurationError(f"{name}: a constant reward must be finite, got {value!r}.")
        return cls(DETERMINISTIC, 0.0, 0.0, float(value), 0.0)

    @classmethod
    def beta(cls, a: float, b: float, loc: float = 0.0, scale: float = 1.0, name: str = "reward") -> "Reward":
        """A Beta reward on [loc, loc + scale]."""
        if not (0 < a < math.inf and 0 < b < math.inf and math.isfinite(loc) and 0 < scale < math.inf):
            raise ConfigurationError(
                f"{name}: a Beta reward needs positive, finite parameters, got a={a!r}, b={b!r}, loc={loc!r}, "
                f"scale={scale!r}."
            )
        return cls(BETA, float(a), float(b), float(loc), float(scale))

    @classmethod
    def _of_scipy(cls, frozen: Any, name: str) -> "Reward":
        family = getattr(frozen.dist, "name", type(frozen.dist).__name__)
        if family not in ("beta", "uniform"):
            raise ConfigurationError(
                f"{name}: scipy.stats.{family} rewards are not supported; give scipy.stats.beta, scipy.stats.uniform, "
                "('beta', (a, b)) or ('deterministic', (value,))."
            )
        parameters = _beta_parameters if family == "beta" else _uniform_parameters
        a, b, loc, scale = parameters(*frozen.args, **frozen.kwds)
        return cls.beta(float(a), float(b), float(loc), float(scale), name)

    @property
    def mean(self) -> float:
        """Expected reward."""
        return self.loc if self.kind == DETERMINISTIC else self.loc + self.scale * self.a / (self.a + self.b)

    @property
    def low(self) -> float:
        """The least possible reward."""
        return self.loc

    @property
    def high(self) -> float:
        """The greatest possible reward."""
        return self.loc + self.scale

    def rescaled(self, low: float, high: float) -> "Reward":
        """The distribution of ``low + r (high - low)``."""
        width = high - low
        return Reward(self.kind, self.a, self.b, low + width * self.loc, width * self.scale)

    def spec(self) -> tuple[str, tuple[float, ...]]:
        """As it is written in a gin configuration."""
        if self.kind == DETERMINISTIC:
            return "deterministic", (self.loc,)
        if (self.loc, self.scale) == (0, 1):
            return "beta", (self.a, self.b)
        return "beta", (self.a, self.b, self.loc, self.scale)


_KINDS = ("beta", "deterministic")


def _beta_parameters(a: float, b: float, loc: float = 0, scale: float = 1) -> tuple[float, float, float, float]:
    """As scipy.stats.beta takes them."""
    return a, b, loc, scale


def _uniform_parameters(loc: float = 0, scale: float = 1) -> tuple[float, float, float, float]:
    """As scipy.stats.uniform takes them."""
    return 1.0, 1.0, loc, scale
