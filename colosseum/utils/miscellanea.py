"""The published name of the lists of environment classes, and of samples of their parameters; the code is here."""

from typing import TYPE_CHECKING, Any

from colosseum import registry
from colosseum.errors import ConfigurationError
from colosseum.utils.streams import sample_seed

if TYPE_CHECKING:
    from colosseum.agent.agents.base import BaseAgent
    from colosseum.mdp.base import BaseMDP


def get_colosseum_mdp_classes(episodic: bool | None = None) -> list[type["BaseMDP"]]:
    """
    Return the environment classes.

    Parameters
    ----------
    episodic : bool, optional
        Only those of the episodic (True) or the continuous (False) setting.

    Returns
    -------
    list of type
        The packaged ones alphabetically, then the registered ones.
    """
    classes = [registry.resolve_mdp_class(name) for name in registry.mdp_class_names()]
    return [cls for cls in classes if episodic is None or cls.is_episodic() == episodic]


def get_colosseum_agent_classes(episodic: bool | None = None) -> list[type["BaseAgent"]]:
    """Return the agent classes, as `get_colosseum_mdp_classes` does the environments'."""
    classes = [registry.resolve_agent_class(name) for name in registry.agent_class_names()]
    return [cls for cls in classes if episodic is None or cls.is_episodic() == episodic]


def get_agent_class_from_name(name: str) -> type["BaseAgent"]:
    """Return the agent class of a name; raises a `ConfigurationError` with the nearest one where there is none."""
    return registry.resolve_agent_class(name)


def get_mdp_class_from_name(name: str) -> type["BaseMDP"]:
    """Return the environment class of a name; raises as `get_agent_class_from_name`."""
    return registry.resolve_mdp_class(name)


def sample_mdp_parameters(cls: type["BaseMDP"], n: int, seed: int) -> list[dict[str, Any]]:
    """
    Draw `n` configurations of an environment class; the i-th depends on the class, the seed and i alone.

    Raises
    ------
    ConfigurationError
        If `n` is not a positive integer, or the class has no `sample_parameters`.
    """
    if isinstance(n, bool) or not isinstance(n, int) or n < 1:
        raise ConfigurationError(f"number of samples of {cls.__name__}: {n!r} makes no sense; give an integer >= 1.")
    if not hasattr(cls, "sample_parameters"):
        raise ConfigurationError(
            f"{cls.__name__} has no `sample_parameters(seed)`; define it, or give configurations yourself."
        )
    return [cls.sample_parameters(sample_seed(seed, cls.__name__, i)) for i in range(n)]


def sample_mdp_gin_configs(mdp_class: type["BaseMDP"], n: int = 1, seed: int = 42) -> list[str]:
    """Return the gin text of each of `n` drawn configurations, in scopes prms_0, prms_1, ..."""
    return [mdp_class.produce_gin_file(prms, i) for i, prms in enumerate(sample_mdp_parameters(mdp_class, n, seed))]


def sample_mdp_gin_configs_file(mdp_class: type["BaseMDP"], n: int = 1, seed: int = 42) -> str:
    """Return the gin text of `n` drawn configurations as one file."""
    return "\n".join(sample_mdp_gin_configs(mdp_class, n, seed)) + "\n"
