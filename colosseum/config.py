"""Package-wide settings: where experiments live, how many cores to use, how much to say, and which classes exist."""

import importlib
import os
from pathlib import Path

from colosseum.errors import ConfigurationError, nearest

PACKAGED_AGENTS = {
    "PSRLContinuous": "colosseum.agent.agents.infinite_horizon.posterior_sampling",
    "PSRLEpisodic": "colosseum.agent.agents.episodic.posterior_sampling",
    "QLearningContinuous": "colosseum.agent.agents.infinite_horizon.q_learning",
    "QLearningEpisodic": "colosseum.agent.agents.episodic.q_learning",
    "RandomAgentContinuous": "colosseum.agent.agents.random",
    "RandomAgentEpisodic": "colosseum.agent.agents.random",
    "UCRL2Continuous": "colosseum.agent.agents.infinite_horizon.ucrl2",
}
"""Module of each packaged agent class: names are looked up here so that nothing heavy is imported to know them."""

PACKAGED_MDPS = {
    f"{family}{setting}": f"colosseum.mdp.{module}"
    for family, module in (
        ("DeepSea", "deep_sea"),
        ("FrozenLake", "frozen_lake"),
        ("MiniGridEmpty", "minigrid_empty"),
        ("MiniGridRooms", "minigrid_rooms"),
        ("RiverSwim", "river_swim"),
        ("SimpleGrid", "simple_grid"),
        ("Taxi", "taxi"),
    )
    for setting in ("Continuous", "Episodic")
}
"""Module of each packaged environment class."""

CUSTOM_MDPS = dict.fromkeys(("CustomContinuous", "CustomEpisodic"), "colosseum.mdp.custom_mdp")
"""Module of the classes for environments of one's own arrays: known by name, but never sampled."""

_AGENT_BASE = ("colosseum.agent.agents.base", "BaseAgent")
_MDP_BASE = ("colosseum.mdp.base", "BaseMDP")

_experiments_folder = os.path.join("experiments", "benchmarking", "default", "")
_hyperopt_folder = os.path.join("experiments", "hyperopt", "default", "")
_available_cores: int | None = None
_multiprocessing = False
_verbose = False
_external_agents: list[type] = []
_external_mdps: list[type] = []


# ---------------------------------------------------------------------------------------------------------- folders


def set_experiments_folder(experiments_folder: str | os.PathLike, experiment_name: str) -> None:
    """
    Say where benchmarks are instantiated from now on: ``<experiments_folder>/benchmarking/<experiment_name>/``.

    Parameters
    ----------
    experiments_folder : str or path
        Relative folders are relative to the working directory at the time of use.
    experiment_name : str
        A folder name.

    Raises
    ------
    ConfigurationError
        If the name is empty or no plain folder name.
    """
    global _experiments_folder
    _experiments_folder = _stage_folder(experiments_folder, "benchmarking", experiment_name)


def set_hyperopt_folder(experiments_folder: str | os.PathLike, experiment_name: str) -> None:
    """
    Say where hyperparameter optimisations live from now on: ``<experiments_folder>/hyperopt/<experiment_name>/``.

    Parameters and errors are those of `set_experiments_folder`.
    """
    global _hyperopt_folder
    _hyperopt_folder = _stage_folder(experiments_folder, "hyperopt", experiment_name)


def get_experiments_folder() -> str:
    """Return the folder of the benchmarks, with a separator at its end; it need not exist yet."""
    return _experiments_folder


def get_hyperopt_folder() -> str:
    """Return the folder of the hyperparameter optimisation, with a separator at its end; it need not exist yet."""
    return _hyperopt_folder


def _stage_folder(folder: str | os.PathLike, stage: str, name: str) -> str:
    if not isinstance(name, str) or not name.strip() or name in (".", "..") or any(sep in name for sep in "/\\"):
        raise ConfigurationError(f"experiment_name: {name!r} is not a folder name; give one such as 'tutorial'.")
    return os.path.join(os.fspath(folder), stage, name, "")


# ------------------------------------------------------------------------------------------------ cores and verbosity


def set_available_cores(n: int) -> None:
    """
    Set the number of processes that may run at once where multiprocessing is enabled.

    Raises
    ------
    ConfigurationError
        If `n` is not a positive integer.
    """
    global _available_cores
    if isinstance(n, bool) or not isinstance(n, int) or n < 1:
        raise ConfigurationError(f"available cores: {n!r} makes no sense; give an integer of at least 1.")
    _available_cores = n


def get_available_cores() -> int:
    """Return the number of cores that was set, or else how many this process may use."""
    if _available_cores is not None:
        return _available_cores
    try:
        return len(os.sched_getaffinity(0))
    except AttributeError:  # macOS and Windows have no affinity call
        return os.cpu_count() or 1


def enable_multiprocessing() -> None:
    """Let `run_experiment_instances` and the like use `get_available_cores()` processes."""
    global _multiprocessing
    _multiprocessing = True


def disable_multiprocessing() -> None:
    """Do everything in this process (the default)."""
    global _multiprocessing
    _multiprocessing = False


