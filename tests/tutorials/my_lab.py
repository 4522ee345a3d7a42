"""Agents of one's own, as a newcomer would write them: epsilon-greedy Q-learning with an own model and actor."""

import gin
import numpy as np
from scipy.stats import uniform

from colosseum.agent.actors import BaseActor
from colosseum.agent.agents.base import BaseAgent
from colosseum.agent.mdp_models.base import BaseMDPModel
from colosseum.dynamic_programming.utils import get_policy_from_q_values


class TableOfValues(BaseMDPModel):
    """Estimates of Q_h(s, a) that start at the highest possible return."""

    def __init__(self, seed, mdp_specs, rate):
        super().__init__(seed, mdp_specs)
        horizon = mdp_specs.time_horizon
        shape = (horizon + 1, mdp_specs.observations.num_values, mdp_specs.actions.num_values)
        to_go = horizon - np.arange(horizon + 1)
        self.Q = np.ones(shape) * to_go[:, None, None] * mdp_specs.rewards_range[1]
        self._rate = rate

    def step_update(self, ts_t, a_t, ts_tp1, h):
        target = ts_tp1.reward + self.Q[h + 1, ts_tp1.observation].max()
        self.Q[h, ts_t.observation, a_t] += self._rate * (target - self.Q[h, ts_t.observation, a_t])


class MostlyGreedy(BaseActor):
    """Takes the best action, or any with a small probability."""

    def __init__(self, seed, mdp_specs, epsilon):
        super().__init__(seed, mdp_specs)
        self._random = np.random.default_rng(seed)
        self._epsilon = epsilon
        self.Q = None

    def select_action(self, ts, time):
        values = self.Q[time, ts.observation]
        if self._random.random() < self._epsilon:
            return int(self._random.integers(len(values)))
        return int(self._random.choice(np.flatnonzero(values == values.max())))


@gin.configurable
class MyQLearning(BaseAgent):
    """The agent: joins the two."""

    def __init__(self, seed, mdp_specs, optimization_horizon, rate, epsilon):
        model = TableOfValues(seed, mdp_specs, rate)
        actor = MostlyGreedy(seed, mdp_specs, epsilon)
        super().__init__(seed, mdp_specs, model, actor, optimization_horizon)

    @staticmethod
    def is_episodic():
        return True

    @staticmethod
    def is_emission_map_accepted(emission_map):
        return emission_map.is_tabular

    @staticmethod
    def get_hyperparameters_search_spaces():
        return {"rate": uniform(0.05, 0.4), "epsilon": uniform(0.001, 0.1)}

    @staticmethod
    def produce_gin_file_from_parameters(parameters, index=0):
        return "\n".join(f"prms_{index}/MyQLearning.{name} = {value}" for name, value in parameters.items())

    @staticmethod
    def get_agent_instance_from_parameters(seed, optimization_horizon, mdp_specs, parameters):
        return MyQLearning(seed, mdp_specs, optimization_horizon, **parameters)

    @property
    def current_optimal_stochastic_policy(self):
        return get_policy_from_q_values(self._mdp_model.Q[:-1], True)

    def before_start_interacting(self):
        self._actor.Q = self._mdp_model.Q

    def episode_end_update(self):
        pass

    def step_update(self, ts_t, a_t, ts_tp1, time):
        super().step_update(ts_t, a_t, ts_tp1, time)
