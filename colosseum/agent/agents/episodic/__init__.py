"""Agents for episodic environments."""

from colosseum.agent.agents.episodic.q_learning import QLearningEpisodic
from colosseum.agent.agents.random import RandomAgentEpisodic

__all__ = ["QLearningEpisodic", "RandomAgentEpisodic"]
