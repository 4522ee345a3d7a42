"""What an agent is told of an environment before it meets it."""

import math
from dataclasses import dataclass

from dm_env import specs

from colosseum.emission_maps import EmissionMap, Tabular


@dataclass(frozen=True)
class MDPSpec:
    """
    The specification of an MDP.

    Attributes
    ----------
    observations : dm_env.specs.DiscreteArray
        `observations.num_values` is S.
    actions : dm_env.specs.DiscreteArray
        `actions.num_values` is A.
    rewards : dm_env.specs.Array
    discounts : dm_env.specs.BoundedArray
    rewards_range : tuple (float, float)
    time_horizon : float
        H, an int, if episodic; else infinity.
    """

    observations: specs.DiscreteArray
    actions: specs.DiscreteArray
    rewards: specs.Array
    discounts: specs.BoundedArray
    rewards_range: tuple[float, float]
    time_horizon: float = math.inf

    @property
    def n_states(self) -> int:
        """S."""
        return self.observations.num_values

    @property
    def n_actions(self) -> int:
        """A."""
        return self.actions.num_values

    @property
    def emission_map(self) -> EmissionMap:
        """Observations are the numbers of the states."""
        return Tabular()
