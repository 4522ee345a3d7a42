"""The published search spaces of the packaged agents: known without importing an agent, which takes a second."""

from collections.abc import Mapping
from typing import Any

from colosseum.agent.spaces import read_space

PUBLISHED: Mapping[str, Mapping[str, Mapping[str, Any]]] = {
    "PSRLContinuous": {
        "psi_weight": {"uniform": [0.001, 0.1]},
        "omega_weight": {"uniform": [0.0001, 1]},
        "kappa_weight": {"uniform": [0.2, 4]},
        "eta_weight": {"uniform": [1e-10, 1e-6]},
        "rewards_prior_mean": {"uniform": [0.0, 1.2]},
    },
    "PSRLEpisodic": {"prior_mean": {"uniform": [0.001, 2]}, "transition_prior": {"uniform": [0.001, 2]}},
    "QLearningContinuous": {
        "h_weight": {"uniform": [0.001, 1.1]},
        "span_approx_weight": {"uniform": [0.001, 1.1]},
        "min_at": {"uniform": [0.001, 0.2]},
    },
    "QLearningEpisodic": {
        "c_1": {"uniform": [0.001, 1.1]},
        "c_2": {"uniform": [0.001, 1.1]},
        "min_at": {"uniform": [0.001, 0.2]},
    },
    "UCRL2Continuous": {"alpha_p": {"uniform": [0.1, 3]}, "alpha_r": {"uniform": [0.1, 3]}},
    "RandomAgentContinuous": {},
    "RandomAgentEpisodic": {},
}
"""The published search spaces of the packaged agents, as a study would write them."""

_EXPLORATION = ("epsilon_greedy", "boltzmann_temperature")
OTHER_NAMES: Mapping[str, tuple[str, ...]] = {
    "PSRLContinuous": ("p", "max_psi", *_EXPLORATION),
    "PSRLEpisodic": _EXPLORATION,
    "QLearningContinuous": ("confidence", *_EXPLORATION),
    "QLearningEpisodic": ("p", "UCB_type", *_EXPLORATION),
    "UCRL2Continuous": ("bound_type_p", "bound_type_rew", *_EXPLORATION),
    "RandomAgentContinuous": (),
    "RandomAgentEpisodic": (),
}
"""What else of a packaged agent may be searched: arguments of its constructor that take a number or a text."""


def published_spaces(agent_class_name: str) -> dict[str, Any]:
    """Return the published search spaces of a packaged agent."""
    return {name: read_space(spec) for name, spec in PUBLISHED[agent_class_name].items()}
