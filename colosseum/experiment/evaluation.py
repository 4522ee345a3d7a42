"""How good a policy is, exactly, and what that adds to the indicators of a log."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, NamedTuple

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

    Attributes
    ----------
    constants : Baselines
        Of the environment as a whole: the gains, or the mean over the starting states.

    Raises
    ------
    NotWeaklyCommunicatingError
        If a continuous environment has no optimal gain that is the same in all states.
    """

    def __init__(self, mdp: "BaseMDP"):
        model = mdp.model
        self._evaluate: Callable[[np.ndarray, int], float]
        self._start_values: tuple[np.ndarray, ...] | None = None
        self.policy_shape: tuple[int, ...]
        if mdp.H is not None:
            self._evaluate = EpisodicPolicyEvaluator(model.arrays, mdp.H).value
            self._horizon = mdp.H
            self._start_values = (mdp.optimal_start_values, mdp.worst_start_values, mdp.random_start_values)
            self.policy_shape = (mdp.H, mdp.n_states, mdp.n_actions)
        else:
            self._evaluate = AveragePolicyEvaluator(model.arrays).gain
            self._horizon = 1
            self.policy_shape = (mdp.n_states, mdp.n_actions)
        self._of_place: dict[int, Baselines] = {}
        self.constants = Baselines(
            float(mdp.optimal_average_reward), float(mdp.worst_average_reward), float(mdp.random_average_reward)
        )

    def baselines(self, place: int) -> Baselines:
        """Return the baselines at a place."""
        if self._start_values is None:
            return self.constants
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

    Parameters
    ----------
    constants : Baselines
        Of the environment: in the mean over the starting states when episodic. The difference of the first two is what
        sums over several starting states are divided by.
    """

    _NAMES = (*PERFORMANCE_INDICATORS, *BASELINE_INDICATORS)

    def __init__(self, constants: Baselines):
        optimal, self._worst, random = constants
        self._rounding = ROUNDING * max(1.0, abs(optimal))
        span = optimal - self._worst
        self._span = span if span > self._rounding else 0.0
        # a step's learning regret, and that normalized: of the random and of the worst policy
        losses = (_without_rounding(loss, self._rounding) for loss in (optimal - random, span))
        self._losses = [x for loss in losses for x in (loss, loss / self._span if self._span else 0.0)]
        self._steps = 0
        self._reward = self._gaps = 0.0
        # expected reward, regret, both normalized: of the agent, and of the random, the worst and the optimal policy
        self._own = [0.0] * 4
        self._of_baselines = [0.0] * 12
        self._per_step: dict[Baselines, tuple[float, ...]] = {}

    def add(self, n: int, totals: "Sequence[float] | np.ndarray", average_reward: float, baselines: Baselines) -> float:
        """
        Account for some steps.

        Parameters
        ----------
        n : int
            Number of steps.
        totals : (float, float)
            The sums of all rewards and of all optimality gaps so far.
        average_reward : float
            That of the policy: what these steps are judged by.
        baselines : Baselines
            Where the policy is judged.

        Returns
        -------
        float
            The normalized regret of one step.
        """
        self._steps += n
        self._reward, self._gaps = float(totals[0]), float(totals[1])
        own, of_baselines = self._own, self._of_baselines
        of_step = self._of_step(average_reward, baselines)
        for i, change in enumerate(of_step):
            own[i] += n * change
        changes = self._per_step.get(baselines)
        if changes is None:
            optimal, worst, random = baselines
            changes = tuple(x for value in (random, worst, optimal) for x in self._of_step(value, baselines))
            self._per_step[baselines] = changes
        for i, change in enumerate(changes):
            of_baselines[i] += n * change
        return of_step[3]

    def _of_step(self, value: float, baselines: Baselines) -> tuple[float, float, float, float]:
        """Return a policy's expected reward of a step, its regret, and both normalized."""
        optimal, worst, _ = baselines
        regret = _without_rounding(optimal - value, self._rounding)
        here = optimal - worst
        # quotients, and not products with an inverse: so the worst policy's regret is exactly 1
        return (
            value,
            regret,
            (value - self._worst) / self._span if self._span else 0.0,
            regret / here if here > self._rounding else 0.0,
        )

    def row(self) -> dict[str, float]:
        """Return the sums by the names of their columns."""
        return dict(zip(self._NAMES, self._values(), strict=True))

    def _values(self) -> tuple[float, ...]:
        steps, span, losses = self._steps, self._span, self._losses
        reward, regret, normalized_reward, normalized_regret = self._own
        b = self._of_baselines
        return (
            self._reward,
            reward,
            regret,
            (self._reward - steps * self._worst) / span if span else 0.0,
            normalized_reward,
            normalized_regret,
            self._gaps,
            self._gaps / span if span else 0.0,
            *(b[1], b[0], b[3], b[2], steps * losses[0], steps * losses[1]),
            *(b[5], b[4], b[7], b[6], steps * losses[2], steps * losses[3]),
            *(b[9], b[8], b[11], b[10], 0.0, 0.0),
        )


def _without_rounding(difference: float, rounding: float) -> float:
    return 0.0 if abs(difference) <= rounding else difference
