"""The packaged hyperparameters, what an agent uses when no optimisation was run; beside them the published ones."""

from importlib.resources import files
from pathlib import Path
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
    return _read(agent_class, "packaged", f"{agent_class.__name__}.gin")


def get_published_gin_config(agent_class: "type[BaseAgent]") -> str:
    """
    Return the hyperparameters that the published benchmark ran an agent with.

    Parameters, result and errors are those of `get_default_gin_config`. They were tuned from the published search
    spaces (`colosseum.agent.published_spaces`) for the published rules; see ``docs/departures.md``.
    """
    return _read(agent_class, "published", "published", f"{agent_class.__name__}.gin")


def packaged_file(class_name: str) -> Path:
    """Return the file of the packaged hyperparameters of an agent; it is not there where the agent has none."""
    return Path(__file__).with_name(f"{class_name}.gin")


def published_file(class_name: str) -> Path:
    """Return the file of the published hyperparameters of an agent; it is not there where the agent has none."""
    return Path(__file__).parent / "published" / f"{class_name}.gin"


def _read(agent_class: "type[BaseAgent]", kind: str, *path: str) -> str:
    file = files(__name__).joinpath(*path)
    if agent_class.__module__.startswith("colosseum.") and file.is_file():
        return file.read_text(encoding="utf-8")
    if not agent_class.get_hyperparameters_search_spaces():
        return ""
    raise ConfigurationError(
        f"{agent_class.__module__}:{agent_class.__name__} has no {kind} hyperparameters: give its gin configuration, "
        "or optimise them"
    )
