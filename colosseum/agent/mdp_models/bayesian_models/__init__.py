"""Conjugate Bayesian models of rewards and transitions, and the enums by which gin files name them."""

from enum import Enum, IntEnum

import gin

from colosseum.agent.mdp_models.bayesian_models.base_conjugate import ConjugateModel
from colosseum.agent.mdp_models.bayesian_models.conjugate_rewards import N_N, N_NIG
from colosseum.agent.mdp_models.bayesian_models.conjugate_transitions import M_DIR


@gin.constants_from_enum
class RewardsConjugateModel(IntEnum):
    """The models of rewards."""

    N_NIG = 0
    N_N = 1

    __str__ = Enum.__str__  # gin names a constant after it, and since Python 3.11 an IntEnum's is the number

    def get_class(self) -> type[ConjugateModel]:
        """Return the class."""
        return (N_NIG, N_N)[self]


@gin.constants_from_enum
class TransitionsConjugateModel(IntEnum):
    """The models of transitions."""

    M_DIR = 0

    __str__ = Enum.__str__

    def get_class(self) -> type[ConjugateModel]:
        """Return the class."""
        return (M_DIR,)[self]


__all__ = ["M_DIR", "N_N", "N_NIG", "ConjugateModel", "RewardsConjugateModel", "TransitionsConjugateModel"]
