"""
Statistics for a handful of seeds on several environments, after Agarwal et al. (2021).

Pure functions on one shape: scores of an agent are a float array ``(n_seeds, n_mdps)``, higher is better, 0 the
worst policy and 1 the optimal one; nan marks an instance that is not there. Every estimator also takes leading axes,
``(..., n_seeds, n_mdps)``: that is how the bootstrap is fast.

References
----------
R. Agarwal, M. Schwarzer, P. S. Castro, A. Courville, M. G. Bellemare (2021). Deep reinforcement learning at the edge
of the statistical precipice. NeurIPS 34.
"""

from colosseum.analysis.statistics.aggregates import (
    interquartile_mean,
    mean_score,
    median_score,
    optimality_gap,
)
from colosseum.analysis.statistics.bootstrap import Interval, stratified_bootstrap
from colosseum.analysis.statistics.improvement import probability_of_improvement
from colosseum.analysis.statistics.profiles import performance_profile
from colosseum.analysis.statistics.ranks import mean_ranks, rank_distribution
from colosseum.analysis.statistics.significance import not_significantly_worse, p_value_of_being_worse

__all__ = [
    "Interval",
    "interquartile_mean",
    "mean_ranks",
    "mean_score",
    "median_score",
    "not_significantly_worse",
    "optimality_gap",
    "p_value_of_being_worse",
    "performance_profile",
    "probability_of_improvement",
    "rank_distribution",
    "stratified_bootstrap",
]
