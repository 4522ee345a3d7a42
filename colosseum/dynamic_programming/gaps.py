"""
Optimality gaps: what each action loses in expectation against an optimal policy, exactly.

The regret of an agent is the sum of the gaps of what it did (Auer and Ortner (2006), Logarithmic online regret bounds
for undiscounted reinforcement learning, Advances in Neural Information Processing Systems 19; Simchowitz and Jamieson
(2019), Non-asymptotic gap-dependent regret bounds for tabular MDPs, Advances in Neural Information Processing Systems
32), without the noise of transitions and rewards.
"""

import warnings
from typing import NamedTuple

import numpy as np

from colosseum.dynamic_programming._average.by_iteration import MOST_WORK
from colosseum.dynamic_programming._average.communicating import MOST_CAREFUL_STATES, sweep
from colosseum.dynamic_programming._average.gain_bias import policy_gains_and_bias, recurrent_class
from colosseum.dynamic_programming._average.lingering import careful_advantages, improve_carefully
from colosseum.dynamic_programming._sparse.end_components import communicating_classes
from colosseum.dynamic_programming._sparse.gth import Factors, make_factors
from colosseum.dynamic_programming._sparse.nearest import lead_to
from colosseum.dynamic_programming._sparse.symbolic import Pattern, make_pattern
from colosseum.dynamic_programming.arrays import ModelArrays
from colosseum.dynamic_programming.average_reward import average_reward_optimal
from colosseum.dynamic_programming.checks import check_horizon, check_model
from colosseum.dynamic_programming.finite_horizon import episodic_value_iteration

TOLERANCE = 1e-12
"""A gap below this share of the range of the rewards, or below the rounding of the relative values, is zero."""

_LOOSEST = 1e-9  # what the optimality equation may be missed by, as a share of the range of the rewards, without a word
_MOST_ITERATIONS = 200
_MOST_SWEEPS = 1_000_000
_MOST_SWEEPS_IN_A_CIRCLE = 10_000


class OptimalitySolution(NamedTuple):
    """
    A solution of the average-reward optimality equation, and what it says about each action.

    Attributes
    ----------
    gain : float
        The optimal average reward g, expected reward a step.
    bias : float64 array of shape (S,)
        Relative values h: ``g + h(s) = max_a r(s, a) + sum_t p(t | s, a) h(t)`` in every state.
    gaps : float64 array of shape (S, A)
        ``g + h(s) - r(s, a) - sum_t p(t | s, a) h(t)``; none is negative, and the least of each state is zero.
    """

    gain: float
    bias: np.ndarray
    gaps: np.ndarray


def average_reward_gaps(
    arrays: ModelArrays,
    optimal: tuple[float, np.ndarray] | None = None,
) -> OptimalitySolution:
    """
    Solve the average-reward optimality equation in all states, and find the gap of every action.

    Parameters
    ----------
    arrays
        As in `average_reward_optimal`.
    optimal : tuple (float, float64 array of shape (S, A)), optional
        What `average_reward_optimal` returned for these arrays, if it is known.

    Returns
    -------
    OptimalitySolution

    Raises
    ------
    ConfigurationError
        If the arrays are no MDP.
    NotWeaklyCommunicatingError
        If the best gain depends on the state.

    Notes
    -----
    The bias of a policy of the optimal gain need not solve the optimality equation in states that the policy leaves for
    good. So policies are improved on (Puterman (1994), Markov Decision Processes, sections 8.6 and 9.2) among those
    that lead from everywhere to one reference state r: h(s) becomes the largest expected sum of r - g on the way to it,
    a stochastic shortest path problem. An improvement never loses the way: in a set of states that a policy would stay
    in for ever the improvements, weighed with its stationary distribution, average to its gain minus g, so none of them
    is positive. Where states that cannot be left fall into several sets, each has a reference state.

    h is unique up to a constant if the optimal policies share one recurrent class. Otherwise this one is the smallest
    with its value at the reference states.

    Gaps that cannot be told from rounding (see `TOLERANCE`) are zero, so that actions that tie have the same gap.
    """
    arrays = check_model(arrays)
    R = arrays.R
    gain, policy = average_reward_optimal(arrays) if optimal is None else optimal
    scale = float(np.ptp(R))
    if scale == 0.0:
        return OptimalitySolution(gain, np.zeros(R.shape[0]), np.zeros(R.shape))
    pattern = make_pattern(arrays.transitions, MOST_WORK)
    if pattern is None:  # elimination would fill in
        bias = np.zeros(R.shape[0])
        sweep(arrays, bias, _MOST_SWEEPS, TOLERANCE * scale)
        return _solution(gain, bias, _advantages(arrays, gain, bias), scale)

    factors = make_factors(pattern)
    class_of, closed = communicating_classes(arrays.transitions)
    sets = [class_of == c for c in np.flatnonzero(closed)]

    def evaluate(action: np.ndarray) -> tuple[np.ndarray, float, np.ndarray, int]:
        return _evaluate(arrays, action, sets, pattern, factors)

    action, smallest = policy.argmax(1), np.inf
    for _ in range(_MOST_ITERATIONS):
        action, own_gain, bias, _ = evaluate(action)
        advantage = _advantages(arrays, own_gain, bias)
        if advantage.max() < smallest:
            smallest, best = advantage.max(), (bias, advantage)
        better = advantage.max(1) > _rounding(bias, scale)
        if not better.any():
            best = bias, advantage
            break
        action = np.where(better, advantage.argmax(1), action)
    bias, advantage = best
    if _missed(advantage) > _LOOSEST * scale:
        # Two ways to be optimal that are joined by what hardly ever happens: the policies go round in a circle, as
        # which of them is better is a matter of rounding times the time that it takes. Values of few steps know better.
        swept = np.zeros(R.shape[0])
        sweep(arrays, swept, _MOST_SWEEPS_IN_A_CIRCLE, TOLERANCE * scale)
        of_swept = _advantages(arrays, gain, swept)
        if _missed(of_swept) <= _LOOSEST * scale:
            return _solution(gain, swept, of_swept, scale)
    lingers = max(float(advantage.max()), _rounding(bias, scale)) > _LOOSEST * scale
    if lingers and len(sets) == 1 and R.shape[0] <= MOST_CAREFUL_STATES:

        def with_reference(action: np.ndarray) -> tuple[np.ndarray, float, int]:
            action, own_gain, _, reference = evaluate(action)
            return action, own_gain, reference

        action, own_gain, excess = improve_carefully(
            arrays, policy.argmax(1), TOLERANCE * scale, with_reference, pattern, factors
        )
        action, own_gain, bias, reference = evaluate(action)
        advantage, _ = careful_advantages(arrays, np.eye(R.shape[1])[action], own_gain, reference, pattern, factors)
        _warn_of(max(excess, _missed(_advantages(arrays, own_gain, bias)) - _rounding(bias, scale)), scale)
        return OptimalitySolution(gain, bias, _gaps(advantage, TOLERANCE * scale))
    return _solution(gain, bias, advantage, scale)


