"""The published name of the sampling of agents' hyperparameters, and of their gin text; the code is here."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from colosseum.agent.spaces import Space, draw
from colosseum.utils.streams import sample_sequence

if TYPE_CHECKING:
    from colosseum.agent.agents.base import BaseAgent


def search_spaces(agent_class: type["BaseAgent"], spaces: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """
    Return the search spaces of an agent.

    Parameters
    ----------
    agent_class : subclass of BaseAgent
    spaces : mapping of str to object, optional
        Take the place of the class's own by name, or join them.
    """
    return {**agent_class.get_hyperparameters_search_spaces(), **(spaces or {})}


def sample_agent_hyperparameters(
    agent_class: type["BaseAgent"], seed: int, index: int = 0, spaces: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    """
    Draw one value of each hyperparameter from the search spaces of an agent.

    Parameters
    ----------
    agent_class : subclass of BaseAgent
    seed : int
    index : int
        Which of the seed's samples; samples of other seeds, other classes and other indices are independent.
    spaces : mapping of str to object, optional
        As in `search_spaces`.

    Returns
    -------
    dict of str to object
        In the order of the search spaces; floats have five significant digits, so that their text is the value.
    """
    rng = np.random.default_rng(sample_sequence(seed, agent_class.__name__, index))
    return {name: _plain(draw(space, rng), space) for name, space in search_spaces(agent_class, spaces).items()}


sample_hyperparameters = sample_agent_hyperparameters


def sample_n_agent_hyperparameters(
    n: int, agent_class: type["BaseAgent"], seed: int, spaces: Mapping[str, Any] | None = None
) -> list[dict[str, Any]]:
    """Draw `n` samples of hyperparameters; sample i depends on the class, the spaces, the seed and i alone."""
    return [sample_agent_hyperparameters(agent_class, seed, i, spaces) for i in range(n)]


def sample_agent_gin_configs(
    agent_class: type["BaseAgent"], n: int = 1, seed: int = 42, spaces: Mapping[str, Any] | None = None
) -> list[str]:
    """
    Draw `n` samples of hyperparameters as gin text.

    Parameters
    ----------
    agent_class : subclass of BaseAgent
    n : int
    seed : int
        Sample i depends on the class, its spaces, the seed and i alone.
    spaces : mapping of str to object, optional
        As in `search_spaces`.

    Returns
    -------
    list of str
        Text i is for gin scope ``prms_<i>``.
    """
    samples = sample_n_agent_hyperparameters(n, agent_class, seed, spaces)
    return [agent_class.produce_gin_file_from_parameters(parameters, i) for i, parameters in enumerate(samples)]


def sample_agent_gin_configs_file(
    agent_class: type["BaseAgent"], n: int = 1, seed: int = 42, spaces: Mapping[str, Any] | None = None
) -> str:
    """Draw `n` samples of hyperparameters as the text of one gin file; see `sample_agent_gin_configs`."""
    return "\n".join(sample_agent_gin_configs(agent_class, n, seed, spaces))


def _plain(value: Any, space: Any) -> Any:
    """Turn numpy scalars into Python's own, whose repr gin can read, and shorten floats that were drawn."""
    if isinstance(value, np.generic):
        value = value.item()
    if not isinstance(value, float) or (isinstance(space, Space) and space.kind in ("choice", "fixed")):
        return value
    shortened = float(f"{value:.5g}")
    # of narrow bounds the shortened value may lie outside
    return value if isinstance(space, Space) and shortened not in space else shortened
