"""Performance profiles: how often an agent is better than each score."""

import numpy as np

from colosseum.analysis.statistics.intervals import mean_interval
from colosseum.analysis.statistics.strata import Interval


def performance_profile(scores: np.ndarray, thresholds: np.ndarray) -> np.ndarray:
    """
    Return the share of instances whose score exceeds each threshold, as the mean over environments.

    Parameters
    ----------
    scores : ndarray of shape (..., n_seeds, n_mdps)
        nan where an instance is not there.
    thresholds : ndarray of shape (n_thresholds,)
        Scores to compare with.

    Returns
    -------
    ndarray of shape (..., n_thresholds)
        Falls with the threshold, between 1 and 0.

    References
    ----------
    Agarwal et al. (2021), section 4.2, run-score distributions; Dolan and Moré (2002).
    """
    scores = np.asarray(scores, float)
    present = (~np.isnan(scores)).sum(axis=-2)
    # one threshold at a time: the resamples of a bootstrap times all thresholds would not fit into memory
    shares = [((scores > threshold).sum(axis=-2) / present).mean(axis=-1) for threshold in np.asarray(thresholds)]
    return np.stack(shares, axis=-1)


def profile_band(scores: np.ndarray, thresholds: np.ndarray, confidence: float = 0.95) -> Interval:
    """
    Return the profile with its interval at each threshold: that of a mean of zeros and ones.

    Parameters
    ----------
    scores : ndarray of shape (n_seeds, n_mdps)
        nan where an instance is not there.
    thresholds : ndarray of shape (n_thresholds,)
        Scores to compare with.
    confidence : float
        Coverage at one threshold, not of the whole curve.

    Returns
    -------
    Interval of arrays of shape (n_thresholds,)
    """
    scores = np.asarray(scores, float)
    above = np.where(np.isnan(scores), np.nan, scores > np.asarray(thresholds, float)[:, None, None])
    return mean_interval(above, confidence, (0.0, 1.0))
