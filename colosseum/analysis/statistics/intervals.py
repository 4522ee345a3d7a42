"""Intervals of the aggregates: how far they would move with other seeds on the same environments."""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from scipy.special import ndtr

from colosseum.analysis.statistics.aggregates import interquartile_mean, mean_score, median_score, optimality_gap
from colosseum.analysis.statistics.bootstrap import bootstrap_interval
from colosseum.analysis.statistics.strata import (
    Interval,
    check_confidence,
    check_scores,
    satterthwaite,
    t_interval,
    variances_of_means,
)

UNBOUNDED = (-np.inf, np.inf)


def mean_interval(scores: np.ndarray, confidence: float = 0.95, bounds: tuple[float, float] = UNBOUNDED) -> Interval:
    """
    Return the mean over environments of the means over seeds, with its t interval.

    Parameters
    ----------
    scores : ndarray of shape (..., n_seeds, n_mdps)
        nan where an instance is not there; each environment needs one that is.
    confidence : float
        Coverage of the interval, in (0, 1).
    bounds : tuple of float
        What the mean cannot leave.

    Returns
    -------
    Interval of arrays of shape (...)
        The ends are nan where an environment has a single seed: nothing is known of its spread then.

    Notes
    -----
    The variances of the environments' means add up; the degrees of freedom are Satterthwaite's. With one environment
    it is Student's interval.
    """
    check_confidence(confidence)
    scores = np.asarray(scores, float)
    variances, degrees = variances_of_means(scores)
    error = np.sqrt(variances.sum(axis=-1)) / scores.shape[-1]
    return t_interval(mean_score(scores), error, satterthwaite(variances, degrees), confidence, bounds)


def optimality_gap_interval(scores: np.ndarray, threshold: float = 1.0, confidence: float = 0.95) -> Interval:
    """Return the optimality gap with its t interval: it is the mean of what each score lacks to the threshold."""
    return mean_interval(np.maximum(threshold - np.asarray(scores, float), 0.0), confidence, (0.0, np.inf))


def median_interval(scores: np.ndarray, confidence: float = 0.95) -> Interval:
    """Return the median over environments of the means over seeds, with its bootstrap interval."""
    return bootstrap_interval(median_score, scores, confidence=confidence)


def interquartile_mean_interval(scores: np.ndarray, confidence: float = 0.95) -> Interval:
    """
    Return the interquartile mean of all instances with its t interval.

    Parameters
    ----------
    scores : ndarray of shape (n_seeds, n_mdps)
        As in `mean_interval`.
    confidence : float
        Coverage of the interval, in (0, 1).

    Notes
    -----
    The variance of a trimmed mean is that of the values cut off at the quartiles (Tukey and McLaughlin 1963), here
    within each environment: what Rao and Wu's bootstrap estimates by resampling. A quartile lies halfway between the
    last value that is left out and the first one that is kept: cut off at the kept values themselves, the four scores
    of two seeds in two environments would be two pairs of equals, and their interval would hold in 0.75 of samples in
    place of 0.95. Where all seeds of an environment lie on one side of a quartile it says 0, though other seeds may
    cross it; so in each environment the same variance of a normal distribution with the seeds' mean and predictive
    variance is taken where it is greater.

    References
    ----------
    J. W. Tukey, D. H. McLaughlin (1963). Less vulnerable confidence and significance procedures for location based on
    a single sample. Sankhya A 25.
    """
    check_confidence(confidence)
    scores = check_scores(scores)
    estimate = interquartile_mean(scores)
    variances, degrees = variances_of_means(scores)
    if np.isnan(variances).any():
        return Interval(estimate, np.asarray(np.nan), np.asarray(np.nan))
    flat = np.sort(scores[~np.isnan(scores)])
    cut = flat.size // 4
    kept = flat.size - 2 * cut
    outer = max(cut - 1, 0)
    low, high = (flat[outer] + flat[cut]) / 2, (flat[-1 - outer] + flat[-1 - cut]) / 2
    counts = degrees + 1
    seen, _ = variances_of_means(np.clip(scores, low, high))
    predictive = variances * counts * (1 + 1 / counts)
    expected = variance_between(np.nanmean(scores, axis=0), np.sqrt(predictive), low, high) / counts
    parts = np.maximum(seen, expected) * (counts / kept) ** 2
    return t_interval(estimate, np.sqrt(parts.sum()), satterthwaite(parts, degrees), confidence, UNBOUNDED)


def variance_between(mean: np.ndarray, deviation: np.ndarray, low: float, high: float) -> np.ndarray:
    """Return the variance of normal variables that are cut off at two values; all arrays of shape (n,)."""
    deviation = np.maximum(deviation, 1e-300)
    below, above = (low - mean) / deviation, (high - mean) / deviation
    between = ndtr(above) - ndtr(below)
    below, above = np.clip(below, -40, 40), np.clip(above, -40, 40)
    density_below, density_above = (np.exp(-(x**2) / 2) / np.sqrt(2 * np.pi) for x in (below, above))
    first = (low - mean) * ndtr(below) + (high - mean) * ndtr(-above) + deviation * (density_below - density_above)
    second = (low - mean) ** 2 * ndtr(below) + (high - mean) ** 2 * ndtr(-above)
    second += deviation**2 * (between + below * density_below - above * density_above)
    return np.asarray(np.maximum(second - first**2, 0.0))


class Aggregate(NamedTuple):
    """A number for all seeds and environments of an agent: its estimator, its interval, whether more is better."""

    estimate: Callable[[np.ndarray], np.ndarray]
    interval: Callable[[np.ndarray], Interval]
    more_is_better: bool


AGGREGATES = {
    "Mean": Aggregate(mean_score, mean_interval, True),
    "Median": Aggregate(median_score, median_interval, True),
    "IQM": Aggregate(interquartile_mean, interquartile_mean_interval, True),
    "Optimality gap": Aggregate(optimality_gap, optimality_gap_interval, False),
}
"""Aggregates by their names."""
