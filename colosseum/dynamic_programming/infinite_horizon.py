"""The published name of what `discounted` and `average_reward` hold: solvers without a horizon."""

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

__all__ = [
    "average_reward_optimal",
    "discounted_policy_evaluation",
    "discounted_policy_iteration",
    "discounted_value_iteration",
    "gain_and_bias",
    "multichain_policy_iteration",
]
