"""Reinforcement-learning agents: interfaces for user-defined ones, and the compiled agents of the package."""
