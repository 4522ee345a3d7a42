"""Agents for continuous environments (infinite horizon, average reward)."""

from colosseum.agent.agents.infinite_horizon.posterior_sampling import PSRLContinuous
from colosseum.agent.agents.infinite_horizon.q_learning import QLearningContinuous
from colosseum.agent.agents.infinite_horizon.ucrl2 import UCRL2Continuous
from colosseum.agent.agents.random import RandomAgentContinuous
from colosseum.published_names import refuse_what_is_not_tabular

__all__ = ["PSRLContinuous", "QLearningContinuous", "RandomAgentContinuous", "UCRL2Continuous"]

__getattr__ = refuse_what_is_not_tabular(__name__)
