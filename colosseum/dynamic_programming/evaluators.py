"""Evaluators: an MDP prepared once, so that the policies met in a run are evaluated in microseconds."""

from functools import cached_property

import numpy as np

from colosseum.dynamic_programming._average.by_iteration import MOST_WORK, iterative_gains
from colosseum.dynamic_programming._average.gain_bias import policy_gains
from colosseum.dynamic_programming._sparse.gth import Factors, make_factors
from colosseum.dynamic_programming._sparse.symbolic import Pattern, make_pattern
from colosseum.dynamic_programming.arrays import ModelArrays
from colosseum.dynamic_programming.checks import check_horizon, check_model, check_policy
from colosseum.dynamic_programming.finite_horizon import policy_value


class AveragePolicyEvaluator:
    """
    Exact gains (average rewards) of policies.

    From a state the policy reaches some states; among them lie the recurrent classes. The gain is that of the
    classes, weighed with the probabilities of ending up in each. Everything is found by state elimination, without
    subtraction, so it is right to rounding also where the chain mixes in astronomical time. Only where thousands of
    states are joined with states anywhere, so that elimination would fill in, are values iterated instead, until
    bounds meet (see `iterative`).

    Parameters
    ----------
    arrays : ModelArrays
        Transition probabilities and expected rewards.

    Raises
    ------
    ConfigurationError
        If the arrays are no MDP.
    """

    def __init__(self, arrays: ModelArrays):
        self._arrays = check_model(arrays)
        self._shape = self._arrays.R.shape
        self._policy: np.ndarray | None = None
        self._known = np.empty(0)  # gains of `_policy`; NaN where they are not known yet
        self.n_evaluations = 0

    @cached_property
    def _elimination(self) -> tuple[Pattern, Factors] | None:
        """The order of elimination and its work space; None where it would fill in."""
        pattern = make_pattern(self._arrays.transitions, MOST_WORK)
        return None if pattern is None else (pattern, make_factors(pattern))

    def gain(self, policy: np.ndarray, state: int) -> float:
        """
        Return the expected reward a step, in the long run, of a policy that starts in a state.

        Parameters
        ----------
        policy : float64 array of shape (S, A)
            Probability of each action. The last policy's results are kept: asking for it again costs a comparison.
        state : int

        Raises
        ------
        ConfigurationError
            If the policy has another shape or is no distribution.
        """
        if self._policy is None or not np.array_equal(policy, self._policy):
            self._policy = check_policy(policy, self._shape)
            self._known = np.full(self._shape[0], np.nan)
        if np.isnan(self._known[state]):
            self.n_evaluations += 1
            gains = self._evaluate(self._policy, state)
            self._known = np.where(np.isnan(self._known), gains, self._known)
        return float(self._known[state])

    def gains(self, policy: np.ndarray) -> np.ndarray:
        """Return the gain of a policy in all states, float64 array of shape (S,); raises as `gain`."""
        return self._evaluate(check_policy(policy, self._shape), -1)

    def _evaluate(self, policy: np.ndarray, root: int) -> np.ndarray:
        if self._elimination is None:
            return iterative_gains(self._arrays, policy, root)
        return policy_gains(self._arrays, policy, root, *self._elimination)


class EpisodicPolicyEvaluator:
    """
    Exact values of policies in episodes of H steps.

    Parameters
    ----------
    arrays
        As in `AveragePolicyEvaluator`.
    H : int
        Horizon, in steps.

    Raises
    ------
    ConfigurationError
        If the arrays are no MDP, or H is not at least 1.
    """

    def __init__(self, arrays: ModelArrays, H: int):
        self._arrays = check_model(arrays)
        self._shape = (check_horizon(H), *self._arrays.R.shape)
        self._policy: np.ndarray | None = None
        self._known: dict[int, float] = {}
        self.n_evaluations = 0

    def value(self, policy: np.ndarray, state: int) -> float:
        """
        Return the expected sum of rewards of an episode that starts in a state.

        Parameters
        ----------
        policy : float64 array of shape (H, S, A)
            Probability of each action. The last policy's results are kept: asking for it again costs a comparison.
        state : int

        Raises
        ------
        ConfigurationError
            If the policy has another shape or is no distribution.
        """
        if self._policy is None or not np.array_equal(policy, self._policy):
            self._policy = check_policy(policy, self._shape)
            self._known.clear()
        if state not in self._known:
            self.n_evaluations += 1
            self._known[state] = float(policy_value(self._arrays, self._policy, state))
        return self._known[state]
