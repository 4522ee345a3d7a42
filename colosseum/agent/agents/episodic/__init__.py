"""Agents for episodic environments."""

from colosseum.agent.agents.episodic.posterior_sampling import PSRLEpisodic
from colosseum.agent.agents.episodic.q_learning import QLearningEpisodic
from colosseum.agent.agents.random import RandomAgentEpisodic

__all__ = ["PSRLEpisodic", "QLearningEpisodic", "RandomAgentEpisodic"]
