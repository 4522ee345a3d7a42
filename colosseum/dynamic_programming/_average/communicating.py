"""
The best gain of a communicating MDP: value iteration for bounds, policy iteration for exactness, each guarding the
other.

For any h, no policy's gain exceeds the largest ``(T h - h)(s)``, T being the optimality operator (Puterman (1994),
Markov Decision Processes, theorem 8.5.5 and section 9.5). Sweeps of value iteration lower that bound, whatever the
structure of classes; from the greedy policy, policy iteration goes on with exact evaluations, each policy being made to
lead everywhere to its best class, and a bias replaces h wherever it gives a tighter bound. The search ends when the
exact gain of a policy meets the bound.
"""

import warnings

import numpy as np

from colosseum.dynamic_programming._average.by_iteration import MOST_WORK, iterative_gains
from colosseum.dynamic_programming._average.gain_bias import policy_gains_and_bias, recurrent_class
from colosseum.dynamic_programming._average.lingering import improve_carefully
from colosseum.dynamic_programming._sparse.gth import Factors, make_factors
from colosseum.dynamic_programming._sparse.nearest import lead_to
from colosseum.dynamic_programming._sparse.symbolic import Pattern, make_pattern
from colosseum.dynamic_programming.arrays import ModelArrays
from colosseum.utils.compiled import njit

TOLERANCE = 1e-12
"""Gap between the gain that is found and the bound on all gains, as a share of the range of the rewards."""

_LOOSEST = 1e-9  # the same where rounding of the bias allows no better
_DAMPING = 0.8  # a sweep stays where it was with the rest: so periodic chains converge too
_FIRST_SWEEPS, _MOST_SWEEPS, _MOST_ROUNDS = 32, 4096, 20
_MOST_POLICIES = 20  # of policy iteration, in each round
MOST_CAREFUL_STATES = 3000  # one elimination for each of them, in each iteration


@njit(cache=True)
def sweep(arrays, value, n_sweeps, tolerance):
    """
    Iterate values (overwritten, kept at 0 in state 0) for the undiscounted optimality operator.

    Returns
    -------
    upper : float
        Bound on the gains of all policies from below which the best one cannot be more than `last` away.
    last : float
        Distance of the bounds that the last sweep gives.
    action : int64 array of shape (S,)
        Greedy for the values before the last sweep.
    """
    indptr, next_state, probs, R = arrays
    n_states, n_actions = R.shape
    action = np.zeros(n_states, np.int64)
    change = np.zeros(n_states)
    upper = np.inf
    last = np.inf
    for _ in range(n_sweeps):
        low = np.inf
        high = -np.inf
        for s in range(n_states):
            best = -np.inf
            for a in range(n_actions):
                q = R[s, a]
                for k in range(indptr[s * n_actions + a], indptr[s * n_actions + a + 1]):
                    q += probs[k] * (value[next_state[k]] - value[s])
                if q > best:
                    best = q
                    action[s] = a
            change[s] = best
            low = min(low, best)
            high = max(high, best)
        upper = min(upper, high)
        last = high - low
        if last <= tolerance:
            break
        for s in range(n_states):
            value[s] += _DAMPING * (change[s] - change[0])
    return upper, last, action


def communicating_optimum(arrays: ModelArrays) -> tuple[float, np.ndarray]:
    """
    Find the largest gain of an MDP in which every state can be reached from every other.

    Parameters
    ----------
    arrays : ModelArrays

    Returns
    -------
    gain : float
        That of the policy, exactly; no policy's is more than `TOLERANCE` times the range of the rewards larger, or a
        warning says which bound was reached.
    action : int64 array of shape (S,)
        A policy that has this gain in every state.
    """
    n_states = arrays.R.shape[0]
    scale = float(np.ptp(arrays.R))
    pattern = make_pattern(arrays.transitions, MOST_WORK)
    if pattern is None:
        return _iterate(arrays, scale)
    factors = make_factors(pattern)
    epsilon = float(np.finfo(float).eps)
    best_gain, best_action = -np.inf, np.zeros(n_states, np.int64)
    value = np.zeros(n_states)
    upper, n_sweeps = np.inf, _FIRST_SWEEPS
    for _ in range(_MOST_ROUNDS):
        bound, last, action = sweep(arrays, value, n_sweeps, TOLERANCE * scale / 8)
        upper = min(upper, bound)
        nearest, n_sweeps = np.inf, min(2 * n_sweeps, _MOST_SWEEPS)
        for _ in range(_MOST_POLICIES):
            action, gain, bias, _ = _evaluate(arrays, action, pattern, factors)
            if gain > best_gain:
                best_gain, best_action = gain, action
            span = float(np.ptp(bias))
            rounding = 16 * epsilon * min(float(np.ptp(value)), span)
            if upper - best_gain <= max(TOLERANCE * scale, min(rounding, _LOOSEST * scale)):
                return best_gain, best_action
            if not span * epsilon < _LOOSEST * scale:  # rounding of such a bias is worse than no bound
                break
            bound, distance, better = sweep(arrays, bias - bias[0], 1, 0.0)
            upper = min(upper, bound)
            if distance < min(last, nearest):
                nearest, value = distance, bias - bias[0]
            if (better == action).all():
                break
            action = better

    def evaluate(action: np.ndarray) -> tuple[np.ndarray, float, int]:
        action, gain, _, reference = _evaluate(arrays, action, pattern, factors)
        return action, gain, reference

    excess = upper - best_gain
    if n_states <= MOST_CAREFUL_STATES:
        best_action, best_gain, excess = improve_carefully(
            arrays, best_action, TOLERANCE * scale, evaluate, pattern, factors
        )
    _warn_of(best_gain, excess, scale)
    return best_gain, best_action


def _iterate(arrays: ModelArrays, scale: float) -> tuple[float, np.ndarray]:
    """Value iteration alone, where elimination would fill in."""
    n_states, n_actions = arrays.R.shape
    upper, last, action = sweep(arrays, np.zeros(n_states), _MOST_ROUNDS * _MOST_SWEEPS, TOLERANCE * scale)
    gain = float(iterative_gains(arrays, np.eye(n_actions)[action], -1).max())
    _warn_of(gain, upper - gain, scale)
    return gain, action


def _warn_of(gain: float, excess: float, scale: float) -> None:
    if excess > _LOOSEST * scale:
        warnings.warn(
            f"The gain {gain!r} is that of its policy, but was shown to be optimal only within {excess:.3g}.",
            RuntimeWarning,
            stacklevel=5,
        )


def _evaluate(
    arrays: ModelArrays,
    action: np.ndarray,
    pattern: Pattern,
    factors: Factors,
) -> tuple[np.ndarray, float, np.ndarray, int]:
    """Make a policy lead to its best class from everywhere; return it, its gain, its bias and a state of the class."""
    everywhere = np.eye(arrays.R.shape[1])
    gain, bias, reference = policy_gains_and_bias(arrays, everywhere[action], pattern, factors)
    if reference.size > 1:
        best = reference[gain[reference].argmax()]
        target = recurrent_class(arrays, everywhere[action], best)
        action = action.copy()
        lead_to(arrays.transitions, target, action)
        gain, bias, reference = policy_gains_and_bias(arrays, everywhere[action], pattern, factors)
    return action, float(gain[reference[0]]), bias, int(reference[0])
