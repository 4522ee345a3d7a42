"""How good a policy is, exactly, and what that adds to the indicators of a log."""

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from colosseum.dynamic_programming import AveragePolicyEvaluator, EpisodicPolicyEvaluator
from colosseum.logs.columns import BASELINE_INDICATORS, PERFORMANCE_INDICATORS, ROUNDING

if TYPE_CHECKING:
    from colosseum.mdp.base import BaseMDP


class Baselines(NamedTuple):
    """Average rewards of the optimal, the worst and the uniformly random policy."""

    optimal: float
    worst: float
    random: float


class Evaluator:
    """
    Exact average rewards of policies in one environment.

    The *place* is where a policy is evaluated: the current state of a continuous environment, the starting state of the
    running episode of an episodic one (whose values are divided by H).

    Parameters
    ----------
    mdp : BaseMDP

    Raises
    ------
    NotWeaklyCommunicatingError
        If a continuous environment has no optimal gain that is the same in all states.
    """

    def __init__(self, mdp: "BaseMDP"):
        model = mdp.model
        if mdp.is_episodic():
            self._evaluator = EpisodicPolicyEvaluator(model.arrays, mdp.H)
            self._evaluate = self._evaluator.value
            self._horizon = mdp.H
            self._start_values = (mdp.optimal_start_values, mdp.worst_start_values, mdp.random_start_values)
            self.policy_shape: tuple[int, ...] = (mdp.H, mdp.n_states, mdp.n_actions)
        else:
            self._evaluator = AveragePolicyEvaluator(model.arrays)
            self._evaluate = self._evaluator.gain
            self._horizon = 1
            self._start_values = None
            self._gains = Baselines(
                float(mdp.optimal_average_reward), float(mdp.worst_average_reward), float(mdp.random_average_reward)
            )
            self.policy_shape = (mdp.n_states, mdp.n_actions)
        self._of_place: dict[int, Baselines] = {}

    def baselines(self, place: int) -> Baselines:
        """Return the baselines at a place."""
        if self._start_values is None:
            return self._gains
        found = self._of_place.get(place)
        if found is None:
            found = Baselines(*(float(values[place]) / self._horizon for values in self._start_values))
            self._of_place[place] = found
        return found

    def average_reward(self, policy: np.ndarray, place: int) -> float:
        """
        Return the average reward of a policy at a place.

        Parameters
        ----------
        policy : float64 array of shape (S, A), or (H, S, A) when episodic
        place : int
        """
        return float(self._evaluate(policy, place)) / self._horizon


class FixedPolicy:
    """
    A policy that no longer changes: each place is evaluated once.

    Parameters
    ----------
    evaluator : Evaluator
    policy : float64 array
    """

    def __init__(self, evaluator: Evaluator, policy: np.ndarray):
        self._evaluator, self._policy = evaluator, policy
        self._found: dict[int, float] = {}

    def average_reward(self, place: int) -> float:
        """Return its average reward at a place."""
        found = self._found.get(place)
        if found is None:
            found = self._found[place] = self._evaluator.average_reward(self._policy, place)
        return found


class Indicators:
    """
    The running sums of a log; see `colosseum.logs.columns` for what they mean.

    `add` is called at each log point, in order: the sums are the same however the steps in between were taken.
    """

    _NAMES = (*PERFORMANCE_INDICATORS, *BASELINE_INDICATORS)

    def __init__(self):
        self._sums = [0.0] * len(self._NAMES)

    def add(self, n: int, total_reward: float, average_reward: float, baselines: Baselines) -> float:
        """
        Account for some steps.

        Parameters
        ----------
        n : int
            Number of steps.
        total_reward : float
            All rewards that were received so far.
        average_reward : float
            That of the policy: what these steps are judged by.
        baselines : Baselines

        Returns
        -------
        float
            The normalized regret of one step.
        """
        optimal, worst, random = baselines
        span = optimal - worst
        rounding = ROUNDING * max(1.0, abs(optimal))
        inverse = 1.0 / span if span > rounding else 0.0
        regret = _without_rounding(optimal - average_reward, rounding)
        random_regret = _without_rounding(optimal - random, rounding)
        # Quotients and not products with `inverse`: so the worst policy's normalized regret is exactly 1.
        normalized_regret = regret / span if inverse else 0.0
        normalized_random_regret = random_regret / span if inverse else 0.0
        one = 1.0 if inverse else 0.0
        sums = self._sums
        reward = total_reward - sums[0]
        sums[0] = total_reward
        changes = (
            n * average_reward,
            n * regret,
            (reward - n * worst) * inverse,
            n * (average_reward - worst) * inverse,
            n * normalized_regret,
            n * random_regret,
            n * random,
            n * normalized_random_regret,
            n * (random - worst) * inverse,
            n * span,
            n * worst,
            n * one,
            0.0,
            0.0,
            n * optimal,
            0.0,
            n * one,
        )
        for i, change in enumerate(changes, 1):
            sums[i] += change
        return normalized_regret

    def row(self) -> dict[str, Any]:
        """Return the sums by the names of their columns."""
        return dict(zip(self._NAMES, self._sums, strict=True))


def _without_rounding(difference: float, rounding: float) -> float:
    return 0.0 if abs(difference) <= rounding else difference
