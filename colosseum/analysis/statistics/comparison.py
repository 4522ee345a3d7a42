"""Comparisons: which agents are not worse than the best one, and where an agent is better than a fixed reference."""

from collections.abc import Sequence
from itertools import combinations

import numpy as np
from scipy.special import stdtr

from colosseum.analysis.statistics.strata import check_scores, satterthwaite, variances_of_means
from colosseum.errors import ConfigurationError

FEWEST_SEEDS = 5
"""With fewer seeds no agent is set off as the best: hardly any difference could be shown."""

LEVEL = 0.05
_ROUNDING = 1e-12


def level_of_a_pair(n_agents: int, level: float = LEVEL) -> float:
    """Return the level of each pair of agents that keeps the level of all pairs (Šidák 1967)."""
    n_pairs = n_agents * (n_agents - 1) // 2
    return level if n_pairs < 2 else 1 - (1 - level) ** (1 / n_pairs)


def not_worse_than_best(
    values: Sequence[np.ndarray],
    high_is_best: bool = True,
    layouts: np.ndarray | None = None,
    level: float = LEVEL,
) -> tuple[bool, ...]:
    """
    Tell for each agent whether no other agent is significantly better.

    Parameters
    ----------
    values : sequence of ndarray of shape (n_seeds, n_mdps)
        One array an agent, on the same environments (one of them, often) with the same seeds; nan where an instance is
        not there, and an agent that lacks a whole environment is never among the best.
    high_is_best : bool
        Whether more is better.
    layouts : ndarray of bool, shape (n_mdps,), optional
        Where the seeds are different layouts (see `seeds.seeds_change_layout`): agents are compared seed by seed there.
    level : float
        Probability that any of several equal agents is found worse, at most, for the agents of one call.

    Returns
    -------
    tuple of bool
        In the order of `values`; all false with fewer than `FEWEST_SEEDS` seeds in an environment.

    Notes
    -----
    A comparison with the best (Hsu 1984) that also keeps several equal bests: all pairs are compared, as with the
    studentized range, with each pair's own variance and Satterthwaite's degrees of freedom, at Šidák's level (Tamhane
    1977, T2). The studentized range itself with unequal variances (Games and Howell 1976) errs in 7 to 8 % of
    families of eight agents with five seeds, this one in 3 to 5 %.

    References
    ----------
    J. C. Hsu (1984). Constrained simultaneous confidence intervals for multiple comparisons with the best. Annals of
    Statistics 12. A. C. Tamhane (1977). Multiple comparisons in model I one-way ANOVA with unequal variances.
    Communications in Statistics 6. C. W. Dunnett (1980). Pairwise multiple comparisons in the unequal variance case.
    JASA 75.
    """
    arrays = [np.asarray(one, float) for one in values]
    usable = [i for i, one in enumerate(arrays) if one.size and not np.isnan(one).all(axis=0).any()]
    if not usable or min((~np.isnan(arrays[i])).sum(axis=0).min() for i in usable) < FEWEST_SEEDS:
        return (False,) * len(arrays)
    each = level_of_a_pair(len(usable), level)
    worse: set[int] = set()
    for i, j in combinations(usable, 2):
        difference, p_value = p_value_of_pair(arrays[i], arrays[j], layouts)
        if p_value <= each:
            worse.add(j if (difference > 0) == high_is_best else i)
    return tuple(i in usable and i not in worse for i in range(len(arrays)))


def p_value_of_pair(values: np.ndarray, others: np.ndarray, layouts: np.ndarray | None = None) -> tuple[float, float]:
    """
    Return the difference of two agents' means and the two-sided p-value of their being equal.

    Parameters
    ----------
    values, others : ndarray of shape (n_seeds, n_mdps)
        Values of the two agents.
    layouts : ndarray of bool, shape (n_mdps,), optional
        As in `not_worse_than_best`.

    Returns
    -------
    difference, p_value : float
        1 where they are equal up to rounding; nan where a single seed leaves the variance unknown.

    Notes
    -----
    With one environment it is Welch's t test, or the paired t test where seeds are layouts.
    """
    values, others = check_scores(values), check_scores(others)
    difference = float((np.nanmean(values, axis=0) - np.nanmean(others, axis=0)).mean())
    scale = max(1.0, float(np.nanmax(np.abs(values))), float(np.nanmax(np.abs(others))))
    if abs(difference) <= _ROUNDING * scale:
        return 0.0, 1.0
    variances, degrees = parts_of_difference(values, others, layouts)
    variance = variances.sum() / values.shape[1] ** 2
    if np.isnan(variance):
        return difference, float("nan")
    if variance <= (_ROUNDING * scale) ** 2:
        return difference, 0.0
    freedom = float(satterthwaite(variances, degrees))
    return difference, float(2 * stdtr(freedom, -abs(difference) / np.sqrt(variance)))


def parts_of_difference(
    values: np.ndarray, others: np.ndarray, layouts: np.ndarray | None = None
) -> tuple[np.ndarray, np.ndarray]:
    """Return the independent parts of the variance of the difference of two agents' sums over environments, with their
    degrees of freedom; both of shape (n_parts,).
    """
    if layouts is None:
        layouts = np.zeros(values.shape[1], bool)
    if layouts.any() and values.shape != others.shape:
        raise ConfigurationError(f"agents have {len(values)} and {len(others)} seeds; layouts need the same.")
    parts = [variances_of_means(one[:, ~layouts]) for one in (values, others)]
    if layouts.any():
        parts.append(variances_of_means(values[:, layouts] - others[:, layouts]))
    return np.concatenate([part[0] for part in parts]), np.concatenate([part[1] for part in parts])


def better_than_reference(
    values: np.ndarray, reference: np.ndarray, high_is_best: bool = True, level: float = LEVEL
) -> np.ndarray:
    """
    Tell for each environment whether an agent is significantly better than a policy whose value is known exactly.

    Parameters
    ----------
    values : ndarray of shape (n_seeds, n_mdps)
        Values of the agent; nan where an instance is not there.
    reference : ndarray of shape (n_seeds, n_mdps)
        Values of the policy in the same environments: they differ from seed to seed where seeds change the layout.
    high_is_best : bool
        Whether more is better.
    level : float
        Level of the one-sided t test in each environment.

    Returns
    -------
    ndarray of bool, shape (n_mdps,)
        With a single seed, whether its value is the better one.
    """
    gain = np.asarray(values, float) - np.asarray(reference, float)
    gain = gain if high_is_best else -gain
    counts = (~np.isnan(gain)).sum(axis=0)
    means = np.where(np.isnan(gain), 0.0, gain).sum(axis=0) / np.maximum(counts, 1)
    variances, degrees = variances_of_means(gain)
    scale = np.maximum(1.0, np.abs(np.where(np.isnan(reference), 0.0, reference)).max(axis=0))
    clear = means > 1e-9 * scale
    error = np.sqrt(np.where(degrees > 0, variances, 0.0))
    with np.errstate(invalid="ignore", divide="ignore"):
        p_values = np.where(error > _ROUNDING * scale, stdtr(np.maximum(degrees, 1), -means / error), 0.0)
    return np.asarray(clear & (p_values <= level))
