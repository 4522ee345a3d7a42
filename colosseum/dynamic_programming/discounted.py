"""Discounted values without a horizon: value iteration and policy iteration."""

import numpy as np

from colosseum.dynamic_programming._sparse.chains import Chain, make_chain
from colosseum.dynamic_programming._sparse.gth import factorise, make_factors, solve
from colosseum.dynamic_programming._sparse.symbolic import make_pattern
from colosseum.dynamic_programming.arrays import ModelArrays
from colosseum.dynamic_programming.checks import check_discount, check_model, check_policy
from colosseum.dynamic_programming.dense import takes_dense
from colosseum.utils.compiled import njit

TOLERANCE = 1e-9
"""Default distance of the values from the optimal ones, as a share of the range of the rewards over 1 - discount."""

_MOST_ITERATIONS = 1000


@njit(cache=True)
def _action_values(arrays, discount, V):
    indptr, next_state, probs, R = arrays
    n_states, n_actions = R.shape
    Q = np.empty((n_states, n_actions))
    for s in range(n_states):
        for a in range(n_actions):
            q = 0.0
            for k in range(indptr[s * n_actions + a], indptr[s * n_actions + a + 1]):
                q += probs[k] * V[next_state[k]]
            Q[s, a] = R[s, a] + discount * q
    return Q


@njit(cache=True)
def _value_iteration(arrays, discount, V, largest_change):
    """Gauss-Seidel sweeps (in place) until no value changes by more than `largest_change`."""
    indptr, next_state, probs, R = arrays
    n_states, n_actions = R.shape
    change = np.inf
    while change > largest_change:
        change = 0.0
        for s in range(n_states):
            best = -np.inf
            for a in range(n_actions):
                q = 0.0
                for k in range(indptr[s * n_actions + a], indptr[s * n_actions + a + 1]):
                    q += probs[k] * V[next_state[k]]
                best = max(best, R[s, a] + discount * q)
            change = max(change, best - V[s])
            V[s] = max(best, V[s])


@njit(cache=True)
def _evaluate(arrays, discount, policy, pattern, factors):
    """Exact values: with probability 1 - discount a step, the chain ends."""
    n_states = policy.shape[0]
    chain = make_chain(arrays, policy, np.int64(-1))
    chain = Chain(
        chain.n_classes,
        chain.class_of,
        chain.closed,
        chain.row_start,
        chain.row_stop,
        chain.column,
        chain.value * discount,
        chain.reward,
    )
    lowest = chain.reward.min()
    leave = np.full(n_states, 1.0 - discount)
    right = np.empty(n_states)
    for i in range(n_states):
        right[i] = chain.reward[pattern.state[i]] - lowest
    value = np.zeros(n_states)
    factorise(pattern, chain, np.arange(n_states), np.ones(n_states, np.bool_), leave, factors)
    solve(pattern, np.arange(n_states), factors, right, value)
    V = np.empty(n_states)
    for s in range(n_states):
        V[s] = value[pattern.position[s]] + lowest / (1.0 - discount)
    return V


@takes_dense
def discounted_value_iteration(
    arrays: ModelArrays,
    discount: float,
    tolerance: float = TOLERANCE,
    minimise: bool = False,
) -> tuple[np.ndarray, np.ndarray]:
    """
    Find the optimal discounted values by Gauss-Seidel value iteration.

    Parameters
    ----------
    arrays : ModelArrays
        Transition probabilities and expected rewards.
    discount : float
        In [0, 1).
    tolerance : float
        No value is farther from the optimal one than this share of (largest - smallest reward) / (1 - discount).
    minimise : bool
        Find the smallest values instead.

    Returns
    -------
    Q : float64 array of shape (S, A)
    V : float64 array of shape (S,)

    Raises
    ------
    ConfigurationError
        If the arrays are no MDP, or the discount does not lie in [0, 1).

    Notes
    -----
    The values begin below the optimal ones and rise; so do their rounded ones, and the sweeps end whatever the
    tolerance.
    """
    arrays = check_model(arrays)
    discount = check_discount(discount)
    R = arrays.R
    signed = arrays._replace(R=-R) if minimise else arrays
    span = float(R.max() - R.min())
    V = np.full(R.shape[0], float(signed.R.min()) / (1 - discount))
    # A sweep that changes nothing by more than c leaves an error of at most c * discount / (1 - discount); the other
    # half is for rounding.
    _value_iteration(signed, discount, V, tolerance * span / 2)
    sign = -1.0 if minimise else 1.0
    V = sign * V + 0.0
    return _action_values(arrays, discount, V), V


@takes_dense
def discounted_policy_evaluation(
    arrays: ModelArrays, discount: float, policy: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """
    Find the discounted values of a policy, exactly.

    Parameters
    ----------
    arrays, discount
        As in `discounted_value_iteration`.
    policy : float64 array of shape (S, A)
        Probability of each action.

    Returns
    -------
    Q : float64 array of shape (S, A)
    V : float64 array of shape (S,)

    Raises
    ------
    ConfigurationError
        If the arrays are no MDP, the policy is none, or the discount does not lie in [0, 1).
    """
    arrays = check_model(arrays)
    discount = check_discount(discount)
    policy = check_policy(policy, arrays.R.shape)
    pattern = make_pattern(arrays.transitions)
    V = _evaluate(arrays, discount, policy, pattern, make_factors(pattern))
    return _action_values(arrays, discount, V), V


@takes_dense
def discounted_policy_iteration(
    arrays: ModelArrays,
    discount: float,
    minimise: bool = False,
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """
    Find the optimal discounted values by policy iteration (Howard (1960)) with exact evaluations.

    Parameters
    ----------
    arrays, discount, minimise
        As in `discounted_value_iteration`.

    Returns
    -------
    Q : float64 array of shape (S, A)
    V : float64 array of shape (S,)
        Exact to rounding.
    policy : float64 array of shape (S, A)
        One-hot, optimal.

    Raises
    ------
    ConfigurationError
        If the arrays are no MDP, or the discount does not lie in [0, 1).
    """
    arrays = check_model(arrays)
    discount = check_discount(discount)
    signed = arrays._replace(R=-arrays.R) if minimise else arrays
    n_states, n_actions = arrays.R.shape
    everywhere, states = np.eye(n_actions), np.arange(n_states)
    pattern = make_pattern(arrays.transitions)
    factors = make_factors(pattern)
    action = signed.R.argmax(1)
    for _ in range(_MOST_ITERATIONS):
        V = _evaluate(signed, discount, everywhere[action], pattern, factors)
        Q = _action_values(signed, discount, V)
        better = Q.max(1) > Q[states, action] + 16 * np.finfo(float).eps * (np.abs(V) + np.abs(signed.R).max())
        if not better.any():
            break
        action = np.where(better, Q.argmax(1), action)
    sign = -1.0 if minimise else 1.0
    return sign * Q + 0.0, sign * V + 0.0, everywhere[action]
