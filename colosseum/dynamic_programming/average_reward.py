"""Average reward in the long run: optimal and worst gains, gain and bias of a policy, multichain policy iteration."""

import numpy as np

from colosseum.dynamic_programming._average.communicating import communicating_optimum
from colosseum.dynamic_programming._average.gain_bias import policy_gains_and_bias
from colosseum.dynamic_programming._sparse.end_components import communicating_classes, maximal_end_components, restrict
from colosseum.dynamic_programming._sparse.gth import make_factors
from colosseum.dynamic_programming._sparse.nearest import lead_to
from colosseum.dynamic_programming._sparse.symbolic import make_pattern
from colosseum.dynamic_programming.arrays import ModelArrays
from colosseum.dynamic_programming.checks import check_model, check_policy
from colosseum.dynamic_programming.dense import takes_dense
from colosseum.errors import NotWeaklyCommunicatingError
from colosseum.utils.compiled import njit

CONSTANT = 1e-9
"""Gains that differ by less than this share of the range of the rewards count as equal."""

_MOST_ITERATIONS = 1000


@takes_dense
def average_reward_optimal(arrays: ModelArrays, minimise: bool = False) -> tuple[float, np.ndarray]:
    """
    Find the largest average reward of an MDP in which it is the same from all states.

    Parameters
    ----------
    arrays : ModelArrays
        Transition probabilities and expected rewards.
    minimise : bool
        Find the smallest average reward instead.

    Returns
    -------
    gain : float
        Expected reward a step in the long run; exactly (to rounding) that of the policy, which no other policy
        betters by more than 1e-12 of the range of the rewards.
    policy : float64 array of shape (S, A)
        One-hot; has this gain from every state.

    Raises
    ------
    ConfigurationError
        If the arrays are no MDP.
    NotWeaklyCommunicatingError
        If the best gain depends on the state; `multichain_policy_iteration` then tells that of each.

    Notes
    -----
    An MDP that is not communicating is cut into its maximal end components, which are; its best gain is constant when
    those that cannot be left share one, and no other has a larger one.
    """
    arrays = check_model(arrays)
    gain, action = _optimum(arrays._replace(R=-arrays.R) if minimise else arrays, minimise)
    policy = np.eye(arrays.R.shape[1])[action]
    return (0.0 - gain if minimise else gain), policy


def _optimum(arrays: ModelArrays, negated: bool) -> tuple[float, np.ndarray]:
    R, transitions = arrays.R, arrays.transitions
    class_of, closed = communicating_classes(transitions)
    if closed.size == 1:
        return communicating_optimum(arrays)
    component, allowed = maximal_end_components(transitions)
    action = np.zeros(R.shape[0], np.int64)
    gains = np.empty(component.max() + 1)
    final = np.zeros(gains.size, bool)
    for c in range(gains.size):
        states = np.flatnonzero(component == c)
        part, original = restrict(arrays, states, allowed)
        gains[c], best = communicating_optimum(part)
        action[states] = np.take_along_axis(original, best[:, None], 1)[:, 0]
        final[c] = closed[class_of[states[0]]]
    gain = float(gains[final].max())
    margin = CONSTANT * float(R.max() - R.min())
    if gains[final].min() < gain - margin or gains.max() > gain + margin:
        sign = -1 if negated else 1
        ends = sorted(sign * g + 0.0 for g in (gains[final].min(), gains.max()))
        raise NotWeaklyCommunicatingError(
            f"The {'smallest' if negated else 'largest'} average reward depends on the starting state: it lies between "
            f"{ends[0]:.6g} and {ends[1]:.6g}. Sets of states that cannot be left: {int(closed.sum())}; others in "
            f"which one can stay for ever: {gains.size - int(final.sum())}. An MDP would do in which every state that "
            "one can come back to is reached from every other."
        )
    # From all states outside (those that can stay for ever included) the closed sets are reached with certainty.
    lead_to(transitions, final[component] & (component >= 0), action)
    return gain, action


