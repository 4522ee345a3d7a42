"""The best of k samples, by what all n of them gave: the distribution of the minimum of a random subset."""

import numpy as np


def survival_of_best(n: int) -> np.ndarray:
    """
    Return the probability that the best of k of n samples is not among the first i, which are the best.

    Returns
    -------
    ndarray of shape (n, n + 1)
        Row k - 1, column i: C(n - i, k) / C(n, k).
    """
    k, i = np.arange(1, n + 1)[:, None], np.arange(n)[None, :]
    # from i to i + 1 the probability is multiplied by (n - i - k) / (n - i)
    factors = np.clip((n - i - k) / (n - i), 0.0, None)
    return np.concatenate([np.ones((n, 1)), np.cumprod(factors, axis=1)], axis=1)


def best_of(costs: np.ndarray) -> np.ndarray:
    """
    Return the mean over all subsets of k samples of their lowest cost, for k = 1, ..., n.

    It is an unbiased estimate of the expected best of k new samples.

    Parameters
    ----------
    costs : ndarray of shape (n,)

    Returns
    -------
    ndarray of shape (n,)
    """
    survival = survival_of_best(len(costs))
    return np.asarray((survival[:, :-1] - survival[:, 1:]) @ np.sort(costs))


def quantile_of_best(costs: np.ndarray, quantile: float) -> np.ndarray:
    """
    Return a quantile of the lowest cost of a random subset of k samples, for k = 1, ..., n.

    Parameters
    ----------
    costs : ndarray of shape (n,)
    quantile : float
        In (0, 1).

    Returns
    -------
    ndarray of shape (n,)
    """
    below = 1.0 - survival_of_best(len(costs))[:, 1:]
    return np.asarray(np.sort(costs)[np.argmax(below >= quantile - 1e-12, axis=1)])
