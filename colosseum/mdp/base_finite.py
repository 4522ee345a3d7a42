"""The published name of `colosseum.mdp.episodic`."""

from colosseum.mdp.episodic import EpisodicMDP

__all__ = ["EpisodicMDP"]
