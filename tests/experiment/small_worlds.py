"""Environments as arrays, small enough to be evaluated by hand."""

from functools import cached_property

import numpy as np

from colosseum.mdp.continuous import ContinuousMDP
from colosseum.mdp.episodic import EpisodicMDP
from colosseum.mdp.model import MDPModel


class _Arrays:
    """Deterministic rewards; `T` of shape (S, A, S), `R` of shape (S, A), `start` of shape (S,)."""

    def __init__(self, T, R, start, seed=0, H=None):
        R = np.asarray(R, float)
        super().__init__(seed, {}, (float(R.min()), float(R.max())))
        self._arrays, self._horizon = (np.asarray(T, float), R, np.asarray(start, float)), H

    @property
    def H(self):
        return self._horizon

    @cached_property
    def model(self):
        T, R, start = self._arrays
        S, A, _ = T.shape
        rows = T.reshape(S * A, S)
        counts = (rows > 0).sum(1)
        return MDPModel(
            n_states=S,
            n_actions=A,
            indptr=np.concatenate([[0], np.cumsum(counts)]),
            next_state=np.nonzero(rows)[1],
            probs=rows[rows > 0],
            reward=np.repeat(np.arange(S * A), counts),
            reward_kind=np.zeros(S * A, np.int64),
            reward_a=np.ones(S * A),
            reward_b=np.ones(S * A),
            reward_loc=R.ravel().copy(),
            reward_scale=np.zeros(S * A),
            start_state=np.flatnonzero(start),
            start_probs=start[start > 0],
            nodes=tuple(range(S)),
        )


class Continuous(_Arrays, ContinuousMDP):
    """Of the average reward."""


class Episodic(_Arrays, EpisodicMDP):
    """Of a horizon H."""


def two_rooms():
    """
    Return two states between which every action chooses: action 0 goes to (or stays in) state 0, action 1 to state 1.

    To stay gives 1 in state 0 and 3 in state 1, to change rooms gives nothing. So the best gain is 3, that of always
    changing is 0, the worst, and that of the uniform policy (1 + 0 + 0 + 3) / 4.
    """
    T = np.zeros((2, 2, 2))
    T[:, 0, 0] = T[:, 1, 1] = 1
    return T, np.array([[1.0, 0.0], [0.0, 3.0]])


def two_islands():
    """
    Return an environment that is weakly communicating and in which some policies are multichain.

    State 0 is the start. Action 0 leads to state 1 or 2, with probabilities 1/4 and 3/4; action 1 stays. In state 1
    action 0 stays and gives 1, action 1 goes back to the start and gives 0; in state 2 action 0 stays and gives 0.2,
    action 1 goes back.
    """
    T = np.zeros((3, 2, 3))
    T[0, 0, [1, 2]] = 0.25, 0.75
    T[0, 1, 0] = T[1, 0, 1] = T[2, 0, 2] = T[1, 1, 0] = T[2, 1, 0] = 1
    return T, np.array([[0.0, 0.0], [1.0, 0.0], [0.2, 0.0]])
