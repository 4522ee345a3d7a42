"""Ranks of agents against each other."""

import numpy as np

from colosseum.analysis.statistics.bootstrap import DEFAULT_RESAMPLES, bootstrap_distribution


def mean_ranks(*scores: np.ndarray) -> np.ndarray:
    """
    Return the mean over environments of each agent's rank by its mean score, 1 being the best.

    Parameters
    ----------
    *scores : ndarray of shape (..., n_seeds, n_mdps)
        One array an agent, on the same environments. nan: not there.

    Returns
    -------
    ndarray of shape (..., n_agents)
        Agents that tie share the mean of their ranks.
    """
    return np.asarray(_ranks(scores).mean(axis=-1))


def rank_distribution(*scores: np.ndarray, n_resamples: int = DEFAULT_RESAMPLES, seed: int = 0) -> np.ndarray:
    """
    Return how probably each agent has each rank on an environment drawn at random, under the bootstrap of
    `bootstrap.bootstrap_interval`.

    Parameters
    ----------
    *scores : ndarray of shape (n_seeds, n_mdps)
        One array an agent.
    n_resamples, seed : int
        As in `bootstrap.bootstrap_interval`.

    Returns
    -------
    ndarray of shape (n_agents, n_agents)
        Entry (a, k): probability that agent a has rank k + 1. A tie of several ranks counts as a share of each. Rows
        and columns add up to 1.
    """

    def shares(*resampled: np.ndarray) -> np.ndarray:
        means = _means(resampled)
        better = (means[..., None, :, :] > means[..., :, None, :]).sum(axis=-2)[..., None, :]
        ties = (means[..., None, :, :] == means[..., :, None, :]).sum(axis=-2)[..., None, :]  # counts itself
        rank = np.arange(len(resampled))[:, None]
        return np.asarray(np.where((rank >= better) & (rank < better + ties), 1.0 / ties, 0.0).mean(axis=-1))

    return np.asarray(bootstrap_distribution(shares, *scores, n_resamples=n_resamples, seed=seed).mean(axis=0))


def _means(scores: tuple[np.ndarray, ...]) -> np.ndarray:
    return np.stack([np.nanmean(one, axis=-2) for one in scores], axis=-2)  # (..., n_agents, n_mdps)


def _ranks(scores: tuple[np.ndarray, ...]) -> np.ndarray:
    means = _means(scores)
    better = (means[..., None, :, :] > means[..., :, None, :]).sum(axis=-2)
    ties = (means[..., None, :, :] == means[..., :, None, :]).sum(axis=-2) - 1
    return np.asarray(1.0 + better + 0.5 * ties)
