"""The search spaces that a study has in place of the agents' own."""

import json
import os
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from colosseum import registry
from colosseum.agent.published_spaces import OTHER_NAMES, PUBLISHED
from colosseum.agent.spaces import Space, read_space
from colosseum.benchmark.folders import read_text
from colosseum.errors import ConfigurationError, nearest
from colosseum.gin_config import constructor_parameters

if TYPE_CHECKING:
    from colosseum.agent.agents.base import BaseAgent

Spaces = dict[str, dict[str, Space]]
"""The search space of each hyperparameter, by the agent's class name."""


def read_spaces(given: Any, key: str) -> Spaces:
    """
    Read search spaces as a study writes them.

    Parameters
    ----------
    given : mapping
        ``{Agent: {name: {kind: ...}}}``.
    key : str
        Names it in errors.

    Raises
    ------
    ConfigurationError
        With the key of what is no mapping, of a kind that does not exist, or of bounds that make no sense.
    """
    _check_mapping(given, key, "{QLearningContinuous: {min_at: {log_uniform: [0.001, 0.2]}}}")
    return {str(agent): read_spaces_of_agent(of_agent, f"{key}.{agent}") for agent, of_agent in given.items()}


def read_spaces_of_agent(given: Any, key: str) -> dict[str, Space]:
    """Read the search spaces of one agent, ``{name: {kind: ...}}``; otherwise as `read_spaces`."""
    _check_mapping(given, key, "{min_at: {log_uniform: [0.001, 0.2]}}")
    spaces = {}
    for name, spec in given.items():
        try:
            spaces[str(name)] = read_space(spec)
        except ConfigurationError as error:
            raise ConfigurationError(f"{key}.{name}: {error}") from None
    return spaces


def read_spaces_file(path: str | os.PathLike[str]) -> Spaces:
    """Read search spaces from a YAML file; errors are those of `read_spaces`, and of a file that is no YAML."""
    import yaml

    try:
        given = yaml.safe_load(read_text(path))
    except (yaml.YAMLError, ValueError) as error:
        if isinstance(error, ConfigurationError):
            raise
        raise ConfigurationError(f"{path}: this is not YAML: {' '.join(str(error).split())}") from None
    return read_spaces(given, str(path))


def read_spaces_option(given: str, agent_class: "type[BaseAgent]") -> dict[str, Space]:
    """
    Return the search spaces of an agent that a command was given.

    Parameters
    ----------
    given : str
        A YAML file, as in `read_spaces_file`, or ``{"name": {"kind": ...}}`` of this agent as JSON.
    agent_class : subclass of BaseAgent

    Raises
    ------
    ConfigurationError
        As `read_spaces`, or if the class has no hyperparameter of a name.
    """
    if given.lstrip().startswith("{"):
        key = "--spaces"
        try:
            spaces = read_spaces_of_agent(json.loads(given), key)
        except json.JSONDecodeError as error:
            raise ConfigurationError(f"{key} {given}: this is no JSON: {error}.") from None
    else:
        key = f"{given}.{agent_class.__name__}"
        spaces = read_spaces_file(given).get(agent_class.__name__, {})
    check_names(spaces, class_names(agent_class), agent_class.__name__, key)
    return spaces


def format_spaces(spaces: Mapping[str, Space]) -> str:
    """Return the text of an agent's search spaces that `read_spaces_option` reads; empty if there are none."""
    return json.dumps({name: space.spec() for name, space in spaces.items()}) if spaces else ""


def class_names(agent_class: "type[BaseAgent]") -> list[str]:
    """Return the hyperparameters of a class: those of its own search spaces and the arguments of its constructor."""
    if agent_class.__module__.startswith("colosseum."):
        return packaged_names(agent_class.__name__)
    parameters = constructor_parameters(agent_class)
    named = [name for name, p in parameters.items() if p.kind not in (p.VAR_KEYWORD, p.VAR_POSITIONAL)]
    return list(dict.fromkeys([*agent_class.get_hyperparameters_search_spaces(), *named]))


def packaged_names(agent: str) -> list[str]:
    """Return the hyperparameters of a packaged agent, which is not imported."""
    return [*PUBLISHED[agent], *OTHER_NAMES[agent]]


def check_names(spaces: Iterable[str], valid: Iterable[str], agent: str, key: str) -> None:
    """Raise a `ConfigurationError` if a space is for a hyperparameter that there is not."""
    valid = list(valid)
    for name in spaces:
        if name not in valid:
            hint = nearest(name, valid) if valid else "it has none."
            raise ConfigurationError(f"{key}.{name}: {agent} has no hyperparameter {name!r}; {hint}")


def spaces_of_study(given: Any, agents: Mapping[str, str], key: str) -> Spaces:
    """
    Return the search spaces that a study has for its agents, all of them checked.

    Parameters
    ----------
    given : str, mapping or None
        A YAML file, which may have packaged agents that are not the study's, or the mapping itself, which may not.
    agents : mapping of str to str
        The study's agents by class name: the name itself, or the import path of a user-defined class.
    key : str
        Names it in errors.

    Raises
    ------
    ConfigurationError
        As `read_spaces`; or if the study has no such agent, or an agent no such hyperparameter.
    """
    if given is None:
        return {}
    if isinstance(given, str):
        key, found, known = f"{key}: {given}", read_spaces_file(given), [*agents, *(set(PUBLISHED) - set(agents))]
    else:
        found, known = read_spaces(given, key), list(agents)
    for agent, spaces in found.items():
        if agent not in known:
            raise ConfigurationError(f"{key}: there is no agent {agent!r}; {nearest(agent, known)}")
        path = agents.get(agent, agent)
        valid = class_names(registry.resolve_agent_class(path)) if path not in PUBLISHED else packaged_names(path)
        check_names(spaces, valid, agent, f"{key}.{agent}")
    return {agent: spaces for agent, spaces in found.items() if agent in agents}


def is_searched(path: str, spaces: Mapping[str, Space]) -> bool:
    """
    Return whether two samples of an agent can differ.

    Parameters
    ----------
    path : str
        The name of a packaged class, which is not imported, or the import path of a user-defined one.
    spaces : mapping of str to Space
        What a study has in place of the class's own.
    """
    if path in PUBLISHED:
        own: dict[str, Any] = dict.fromkeys(PUBLISHED[path])
    else:
        own = registry.resolve_agent_class(path).get_hyperparameters_search_spaces()
    return any(getattr(space, "kind", "") != "fixed" for space in {**own, **spaces}.values())


def _check_mapping(given: Any, key: str, example: str) -> None:
    if not isinstance(given, Mapping):
        raise ConfigurationError(f"{key}: {given!r} is no mapping; write e.g. {example}.")
