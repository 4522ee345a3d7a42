"""Agents and environments by name and by import path; nothing heavy is imported to know their names."""

import contextlib
import importlib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from colosseum.errors import ConfigurationError, nearest

if TYPE_CHECKING:
    from colosseum.agent.agents.base import BaseAgent
    from colosseum.mdp.base import BaseMDP

A = TypeVar("A", bound="BaseAgent")
M = TypeVar("M", bound="BaseMDP")

PACKAGED_AGENTS = {
    "PSRLContinuous": "colosseum.agent.agents.infinite_horizon.posterior_sampling",
    "PSRLEpisodic": "colosseum.agent.agents.episodic.posterior_sampling",
    "QLearningContinuous": "colosseum.agent.agents.infinite_horizon.q_learning",
    "QLearningEpisodic": "colosseum.agent.agents.episodic.q_learning",
    "RandomAgentContinuous": "colosseum.agent.agents.random",
    "RandomAgentEpisodic": "colosseum.agent.agents.random",
    "UCRL2Continuous": "colosseum.agent.agents.infinite_horizon.ucrl2",
}
"""Module of each packaged agent class."""

_FAMILIES = {
    "DeepSea": "deep_sea",
    "FrozenLake": "frozen_lake",
    "MiniGridEmpty": "minigrid_empty",
    "MiniGridRooms": "minigrid_rooms",
    "RiverSwim": "river_swim",
    "SimpleGrid": "simple_grid",
    "Taxi": "taxi",
}

PACKAGED_MDPS = {
    f"{family}{setting}": f"colosseum.mdp.{module}"
    for family, module in _FAMILIES.items()
    for setting in ("Continuous", "Episodic")
}
"""Module of each packaged environment class."""

CUSTOM_MDPS = dict.fromkeys(("CustomContinuous", "CustomEpisodic"), "colosseum.mdp.custom_mdp")
"""Module of the classes for environments from arrays: known by name, but never sampled."""


class _Kind:
    """
    The classes of a kind (agents, MDPs): the packaged ones, imported when asked for, and the registered ones.

    Parameters
    ----------
    kind : str
        What messages call one of them.
    base : tuple (str, str)
        Module and name of their base class, which need not be imported to be recognised.
    packaged : mapping of str to str
        Name to module.
    unlisted : mapping of str to str
        Packaged ones that `names` leaves out.
    """

    def __init__(self, kind: str, base: tuple[str, str], packaged: Mapping[str, str], unlisted: Mapping[str, str]):
        self.kind, self.base, self.packaged, self.unlisted = kind, base, packaged, unlisted
        self.registered: list[type[Any]] = []

    def names(self) -> list[str]:
        found = [name for name in sorted(self.packaged) if _exists(self.packaged[name])]
        return found + [cls.__name__ for cls in self.registered]

    def resolve(self, name: str) -> type[Any]:
        if not isinstance(name, str):
            raise ConfigurationError(f"{self.kind} class: got {name!r}; give a class name or 'package.module:Class'.")
        if ":" in name:
            return self.register(_import_class(name))
        for cls in self.registered:
            if cls.__name__ == name:
                return cls
        module = self._module_of(name)
        if module is not None and _exists(module):
            return getattr(importlib.import_module(module), name)
        raise ConfigurationError(
            f"{self.kind} class: there is no {name!r}; {nearest(name, self.names())} "
            "A user-defined class is given as 'package.module:Class'."
        )

    def register(self, cls: type) -> type[Any]:
        if not isinstance(cls, type) or not self.is_base_of(cls):
            name = getattr(cls, "__name__", repr(cls))
            raise ConfigurationError(f"{name} is not an {self.kind} class: it does not derive from {self.base_path}.")
        module = self._module_of(cls.__name__)
        if module == cls.__module__:
            return cls
        if module is not None:
            raise ConfigurationError(
                f"{cls.__module__}:{cls.__name__}: a packaged {self.kind} class has this name; rename yours."
            )
        for i, other in enumerate(self.registered):
            if other.__name__ == cls.__name__:
                if other.__module__ != cls.__module__:
                    raise ConfigurationError(
                        f"{cls.__module__}:{cls.__name__}: the name is taken by the registered {self.kind} class "
                        f"{other.__module__}:{other.__name__}; rename one of them."
                    )
                self.registered[i] = cls
                return cls
        self.registered.append(cls)
        return cls

    def is_base_of(self, cls: type) -> bool:
        return any((parent.__module__, parent.__name__) == self.base for parent in cls.__mro__)

    @property
    def base_path(self) -> str:
        return ":".join(self.base)

    def _module_of(self, name: str) -> str | None:
        return self.packaged.get(name) or self.unlisted.get(name)


_AGENTS = _Kind("agent", ("colosseum.agent.agents.base", "BaseAgent"), PACKAGED_AGENTS, {})
_MDPS = _Kind("MDP", ("colosseum.mdp.base", "BaseMDP"), PACKAGED_MDPS, CUSTOM_MDPS)


