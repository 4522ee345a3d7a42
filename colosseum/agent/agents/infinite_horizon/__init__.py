"""Agents for continuous environments (infinite horizon, average reward)."""

from colosseum.agent.agents.infinite_horizon.posterior_sampling import PSRLContinuous
from colosseum.agent.agents.infinite_horizon.q_learning import QLearningContinuous
from colosseum.agent.agents.infinite_horizon.ucrl2 import UCRL2Continuous
from colosseum.agent.agents.random import RandomAgentContinuous

__all__ = ["PSRLContinuous", "QLearningContinuous", "RandomAgentContinuous", "UCRL2Continuous"]