def is_multiprocessing_enabled() -> bool:
    """Return whether several processes may be used."""
    return _multiprocessing


def enable_verbose_logging() -> None:
    """Print progress to standard error."""
    global _verbose
    _verbose = True


def disable_verbose_logging() -> None:
    """Print nothing (the default)."""
    global _verbose
    _verbose = False


def is_verbose_logging_enabled() -> bool:
    """Return whether progress is printed."""
    return _verbose


# ------------------------------------------------------------------------------------------------ classes of one's own


def register_agent_class(agent_class: type) -> type:
    """
    Make an agent class of one's own known to hyperparameter optimisation, benchmarks and the command line.

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
    """
    return _register(agent_class, "agent", _AGENT_BASE, PACKAGED_AGENTS, _external_agents)


def register_mdp_class(mdp_class: type) -> type:
    """
    Make an environment class of one's own known, as `register_agent_class` does for an agent.

    Parameters
    ----------
    mdp_class : type
        A `@gin.configurable` subclass of `colosseum.mdp.base.BaseMDP`.
    """
    return _register(mdp_class, "MDP", _MDP_BASE, PACKAGED_MDPS | CUSTOM_MDPS, _external_mdps)


def get_external_agent_classes() -> list[type]:
    """Return the registered agent classes, in the order of their registration."""
    return list(_external_agents)


def get_external_mdp_classes() -> list[type]:
    """Return the registered environment classes, in the order of their registration."""
    return list(_external_mdps)


def agent_class_names() -> list[str]:
    """Return the names that `resolve_agent_class` knows: packaged ones alphabetically, then registered ones."""
    return _names(PACKAGED_AGENTS, _external_agents)


def mdp_class_names() -> list[str]:
    """Return the names of the environment families, alphabetically, and then of the registered classes."""
    return _names(PACKAGED_MDPS, _external_mdps)


def resolve_agent_class(name: str) -> type:
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
    return _resolve(name, "agent", _AGENT_BASE, PACKAGED_AGENTS, _external_agents)


def resolve_mdp_class(name: str) -> type:
    """Return the environment class of a name, as `resolve_agent_class` does for an agent."""
    return _resolve(name, "MDP", _MDP_BASE, PACKAGED_MDPS | CUSTOM_MDPS, _external_mdps)


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
    if _descends_from(cls, _AGENT_BASE):
        return register_agent_class(cls)
    if _descends_from(cls, _MDP_BASE):
        return register_mdp_class(cls)
    raise ConfigurationError(f"{path}: the class is neither a BaseAgent ({':'.join(_AGENT_BASE)}) nor a BaseMDP.")


def _names(packaged: dict[str, str], external: list[type]) -> list[str]:
    return [name for name in sorted(packaged) if _exists(packaged[name])] + [cls.__name__ for cls in external]


def _exists(module: str) -> bool:
    # By file: importlib.util.find_spec would import the parent packages, and numba with them.
    path = Path(__file__).parent.joinpath(*module.split(".")[1:])
    return path.with_suffix(".py").is_file() or (path / "__init__.py").is_file()


def _resolve(name: str, kind: str, base: tuple[str, str], packaged: dict[str, str], external: list[type]) -> type:
    if not isinstance(name, str):
        raise ConfigurationError(f"{kind} class: got {name!r}; give a class name or 'package.module:Class'.")
    if ":" in name:
        cls = _import_class(name)
        return _register(cls, kind, base, packaged, external)
    for cls in external:
        if cls.__name__ == name:
            return cls
    if name in packaged and _exists(packaged[name]):
        return getattr(importlib.import_module(packaged[name]), name)
    raise ConfigurationError(
        f"{kind} class: there is no {name!r}; {nearest(name, _names(packaged, external))} "
        "A class of your own is given as 'package.module:Class'."
    )


def _import_class(path: str) -> type:
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


def _descends_from(cls: type, base: tuple[str, str]) -> bool:
    # By name, so that this module need not import the base classes (and numba with them).
    return any((parent.__module__, parent.__name__) == base for parent in cls.__mro__)


def _register(cls: type, kind: str, base: tuple[str, str], packaged: dict[str, str], external: list[type]) -> type:
    if not isinstance(cls, type) or not _descends_from(cls, base):
        name = getattr(cls, "__name__", repr(cls))
        raise ConfigurationError(f"{name} is not an {kind} class: it does not derive from {':'.join(base)}.")
    if packaged.get(cls.__name__) == cls.__module__:
        return cls
    if cls.__name__ in packaged:
        raise ConfigurationError(
            f"{cls.__module__}:{cls.__name__}: a packaged {kind} class has this name; rename yours."
        )
    for i, other in enumerate(external):
        if other.__name__ == cls.__name__:
            if other.__module__ != cls.__module__:
                raise ConfigurationError(
                    f"{cls.__module__}:{cls.__name__}: the name is taken by the registered {kind} class "
                    f"{other.__module__}:{other.__name__}; rename one of them."
                )
            external[i] = cls
            return cls
    external.append(cls)
    return cls
