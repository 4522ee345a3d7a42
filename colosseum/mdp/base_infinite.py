"""The published name of `colosseum.mdp.continuous`."""

from colosseum.mdp.continuous import ContinuousMDP

__all__ = ["ContinuousMDP"]
