"""Colosseum: benchmark reinforcement-learning agents in tabular Markov decision processes, at cluster scale."""

__version__ = "0.1.0"
