"""The interface of an actor."""

import abc
import random
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import dm_env

    from colosseum.utils.acme.specs import MDPSpec


class BaseActor(abc.ABC):
    """
    The component of an agent that chooses actions.

    Parameters
    ----------
    seed : int
        Seed of the actor's own random numbers: ``self._rng`` (a `numpy.random.RandomState`) and ``self._rng_fast`` (a
        `random.Random`, several times faster for one number).
    mdp_specs : MDPSpec
        The sizes of the environment; kept in ``self._mdp_spec``.
    """

    @abc.abstractmethod
    def __init__(self, seed: int, mdp_specs: "MDPSpec"):
        self._mdp_spec = mdp_specs
        self._seed = seed
        self._rng = np.random.RandomState(seed)
        self._rng_fast = random.Random(seed)

    @abc.abstractmethod
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
