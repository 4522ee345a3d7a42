"""The published name of the sampling of agents' hyperparameters, and of their gin text; the code is here."""

from typing import TYPE_CHECKING, Any

import numpy as np

from colosseum.agent.spaces import draw

if TYPE_CHECKING:
    from colosseum.agent.agents.base import BaseAgent


def sample_agent_hyperparameters(agent_class: type["BaseAgent"], seed: int) -> dict[str, Any]:
    """
    Draw one value of each hyperparameter from the search spaces of an agent.

    Parameters
    ----------
    agent_class : subclass of BaseAgent
    seed : int
        The result depends on nothing else.

    Returns
    -------
    dict of str to object
        In the order of the search spaces; floats have five significant digits, so that their text is the value.
    """
    rng = np.random.default_rng(seed)
    spaces = agent_class.get_hyperparameters_search_spaces()
    return {name: _plain(draw(space, rng)) for name, space in spaces.items()}


sample_hyperparameters = sample_agent_hyperparameters


def sample_n_agent_hyperparameters(n: int, agent_class: type["BaseAgent"], seed: int) -> list[dict[str, Any]]:
    """Draw `n` samples of hyperparameters; sample i depends on ``seed + i`` alone."""
    return [sample_agent_hyperparameters(agent_class, seed + i) for i in range(n)]


def sample_agent_gin_configs(agent_class: type["BaseAgent"], n: int = 1, seed: int = 42) -> list[str]:
    """
    Draw `n` samples of hyperparameters as gin text.

    Parameters
    ----------
    agent_class : subclass of BaseAgent
    n : int
    seed : int
        Sample i depends on ``seed + i`` alone.

    Returns
    -------
    list of str
        Text i is for gin scope ``prms_<i>``.
    """
    samples = sample_n_agent_hyperparameters(n, agent_class, seed)
    return [agent_class.produce_gin_file_from_parameters(parameters, i) for i, parameters in enumerate(samples)]


def sample_agent_gin_configs_file(agent_class: type["BaseAgent"], n: int = 1, seed: int = 42) -> str:
    """Draw `n` samples of hyperparameters as the text of one gin file; see `sample_agent_gin_configs`."""
    return "\n".join(sample_agent_gin_configs(agent_class, n, seed))


def _plain(value: Any) -> Any:
    """Turn numpy scalars into Python's own, whose repr gin can read, and shorten floats."""
    if isinstance(value, np.generic):
        value = value.item()
    return float(f"{value:.5g}") if isinstance(value, float) else value
