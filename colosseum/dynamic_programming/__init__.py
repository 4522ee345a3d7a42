"""
Exact solvers of Markov decision processes given as arrays: average reward, discounted, finite horizon.

All of them take `ModelArrays`: transition probabilities as a compressed sparse row matrix of shape (S * A, S), whose
row s * A + a is p(. | s, a), and expected rewards of shape (S, A). Nothing here ever holds an array of S x S.
"""

from colosseum.dynamic_programming.arrays import ModelArrays, Transitions
from colosseum.dynamic_programming.average_reward import (
    average_reward_optimal,
    gain_and_bias,
    multichain_policy_iteration,
)
from colosseum.dynamic_programming.discounted import (
    discounted_policy_evaluation,
    discounted_policy_iteration,
    discounted_value_iteration,
)
from colosseum.dynamic_programming.evaluators import AveragePolicyEvaluator, EpisodicPolicyEvaluator
from colosseum.dynamic_programming.finite_horizon import episodic_policy_evaluation, episodic_value_iteration
from colosseum.dynamic_programming.gaps import OptimalitySolution, average_reward_gaps, episodic_gaps
from colosseum.dynamic_programming.markov_chains import stationary_distribution
from colosseum.dynamic_programming.utils import get_policy_from_q_values

DISCOUNT = 0.99
"""Discount of the value functions of continuous MDPs, as in the published benchmark."""

__all__ = [
    "DISCOUNT",
    "AveragePolicyEvaluator",
    "EpisodicPolicyEvaluator",
    "ModelArrays",
    "OptimalitySolution",
    "Transitions",
    "average_reward_gaps",
    "average_reward_optimal",
    "discounted_policy_evaluation",
    "discounted_policy_iteration",
    "discounted_value_iteration",
    "episodic_gaps",
    "episodic_policy_evaluation",
    "episodic_value_iteration",
    "gain_and_bias",
    "get_policy_from_q_values",
    "multichain_policy_iteration",
    "stationary_distribution",
]
