"""Draws that several families share when their parameters are sampled for the hyperparameter optimisation."""

from collections.abc import Sequence

import numpy as np


class Draw:
    """Random numbers, rounded as configurations are."""

    def __init__(self, rng: np.random.Generator):
        self._rng = rng

    def uniform(self) -> float:
        """A fresh uniform number in [0, 1)."""
        return float(self._rng.random())

    def dirichlet(self, *alpha: float) -> np.ndarray:
        """A draw of a Dirichlet distribution."""
        return self._rng.dirichlet(alpha)

    def integer(self, low: int, high: int) -> int:
        """A uniform integer from low to high, both included."""
        return int(self._rng.integers(low, high + 1))

    def choice(self, values: Sequence[int], probabilities: Sequence[float]) -> int:
        """One of the values, with these probabilities."""
        return int(self._rng.choice(values, p=probabilities))

    @staticmethod
    def rounded(value: float) -> float:
        """Round to 4 digits, but never to zero."""
        return round(float(value), 4) or float(f"{value:.1g}")

    def lazy_and_random(self, factor: float = 0.9) -> dict[str, float | None]:
        """p_rand and p_lazy: `factor` times the first two entries of a Dirichlet(0.2, 0.2, 5) draw."""
        p_rand, p_lazy, _ = factor * self.dirichlet(0.2, 0.2, 5.0)
        return {"p_rand": self.probability(p_rand), "p_lazy": self.probability(p_lazy)}

    @staticmethod
    def probability(value: float) -> float | None:
        """Round to 4 digits; None below 0.01."""
        return None if value < 0.01 else round(float(value), 4)
