"""Average reward in the long run: optimal and worst gains, gain and bias of a policy, multichain policy iteration."""

import numpy as np
from numba import njit

from colosseum.dynamic_programming._average.communicating import communicating_optimum, lead_to
from colosseum.dynamic_programming._average.gain_bias import policy_gains_and_bias
from colosseum.dynamic_programming._sparse.end_components import communicating_classes, maximal_end_components, restrict
from colosseum.dynamic_programming._sparse.gth import make_factors
from colosseum.dynamic_programming._sparse.symbolic import make_pattern
from colosseum.dynamic_programming.checks import check_model, check_policy
from colosseum.errors import NotWeaklyCommunicatingError

CONSTANT = 1e-9
"""Gains that differ by less than this share of the range of the rewards count as equal."""

_MOST_ITERATIONS = 1000


def average_reward_optimal(
    indptr: np.ndarray, next_state: np.ndarray, probs: np.ndarray, R: np.ndarray, minimise: bool = False
) -> tuple[float, np.ndarray]:
    """
    Find the largest average reward of an MDP in which it is the same from all states.

    Parameters
    ----------
    indptr : int64 array of shape (S * A + 1,)
    next_state : int64 array of shape (nnz,)
    probs : float64 array of shape (nnz,)
        Transition probabilities, a compressed sparse row matrix of shape (S * A, S): row s * A + a is p(. | s, a).
    R : float64 array of shape (S, A)
        Expected rewards.
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
    indptr, next_state, probs, R = check_model(indptr, next_state, probs, R)
    gain, action = _optimum(indptr, next_state, probs, -R if minimise else R, minimise)
    policy = np.eye(R.shape[1])[action]
    return (0.0 - gain if minimise else gain), policy


def _optimum(
    indptr: np.ndarray, next_state: np.ndarray, probs: np.ndarray, R: np.ndarray, negated: bool
) -> tuple[float, np.ndarray]:
    n_states, n_actions = R.shape
    class_of, closed = communicating_classes(indptr, next_state, probs, n_actions)
    if closed.size == 1:
        return communicating_optimum(indptr, next_state, probs, R)
    component, allowed = maximal_end_components(indptr, next_state, probs, n_actions)
    action = np.zeros(n_states, np.int64)
    gains = np.empty(component.max() + 1)
    final = np.zeros(gains.size, bool)
    for c in range(gains.size):
        states = np.flatnonzero(component == c)
        arrays, original = restrict(indptr, next_state, probs, R, states, allowed)
        gains[c], best = communicating_optimum(*arrays)
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
    lead_to(indptr, next_state, probs, n_actions, final[component] & (component >= 0), action)
    return gain, action


def gain_and_bias(
    indptr: np.ndarray, next_state: np.ndarray, probs: np.ndarray, R: np.ndarray, policy: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """
    Evaluate a policy, unichain or multichain.

    Parameters
    ----------
    indptr, next_state, probs, R
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
    arrays = check_model(indptr, next_state, probs, R)
    policy = check_policy(policy, arrays[3].shape)
    pattern = make_pattern(arrays[0], arrays[1], arrays[3].shape[0])
    gain, bias, _ = policy_gains_and_bias(*arrays, policy, pattern, make_factors(pattern))
    return gain, bias


@njit(cache=True)
def _improve(indptr, next_state, probs, R, gain, bias, action, tolerance, noise):
    """Change the actions that improve the gain or, where none does, the bias; return whether there were any."""
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


def multichain_policy_iteration(
    indptr: np.ndarray,
    next_state: np.ndarray,
    probs: np.ndarray,
    R: np.ndarray,
    minimise: bool = False,
    policy: np.ndarray | None = None,
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """
    Find the largest average reward from every state, whatever the structure of classes.

    Puterman (1994), Markov Decision Processes, section 9.2, with exact evaluations.

    Parameters
    ----------
    indptr, next_state, probs, R, minimise
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
    indptr, next_state, probs, R = check_model(indptr, next_state, probs, R)
    signed = -R if minimise else R
    n_states, n_actions = R.shape
    action = (signed if policy is None else check_policy(policy, R.shape)).argmax(1)
    everywhere = np.eye(n_actions)
    pattern = make_pattern(indptr, next_state, n_states)
    factors = make_factors(pattern)
    tolerance = 1e-12 * float(R.max() - R.min())
    for _ in range(_MOST_ITERATIONS):
        gain, bias, _ = policy_gains_and_bias(indptr, next_state, probs, signed, everywhere[action], pattern, factors)
        noise = 16 * np.finfo(float).eps * float(np.abs(bias).max())
        used = action.copy()
        if not _improve(indptr, next_state, probs, signed, gain, bias, action, tolerance, noise):
            break
    sign = -1.0 if minimise else 1.0
    return sign * gain + 0.0, sign * bias + 0.0, everywhere[used]
