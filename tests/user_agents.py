"""User-defined agents of the tests: fixed policies, slow ones, ones that fail; tests/workflow copies this file."""

import os
import time

import gin
import numpy as np

from colosseum.agent.agents.base import BaseAgent
from colosseum.agent.agents.infinite_horizon import RandomAgentContinuous


class PolicyAgent(BaseAgent):
    """Follows the policy that `choose_policy` makes of the specification, and counts what it is told."""

    def __init__(self, seed, mdp_specs, optimization_horizon):
        super().__init__(seed, mdp_specs, None, None, optimization_horizon)
        self.S, self.A = mdp_specs.observations.num_values, mdp_specs.actions.num_values
        self.H = mdp_specs.time_horizon
        self.policy = self.choose_policy()
        self.times, self.n_updates, self.n_episodes, self.n_starts, self.n_logs = [], 0, 0, 0, 0

    @staticmethod
    def is_emission_map_accepted(emission_map):
        return emission_map.is_tabular

    @staticmethod
    def is_episodic():
        return False

    @staticmethod
    def get_hyperparameters_search_spaces():
        return {}

    @classmethod
    def produce_gin_file_from_parameters(cls, parameters, index=0):
        return ""

    @classmethod
    def get_agent_instance_from_parameters(cls, seed, optimization_horizon, mdp_specs, parameters):
        return cls(seed, mdp_specs, optimization_horizon)

    def choose_policy(self):
        return np.full((self.S, self.A), 1 / self.A)

    @property
    def current_optimal_stochastic_policy(self):
        return self.policy

    def before_start_interacting(self):
        self.n_starts += 1

    def select_action(self, ts, time):
        self.times.append(time)
        row = self.policy[time, ts.observation] if self.policy.ndim == 3 else self.policy[ts.observation]
        return int(self._rng.choice(self.A, p=row))

    def step_update(self, ts_t, a_t, ts_tp1, time):
        self.n_updates += 1

    def episode_end_update(self):
        self.n_episodes += 1

    def agent_logs(self):
        self.n_logs += 1


@gin.configurable
class UniformContinuous(PolicyAgent):
    """Uniformly random."""


@gin.configurable
class UniformEpisodic(PolicyAgent):
    """Uniformly random."""

    @staticmethod
    def is_episodic():
        return True

    def choose_policy(self):
        return np.full((self.H, self.S, self.A), 1 / self.A)


@gin.configurable
class SlowAgent(UniformContinuous):
    """Takes its time for every step."""

    def __init__(self, seed, mdp_specs, optimization_horizon, pause=0.01):
        super().__init__(seed, mdp_specs, optimization_horizon)
        self.pause = pause

    def before_start_interacting(self):
        super().before_start_interacting()
        if "OWN_AGENTS_MARK" in os.environ:
            open(os.environ["OWN_AGENTS_MARK"], "x").close()

    def step_update(self, ts_t, a_t, ts_tp1, time_):
        super().step_update(ts_t, a_t, ts_tp1, time_)
        time.sleep(self.pause)


@gin.configurable
class FailingAgent(UniformContinuous):
    """Raises an exception at one of its steps."""

    def __init__(self, seed, mdp_specs, optimization_horizon, fails_at=37):
        super().__init__(seed, mdp_specs, optimization_horizon)
        self.fails_at = fails_at

    def step_update(self, ts_t, a_t, ts_tp1, time):
        super().step_update(ts_t, a_t, ts_tp1, time)
        if self.n_updates == self.fails_at:
            raise RuntimeError("the model\nexploded")


@gin.configurable
class DyingAgent(UniformContinuous):
    """Its process ends at once, as when it is killed."""

    def step_update(self, ts_t, a_t, ts_tp1, time):
        os._exit(9)


@gin.configurable
class Faulty(RandomAgentContinuous):
    """Fails with seed 1 as long as there is a file `broken` in the working directory."""

    def __init__(self, seed, mdp_specs, optimization_horizon=0):
        if seed == 1 and os.path.exists("broken"):
            raise RuntimeError("the agent is broken")
        super().__init__(seed, mdp_specs, optimization_horizon)


@gin.configurable
class Slow(RandomAgentContinuous):
    """Takes its time."""

    def __init__(self, seed, mdp_specs, optimization_horizon=0):
        time.sleep(0.5)
        super().__init__(seed, mdp_specs, optimization_horizon)
