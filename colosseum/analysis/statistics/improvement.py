"""How probably one agent is better than another on an environment drawn at random."""

import numpy as np


def probability_of_improvement(scores_x: np.ndarray, scores_y: np.ndarray) -> np.ndarray:
    """
    Return the mean over environments of P(X > Y) + P(X = Y) / 2 for an instance X of one agent and Y of the other.

    Parameters
    ----------
    scores_x, scores_y : ndarray of shape (..., n_seeds_x, n_mdps) and (..., n_seeds_y, n_mdps)
        Scores on the same environments; nan where an instance is not there.

    Returns
    -------
    ndarray of shape (...)
        1/2 where neither is better. The values of (x, y) and (y, x) add up to 1.

    References
    ----------
    Agarwal et al. (2021), section 4.3: the Mann-Whitney statistic in each environment.
    """
    x = np.asarray(scores_x, float)[..., :, None, :]
    y = np.asarray(scores_y, float)[..., None, :, :]
    wins = np.count_nonzero(x > y, axis=(-3, -2)) + 0.5 * np.count_nonzero(x == y, axis=(-3, -2))
    pairs = np.count_nonzero(~np.isnan(x), axis=(-3, -2)) * np.count_nonzero(~np.isnan(y), axis=(-3, -2))
    return np.asarray((wins / pairs).mean(axis=-1))
