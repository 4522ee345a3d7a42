"""Markov decision processes as `dm_env` environments: what every family and every array-made MDP shares."""

import abc
from collections.abc import Mapping
from functools import cached_property
from typing import Any

import dm_env
import numpy as np
from dm_env import specs

from colosseum import dynamic_programming as dp
from colosseum.errors import ConfigurationError
from colosseum.gin_config import format_scope
from colosseum.layout import scope_name
from colosseum.mdp.model import MDPModel
from colosseum.mdp.nodes import Nodes
from colosseum.mdp.sampling import SamplingTables, draw_start, take_step


class BaseMDP(Nodes, dm_env.Environment, abc.ABC):
    """
    A tabular MDP.

    Every draw of the structure (map, goal, permuted actions) comes from the first child of
    ``numpy.random.SeedSequence(seed)``, every transition and reward from the second one: so a seed means the same
    environment and the same luck whatever the agent.

    Attributes
    ----------
    seed : int
    parameters : dict of str to object
        What the constructor was given or took by default, without the seed.
    rewards_range : tuple (float, float)
        Rewards lie within it.
    dynamics_rng : numpy.random.Generator
        `reset` and `step` draw from it; compiled loops are handed this very object.
    """

    def __init__(self, seed: int, parameters: dict[str, Any], rewards_range: tuple[float, float]):
        if isinstance(seed, bool) or not isinstance(seed, int | np.integer) or seed < 0:
            raise ConfigurationError(f"{type(self).__name__}.seed: {seed!r} is not an integer of at least 0.")
        self.seed = int(seed)
        self.parameters = parameters
        self.rewards_range = rewards_range
        structure, dynamics, _ = np.random.SeedSequence(self.seed).spawn(3)
        self._structure_rng = np.random.default_rng(structure)
        self.dynamics_rng = np.random.default_rng(dynamics)
        self.current_state = -1  # before the first reset
        self.h = 0
        self._action_rng = None
        self.reset_visitation_counts()

    @cached_property
    @abc.abstractmethod
    def model(self) -> MDPModel:
        """The arrays of the MDP, built when they are first asked for."""

    # --------------------------------------------------------------------------------------------------- the arrays

    @property
    def H(self) -> int | None:
        """Horizon of an episode, in steps; None in the continuous setting."""
        return None

    @cached_property
    def T(self) -> np.ndarray:
        """Transition probabilities, float64 array of shape (S, A, S); `model.T` is the sparse one."""
        return self.model.T.toarray().reshape(self.n_states, self.n_actions, self.n_states)

    @property
    def R(self) -> np.ndarray:
        """Expected rewards, float64 array of shape (S, A)."""
        return self.model.R

    @property
    def tables(self) -> SamplingTables:
        """What compiled loops draw from."""
        return self.model.tables

    @cached_property
    def starting_state_distribution(self) -> np.ndarray:
        """Probability that an episode starts in each state, float64 array of shape (S,)."""
        distribution = np.zeros(self.n_states)
        distribution[self.model.start_state] = self.model.start_probs
        return distribution

    @cached_property
    def _rng(self) -> np.random.RandomState:
        """For published scripts that draw something from it, such as a policy; nothing here does."""
        return np.random.RandomState(self.seed)

    # ----------------------------------------------------------------------------------------------------- dm_env

    def observation_spec(self) -> specs.DiscreteArray:
        """States are numbered from 0 to S - 1."""
        return specs.DiscreteArray(self.n_states, dtype=np.int64, name="observation")

    def action_spec(self) -> specs.DiscreteArray:
        """Actions are numbered from 0 to A - 1."""
        return specs.DiscreteArray(self.n_actions, dtype=np.int64, name="action")

    def reward_spec(self) -> specs.Array:
        """A float."""
        return specs.Array((), float, name="reward")

    def reset(self) -> dm_env.TimeStep:
        """Draw a starting state."""
        self.h = 0
        self.current_state = state = int(draw_start(self.tables, self.dynamics_rng))
        self._state_visits[state] = self._state_visits.get(state, 0) + 1
        return dm_env.restart(state)

    def step(self, action: int, auto_reset: bool = False) -> dm_env.TimeStep:
        """
        Take an action; before the first reset and after the last step of an episode, start one instead.

        Parameters
        ----------
        action : int
        auto_reset : bool
            Published; what it asks for is what `dm_env` does anyway.

        Raises
        ------
        ConfigurationError
            If there is no such action.
        """
        if self.current_state < 0 or (self.H is not None and self.h >= self.H):
            return self.reset()
        if not hasattr(action, "__index__") or not 0 <= action < self.n_actions:
            raise ConfigurationError(
                f"{type(self).__name__}.step: there is no action {action!r}; 0 to {self.n_actions - 1} would do."
            )
        pair = self.current_state, int(action)
        next_state, reward, _ = take_step(self.tables, self.dynamics_rng, pair[0], 0, pair[1])
        self.current_state = state = int(next_state)
        self._action_visits[pair] = self._action_visits.get(pair, 0) + 1
        self._state_visits[state] = self._state_visits.get(state, 0) + 1
        return self._time_step(float(reward))

    @abc.abstractmethod
    def _time_step(self, reward: float) -> dm_env.TimeStep: ...

    # ------------------------------------------------------------------------------------------------- baselines

    @property
    @abc.abstractmethod
    def optimal_average_reward(self) -> float:
        """Expected reward a step of the best policy."""

    @property
    @abc.abstractmethod
    def worst_average_reward(self) -> float:
        """Expected reward a step of the worst policy."""

    @property
    @abc.abstractmethod
    def random_average_reward(self) -> float:
        """Expected reward a step of the uniformly random policy."""

    @property
    @abc.abstractmethod
    def optimality_gaps(self) -> np.ndarray:
        """What each action loses in expectation against the optimal policy; its sum over a run is learning regret."""

    @property
    def random_learning_regret(self) -> float:
        """Expected learning regret a step, in the long run, of the uniformly random policy."""
        return self.optimal_average_reward - self.random_average_reward

    @property
    def worst_learning_regret(self) -> float:
        """Expected learning regret a step, in the long run, of the worst policy: the largest that there is."""
        return self.optimal_average_reward - self.worst_average_reward

    def discounted_value_functions(self, discount: float = dp.DISCOUNT) -> tuple[np.ndarray, np.ndarray]:
        """
        Return the optimal discounted values of the MDP without a horizon.

        Returns
        -------
        Q : float64 array of shape (S, A)
        V : float64 array of shape (S,)
        """
        return dp.discounted_value_iteration(self.model.arrays, discount)

    @classmethod
    def n_states_bound(cls, parameters: Mapping[str, Any]) -> int | None:
        """
        Bound the number of states, without making the environment: instances tell what memory they need by it.

        Parameters
        ----------
        parameters : mapping of str to object
            Arguments of the constructor; those that have a default may be missing.

        Returns
        -------
        int or None
            None, unless overridden: not known.
        """
        return None

    # ------------------------------------------------------------------------------------------------------- gin

    @classmethod
    def produce_gin_file(cls, parameters: dict[str, Any], index: int = 0) -> str:
        """Return the gin text of one configuration: ``prms_<index>/<Class>.<name> = <value>``, a line a parameter."""
        return format_scope(cls, scope_name(index), parameters).rstrip("\n")

    def get_gin_config(self, index: int = 0) -> str:
        """Return the gin text that makes this MDP again (with the same seed)."""
        return self.produce_gin_file(self.parameters, index)
