"""Intervals of statistics without a closed form: the seeds are resampled within each environment."""

from collections.abc import Callable

import numpy as np

from colosseum.analysis.statistics.strata import (
    Interval,
    check_confidence,
    check_scores,
    satterthwaite,
    t_interval,
)
from colosseum.errors import ConfigurationError

DEFAULT_RESAMPLES = 2_000
_CHUNK_NUMBERS = 4_000_000
"""Resampled numbers that are held at once."""

Statistic = Callable[..., np.ndarray]


def bootstrap_interval(
    statistic: Statistic,
    *scores: np.ndarray,
    n_resamples: int = DEFAULT_RESAMPLES,
    confidence: float = 0.95,
    bounds: tuple[float, float] = (-np.inf, np.inf),
    seed: int = 0,
) -> Interval:
    """
    Return a statistic with a bootstrap interval.

    Parameters
    ----------
    statistic : callable
        Takes as many arrays ``(..., n_seeds, n_mdps)`` as `scores` holds and reduces their last two axes; further
        axes of its value come last.
    *scores : ndarray of shape (n_seeds, n_mdps)
        One array an agent. A seed that is not there for one agent (nan) is left out for all.
    n_resamples : int
        Resamples, at least 2.
    confidence : float
        Coverage of the interval, in (0, 1).
    bounds : tuple of float
        What the statistic cannot leave.
    seed : int
        Seed of the resampling: the same call returns the same interval.

    Raises
    ------
    ConfigurationError
        If the arrays are not of one such shape, or an environment has no seed that all have, or a number makes no
        sense.

    Returns
    -------
    Interval
        The ends are nan where an environment has a single seed.

    Notes
    -----
    An agent's score with a seed and another's with the same are drawn together: they met the same environment. Of n
    seeds n - 1 are drawn with replacement, so that the variance of a mean comes out with the divisor n - 1 (Rao and Wu
    1988, with their n - 1 draws). Where few seeds agree by chance that misses what others would do, so that a normal
    resampling with the seeds' means and covariances is taken where it varies more. The interval is a t interval with
    the bootstrap's standard error; Satterthwaite's degrees of freedom come from the share of each environment in the
    jackknife variance.

    References
    ----------
    J. N. K. Rao, C. F. J. Wu (1988). Resampling inference with complex survey data. JASA 83.
    """
    check_confidence(confidence)
    arrays = _complete(scores)
    estimate = np.asarray(statistic(*arrays))
    counts = (~np.isnan(arrays[0])).sum(axis=0)
    if counts.min() < 2:
        nothing = np.full(estimate.shape, np.nan)
        return Interval(estimate, nothing, nothing)
    drawn = bootstrap_distribution(statistic, *arrays, n_resamples=n_resamples, seed=seed)
    smooth = _distribution(statistic, arrays, n_resamples, _draw_normal, np.random.default_rng([seed, 1]))
    error = np.maximum(drawn.std(axis=0, ddof=1), smooth.std(axis=0, ddof=1))
    error = np.where(error > 1e-12 * np.maximum(1.0, np.abs(estimate)), error, 0.0)
    degrees = satterthwaite(_jackknife_variances(statistic, arrays), counts - 1)
    return t_interval(estimate, error, degrees, confidence, bounds)


def bootstrap_distribution(
    statistic: Statistic, *scores: np.ndarray, n_resamples: int = DEFAULT_RESAMPLES, seed: int = 0
) -> np.ndarray:
    """
    Return the statistic of every rescaled resample.

    Parameters and errors are those of `bootstrap_interval`.

    Returns
    -------
    ndarray of shape (n_resamples, ...)
    """
    if n_resamples < 2:
        raise ConfigurationError(f"n_resamples is {n_resamples}; at least 2 are needed.")
    return _distribution(statistic, _complete(scores), n_resamples, _draw_seeds, np.random.default_rng(seed))


