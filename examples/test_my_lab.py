"""The agent and the environments do what every agent and every environment must do."""

from my_lab.cliff import CliffContinuous, CliffEpisodic
from my_lab.sarsa import Sarsa

import colosseum.testing


class TestSarsa(colosseum.testing.AgentConformance):
    agent_class = Sarsa


class TestCliffEpisodic(colosseum.testing.FamilyConformance):
    mdp_class = CliffEpisodic


class TestCliffContinuous(colosseum.testing.FamilyConformance):
    mdp_class = CliffContinuous
