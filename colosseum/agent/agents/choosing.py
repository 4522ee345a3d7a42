"""
Compiled pieces that the agents share: choosing actions and turning values into policies.

Values are flat arrays: the row of a state begins at `first` and has `n_actions` entries. An action is drawn with
``int(u * n)`` from a uniform u, the same number compiled or not.

Reference counts are atomic, and a few of them take longer than a whole step. So loops unpack tuples of arrays once,
functions that are called at every step are inlined before anything else (``inline="always"``), where a function
seldom needs a random number it is handed the number, not the generator, and indices are `unsigned`.
"""

import math
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from colosseum.agent.checks import check_number
from colosseum.mdp.sampling import unsigned
from colosseum.utils.compiled import njit


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

    def or_none(self) -> "Exploration | None":
        """Return None if there is no exploration, so that a loop can be compiled without it."""
        return self if len(self.epsilon) + len(self.temperature) else None

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


@njit(cache=True, inline="always")
def best_of_row(values, first, n_actions):
    """
    Find the greatest value of a row, and the action that alone has it.

    Returns
    -------
    best : float
    action : int
        If n > 1 actions are tied, -n.
    """
    best = values[unsigned(first)]
    action = 0
    n_ties = 1
    for a in range(1, n_actions):
        v = values[unsigned(first + a)]
        # written as choices between numbers, not as branches, which could not be predicted
        better = v > best
        n_ties = 1 if better else n_ties + int(v == best)
        action = a if better else action
        best = v if better else best
    return best, action if n_ties == 1 else -n_ties


@njit(cache=True, inline="always")
def tied_action(values, first, n_actions, n_ties, u):
    """Return one of the `n_ties` actions of the greatest value: the uniform number `u` says which."""
    skip = int(u * n_ties)
    action = skip
    if n_ties < n_actions:
        best, _ = best_of_row(values, first, n_actions)
        action = 0
        while values[first + action] != best or skip > 0:
            skip -= int(values[first + action] == best)
            action += 1
    return action


@njit(cache=True)
def boltzmann_action(values, first, n_actions, rng, temperature):
    """Draw an action with a probability proportional to exp(temperature * value)."""
    best, _ = best_of_row(values, first, n_actions)
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
def choose_action(values, greedy, row, n_actions, rng, epsilon, temperature, time):
    """
    Choose an action: greedy, but for what the two arrays of `Exploration` say of step `time` (counted from 0).

    Without exploration only a tie uses a random number; loops see to that case themselves.

    Parameters
    ----------
    values : float64 array of shape (n_rows * A,)
    greedy : int32 array of shape (n_rows,)
        For each row, what `best_of_row` says of it.
    row, n_actions : int
    rng : numpy.random.Generator
    epsilon, temperature : float64 arrays
    time : int

    Returns
    -------
    int
    """
    n = epsilon.shape[0]
    if n > 0 and rng.random() < epsilon[min(time, n - 1)]:
        return np.int64(rng.random() * n_actions)
    n = temperature.shape[0]
    if n > 0:
        return np.int64(boltzmann_action(values, row * n_actions, n_actions, rng, temperature[min(time, n - 1)]))
    action = np.int64(greedy[row])
    if action < 0:
        action = tied_action(values, row * n_actions, n_actions, -action, rng.random())
    return action


@njit(cache=True)
def greedy_policy(values, greedy, n_actions):
    """
    Return the policy that mixes the greedy actions of each row uniformly.

    Parameters
    ----------
    values : float64 array of shape (n_rows * A,)
    greedy : int32 array of shape (n_rows,)
        For each row, what `best_of_row` says of it.
    n_actions : int

    Returns
    -------
    float64 array of shape (n_rows, A)
    """
    policy = np.zeros((greedy.shape[0], n_actions))
    for row in range(greedy.shape[0]):
        if greedy[row] >= 0:
            policy[row, greedy[row]] = 1.0
            continue
        first = row * n_actions
        best, _ = best_of_row(values, first, n_actions)
        n_ties = 0
        for a in range(n_actions):
            n_ties += int(values[first + a] == best)
        for a in range(n_actions):
            if values[first + a] == best:
                policy[row, a] = 1.0 / n_ties
    return policy
