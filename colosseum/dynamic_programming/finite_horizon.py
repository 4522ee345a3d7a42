"""Episodes of H steps: optimal, worst and given policies, by backward induction."""

import numpy as np

from colosseum.dynamic_programming.arrays import ModelArrays
from colosseum.dynamic_programming.checks import check_horizon, check_model, check_policy
from colosseum.dynamic_programming.dense import takes_dense
from colosseum.utils.compiled import njit


@njit(cache=True)
def _optimise(arrays, H, sign):
    indptr, next_state, probs, R = arrays
    n_states, n_actions = R.shape
    Q = np.zeros((H + 1, n_states, n_actions))
    V = np.zeros((H + 1, n_states))
    for h in range(H - 1, -1, -1):
        for s in range(n_states):
            best = -np.inf
            for a in range(n_actions):
                q = R[s, a]
                for k in range(indptr[s * n_actions + a], indptr[s * n_actions + a + 1]):
                    q += probs[k] * V[h + 1, next_state[k]]
                Q[h, s, a] = q
                best = max(best, sign * q)
            V[h, s] = sign * best
    return Q, V


@njit(cache=True)
def _evaluate(arrays, policy):
    indptr, next_state, probs, R = arrays
    H, n_states, n_actions = policy.shape
    Q = np.zeros((H + 1, n_states, n_actions))
    V = np.zeros((H + 1, n_states))
    for h in range(H - 1, -1, -1):
        for s in range(n_states):
            for a in range(n_actions):
                q = R[s, a]
                for k in range(indptr[s * n_actions + a], indptr[s * n_actions + a + 1]):
                    q += probs[k] * V[h + 1, next_state[k]]
                Q[h, s, a] = q
                V[h, s] += policy[h, s, a] * q
    return Q, V


@njit(cache=True)
def policy_value(arrays, policy, start):
    """
    Value of an episode from one state: the distribution over states is carried forward, so only what is reached is
    read.

    Returns
    -------
    float
    """
    indptr, next_state, probs, R = arrays
    H, n_states, n_actions = policy.shape
    now = np.zeros(n_states)  # probability of each state at step h; zero wherever it is not listed in `here`
    then = np.zeros(n_states)
    here = np.empty(n_states, np.int64)
    there = np.empty(n_states, np.int64)
    now[start] = 1.0
    here[0] = start
    n_here = 1
    total = 0.0
    for h in range(H):
        n_there = 0
        for i in range(n_here):
            s = here[i]
            for a in range(n_actions):
                weight = now[s] * policy[h, s, a]
                if weight > 0.0:
                    total += weight * R[s, a]
                    for k in range(indptr[s * n_actions + a], indptr[s * n_actions + a + 1]):
                        p = weight * probs[k]
                        if p > 0.0:
                            t = next_state[k]
                            if then[t] == 0.0:
                                there[n_there] = t
                                n_there += 1
                            then[t] += p
            now[s] = 0.0
        now, then = then, now
        here, there = there, here
        n_here = n_there
    return total


@takes_dense
def episodic_value_iteration(arrays: ModelArrays, H: int, minimise: bool = False) -> tuple[np.ndarray, np.ndarray]:
    """
    Find the optimal values of episodes of H steps.

    Parameters
    ----------
    arrays : ModelArrays
        Transition probabilities and expected rewards.
    H : int
        Horizon, in steps.
    minimise : bool
        Find the values of the worst policy instead.

    Returns
    -------
    Q : float64 array of shape (H + 1, S, A)
    V : float64 array of shape (H + 1, S)
        Sum of the rewards expected from step h on; zero at H.

    Raises
    ------
    ConfigurationError
        If the arrays are no MDP, or H is not at least 1.
    """
    return _optimise(check_model(arrays), check_horizon(H), -1.0 if minimise else 1.0)


@takes_dense
def episodic_policy_evaluation(arrays: ModelArrays, H: int, policy: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """
    Find the values of a policy in episodes of H steps.

    Parameters
    ----------
    arrays, H
        As in `episodic_value_iteration`.
    policy : float64 array of shape (H, S, A)
        Probability of each action at each step of the episode.

    Returns
    -------
    Q : float64 array of shape (H + 1, S, A)
    V : float64 array of shape (H + 1, S)
        Sum of the rewards expected from step h on; zero at H.

    Raises
    ------
    ConfigurationError
        If the arrays are no MDP, or the policy has another shape or is no distribution.
    """
    arrays = check_model(arrays)
    return _evaluate(arrays, check_policy(policy, (check_horizon(H), *arrays.R.shape)))
