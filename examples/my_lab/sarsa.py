"""SARSA, an agent in plain Python."""

from typing import Any

import dm_env
import gin
import numpy as np

from colosseum import BaseAgent
from colosseum.agent.spaces import Uniform
from colosseum.dynamic_programming.utils import get_policy_from_q_values
from colosseum.emission_maps import EmissionMap
from colosseum.utils.acme.specs import MDPSpec


@gin.configurable
class Sarsa(BaseAgent):
    """
    Learns the values of what it does, exploring with probability epsilon; for episodic environments.

    Sutton and Barto (2018), Reinforcement Learning: An Introduction, section 6.4, with a table of action values for
    each time of an episode, which start at the greatest return that there could be.

    Parameters
    ----------
    seed : int
    mdp_specs : MDPSpec
    n_steps : int
        Not used.
    learning_rate : float
    epsilon : float
        Probability of a uniformly random action.
    """

    def __init__(self, seed: int, mdp_specs: MDPSpec, n_steps: int, learning_rate: float, epsilon: float) -> None:
        super().__init__(seed, mdp_specs, None, None, n_steps)
        horizon, self._n_actions = int(mdp_specs.time_horizon), mdp_specs.actions.num_values
        greatest_return = mdp_specs.rewards_range[1] * (horizon - np.arange(horizon))
        self._Q = (
            np.ones((horizon, mdp_specs.observations.num_values, self._n_actions)) * greatest_return[:, None, None]
        )
        self._learning_rate, self._epsilon = learning_rate, epsilon
        self._next_action: int | None = None

    # ------------------------------------------------------------------------------------------- what the agent can do

    @staticmethod
    def is_episodic() -> bool:
        return True

    @staticmethod
    def is_emission_map_accepted(emission_map: EmissionMap) -> bool:
        return emission_map.is_tabular

    @staticmethod
    def get_hyperparameters_search_spaces() -> dict[str, Any]:
        return {"learning_rate": Uniform(0.05, 0.5), "epsilon": Uniform(0.001, 0.1)}

    # ---------------------------------------------------------------------------------------------- acting and learning

    def before_start_interacting(self) -> None:
        self._next_action = None

    def select_action(self, ts: dm_env.TimeStep, time: int) -> int:
        if ts.first() or self._next_action is None:
            return self._choose(ts.observation, time)
        return self._next_action

    def step_update(self, ts_t: dm_env.TimeStep, a_t: int, ts_tp1: dm_env.TimeStep, time: int) -> None:
        target = ts_tp1.reward
        if not ts_tp1.last():
            self._next_action = self._choose(ts_tp1.observation, time + 1)
            target += self._Q[time + 1, ts_tp1.observation, self._next_action]
        self._Q[time, ts_t.observation, a_t] += self._learning_rate * (target - self._Q[time, ts_t.observation, a_t])

    def episode_end_update(self) -> None:
        self._next_action = None

    @property
    def current_optimal_stochastic_policy(self) -> np.ndarray:
        return get_policy_from_q_values(self._Q, True)

    def _choose(self, state: int, time: int) -> int:
        if self._rng_fast.random() < self._epsilon:
            return self._rng_fast.randrange(self._n_actions)
        values = self._Q[time, state]
        return self._rng_fast.choice(np.flatnonzero(values == values.max()).tolist())
