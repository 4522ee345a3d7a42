"""How bad an agent's bad runs are."""

import math

import numpy as np
from scipy.special import betaincinv

from colosseum.analysis.statistics.intervals import mean_interval
from colosseum.analysis.statistics.strata import Interval
from colosseum.errors import ConfigurationError


def conditional_value_at_risk(scores: np.ndarray, share: float = 0.1) -> float:
    """
    Return the mean of the worst instances, whatever their environment.

    Parameters
    ----------
    scores : ndarray of shape (n_seeds, n_mdps)
        nan where an instance is not there.
    share : float
        Share of the instances that are the worst, rounded up to a whole number of them.

    References
    ----------
    R. T. Rockafellar, S. Uryasev (2000). Optimization of conditional value-at-risk. Journal of Risk 2.
    """
    if not 0 < share <= 1:
        raise ConfigurationError(f"share is {share}; a number above 0 and at most 1 is expected.")
    flat = np.sort(np.asarray(scores, float), axis=None)
    flat = flat[~np.isnan(flat)]
    return float(flat[: math.ceil(share * flat.size - 1e-9)].mean())


def share_not_better(scores: np.ndarray, reference: np.ndarray) -> Interval:
    """
    Return the share of instances whose score does not exceed a reference, as the mean over environments.

    Parameters
    ----------
    scores, reference : ndarray of shape (n_seeds, n_mdps)
        nan where an instance is not there. Differences of rounding alone do not exceed.

    Returns
    -------
    Interval
        With the t interval of a mean of zeros and ones; where all are the same, with the exact binomial interval of all
        instances together (Clopper and Pearson 1934), which also holds for unequal environments (Hoeffding 1956).
    """
    scores = np.asarray(scores, float)
    below = np.where(np.isnan(scores), np.nan, scores <= np.asarray(reference, float) + 1e-9)
    interval = mean_interval(below, bounds=(0.0, 1.0))
    n = int(np.count_nonzero(~np.isnan(below)))
    if interval.low == interval.high and interval.estimate in (0.0, 1.0):
        end = float(betaincinv(1, n, 0.975))
        return Interval(
            interval.estimate, *map(np.asarray, (0.0, end) if interval.estimate == 0.0 else (1.0 - end, 1.0))
        )
    return interval
