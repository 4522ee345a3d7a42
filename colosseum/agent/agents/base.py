"""The interface of an agent."""

import abc
import random
from typing import TYPE_CHECKING, Any

import numpy as np

from colosseum.gin_config import format_scope
from colosseum.layout import scope_name
from colosseum.published_names import accepts, for_agent

if TYPE_CHECKING:
    import dm_env

    from colosseum.agent.actors.base import BaseActor
    from colosseum.agent.mdp_models.base import BaseMDPModel
    from colosseum.emission_maps import EmissionMap
    from colosseum.utils.acme.specs import MDPSpec


class BaseAgent(abc.ABC):
    """
    An agent that meets its environment one `dm_env.TimeStep` at a time.

    The loop calls `before_start_interacting` once; then, at each step, `select_action`, `step_update` and, where
    `is_episode_end` says so, `episode_end_update`. At each log point it reads `current_optimal_stochastic_policy`.

    Parameters
    ----------
    seed : int
        Seed of the agent's own random numbers: ``self._rng`` (a `numpy.random.RandomState`) and ``self._rng_fast`` (a
        `random.Random`).
    mdp_specs : MDPSpec
        The sizes of the environment; kept in ``self._mdp_spec``.
    mdp_model : BaseMDPModel or None
        Told of every transition by `step_update`.
    actor : BaseActor or None
        Asked for every action by `select_action`.
    n_steps : int
        The number of steps that the agent is going to take in all; kept in ``self._n_steps``. Here, and in what a
        subclass's constructor calls it, the published name, ``optimization_horizon``, is accepted as well.

    Examples
    --------
    What a subclass defines; ``python -m colosseum init FOLDER`` writes one that learns.

    >>> import colosseum
    >>> print(*sorted(colosseum.BaseAgent.__abstractmethods__), sep="\\n")
    __init__
    before_start_interacting
    current_optimal_stochastic_policy
    episode_end_update
    get_hyperparameters_search_spaces
    is_emission_map_accepted
    is_episodic
    """

    @staticmethod
    @abc.abstractmethod
    def is_emission_map_accepted(emission_map: "EmissionMap") -> bool:
        """Whether the agent can do with observations of this kind."""

    @staticmethod
    @abc.abstractmethod
    def is_episodic() -> bool:
        """Whether the agent is made for episodic environments; else it is made for continuous ones."""

    @staticmethod
    @abc.abstractmethod
    def get_hyperparameters_search_spaces() -> dict[str, Any]:
        """
        The distribution from which each hyperparameter is sampled.

        Returns
        -------
        dict of str to object
            Anything with ``rvs(random_state=...)``, such as `colosseum.agent.spaces.Uniform` or a frozen distribution
            of scipy.stats, or with ``sample()``.
        """

    @classmethod
    def produce_gin_file_from_parameters(cls, parameters: dict[str, Any], index: int = 0) -> str:
        """
        Write hyperparameters as gin text: by default as arguments of the constructor.

        Parameters
        ----------
        parameters : dict
            Value of each hyperparameter.
        index : int
            The text is written for gin scope ``prms_<index>``.

        Returns
        -------
        str
            One line ``prms_<index>/<Class>.<name> = <value>`` for each.
        """
        return format_scope(cls, scope_name(index), parameters).rstrip("\n")

    @classmethod
    @accepts(optimization_horizon="n_steps")
    def get_agent_instance_from_parameters(
        cls, seed: int, n_steps: int, mdp_specs: "MDPSpec", parameters: dict[str, Any]
    ) -> "BaseAgent":
        """Make an agent with these hyperparameters; by default they are arguments of the constructor, as the others."""
        # a subclass's constructor, which takes hyperparameters in place of the model and the actor
        return cls(seed, mdp_specs, **for_agent(cls, {"n_steps": n_steps}), **parameters)

    @abc.abstractmethod
    @accepts(optimization_horizon="n_steps")
    def __init__(
        self,
        seed: int,
        mdp_specs: "MDPSpec",
        mdp_model: "BaseMDPModel | None",
        actor: "BaseActor | None",
        n_steps: int,
    ):
        self._mdp_spec = mdp_specs
        self._mdp_model = mdp_model
        self._actor = actor
        self._n_steps = n_steps
        self._optimization_horizon = n_steps  # the published name, which user-defined agents read
        self._time_horizon = mdp_specs.time_horizon
        self._rng = np.random.RandomState(seed)
        self._rng_fast = random.Random(seed)

    @property
    @abc.abstractmethod
    def current_optimal_stochastic_policy(self) -> np.ndarray:
        """
        The policy that the agent would follow if training ended now: what a log point evaluates.

        Returns
        -------
        float array of shape (S, A), or (H, S, A) when episodic
            A distribution over the actions for each state.
        """

    @abc.abstractmethod
    def before_start_interacting(self) -> None:
        """Called once, before the first step."""

    @abc.abstractmethod
    def episode_end_update(self) -> None:
        """Called after the `step_update` of a step for which `is_episode_end` holds."""

    def is_episode_end(self, ts_t: "dm_env.TimeStep", a_t: int, ts_tp1: "dm_env.TimeStep", time: int) -> bool:
        """
        Whether an episode ends with this step: where the environment says so, unless overridden.

        Continuous agents override it to learn in episodes of their own. The arguments are those of `step_update`.
        """
        return ts_tp1.last()

    def select_action(self, ts: "dm_env.TimeStep", time: int) -> int:
        """
        Choose an action.

        Parameters
        ----------
        ts : dm_env.TimeStep
            What the agent sees; `ts.observation` is the state.
        time : int
            In-episode time when episodic, else the number of steps taken so far.

        Returns
        -------
        int
            The action, from 0 to A - 1.
        """
        if self._actor is None:
            raise NotImplementedError(f"{type(self).__name__}: give the agent an actor, or override select_action.")
        return self._actor.select_action(ts, time)

    def step_update(self, ts_t: "dm_env.TimeStep", a_t: int, ts_tp1: "dm_env.TimeStep", time: int) -> None:
        """
        Learn from one transition: the model, if there is one, is told. A subclass may do something else, or more.

        Parameters
        ----------
        ts_t : dm_env.TimeStep
            What was seen before the action.
        a_t : int
            The action.
        ts_tp1 : dm_env.TimeStep
            What came of it; `ts_tp1.reward` is the reward.
        time : int
            In-episode time of `ts_t` when episodic, else the number of steps taken before this one.
        """
        if self._mdp_model is None and type(self).step_update is BaseAgent.step_update:
            raise NotImplementedError(f"{type(self).__name__}: give the agent a model, or override step_update.")
        if self._mdp_model is not None:
            self._mdp_model.step_update(ts_t, a_t, ts_tp1, time)

    def agent_logs(self) -> None:  # noqa: B027 - a hook: most agents have nothing to add
        """Called at each log point; does nothing unless overridden."""
