"""One number for all seeds and environments of an agent."""

import numpy as np


def mean_score(scores: np.ndarray) -> np.ndarray:
    """
    Return the mean over environments of the means over seeds.

    Parameters
    ----------
    scores : ndarray of shape (..., n_seeds, n_mdps)
        nan where an instance is not there; each environment needs one that is.

    Returns
    -------
    ndarray of shape (...)
    """
    return np.asarray(np.nanmean(scores, axis=-2).mean(axis=-1))


def median_score(scores: np.ndarray) -> np.ndarray:
    """Return the median over environments of the means over seeds; shapes as in `mean_score`."""
    return np.median(np.nanmean(scores, axis=-2), axis=-1)


def interquartile_mean(scores: np.ndarray) -> np.ndarray:
    """
    Return the mean of the middle half of all instances, whatever their environment.

    A quarter of the n instances, rounded down, is left out at each end. Shapes as in `mean_score`.
    """
    scores = np.asarray(scores, float)
    flat = np.sort(scores.reshape(*scores.shape[:-2], -1), axis=-1)  # nan comes last
    count = np.count_nonzero(~np.isnan(flat), axis=-1)
    cut = count // 4
    position = np.arange(flat.shape[-1])
    kept = (position >= cut[..., None]) & (position < (count - cut)[..., None])
    return np.asarray(np.where(kept, flat, 0.0).sum(axis=-1) / (count - 2 * cut))


def optimality_gap(scores: np.ndarray, threshold: float = 1.0) -> np.ndarray:
    """
    Return by how much the agent misses a threshold on average, where what exceeds the threshold counts as the
    threshold.

    Parameters
    ----------
    scores : ndarray of shape (..., n_seeds, n_mdps)
        As in `mean_score`.
    threshold : float
        The score that is as good as needed.
    """
    return threshold - mean_score(np.minimum(scores, threshold))
