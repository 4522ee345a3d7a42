"""How many seeds a difference between two agents needs, and the least difference that so many seeds can show."""

import math

import numpy as np
from scipy.special import nctdtr, ndtr, stdtrit

from colosseum.analysis.statistics.comparison import FEWEST_SEEDS, parts_of_difference
from colosseum.analysis.statistics.strata import check_scores, satterthwaite
from colosseum.errors import ConfigurationError

MOST_SEEDS = 100_000
POWER = 0.8
"""Probability with which a difference ought to be found."""


def power_of_pair(
    values: np.ndarray,
    others: np.ndarray,
    difference: float,
    n_seeds: int,
    level: float,
    layouts: np.ndarray | None = None,
) -> float:
    """
    Return the probability that two agents whose means differ are found to differ.

    Parameters
    ----------
    values, others : ndarray of shape (n_seeds_now, n_mdps)
        Scores of the two agents: their variances are taken for the true ones.
    difference : float
        True difference of their means over the environments.
    n_seeds : int
        Seeds of each agent in each environment.
    level : float
        Level of the two-sided test (see `comparison.level_of_a_pair`).
    layouts : ndarray of bool, shape (n_mdps,), optional
        As in `comparison.not_worse_than_best`.

    Notes
    -----
    The test's statistic has about a noncentral t distribution with Satterthwaite's degrees of freedom.
    """
    if n_seeds < 2:
        return 0.0
    variance, freedom_of_one = _of_one_seed(values, others, layouts)
    if variance <= 0:
        return 1.0 if difference != 0 else 0.0
    freedom = freedom_of_one * (n_seeds - 1)
    shift = abs(difference) / math.sqrt(variance / n_seeds)
    bound = -float(stdtrit(freedom, level / 2))
    if shift > 30 or freedom > 1e6:
        return float(ndtr(shift - bound) + ndtr(-shift - bound))
    return float(1 - nctdtr(freedom, shift, bound) + nctdtr(freedom, shift, -bound))


def seeds_needed(
    values: np.ndarray,
    others: np.ndarray,
    difference: float,
    level: float,
    layouts: np.ndarray | None = None,
    power: float = POWER,
) -> int | None:
    """
    Return the fewest seeds with which two agents that differ so much are found to differ.

    Parameters
    ----------
    values, others, difference, level, layouts
        As in `power_of_pair`.
    power : float
        The probability asked for, in (0, 1).

    Returns
    -------
    int or None
        At least `comparison.FEWEST_SEEDS`; None where it takes more than `MOST_SEEDS`.
    """

    def enough(n: int) -> bool:
        return power_of_pair(values, others, difference, n, level, layouts) >= power

    high = FEWEST_SEEDS
    while not enough(high):
        high *= 2
        if high > MOST_SEEDS:
            return None
    low = max(FEWEST_SEEDS, high // 2)
    while low < high:
        middle = (low + high) // 2
        low, high = (low, middle) if enough(middle) else (middle + 1, high)
    return high


def least_difference(
    values: np.ndarray,
    others: np.ndarray,
    n_seeds: int,
    level: float,
    layouts: np.ndarray | None = None,
    power: float = POWER,
) -> float:
    """
    Return the smallest difference of means that is found with a given probability.

    Parameters are those of `seeds_needed` and the seeds; inf where fewer than two leave nothing to be found.
    """
    variance, _ = _of_one_seed(values, others, layouts)
    if n_seeds < 2:
        return math.inf
    if variance <= 0:
        return 0.0
    low, high = 0.0, math.sqrt(variance)
    while power_of_pair(values, others, high, n_seeds, level, layouts) < power:
        low, high = high, 2 * high
    while high - low > 1e-6 * high:
        middle = (low + high) / 2
        enough = power_of_pair(values, others, middle, n_seeds, level, layouts) >= power
        low, high = (low, middle) if enough else (middle, high)
    return high


def _of_one_seed(values: np.ndarray, others: np.ndarray, layouts: np.ndarray | None) -> tuple[float, float]:
    """Return the variance of a difference with one seed, and the degrees of freedom for each seed beyond the first."""
    values, others = check_scores(values), check_scores(others)
    variances, degrees = parts_of_difference(values, others, layouts)
    if np.isnan(variances).any():
        raise ConfigurationError("an environment has one seed: without a second nothing is known of the spread.")
    single = variances * (degrees + 1) / values.shape[1] ** 2
    return float(single.sum()), float(satterthwaite(single, np.ones_like(degrees)))
