"""The packaged hyperparameters: what an agent uses when no hyperparameter optimisation was run."""

from importlib.resources import files
from typing import TYPE_CHECKING

from colosseum.errors import ConfigurationError

if TYPE_CHECKING:
    from colosseum.agent.agents.base import BaseAgent


def get_default_gin_config(agent_class: "type[BaseAgent]") -> str:
    """
    Return the packaged hyperparameters of an agent.

    Parameters
    ----------
    agent_class : subclass of BaseAgent

    Returns
    -------
    str
        Gin text of scope ``prms_0``; empty where the agent has no hyperparameters.

    Raises
    ------
    ConfigurationError
        If the package has none for this agent, although it has hyperparameters.
    """
    name = agent_class.__name__
    file = files(__name__) / f"{name}.gin"
    if agent_class.__module__.startswith("colosseum.") and file.is_file():
        return file.read_text(encoding="utf-8")
    if not agent_class.get_hyperparameters_search_spaces():
        return ""
    raise ConfigurationError(
        f"{agent_class.__module__}:{name} has no packaged hyperparameters: give its gin configuration, or optimise them"
    )
