"""What a policy does in an environment: values, average reward, transitions, where it is in the long run."""

import abc
from collections.abc import Hashable
from typing import NamedTuple

import numpy as np

from colosseum import dynamic_programming as dp
from colosseum.errors import ConfigurationError
from colosseum.mdp.hardness_properties import HardnessMeasures


class MarkovChain(NamedTuple):
    """
    The chain that a policy makes of an environment.

    Attributes
    ----------
    p : float64 array of shape (N, N)
        Row i is the distribution of the state after ``states[i]``.
    start : float64 array of shape (N,)
        The distribution of the first state.
    states : tuple of length N
        Numbers of states; in the episodic setting pairs (step, state), and the last step leads to a new start.
    """

    p: np.ndarray
    start: np.ndarray
    states: tuple[Hashable, ...]


class PolicyQuestions(HardnessMeasures):
    """
    The part of `BaseMDP` that is asked about policies.

    A policy is a float array of shape (S, A), or (H, S, A) when episodic, where a layer for step H may follow, as the
    published package has it; or the actions themselves, an int array of shape (S,), or (H, S).
    """

    @property
    def n_states(self) -> int:
        """S."""
        return self.model.n_states

    @property
    def n_actions(self) -> int:
        """A."""
        return self.model.n_actions

    @property
    @abc.abstractmethod
    def T(self) -> np.ndarray:
        """Transition probabilities, float64 array of shape (S, A, S)."""

    @abc.abstractmethod
    def get_optimal_policy(self, stochastic_form: bool = False) -> np.ndarray:
        """Return an optimal policy: its actions, or with `stochastic_form` the probability of each."""

    @abc.abstractmethod
    def get_worst_policy(self, stochastic_form: bool = False) -> np.ndarray:
        """Return a worst policy, as `get_optimal_policy`."""

    def get_value_functions(self, policy: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """
        Return the values of a policy.

        Parameters
        ----------
        policy : array
            See the class.

        Returns
        -------
        Q, V : float64 arrays
            Discounted (0.99), of shapes (S, A) and (S,); when episodic of shapes (H + 1, S, A) and (H + 1, S).

        Raises
        ------
        ConfigurationError
            If it is no policy of this environment.
        """
        stochastic = self._stochastic(policy)
        if self.H is None:
            return dp.discounted_policy_evaluation(self.model.arrays, dp.DISCOUNT, stochastic)
        return dp.episodic_policy_evaluation(self.model.arrays, self.H, stochastic)

    def get_average_reward(self, policy: np.ndarray) -> float:
        """Return the expected reward a step, in the long run, of a policy from the starting distribution."""
        start, stochastic = self.starting_state_distribution, self._stochastic(policy)
        if self.H is not None:
            return float(start @ self.get_value_functions(stochastic)[1][0] / self.H)
        evaluator = dp.AveragePolicyEvaluator(self.model.arrays)
        return float(sum(start[s] * evaluator.gain(stochastic, int(s)) for s in np.flatnonzero(start)))

    def get_transition_probabilities(self, policy: np.ndarray) -> np.ndarray:
        """Return where a policy leads, float64 array of shape (S, S), or (H, S, S) when episodic."""
        return np.einsum("...sa,sat->...st", self._stochastic(policy), self.T)

    def get_markov_chain(self, policy: np.ndarray) -> MarkovChain:
        """Return the chain that a policy makes of the environment; when episodic on what an episode can reach."""
        P = self.get_transition_probabilities(policy)
        start = self.starting_state_distribution
        if self.H is None:
            return MarkovChain(P, start, tuple(range(self.n_states)))
        from colosseum.hardness.measures import get_reachable_states

        reached = get_reachable_states(self.model.arrays.transitions, self.H, start)
        step, state = np.nonzero(reached)
        number = np.full(reached.shape, -1)
        number[step, state] = np.arange(step.size)
        p = np.zeros((step.size, step.size))
        for h in range(self.H):
            here, there = np.flatnonzero(reached[h]), np.flatnonzero(reached[(h + 1) % self.H])
            onward = P[h] if h + 1 < self.H else np.broadcast_to(start, P[h].shape)
            p[np.ix_(number[h, here], number[(h + 1) % self.H, there])] = onward[np.ix_(here, there)]
        first = np.where(step == 0, start[state], 0.0)
        return MarkovChain(p, first, tuple(zip(step.tolist(), state.tolist(), strict=True)))

    def get_stationary_distribution(self, policy: np.ndarray) -> np.ndarray:
        """
        Return the share of time that a policy spends in each state in the long run, float64 array of shape (S,).

        It starts from the starting distribution, which matters where there are several recurrent classes; when
        episodic it is the mean over the steps of an episode.
        """
        P = self.get_transition_probabilities(policy)
        here = self.starting_state_distribution
        if self.H is None:
            return dp.stationary_distribution(P, here)
        share = np.zeros(self.n_states)
        for step in range(self.H):
            share += here / self.H
            here = here @ P[step]
        return share

    @property
    def random_policy(self) -> np.ndarray:
        """The uniformly random policy, float64 array of shape (S, A), or (H, S, A) when episodic."""
        shape = (self.n_states, self.n_actions) if self.H is None else (self.H, self.n_states, self.n_actions)
        return np.full(shape, 1 / self.n_actions)

    @property
    def random_value_functions(self) -> tuple[np.ndarray, np.ndarray]:
        """Q and V of the uniformly random policy, as `get_value_functions`."""
        return self.get_value_functions(self.random_policy)

    @property
    def optimal_transition_probabilities(self) -> np.ndarray:
        """Where the optimal policy leads, as `get_transition_probabilities`."""
        return self.get_transition_probabilities(self.get_optimal_policy(True))

    @property
    def worst_transition_probabilities(self) -> np.ndarray:
        """Where the worst policy leads, as `get_transition_probabilities`."""
        return self.get_transition_probabilities(self.get_worst_policy(True))

    @property
    def random_transition_probabilities(self) -> np.ndarray:
        """Where the uniformly random policy leads, as `get_transition_probabilities`."""
        return self.get_transition_probabilities(self.random_policy)

    @property
    def optimal_markov_chain(self) -> MarkovChain:
        """The chain of the optimal policy, as `get_markov_chain`."""
        return self.get_markov_chain(self.get_optimal_policy(True))

    @property
    def worst_markov_chain(self) -> MarkovChain:
        """The chain of the worst policy, as `get_markov_chain`."""
        return self.get_markov_chain(self.get_worst_policy(True))

    @property
    def random_markov_chain(self) -> MarkovChain:
        """The chain of the uniformly random policy, as `get_markov_chain`."""
        return self.get_markov_chain(self.random_policy)

    @property
    def optimal_stationary_distribution(self) -> np.ndarray:
        """Where the optimal policy is in the long run, as `get_stationary_distribution`."""
        return self.get_stationary_distribution(self.get_optimal_policy(True))

    @property
    def worst_stationary_distribution(self) -> np.ndarray:
        """Where the worst policy is in the long run, as `get_stationary_distribution`."""
        return self.get_stationary_distribution(self.get_worst_policy(True))

    @property
    def random_stationary_distribution(self) -> np.ndarray:
        """Where the uniformly random policy is in the long run, as `get_stationary_distribution`."""
        return self.get_stationary_distribution(self.random_policy)

    def _stochastic(self, policy: np.ndarray) -> np.ndarray:
        shape = (self.n_states, self.n_actions) if self.H is None else (self.H, self.n_states, self.n_actions)
        given = np.asarray(policy)
        if self.H is not None and len(given) == self.H + 1:
            given = given[:-1]
        if given.shape == shape[:-1] and np.issubdtype(given.dtype, np.integer):
            if given.size and (given.min() < 0 or given.max() >= self.n_actions):
                raise ConfigurationError(f"policy: there are actions 0 to {self.n_actions - 1} only.")
            return np.eye(self.n_actions)[given]
        if given.shape != shape:
            raise ConfigurationError(
                f"policy: the shape is {np.shape(policy)}; {shape} would do, or actions of shape {shape[:-1]}."
            )
        return np.ascontiguousarray(given, dtype=np.float64)
