"""
Compiled pieces that the agents share: choosing actions and turning values into policies.

Values are flat arrays: the row of a state begins at `first` and has `n_actions` entries. An action is drawn with
``int(rng.random() * n)``, the same number compiled or not.
"""

import math
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
from numba import njit

from colosseum.agent.checks import check_number


class Exploration(NamedTuple):
    """
    How an agent departs from the greedy action.

    Attributes
    ----------
    epsilon : float64 array of shape (0,), (1,) or (n,)
        Probability of a uniformly random action: none, constant, or at each step (the last one from there on).
    temperature : float64 array of shape (0,), (1,) or (n,)
        Inverse temperature of Boltzmann exploration, likewise.
    """

    epsilon: np.ndarray
    temperature: np.ndarray

    @classmethod
    def of(
        cls,
        agent: Any,
        epsilon_greedy: float | Callable[[int], float] | None,
        boltzmann_temperature: float | Callable[[int], float] | None,
        n_steps: int,
    ) -> "Exploration":
        """
        Tabulate an agent's two hyperparameters of exploration; callables get the number of the step, counted from 1.

        Raises
        ------
        ConfigurationError
            If epsilon is no number in [0, 1], or the temperature is negative.
        """

        def table(name: str, value: float | Callable[[int], float] | None, high: float) -> np.ndarray:
            if value is None:
                return np.empty(0)
            values = [value(t) for t in range(1, max(n_steps, 1) + 1)] if callable(value) else [value]
            return np.array([check_number(agent, name, v, 0, high, closed="both") for v in values])

        return cls(
            table("epsilon_greedy", epsilon_greedy, 1), table("boltzmann_temperature", boltzmann_temperature, math.inf)
        )


@njit(cache=True)
def greedy_action(values, first, n_actions, rng):
    """Return an action of the greatest value; ties are broken uniformly, and only they use a random number."""
    best = values[first]
    action = 0
    n_ties = 1
    for a in range(1, n_actions):
        v = values[first + a]
        if v > best:
            best = v
            action = a
            n_ties = 1
        elif v == best:
            n_ties += 1
    if n_ties == 1:
        return action
    skip = int(rng.random() * n_ties)
    while skip > 0:
        action += 1
        if values[first + action] == best:
            skip -= 1
    return action


@njit(cache=True)
def boltzmann_action(values, first, n_actions, rng, temperature):
    """Draw an action with a probability proportional to exp(temperature * value)."""
    best = greatest(values, first, n_actions)
    total = 0.0
    for a in range(n_actions):
        total += math.exp(temperature * (values[first + a] - best))
    u = rng.random() * total
    for a in range(n_actions - 1):
        u -= math.exp(temperature * (values[first + a] - best))
        if u < 0.0:
            return a
    return n_actions - 1


@njit(cache=True)
def choose_action(values, first, n_actions, rng, exploration, time):
    """
    Choose an action: greedy, but for what `exploration` says of step `time` (counted from 0).

    Returns
    -------
    int
    """
    n = exploration.epsilon.shape[0]
    if n > 0 and rng.random() < exploration.epsilon[min(time, n - 1)]:
        return int(rng.random() * n_actions)
    n = exploration.temperature.shape[0]
    if n > 0:
        return boltzmann_action(values, first, n_actions, rng, exploration.temperature[min(time, n - 1)])
    return greedy_action(values, first, n_actions, rng)


@njit(cache=True)
def greatest(values, first, n_actions):
    """Return the greatest value of a row."""
    best = values[first]
    for a in range(1, n_actions):
        if values[first + a] > best:
            best = values[first + a]
    return best


@njit(cache=True)
def greedy_policy(values, n_actions):
    """
    Return the policy that mixes the greedy actions of each row uniformly.

    Parameters
    ----------
    values : float64 array of shape (n_rows * A,)
    n_actions : int

    Returns
    -------
    float64 array of shape (n_rows, A)
    """
    n_rows = values.shape[0] // n_actions
    policy = np.zeros((n_rows, n_actions))
    for row in range(n_rows):
        first = row * n_actions
        best = greatest(values, first, n_actions)
        n_ties = 0
        for a in range(n_actions):
            if values[first + a] == best:
                n_ties += 1
        for a in range(n_actions):
            if values[first + a] == best:
                policy[row, a] = 1.0 / n_ties
    return policy