Draw = Callable[[np.ndarray, np.ndarray, int, np.random.Generator], np.ndarray]


def _distribution(
    statistic: Statistic, arrays: list[np.ndarray], n_resamples: int, draw: Draw, rng: np.random.Generator
) -> np.ndarray:
    stacked = np.stack([_pack(one) for one in arrays])
    counts = (~np.isnan(arrays[0])).sum(axis=0)
    chunk = max(1, _CHUNK_NUMBERS // stacked.size)
    sizes = [min(chunk, n_resamples - start) for start in range(0, n_resamples, chunk)]
    return np.concatenate([statistic(*draw(stacked, counts, n, rng)) for n in sizes])


def _complete(scores: tuple[np.ndarray, ...]) -> list[np.ndarray]:
    """Check the arrays; leave out the seeds that not all of them have."""
    arrays = [np.asarray(one, float) for one in scores]
    if len({one.shape for one in arrays}) > 1:
        shapes = ", ".join(str(one.shape) for one in arrays)
        raise ConfigurationError(f"scores have the shapes {shapes}; agents are compared on the same seeds.")
    absent = np.isnan(arrays).any(axis=0)
    return [check_scores(np.where(absent, np.nan, one)) for one in arrays]


def _pack(scores: np.ndarray) -> np.ndarray:
    """Move nan to the end of each column, the others keeping their order."""
    return np.take_along_axis(scores, np.argsort(np.isnan(scores), axis=0, kind="stable"), axis=0)


def _draw_seeds(stacked: np.ndarray, counts: np.ndarray, n: int, rng: np.random.Generator) -> np.ndarray:
    """Draw one seed less than there are, the same for all agents; shape (n_agents, n, n_seeds drawn, n_mdps)."""
    _, n_seeds, n_mdps = stacked.shape
    size = max(1, n_seeds - 1)
    rows = (rng.random((n, size, n_mdps)) * counts).astype(np.intp)
    drawn = stacked[:, rows, np.arange(n_mdps)]
    if (counts < n_seeds).any():
        drawn = np.where(np.arange(size)[:, None] < np.maximum(counts - 1, 1), drawn, np.nan)
    return drawn


def _draw_normal(stacked: np.ndarray, counts: np.ndarray, n: int, rng: np.random.Generator) -> np.ndarray:
    """Draw normal scores with the means and, between agents, covariances of the seeds."""
    n_seeds = stacked.shape[1]
    absent = np.isnan(stacked)
    means = np.nanmean(stacked, axis=1, keepdims=True)
    centred = np.where(absent, 0.0, stacked - means) / np.sqrt(np.maximum(counts - 1, 1))
    directions, lengths, _ = np.linalg.svd(centred.transpose(2, 0, 1), full_matrices=False)  # (n_mdps, n_agents, rank)
    factors = directions * lengths[:, None, :]
    noise = rng.standard_normal((n, n_seeds, factors.shape[2], factors.shape[0]))
    drawn = np.einsum("mar,nirm->anim", factors, noise) + means[:, None]
    return np.where(absent[:, None], np.nan, drawn) if absent.any() else drawn


def _jackknife_variances(statistic: Statistic, arrays: list[np.ndarray]) -> np.ndarray:
    """Return each environment's part of the delete-one-seed jackknife variance; shape (..., n_mdps)."""
    present = ~np.isnan(arrays[0])
    parts = []
    for mdp in range(present.shape[1]):
        seeds = np.flatnonzero(present[:, mdp])
        without = np.stack(arrays)[:, None].repeat(len(seeds), axis=1)
        without[:, np.arange(len(seeds)), seeds, mdp] = np.nan
        values = np.asarray(statistic(*without))
        parts.append(((values - values.mean(axis=0)) ** 2).sum(axis=0) * (len(seeds) - 1) / len(seeds))
    variances = np.stack(parts, axis=-1)
    return np.where(variances > 1e-24, variances, 0.0)
