"""An agent that is made of a user-defined model and actor: what a user of the Python interface writes."""

import gin
import pytest
from small_mdps import Simulator, episodic_value, river_swim, specs, step_by_step
from user_agents import ModelAndActorAgent

from colosseum.agent.agents.base import BaseAgent
from colosseum.agent.utils import sample_agent_gin_configs_file


def test_it_learns():
    model, H, n = river_swim(4), 8, 6000
    agent = ModelAndActorAgent(0, specs(model, H), n, rate=0.2, epsilon=0.1)
    step_by_step(agent, Simulator(model, H), n)
    assert agent.episodes == n // H
    assert episodic_value(model, agent.current_optimal_stochastic_policy, H)[0] == episodic_value(model, None, H)[0]


def test_it_is_made_from_its_sampled_gin_text():
    gin.parse_config(sample_agent_gin_configs_file(ModelAndActorAgent, 2, 42))
    try:
        with gin.config_scope("prms_1"):
            agent = ModelAndActorAgent(0, specs(river_swim(4), 8), 100)
    finally:
        gin.clear_config()
    assert 0.05 <= agent._mdp_model.rate <= 0.4
    assert 0.001 <= agent._actor.epsilon <= 0.1


def test_abstract_methods_are_asked_for():
    class Incomplete(ModelAndActorAgent):
        episode_end_update = BaseAgent.episode_end_update

    with pytest.raises(TypeError, match="episode_end_update"):
        Incomplete(0, specs(river_swim(4), 8), 100, 0.1, 0.1)


def test_what_neither_has_a_model_nor_learns_is_told():
    class WithoutEither(ModelAndActorAgent):
        step_update = BaseAgent.step_update

    agent = WithoutEither(0, specs(river_swim(4), 8), 100, 0.1, 0.1)
    agent._mdp_model = None
    with pytest.raises(NotImplementedError, match="WithoutEither: give the agent a model, or override step_update"):
        agent.step_update(None, 0, None, 0)
