"""What all intervals share: variances of independent parts, added up with Satterthwaite's degrees of freedom."""

from typing import NamedTuple

import numpy as np
from scipy.special import stdtrit

from colosseum.errors import ConfigurationError


class Interval(NamedTuple):
    """An estimate with the ends of its interval, each of the shape that the statistic returns; nan ends: none."""

    estimate: np.ndarray
    low: np.ndarray
    high: np.ndarray


def check_scores(scores: np.ndarray) -> np.ndarray:
    """Return scores as floats; raise where the shape is not (n_seeds, n_mdps) or an environment has no instance."""
    scores = np.asarray(scores, float)
    if scores.ndim != 2 or scores.size == 0:
        raise ConfigurationError(f"scores have the shape {scores.shape}; (n_seeds, n_mdps) is expected.")
    empty = np.flatnonzero(np.isnan(scores).all(axis=0))
    if empty.size:
        raise ConfigurationError(f"scores of the environments {empty.tolist()} are all nan: leave them out.")
    return scores


def check_confidence(confidence: float) -> None:
    """Raise where a coverage is not in (0, 1)."""
    if not 0 < confidence < 1:
        raise ConfigurationError(f"confidence is {confidence}; a number between 0 and 1 is expected.")


def variances_of_means(scores: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """
    Return the variance of each environment's mean over its seeds, and its degrees of freedom.

    Parameters
    ----------
    scores : ndarray of shape (..., n_seeds, n_mdps)

    Returns
    -------
    variances, degrees : ndarray of shape (..., n_mdps)
        nan and 0 where an environment has a single seed.
    """
    scores = np.asarray(scores, float)
    present = ~np.isnan(scores)
    counts = present.sum(axis=-2)
    means = np.where(present, scores, 0.0).sum(axis=-2) / np.maximum(counts, 1)
    squares = np.where(present, (scores - means[..., None, :]) ** 2, 0.0).sum(axis=-2)
    degrees = counts - 1
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(degrees > 0, squares / degrees / counts, np.nan), np.maximum(degrees, 0)


def satterthwaite(variances: np.ndarray, degrees: np.ndarray) -> np.ndarray:
    """
    Return the degrees of freedom of a sum of independent variance estimates.

    Parameters
    ----------
    variances, degrees : ndarray of shape (..., n_parts)

    Returns
    -------
    ndarray of shape (...)
        Where nothing varies, those of the part with the fewest.

    References
    ----------
    F. E. Satterthwaite (1946). An approximate distribution of estimates of variance components. Biometrics Bulletin 2.
    """
    total = variances.sum(axis=-1)
    with np.errstate(invalid="ignore", divide="ignore"):
        # shares of the total: squares of tiny variances would underflow
        shares = variances / total[..., None]
        found = 1.0 / (shares**2 / degrees).sum(axis=-1)
    return np.asarray(np.where(total > 0, found, np.broadcast_to(degrees, variances.shape).min(axis=-1)))


def t_interval(
    estimate: np.ndarray, error: np.ndarray, degrees: np.ndarray, confidence: float, bounds: tuple[float, float]
) -> Interval:
    """Return estimate -+ t quantile times standard error, cut at the bounds of what is estimated."""
    quantile = -stdtrit(np.maximum(degrees, 1e-9), (1 - confidence) / 2)
    half = np.where(np.isnan(error) | (np.asarray(degrees) <= 0), np.nan, quantile * error)
    return Interval(estimate, np.maximum(estimate - half, bounds[0]), np.minimum(estimate + half, bounds[1]))