def _evaluate(
    arrays: ModelArrays,
    action: np.ndarray,
    sets: list[np.ndarray],
    pattern: Pattern,
    factors: Factors,
) -> tuple[np.ndarray, float, np.ndarray, int]:
    """
    Make a policy lead to one recurrent class in each set of states that cannot be left, its best one.

    Returns
    -------
    action : int64 array of shape (S,)
    gain : float
    bias : float64 array of shape (S,)
        Zero in the likeliest state of each class.
    reference : int
        The likeliest state of the first class.
    """
    everywhere = np.eye(arrays.R.shape[1])
    gain, bias, reference = policy_gains_and_bias(arrays, everywhere[action], pattern, factors)
    if reference.size > len(sets):
        target = np.zeros(action.size, np.bool_)
        for members in sets:
            inside = reference[members[reference]]
            target |= recurrent_class(arrays, everywhere[action], inside[gain[inside].argmax()])
        action = action.copy()
        lead_to(arrays.transitions, target, action)
        gain, bias, reference = policy_gains_and_bias(arrays, everywhere[action], pattern, factors)
    return action, float(gain[reference[0]]), bias, int(reference[0])


def _advantages(arrays: ModelArrays, gain: float, bias: np.ndarray) -> np.ndarray:
    """What the optimality equation is exceeded by, float64 array of shape (S, A)."""
    indptr, next_state, probs, R = arrays
    row = np.repeat(np.arange(R.size), np.diff(indptr))
    change = probs * (bias[next_state] - bias[row // R.shape[1]])
    # bincount adds one by one: the same sums on every machine
    return R - gain + np.bincount(row, change, R.size).reshape(R.shape)


def _missed(advantage: np.ndarray) -> float:
    """What the optimality equation is missed by in the worst state."""
    return float(np.abs(advantage.max(1)).max())


def _rounding(bias: np.ndarray, scale: float) -> float:
    return TOLERANCE * scale + 16 * float(np.finfo(float).eps) * float(np.ptp(bias))


def _gaps(values: np.ndarray, rounding: float) -> np.ndarray:
    """What each action falls behind the best one by; nothing, if it is less than `rounding`."""
    gaps = values.max(-1, keepdims=True) - values
    gaps[gaps <= rounding] = 0.0
    return gaps


def _solution(gain: float, bias: np.ndarray, advantage: np.ndarray, scale: float) -> OptimalitySolution:
    rounding = _rounding(bias, scale)
    _warn_of(max(_missed(advantage), rounding), scale)
    return OptimalitySolution(gain, bias, _gaps(advantage, rounding))


def _warn_of(excess: float, scale: float) -> None:
    if excess > _LOOSEST * scale:
        warnings.warn(
            f"The optimality equation is solved only within {excess:.3g}: relative values differ by so much that "
            "double precision cannot tell better.",
            RuntimeWarning,
            stacklevel=4,
        )


def episodic_gaps(
    arrays: ModelArrays,
    H: int,
    optimal: tuple[np.ndarray, np.ndarray] | None = None,
) -> np.ndarray:
    """
    Find the gap of every action at every step of an episode.

    Parameters
    ----------
    arrays, H
        As in `episodic_value_iteration`.
    optimal : tuple (Q, V), optional
        What `episodic_value_iteration` returned for these arrays, if it is known.

    Returns
    -------
    float64 array of shape (H, S, A)
        ``V_t(s) - Q_t(s, a)`` of the optimal values: what the action loses in expectation over the rest of the episode.
        None is negative, and the least of each state is zero, as is what cannot be told from rounding.

    Raises
    ------
    ConfigurationError
        If the arrays are no MDP, or H is not at least 1.

    Notes
    -----
    The expected sum of the gaps of an episode is exactly ``V_0(s_0)`` minus the value of the policy that is followed:
    the performance difference lemma (Kakade and Langford (2002), Approximately optimal approximate reinforcement
    learning, Proceedings of the 19th International Conference on Machine Learning).
    """
    if optimal is None:
        optimal = episodic_value_iteration(arrays, H)
    Q = optimal[0][: check_horizon(H)]
    return _gaps(Q, 16 * float(np.finfo(float).eps) * float(np.abs(Q).max()))