def register_agent_class(agent_class: "type[A]") -> "type[A]":
    """
    Make a user-defined agent class known to hyperparameter optimisation, benchmarks and the command line.

    Parameters
    ----------
    agent_class : type
        A `@gin.configurable` subclass of `colosseum.agent.agents.base.BaseAgent`. Registering it again does nothing; a
        class that was defined anew under the same import path (a notebook cell that ran twice) takes the place of the
        old one.

    Returns
    -------
    type
        `agent_class`, so that this also works as a decorator.

    Raises
    ------
    ConfigurationError
        If it is not such a class, or another class bears its name: names tell agents apart in gin files and folders.

    Examples
    --------
    >>> import gin
    >>> import colosseum
    >>> from colosseum.agent.agents.random import RandomAgentContinuous
    >>> @colosseum.register_agent_class
    ... @gin.configurable
    ... class Coin(RandomAgentContinuous):
    ...     pass
    >>> mdp = colosseum.make_mdp("continuous_quick_test/RiverSwim/0", seed=0)
    >>> colosseum.make_agent("Coin", mdp, seed=0, n_steps=100).is_episodic()
    False
    """
    return _AGENTS.register(agent_class)


def register_mdp_class(mdp_class: "type[M]") -> "type[M]":
    """
    Make a user-defined environment class known, as `register_agent_class` does for an agent.

    Parameters
    ----------
    mdp_class : type
        A `@gin.configurable` subclass of `colosseum.mdp.base.BaseMDP`.

    Examples
    --------
    >>> import gin
    >>> import colosseum
    >>> from colosseum.mdp.river_swim import RiverSwimContinuous
    >>> @colosseum.register_mdp_class
    ... @gin.configurable
    ... class Creek(RiverSwimContinuous):
    ...     pass
    >>> Creek(seed=0, size=5).n_states
    5
    """
    return _MDPS.register(mdp_class)


def register_from_path(path: str) -> type:
    """
    Import and register an agent or environment class.

    Parameters
    ----------
    path : str
        ``"package.module:Class"``; the module must be importable from here.

    Returns
    -------
    type
        The class.

    Raises
    ------
    ConfigurationError
        If the path is malformed, the module cannot be imported, or the class is neither an agent nor an environment.
    """
    cls = _import_class(path)
    for kind in (_AGENTS, _MDPS):
        if kind.is_base_of(cls):
            return kind.register(cls)
    raise ConfigurationError(f"{path}: the class is neither a BaseAgent ({_AGENTS.base_path}) nor a BaseMDP.")


def get_external_agent_classes() -> list[type]:
    """Return the registered agent classes, in the order of their registration."""
    return list(_AGENTS.registered)


def get_external_mdp_classes() -> list[type]:
    """Return the registered environment classes, in the order of their registration."""
    return list(_MDPS.registered)


def agent_class_names() -> list[str]:
    """Return the names that `resolve_agent_class` knows: packaged ones alphabetically, then registered ones."""
    return _AGENTS.names()


def mdp_class_names() -> list[str]:
    """Return the names of the environment families, alphabetically, and then of the registered classes."""
    return _MDPS.names()


def resolve_agent_class(name: str) -> "type[BaseAgent]":
    """
    Return the agent class of a name.

    Parameters
    ----------
    name : str
        The name of a packaged or registered class, or ``"package.module:Class"``, which is imported and registered.

    Raises
    ------
    ConfigurationError
        If there is no such class; the message names the nearest one.
    """
    return _AGENTS.resolve(name)


def resolve_mdp_class(name: str) -> "type[BaseMDP]":
    """Return the environment class of a name, as `resolve_agent_class` does for an agent."""
    return _MDPS.resolve(name)


@contextlib.contextmanager
def temporary_registrations() -> Iterator[None]:
    """Forget on leaving what was registered within; what was registered before is unknown within."""
    before = [(kind, kind.registered) for kind in (_AGENTS, _MDPS)]
    for kind, _ in before:
        kind.registered = []
    try:
        yield
    finally:
        for kind, registered in before:
            kind.registered = registered


def _exists(module: str) -> bool:
    # By file: importlib.util.find_spec would import the parent packages, and numba with them.
    path = Path(__file__).parent.joinpath(*module.split(".")[1:])
    return path.with_suffix(".py").is_file() or (path / "__init__.py").is_file()


def _import_class(path: str) -> type[Any]:
    module_name, colon, class_name = path.partition(":")
    if not (colon and class_name.isidentifier() and all(part.isidentifier() for part in module_name.split("."))):
        raise ConfigurationError(f"{path!r} is not a class path; give 'package.module:Class'.")
    try:
        module = importlib.import_module(module_name)
    except Exception as error:  # a user's module may raise anything while it is imported
        if isinstance(error, ModuleNotFoundError) and error.name and (module_name + ".").startswith(error.name + "."):
            raise ConfigurationError(
                f"{path}: there is no module {error.name!r} in the working directory or the environment."
            ) from None
        reason = " ".join(f"{type(error).__name__}: {error}".split())
        raise ConfigurationError(f"{path}: importing {module_name!r} failed: {reason}") from error
    cls = getattr(module, class_name, None)
    if not isinstance(cls, type):
        classes = [name for name, value in vars(module).items() if isinstance(value, type)]
        hint = nearest(class_name, classes) if classes else "It has no classes."
        raise ConfigurationError(f"{path}: module {module_name!r} has no class {class_name!r}; {hint}")
    return cls
