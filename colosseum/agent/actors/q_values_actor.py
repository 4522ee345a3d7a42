"""The actor that is greedy in action values, with two ways of exploring."""

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np

from colosseum.agent.actors.base import BaseActor

if TYPE_CHECKING:
    import dm_env

    from colosseum.utils.acme.specs import MDPSpec


class QValuesActor(BaseActor):
    """
    Chooses a greedy action, ties broken uniformly at random.

    Parameters
    ----------
    seed : int
    mdp_specs : MDPSpec
    epsilon_greedy : float or callable, optional
        Probability of a uniformly random action; a callable gets the number of actions chosen so far, with this one.
    boltzmann_temperature : float or callable, optional
        With it, action a is drawn with a probability proportional to exp(temperature * Q(s, a)): the greater, the
        greedier (an inverse temperature; the name is the published one).
    """

    def __init__(
        self,
        seed: int,
        mdp_specs: "MDPSpec",
        epsilon_greedy: float | Callable[[int], float] | None = None,
        boltzmann_temperature: float | Callable[[int], float] | None = None,
    ):
        super().__init__(seed, mdp_specs)
        self._epsilon_greedy = epsilon_greedy
        self._boltzmann_temperature = boltzmann_temperature
        self._n_actions = mdp_specs.actions.num_values
        self._total_interactions = 0
        self._q_values: np.ndarray | None = None
        self._episodic = False

    def set_q_values(self, Q: np.ndarray) -> None:
        """
        Act on these values from now on; the array is not copied.

        Parameters
        ----------
        Q : float array of shape (S, A), or (H, S, A) when episodic
        """
        self._q_values = Q
        self._episodic = Q.ndim == 3

    def select_action(self, ts: "dm_env.TimeStep", time: int) -> int:
        if self._q_values is None:
            raise RuntimeError("QValuesActor.select_action was called before set_q_values")
        self._total_interactions += 1
        if self._epsilon_greedy is not None and self._rng_fast.random() < self._at_present(self._epsilon_greedy):
            return self._rng_fast.randrange(self._n_actions)

        q = self._q_values[time, ts.observation] if self._episodic else self._q_values[ts.observation]
        if self._boltzmann_temperature is not None:
            # The greatest value is taken off first: it cancels out, and exp cannot overflow.
            weights = np.exp(self._at_present(self._boltzmann_temperature) * (q - q.max()))
            return int(self._rng.choice(self._n_actions, p=weights / weights.sum()))
        return int(self._rng.choice(np.flatnonzero(q == q.max())))

    def _at_present(self, value: float | Callable[[int], float]) -> float:
        return value(self._total_interactions) if callable(value) else value
