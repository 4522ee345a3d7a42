"""Agents by name."""

from typing import TYPE_CHECKING, Any

from colosseum import gin_config, layout, registry
from colosseum.agent.hyperparameters import get_default_gin_config
from colosseum.published_names import for_agent
from colosseum.utils import make_mdp_spec

if TYPE_CHECKING:
    from colosseum.agent.agents.base import BaseAgent
    from colosseum.mdp.base import BaseMDP


def make_agent(name: str, mdp: "BaseMDP", seed: int, n_steps: int, **hyperparameters: Any) -> "BaseAgent":
    """
    Make an agent for an environment.

    Parameters
    ----------
    name : str
        A packaged or registered class, or ``"package.module:Class"``.
    mdp : BaseMDP
        The environment that it is going to meet.
    seed : int
        Of the agent's own random numbers.
    n_steps : int
        The number of steps that it is going to take in all.
    **hyperparameters : object
        Arguments of its constructor. Without any, the packaged hyperparameters of the agent.

    Returns
    -------
    BaseAgent

    Raises
    ------
    ConfigurationError
        If there is no such class (the message names the nearest), it has no packaged hyperparameters and none are
        given, or it refuses one.

    Examples
    --------
    >>> import colosseum
    >>> mdp = colosseum.make_mdp("episodic_ergodic/DeepSea/0", seed=0)
    >>> colosseum.make_agent("QLearningEpisodic", mdp, seed=0, n_steps=1_000).is_episodic()
    True
    """
    cls = registry.resolve_agent_class(name)
    arguments: dict[str, Any] = {"seed": seed, "mdp_specs": make_mdp_spec(mdp), "n_steps": n_steps}
    if hyperparameters:
        return cls(**for_agent(cls, arguments), **hyperparameters)
    text = get_default_gin_config(cls)
    return gin_config.construct(cls, layout.FIRST_SCOPE, text, f"packaged hyperparameters of {name}", **arguments)