@takes_dense
def gain_and_bias(arrays: ModelArrays, policy: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """
    Evaluate a policy, unichain or multichain.

    Parameters
    ----------
    arrays
        As in `average_reward_optimal`.
    policy : float64 array of shape (S, A)
        Probability of each action.

    Returns
    -------
    gain : float64 array of shape (S,)
        Expected reward a step in the long run from each state.
    bias : float64 array of shape (S,)
        A solution h of ``h = r - gain + P h``, zero at the likeliest state of each recurrent class.

    Raises
    ------
    ConfigurationError
        If the arrays are no MDP, or the policy has another shape or is no distribution.
    """
    arrays = check_model(arrays)
    policy = check_policy(policy, arrays.R.shape)
    pattern = make_pattern(arrays.transitions)
    gain, bias, _ = policy_gains_and_bias(arrays, policy, pattern, make_factors(pattern))
    return gain, bias


@njit(cache=True)
def _improve(arrays, gain, bias, action, tolerance, noise):
    """Change the actions that improve the gain or, where none does, the bias; return whether there were any."""
    indptr, next_state, probs, R = arrays
    n_states, n_actions = R.shape
    change = np.zeros(n_states, np.bool_)
    new = action.copy()
    for s in range(n_states):
        best = gain[s] + tolerance
        for a in range(n_actions):
            g = 0.0
            for k in range(indptr[s * n_actions + a], indptr[s * n_actions + a + 1]):
                g += probs[k] * gain[next_state[k]]
            if g > best:
                best = g
                new[s] = a
                change[s] = True
    if not change.any():
        for s in range(n_states):
            best = gain[s] + tolerance + noise
            for a in range(n_actions):
                g = 0.0
                q = R[s, a]
                for k in range(indptr[s * n_actions + a], indptr[s * n_actions + a + 1]):
                    g += probs[k] * gain[next_state[k]]
                    q += probs[k] * (bias[next_state[k]] - bias[s])
                if g >= gain[s] - tolerance and q > best:
                    best = q
                    new[s] = a
                    change[s] = True
    action[:] = new
    return change.any()


@takes_dense
def multichain_policy_iteration(
    arrays: ModelArrays,
    minimise: bool = False,
    policy: np.ndarray | None = None,
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """
    Find the largest average reward from every state, whatever the structure of classes.

    Puterman (1994), Markov Decision Processes, section 9.2, with exact evaluations.

    Parameters
    ----------
    arrays, minimise
        As in `average_reward_optimal`.
    policy : float64 array of shape (S, A), optional
        Deterministic policy to begin with; that of the best immediate rewards by default.

    Returns
    -------
    gain : float64 array of shape (S,)
    bias : float64 array of shape (S,)
        Relative values of the policy, as in `gain_and_bias`.
    policy : float64 array of shape (S, A)
        One-hot.

    Raises
    ------
    ConfigurationError
        If the arrays are no MDP, or the policy has another shape or is no distribution.

    Notes
    -----
    Improvements below 1e-12 of the range of the rewards, or below the rounding of the bias, count as none. Where
    policies met on the way mix in astronomical time, rounding of their bias may hide improvements:
    `average_reward_optimal` is the safer one.
    """
    arrays = check_model(arrays)
    R = arrays.R
    signed = arrays._replace(R=-R) if minimise else arrays
    action = (signed.R if policy is None else check_policy(policy, R.shape)).argmax(1)
    everywhere = np.eye(R.shape[1])
    pattern = make_pattern(arrays.transitions)
    factors = make_factors(pattern)
    tolerance = 1e-12 * float(R.max() - R.min())
    for _ in range(_MOST_ITERATIONS):
        gain, bias, _ = policy_gains_and_bias(signed, everywhere[action], pattern, factors)
        noise = 16 * np.finfo(float).eps * float(np.abs(bias).max())
        used = action.copy()
        if not _improve(signed, gain, bias, action, tolerance, noise):
            break
    sign = -1.0 if minimise else 1.0
    return sign * gain + 0.0, sign * bias + 0.0, everywhere[used]
