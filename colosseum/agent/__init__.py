"""Reinforcement-learning agents: interfaces for one's own, and the compiled agents of the package."""
