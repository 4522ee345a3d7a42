"""Distributions of hyperparameters; light, where importing scipy.stats would take longer than many a run."""

import inspect
import random
from typing import Any

import numpy as np


class Uniform:
    """
    The uniform distribution on [low, high).

    It has both faces that a search space may have: `rvs` (scipy.stats) and `sample` (ray.tune).

    Parameters
    ----------
    low, high : float
        With low < high.
    """

    def __init__(self, low: float, high: float):
        if not low < high:
            raise ValueError(f"Uniform({low}, {high}): low must be less than high")
        self.low, self.high = float(low), float(high)

    def __repr__(self) -> str:
        return f"Uniform({self.low:g}, {self.high:g})"

    def __contains__(self, value: float) -> bool:
        return self.low <= value <= self.high

    def rvs(self, size: int | None = None, random_state: Any = None) -> float | np.ndarray:
        """Draw one number, or an array of them; `random_state` is a Generator, a RandomState, a seed or None."""
        if random_state is None or isinstance(random_state, int | np.integer):
            random_state = np.random.default_rng(random_state)
        return random_state.uniform(self.low, self.high, size)

    sample = rvs


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
