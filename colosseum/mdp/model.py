"""The arrays of a Markov decision process: the only thing that solvers and compiled loops see of an environment."""

from collections.abc import Hashable
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from colosseum.dynamic_programming.arrays import ModelArrays
from colosseum.mdp.sampling import SamplingTables, alias_tables


@dataclass(frozen=True, eq=False)
class MDPModel:
    """
    A tabular MDP as sparse arrays.

    Attributes
    ----------
    n_states, n_actions : int
        S and A.
    indptr : int64 array of shape (S * A + 1,)
    next_state : int64 array of shape (nnz,)
        Sorted and unique within each row.
    probs : float64 array of shape (nnz,)
        With the two above a compressed sparse row matrix of shape (S * A, S): row s * A + a is p(. | s, a).
    reward : int64 array of shape (nnz,)
        Index of the reward distribution of each entry (state, chosen action, next state).
    reward_kind : int64 array of shape (n_rewards,)
    reward_a, reward_b, reward_loc, reward_scale : float64 array of shape (n_rewards,)
        See `colosseum.mdp.sampling.SamplingTables`.
    start_state : int64 array of shape (n_start,)
    start_probs : float64 array of shape (n_start,)
        The starting distribution.
    nodes : tuple of length S
        The label of each state (a named tuple for the families, an int for arrays).
    """

    n_states: int
    n_actions: int
    indptr: np.ndarray
    next_state: np.ndarray
    probs: np.ndarray
    reward: np.ndarray
    reward_kind: np.ndarray
    reward_a: np.ndarray
    reward_b: np.ndarray
    reward_loc: np.ndarray
    reward_scale: np.ndarray
    start_state: np.ndarray
    start_probs: np.ndarray
    nodes: tuple[Hashable, ...]

    @cached_property
    def R(self) -> np.ndarray:
        """Expected rewards, float64 array of shape (S, A)."""
        mean = self.reward_loc.copy()
        beta = self.reward_kind == 1
        mean[beta] += (self.reward_scale * self.reward_a)[beta] / (self.reward_a + self.reward_b)[beta]
        row = np.repeat(np.arange(self.n_states * self.n_actions), np.diff(self.indptr))
        # bincount adds one by one: the same sums on every machine
        return np.bincount(row, self.probs * mean[self.reward]).reshape(self.n_states, self.n_actions)

    @cached_property
    def arrays(self) -> ModelArrays:
        """What solvers take."""
        return ModelArrays(self.indptr, self.next_state, self.probs, self.R)

    @cached_property
    def T(self):
        """Transition probabilities, scipy.sparse.csr_array of shape (S * A, S); row s * A + a is p(. | s, a)."""
        from scipy.sparse import csr_array  # not at import: a job that only simulates never needs scipy

        return csr_array((self.probs, self.next_state, self.indptr), (self.n_states * self.n_actions, self.n_states))

    @cached_property
    def tables(self) -> SamplingTables:
        """What compiled loops draw from."""
        accept, alias = alias_tables(self.indptr, self.probs)
        cumulative = np.cumsum(self.start_probs)
        cumulative[-1] = 1.0
        return SamplingTables(
            self.indptr,
            self.next_state,
            accept,
            alias,
            self.reward,
            self.reward_kind,
            self.reward_a,
            self.reward_b,
            self.reward_loc,
            self.reward_scale,
            self.start_state,
            cumulative,
            self.n_states,
            self.n_actions,
            np.zeros(self.n_states * self.n_actions),
            0,
        )
