"""Which agents are not significantly worse than the best one."""

from collections.abc import Sequence

import numpy as np
from scipy.special import stdtr

from colosseum.analysis.statistics.bootstrap import check_scores


def not_significantly_worse(
    values: Sequence[np.ndarray], high_is_best: bool = True, level: float = 0.05
) -> tuple[bool, ...]:
    """
    Tell for each agent whether its mean is the best or not significantly worse than the best.

    Parameters
    ----------
    values : sequence of ndarray of shape (n_seeds, n_mdps)
        One array an agent, on the same environments (one of them, often); nan where an instance is not there, and an
        agent with nan alone is never among the best.
    high_is_best : bool
        Whether more is better.
    level : float
        Level of the tests, all agents of the call together (Holm's correction).

    Returns
    -------
    tuple of bool
        In the order of `values`. With a single seed nothing can be tested: only the best mean (and its equals) is
        true.
    """
    arrays = [np.asarray(one, float) for one in values]
    usable = [i for i, one in enumerate(arrays) if not np.isnan(one).all(axis=0).any()]
    if not usable:
        return (False,) * len(arrays)
    means = {i: _mean(arrays[i]) for i in usable}
    best = (max if high_is_best else min)(usable, key=means.get)
    others = sorted(
        (p_value_of_being_worse(arrays[i], arrays[best], high_is_best), i) for i in usable if means[i] != means[best]
    )
    worse: set[int] = set()
    for position, (p_value, i) in enumerate(others):
        if p_value * (len(others) - position) > level:
            break
        worse.add(i)
    return tuple(i in means and i not in worse for i in range(len(arrays)))


def p_value_of_being_worse(values: np.ndarray, of_best: np.ndarray, high_is_best: bool = True) -> float:
    """
    Return the p-value of the one-sided Welch test that an agent's mean is worse than another's.

    Parameters
    ----------
    values, of_best : ndarray of shape (n_seeds, n_mdps)
        Values of the agent and of the other; seeds are independent within each environment, whose sampling variances
        add up.
    high_is_best : bool
        Whether more is better.

    Returns
    -------
    float
        Small where `values` are clearly worse. 0 where they are worse and nothing varies or can be tested (one seed).

    References
    ----------
    B. L. Welch (1947). The generalization of `Student's' problem when several different population variances are
    involved. Degrees of freedom after Satterthwaite (1946).
    """
    values, of_best = check_scores(values), check_scores(of_best)
    difference = _mean(of_best) - _mean(values)
    if not high_is_best:
        difference = -difference
    variances, freedoms = [], []
    for one in (values, of_best):
        counts = (~np.isnan(one)).sum(axis=0)
        several = counts > 1
        spread = np.nanvar(one[:, several], axis=0, ddof=1) / counts[several] / one.shape[1] ** 2
        variances.append(spread)
        freedoms.append(counts[several] - 1)
    variance, freedom = np.concatenate(variances), np.concatenate(freedoms)
    total = variance.sum()
    if not total > 0:
        return 0.0 if difference > 0 else 1.0
    degrees = total**2 / (variance**2 / freedom).sum()
    return float(stdtr(degrees, -difference / np.sqrt(total)))


def _mean(values: np.ndarray) -> float:
    return float(np.nanmean(values, axis=0).mean())
