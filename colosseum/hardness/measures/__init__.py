"""Measures of how hard an MDP is to learn; all of them take arrays."""

from colosseum.hardness.measures.augmented import augment, get_reachable_states
from colosseum.hardness.measures.communication_class import (
    MDPCommunicationClass,
    get_communication_class,
    get_episodic_communication_class,
)
from colosseum.hardness.measures.diameter import get_diameter
from colosseum.hardness.measures.episodic_diameter import get_episodic_diameter
from colosseum.hardness.measures.suboptimality_gaps import get_sum_reciprocals_suboptimality_gaps
from colosseum.hardness.measures.value_norm import (
    get_episodic_value_norm,
    get_published_value_norm,
    get_value_norm,
)

__all__ = [
    "MDPCommunicationClass",
    "augment",
    "get_communication_class",
    "get_diameter",
    "get_episodic_communication_class",
    "get_episodic_diameter",
    "get_episodic_value_norm",
    "get_published_value_norm",
    "get_reachable_states",
    "get_sum_reciprocals_suboptimality_gaps",
    "get_value_norm",
]
