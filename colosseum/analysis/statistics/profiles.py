"""Performance profiles: how often an agent is better than each score."""

import numpy as np


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
