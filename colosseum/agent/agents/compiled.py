"""The base of agents that advance many steps in one call."""

import abc
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple

import numpy as np

from colosseum.agent.agents.base import BaseAgent
from colosseum.agent.agents.choosing import Exploration
from colosseum.gin_config import format_scope
from colosseum.layout import scope_name
from colosseum.published_names import accepts

if TYPE_CHECKING:
    import dm_env

    from colosseum.emission_maps import EmissionMap
    from colosseum.mdp.sampling import SamplingTables
    from colosseum.utils.acme.specs import MDPSpec


class ActingRule(NamedTuple):
    """
    What an agent chooses its actions by, as `choose_action` takes it: what is left of it when it learns no more.

    Attributes
    ----------
    values : float64 array of shape (n_nodes * A,)
        A node is a state, or h * S + s at time h of an episode.
    greedy : int32 array of shape (n_nodes,)
    exploration : Exploration
    time : int
        The step whose exploration it is.
    horizon : int
        H, or 0 when continuous.
    """

    values: np.ndarray
    greedy: np.ndarray
    exploration: Exploration
    time: int
    horizon: int


class CompiledAgent(BaseAgent):
    """
    A tabular agent whose loop with the environment is one compiled function, `advance`.

    The same agent also takes one `dm_env.TimeStep` at a time (`select_action`, `step_update`) with the same compiled
    pieces, and then sees, does and learns the same to the last digit.

    Subclasses define `advance`, `select_action`, `step_update`, `current_optimal_stochastic_policy`, `is_episodic` and
    `get_hyperparameters_search_spaces`, and take ``(seed, mdp_specs, n_steps, **hyperparameters)``.

    Parameters
    ----------
    seed : int
        The agent draws from ``self._rng_agent``: the third child of ``numpy.random.SeedSequence(seed)``, whose first
        two belong to the environment.
    mdp_specs : MDPSpec
    n_steps : int

    Examples
    --------
    >>> import colosseum
    >>> mdp = colosseum.make_mdp("continuous_quick_test/RiverSwim/0", seed=0)
    >>> isinstance(colosseum.make_agent("QLearningContinuous", mdp, seed=0, n_steps=100), colosseum.CompiledAgent)
    True
    """

    fixed_hyperparameters: ClassVar[dict[str, Any]] = {}
    """What sampled configurations set beside the hyperparameters of the search spaces."""

    @accepts(optimization_horizon="n_steps")
    def __init__(self, seed: int, mdp_specs: "MDPSpec", n_steps: int):
        super().__init__(seed, mdp_specs, None, None, n_steps)
        self._rng_agent = np.random.default_rng(np.random.SeedSequence(seed).spawn(3)[2])
        self._n_states = int(mdp_specs.observations.num_values)
        self._n_actions = int(mdp_specs.actions.num_values)
        self._H = int(mdp_specs.time_horizon) if self.is_episodic() else 0

    @abc.abstractmethod
    def advance(
        self, tables: "SamplingTables", rng: np.random.Generator, position: np.ndarray, n: int, totals: np.ndarray
    ) -> None:
        """
        Act and learn for `n` steps.

        ``advance(n)`` then ``advance(m)`` does the same, to the last bit, as ``advance(n + m)``.

        Parameters
        ----------
        tables : SamplingTables
            The environment.
        rng : numpy.random.Generator
            The environment's own: transitions, rewards and new starting states are drawn from it.
        position : int64 array of shape (3,)
            State, in-episode time and starting state of the episode; updated in place. An episodic environment starts
            anew right after the last step of an episode.
        n : int
        totals : float64 array of shape (2,)
            The rewards and the gaps, which `colosseum.mdp.sampling.take_step` returns, are added to it one by one, so
            that the sums do not depend on how steps are chunked.
        """

    def acting_rule(self) -> ActingRule | None:
        """
        Return what `select_action` chooses by at present, so that an agent that has stopped learning acts on compiled.

        None, unless overridden: then it acts step by step.
        """
        return None

    @abc.abstractmethod
    def select_action(self, ts: "dm_env.TimeStep", time: int) -> int: ...

    @abc.abstractmethod
    def step_update(self, ts_t: "dm_env.TimeStep", a_t: int, ts_tp1: "dm_env.TimeStep", time: int) -> None: ...

    def before_start_interacting(self) -> None:
        """Nothing to prepare, unless overridden."""

    def episode_end_update(self) -> None:
        """Nothing to do at the end of an episode, unless overridden."""

    @staticmethod
    def is_emission_map_accepted(emission_map: "EmissionMap") -> bool:
        return emission_map.is_tabular

    @classmethod
    def constructor_arguments(cls, parameters: dict[str, Any]) -> dict[str, Any]:
        """Turn hyperparameters, named as in the search spaces, into arguments of the constructor."""
        return {**cls.fixed_hyperparameters, **parameters}

    @classmethod
    def produce_gin_file_from_parameters(cls, parameters: dict[str, Any], index: int = 0) -> str:
        return format_scope(cls, scope_name(index), cls.constructor_arguments(parameters)).rstrip("\n")

    @classmethod
    @accepts(optimization_horizon="n_steps")
    def get_agent_instance_from_parameters(
        cls, seed: int, n_steps: int, mdp_specs: "MDPSpec", parameters: dict[str, Any]
    ) -> "CompiledAgent":
        return cls(seed, mdp_specs, n_steps, **cls.constructor_arguments(parameters))
