"""Confidence intervals by resampling seeds within each environment."""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from colosseum.errors import ConfigurationError

DEFAULT_RESAMPLES = 2_000
_CHUNK_NUMBERS = 4_000_000
"""Resampled numbers that are held at once."""


class Interval(NamedTuple):
    """An estimate with the ends of its confidence interval, each of the shape that the statistic returns."""

    estimate: np.ndarray
    low: np.ndarray
    high: np.ndarray


def stratified_bootstrap(
    statistic: Callable[..., np.ndarray],
    *scores: np.ndarray,
    n_resamples: int = DEFAULT_RESAMPLES,
    confidence: float = 0.95,
    seed: int = 0,
) -> Interval:
    """
    Return a statistic with its percentile bootstrap interval, the seeds being resampled within each environment.

    Parameters
    ----------
    statistic : callable
        Takes as many arrays ``(..., n_seeds, n_mdps)`` as `scores` holds and reduces their last two axes; further
        axes of its value come last.
    *scores : ndarray of shape (n_seeds, n_mdps)
        One array an agent, resampled independently of each other; the numbers of seeds may differ. nan: not there.
        Only what is there is resampled, so that an environment keeps its number of instances.
    n_resamples : int
        Resamples, at least 2.
    confidence : float
        Coverage of the interval, in (0, 1).
    seed : int
        Seed of the resampling: the same call returns the same interval.

    Raises
    ------
    ConfigurationError
        If an array is not of that shape, or an environment has no instance, or a number makes no sense.

    Notes
    -----
    With the few seeds that are common the interval is too narrow in each environment alone; over many environments
    it covers well (Agarwal et al. 2021, appendix A.3).
    """
    resamples = bootstrap_distribution(statistic, *scores, n_resamples=n_resamples, seed=seed)
    if not 0 < confidence < 1:
        raise ConfigurationError(f"confidence is {confidence}; a number between 0 and 1 is expected.")
    tail = (1 - confidence) / 2
    low, high = np.quantile(resamples, [tail, 1 - tail], axis=0)
    return Interval(statistic(*(np.asarray(s, float) for s in scores)), low, high)


def bootstrap_distribution(
    statistic: Callable[..., np.ndarray],
    *scores: np.ndarray,
    n_resamples: int = DEFAULT_RESAMPLES,
    seed: int = 0,
) -> np.ndarray:
    """
    Return the statistic of every resample.

    Parameters and errors are those of `stratified_bootstrap`.

    Returns
    -------
    ndarray of shape (n_resamples, ...)
    """
    if n_resamples < 2:
        raise ConfigurationError(f"n_resamples is {n_resamples}; at least 2 are needed.")
    packed = [_pack(check_scores(one)) for one in scores]
    rng = np.random.default_rng(seed)
    chunk = max(1, _CHUNK_NUMBERS // sum(one.size for one, _ in packed))
    values = []
    for start in range(0, n_resamples, chunk):
        n = min(chunk, n_resamples - start)
        values.append(statistic(*(_resample(one, counts, n, rng) for one, counts in packed)))
    return np.concatenate(values)


def check_scores(scores: np.ndarray) -> np.ndarray:
    """Return scores as floats; raise where the shape is not (n_seeds, n_mdps) or an environment has no instance."""
    scores = np.asarray(scores, float)
    if scores.ndim != 2 or scores.size == 0:
        raise ConfigurationError(f"scores have the shape {scores.shape}; (n_seeds, n_mdps) is expected.")
    empty = np.flatnonzero(np.isnan(scores).all(axis=0))
    if empty.size:
        raise ConfigurationError(f"scores of the environments {empty.tolist()} are all nan: leave them out.")
    return scores


def _pack(scores: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Move nan to the end of each column, the others keeping their order; return also their number in each column."""
    absent = np.isnan(scores)
    order = np.argsort(absent, axis=0, kind="stable")
    return np.take_along_axis(scores, order, axis=0), (~absent).sum(axis=0)


def _resample(packed: np.ndarray, counts: np.ndarray, n: int, rng: np.random.Generator) -> np.ndarray:
    rows = (rng.random((n, *packed.shape)) * counts).astype(np.intp)
    drawn = packed[rows, np.arange(packed.shape[1])]
    if (counts < packed.shape[0]).any():
        drawn = np.where(np.arange(packed.shape[0])[:, None] < counts, drawn, np.nan)
    return drawn
