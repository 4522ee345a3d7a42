"""Main effects of hyperparameters on a score: their shares of its variance, and whether they are more than noise."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

LEAST_FREE = 10
"""Degrees of freedom that must be left for noise: with fewer samples nothing is said."""

_DEGREE = 3


@dataclass(frozen=True)
class Factor:
    """
    A hyperparameter as columns of an additive model.

    Attributes
    ----------
    columns : ndarray of shape (n_samples, n_columns)
        Functions of the hyperparameter that have mean 0 under its distribution; with fewer samples than the model needs
        only the first of them are used.
    covariance : ndarray of shape (n_columns, n_columns)
        Of these functions under its distribution.
    """

    columns: np.ndarray
    covariance: np.ndarray

    @classmethod
    def of_places(cls, places: Sequence[float] | np.ndarray) -> "Factor":
        """Legendre polynomials, orthonormal on [0, 1], of places that are uniformly distributed there."""
        x = 2 * np.asarray(places, float) - 1
        polynomials = np.polynomial.legendre.legvander(x, _DEGREE)[:, 1:]
        return cls(polynomials * np.sqrt(2 * np.arange(1, _DEGREE + 1) + 1), np.eye(_DEGREE))

    @classmethod
    def of_ranks(cls, values: Sequence[float]) -> "Factor":
        """Numbers of an unknown distribution: places by their ranks."""
        return cls.of_places((ranks(np.asarray(values, float)) - 0.5) / len(values))

    @classmethod
    def of_levels(cls, levels: Sequence[int]) -> "Factor":
        """Levels 0, 1, ..., of equal probability, without an order."""
        n = max(levels) + 1
        share = np.full(n - 1, 1 / n)
        columns = (np.asarray(levels)[:, None] == np.arange(1, n)).astype(float) - share
        return cls(columns, np.diag(share) - np.outer(share, share))

    @property
    def is_ordered(self) -> bool:
        """Whether its columns are polynomials, of which fewer will do."""
        return self.covariance.shape[0] == _DEGREE and bool((self.covariance == np.eye(_DEGREE)).all())

    def up_to(self, degree: int) -> "Factor":
        """Return it with polynomials of no greater degree."""
        return Factor(self.columns[:, :degree], self.covariance[:degree, :degree]) if self.is_ordered else self


@dataclass(frozen=True)
class Effect:
    """
    The main effect of a hyperparameter.

    Attributes
    ----------
    share : float
        Estimated share of the score's variance, from 0 to 1; NaN where there are too few samples.
    p_value : float
        Of the hypothesis that it has no main effect on the ranks of the scores; NaN where there are too few samples.
    """

    share: float
    p_value: float


def main_effects(factors: Sequence[Factor], scores: np.ndarray) -> list[Effect]:
    """
    Estimate the main effect of each hyperparameter in an additive model of all of them.

    The share is that of the first-order index of Sobol (1993), the variance over the hyperparameter of the mean score
    given it: that of the fitted function under the hyperparameter's distribution, less what noise adds to it in
    expectation. The p value is that of the partial F test on the ranks of the scores (Conover and Iman, 1981, Rank
    transformations as a bridge between parametric and nonparametric statistics): what the others explain is set apart.

    Parameters
    ----------
    factors : sequence of Factor
    scores : ndarray of shape (n_samples,)
        Samples without a score (NaN) are left out.

    Returns
    -------
    list of Effect
        In the order of `factors`.
    """
    there = ~np.isnan(scores)
    scores, n = scores[there], int(there.sum())
    unordered = sum(factor.columns.shape[1] for factor in factors if not factor.is_ordered)
    n_ordered = sum(factor.is_ordered for factor in factors)
    degree = min(_DEGREE, (n - 1 - LEAST_FREE - unordered) // max(1, n_ordered))
    if degree < 1 or n - 1 - LEAST_FREE < unordered:
        return [Effect(math.nan, math.nan)] * len(factors)
    if np.ptp(scores) == 0:
        return [Effect(0.0, 1.0)] * len(factors)
    used = [factor.up_to(degree) for factor in factors]
    blocks = [factor.columns[there] for factor in used]
    shares = _shares(used, blocks, scores)
    ranked = ranks(scores)
    return [Effect(share, _partial_p_value(blocks, i, ranked)) for i, share in enumerate(shares)]


def ranks(values: np.ndarray) -> np.ndarray:
    """Return the ranks from 1 on; equal values share the mean of theirs."""
    _, inverse, counts = np.unique(values, return_inverse=True, return_counts=True)
    last = np.cumsum(counts)
    return (last - (counts - 1) / 2)[inverse]


def _shares(factors: Sequence[Factor], blocks: Sequence[np.ndarray], scores: np.ndarray) -> list[float]:
    design = _design(blocks)
    fitted, _, _, _ = np.linalg.lstsq(design, scores, rcond=None)
    free = len(scores) - design.shape[1]
    noise = float(((scores - design @ fitted) ** 2).sum()) / free * np.linalg.pinv(design.T @ design)
    shares, first = [], 1
    for factor in factors:
        of_factor = slice(first, first + factor.columns.shape[1])
        weights, first = fitted[of_factor], of_factor.stop
        variance = weights @ factor.covariance @ weights - np.trace(factor.covariance @ noise[of_factor, of_factor])
        shares.append(float(min(max(variance / scores.var(ddof=1), 0.0), 1.0)))
    return shares


def _partial_p_value(blocks: Sequence[np.ndarray], which: int, scores: np.ndarray) -> float:
    from scipy.special import betainc

    full = _design(blocks)
    rest = _design([block for i, block in enumerate(blocks) if i != which])
    of_full, of_rest = (_residual(design, scores) for design in (full, rest))
    free, columns = len(scores) - full.shape[1], full.shape[1] - rest.shape[1]
    explained = max(of_rest - of_full, 0.0)
    if of_full + explained == 0:
        return 1.0
    return float(betainc(free / 2, columns / 2, of_full / (of_full + explained)))


def _design(blocks: Sequence[np.ndarray]) -> np.ndarray:
    n = len(blocks[0]) if blocks else 0
    return np.column_stack([np.ones(n), *blocks]) if blocks else np.ones((n, 1))


def _residual(design: np.ndarray, scores: np.ndarray) -> float:
    if len(design) == 0:
        return float(((scores - scores.mean()) ** 2).sum())
    fitted, _, _, _ = np.linalg.lstsq(design, scores, rcond=None)
    return float(((scores - design @ fitted) ** 2).sum())
