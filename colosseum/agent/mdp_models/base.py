"""The interface of an agent's model of the environment."""

import abc
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import dm_env

    from colosseum.utils.acme.specs import MDPSpec


class BaseMDPModel(abc.ABC):
    """
    The component of an agent that learns from transitions: estimates of values, or of the environment itself.

    Parameters
    ----------
    seed : int
        Seed of the model's own random numbers, ``self._rng`` (a `numpy.random.RandomState`).
    mdp_specs : MDPSpec
        Gives ``self._n_states``, ``self._n_actions``, ``self._reward_range`` and ``self._H`` (infinite if continuous).
    """

    def __init__(self, seed: int, mdp_specs: "MDPSpec"):
        self._seed = seed
        self._n_states = mdp_specs.observations.num_values
        self._n_actions = mdp_specs.actions.num_values
        self._reward_range = mdp_specs.rewards_range
        self._H = mdp_specs.time_horizon
        self._rng = np.random.RandomState(seed)

    @abc.abstractmethod
    def step_update(self, ts_t: "dm_env.TimeStep", a_t: int, ts_tp1: "dm_env.TimeStep", time: int) -> None:
        """
        Learn from one transition.

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
