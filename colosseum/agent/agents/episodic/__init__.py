"""Agents for episodic environments."""

from colosseum.agent.agents.episodic.posterior_sampling import PSRLEpisodic
from colosseum.agent.agents.episodic.q_learning import QLearningEpisodic
from colosseum.agent.agents.random import RandomAgentEpisodic
from colosseum.published_names import refuse_what_is_not_tabular

__all__ = ["PSRLEpisodic", "QLearningEpisodic", "RandomAgentEpisodic"]

__getattr__ = refuse_what_is_not_tabular(__name__)
