"""
Statistics for a handful of seeds on fixed environments.

Pure functions on one shape: scores of an agent are a float array ``(n_seeds, n_mdps)``, higher is better, 0 the
worst policy and 1 the optimal one; nan marks an instance that is not there. Estimators also take leading axes,
``(..., n_seeds, n_mdps)``.

The environments are those of the benchmark, none else: they are strata, and an interval says how far the estimate
would move with other seeds. Estimators are those of Agarwal et al. (2021); intervals and comparisons are not.

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
from colosseum.analysis.statistics.bootstrap import bootstrap_interval
from colosseum.analysis.statistics.comparison import (
    FEWEST_SEEDS,
    better_than_reference,
    not_worse_than_best,
    p_value_of_pair,
)
from colosseum.analysis.statistics.improvement import probability_of_improvement
from colosseum.analysis.statistics.intervals import (
    interquartile_mean_interval,
    mean_interval,
    median_interval,
    optimality_gap_interval,
)
from colosseum.analysis.statistics.power import least_difference, power_of_pair, seeds_needed
from colosseum.analysis.statistics.profiles import performance_profile, profile_band
from colosseum.analysis.statistics.ranks import mean_ranks, rank_distribution
from colosseum.analysis.statistics.seeds import seeds_change_layout, shared_share
from colosseum.analysis.statistics.strata import Interval
from colosseum.analysis.statistics.tail import conditional_value_at_risk, share_not_better

__all__ = [
    "FEWEST_SEEDS",
    "Interval",
    "better_than_reference",
    "bootstrap_interval",
    "conditional_value_at_risk",
    "interquartile_mean",
    "interquartile_mean_interval",
    "least_difference",
    "mean_interval",
    "mean_ranks",
    "mean_score",
    "median_interval",
    "median_score",
    "not_worse_than_best",
    "optimality_gap",
    "optimality_gap_interval",
    "p_value_of_pair",
    "performance_profile",
    "power_of_pair",
    "probability_of_improvement",
    "profile_band",
    "rank_distribution",
    "seeds_change_layout",
    "seeds_needed",
    "share_not_better",
    "shared_share",
]
