"""What differs from seed to seed: the layout of the environment, or only luck."""

import numpy as np

RELATIVE = 1e-9
"""Constants of an environment that differ by less are the same: logs have twelve digits."""


def seeds_change_layout(*constants: np.ndarray) -> np.ndarray:
    """
    Tell for each environment whether its seeds are different layouts.

    Parameters
    ----------
    *constants : ndarray of shape (n_seeds, n_mdps)
        Values that depend on the environment alone: regret and reward of the random, worst and optimal policy per step.
        They are exact, so that any difference is one of layouts. nan: not known.

    Returns
    -------
    ndarray of bool, shape (n_mdps,)
        False where nothing is known, or there is a single seed.
    """
    changed = np.zeros(constants[0].shape[1], bool)
    for one in constants:
        known = ~np.isnan(one)
        low = np.where(known, one, np.inf).min(axis=0)
        high = np.where(known, one, -np.inf).max(axis=0)
        scale = np.maximum(np.where(known, np.abs(one), 0.0).max(axis=0), 1e-6)
        changed |= (known.sum(axis=0) > 1) & (high - low > RELATIVE * scale)
    return changed


def shared_share(scores: np.ndarray) -> float:
    """
    Return the share of the variance over seeds that agents share: that of the layouts, where seeds change them.

    Parameters
    ----------
    scores : ndarray of shape (n_agents, n_seeds)
        Of one environment, without nan.

    Returns
    -------
    float
        Mean covariance of two agents over their mean variance, between 0 and 1; nan with fewer than two agents or three
        seeds, or where nothing varies. The rest is luck.
    """
    n_agents, n_seeds = np.shape(scores)
    if n_agents < 2 or n_seeds < 3:
        return float("nan")
    covariances = np.cov(scores)
    variance = np.trace(covariances) / n_agents
    if not variance > 1e-24:
        return float("nan")
    between = (covariances.sum() - np.trace(covariances)) / (n_agents * (n_agents - 1))
    return float(np.clip(between / variance, 0.0, 1.0))
