"""A user-defined agent, made of a user-defined model and actor: what a user of the Python interface writes."""

import gin
import numpy as np
import pytest
from small_mdps import Simulator, episodic_value, river_swim, specs, step_by_step

from colosseum.agent.actors import BaseActor
from colosseum.agent.agents.base import BaseAgent
from colosseum.agent.mdp_models.base import BaseMDPModel
from colosseum.agent.spaces import Uniform
from colosseum.agent.utils import sample_agent_gin_configs_file


class Values(BaseMDPModel):
    """Action values by in-episode time, learnt at a constant rate."""

    def __init__(self, seed, mdp_specs, rate):
        super().__init__(seed, mdp_specs)
        self.rate = rate
        noise = self._rng.randn(self._H, self._n_states, self._n_actions)
        self.Q = self._reward_range[1] * self._H + 1e-3 * noise
        self.V = np.zeros((self._H + 1, self._n_states))
        self.V[:-1] = self._H

    def step_update(self, ts_t, a_t, ts_tp1, time):
        s, following = ts_t.observation, ts_tp1.observation
        target = ts_tp1.reward + self.V[time + 1, following]
        self.Q[time, s, a_t] += self.rate * (target - self.Q[time, s, a_t])
        self.V[time, s] = self.Q[time, s].max()


class EpsilonGreedy(BaseActor):
    """Acts at random with probability epsilon."""

    def __init__(self, seed, mdp_specs, epsilon):
        super().__init__(seed, mdp_specs)
        self.epsilon, self.Q = epsilon, None

    def select_action(self, ts, time):
        if self._rng_fast.random() < self.epsilon:
            return self._rng_fast.randint(0, self._mdp_spec.actions.num_values - 1)
        q = self.Q[time, ts.observation]
        return self._rng.choice(np.flatnonzero(q == q.max()))


@gin.configurable
class OwnAgent(BaseAgent):
    """Epsilon-greedy Q-learning."""

    def __init__(self, seed, mdp_specs, optimization_horizon, rate, epsilon):
        super().__init__(
            seed,
            mdp_specs,
            Values(seed, mdp_specs, rate),
            EpsilonGreedy(seed, mdp_specs, epsilon),
            optimization_horizon,
        )

    @staticmethod
    def is_episodic():
        return True

    @staticmethod
    def is_emission_map_accepted(emission_map):
        return emission_map.is_tabular

    @staticmethod
    def get_hyperparameters_search_spaces():
        return {"rate": Uniform(0.05, 0.4), "epsilon": Uniform(0.001, 0.1)}

    @staticmethod
    def produce_gin_file_from_parameters(parameters, index=0):
        return "\n".join(f"prms_{index}/OwnAgent.{name} = {value}" for name, value in parameters.items())

    @staticmethod
    def get_agent_instance_from_parameters(seed, optimization_horizon, mdp_specs, parameters):
        return OwnAgent(seed, mdp_specs, optimization_horizon, **parameters)

    @property
    def current_optimal_stochastic_policy(self):
        Q = self._mdp_model.Q
        greedy = (Q == Q.max(-1, keepdims=True)).astype(float)
        return greedy / greedy.sum(-1, keepdims=True)

    def before_start_interacting(self):
        self._actor.Q = self._mdp_model.Q

    def episode_end_update(self):
        self.episodes = getattr(self, "episodes", 0) + 1

    def step_update(self, ts_t, a_t, ts_tp1, time):
        super().step_update(ts_t, a_t, ts_tp1, time)


def test_it_learns():
    model, H, n = river_swim(4), 8, 6000
    agent = OwnAgent(0, specs(model, H), n, rate=0.2, epsilon=0.1)
    step_by_step(agent, Simulator(model, H), n)
    assert agent.episodes == n // H
    assert episodic_value(model, agent.current_optimal_stochastic_policy, H)[0] == episodic_value(model, None, H)[0]


def test_it_is_made_from_its_sampled_gin_text():
    gin.parse_config(sample_agent_gin_configs_file(OwnAgent, 2, 42))
    try:
        with gin.config_scope("prms_1"):
            agent = OwnAgent(0, specs(river_swim(4), 8), 100)
    finally:
        gin.clear_config()
    assert 0.05 <= agent._mdp_model.rate <= 0.4
    assert 0.001 <= agent._actor.epsilon <= 0.1


def test_abstract_methods_are_asked_for():
    class Incomplete(OwnAgent):
        episode_end_update = BaseAgent.episode_end_update

    with pytest.raises(TypeError, match="episode_end_update"):
        Incomplete(0, specs(river_swim(4), 8), 100, 0.1, 0.1)
