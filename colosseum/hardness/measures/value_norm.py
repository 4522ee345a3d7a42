"""
The environmental value norm: how much the value of the next state varies, at most.

Maillard, Mann and Mannor (2014), How hard is my MDP? The distribution-norm to the rescue, Advances in Neural
Information Processing Systems 27, definition 2: the largest standard deviation of the optimal value of the next
state, over states and actions.
"""

import numpy as np

from colosseum.dynamic_programming.arrays import ModelArrays, Transitions
from colosseum.dynamic_programming.checks import check_horizon, check_model
from colosseum.dynamic_programming.dense import takes_dense
from colosseum.dynamic_programming.discounted import discounted_value_iteration
from colosseum.dynamic_programming.finite_horizon import episodic_value_iteration
from colosseum.dynamic_programming.gaps import average_reward_gaps
from colosseum.hardness.measures.augmented import augment, check_start, get_reachable_states
from colosseum.utils.compiled import njit

DISCOUNT = 0.99
"""The discount of the discounted value norm."""


@njit(cache=True)
def _largest_deviation(indptr, next_state, probs, V):
    largest = 0.0
    for row in range(indptr.shape[0] - 1):
        mean = 0.0
        for k in range(indptr[row], indptr[row + 1]):
            mean += probs[k] * V[next_state[k]]
        variance = 0.0
        for k in range(indptr[row], indptr[row + 1]):
            variance += probs[k] * (V[next_state[k]] - mean) ** 2
        largest = max(largest, variance)
    return np.sqrt(largest)


@njit(cache=True)
def _published(indptr, next_state, probs, V, n_actions):
    n_rows = indptr.shape[0] - 1
    mean = np.zeros(n_rows)
    for row in range(n_rows):
        for k in range(indptr[row], indptr[row + 1]):
            mean[row] += probs[k] * V[next_state[k]]
    largest = 0.0
    for row in range(n_rows):
        total = 0.0
        for k in range(indptr[row], indptr[row + 1]):
            t = next_state[k]
            total += probs[k] * (V[t] - mean[t * n_actions + row % n_actions]) ** 2
        largest = max(largest, total)
    return np.sqrt(largest)


@takes_dense
def get_value_norm(arrays: ModelArrays, discounted: bool = True) -> float:
    """
    Find the environmental value norm of an MDP in the continuous setting.

    Parameters
    ----------
    arrays : ModelArrays
    discounted : bool
        Take the optimal values of discount 0.99; else the optimal bias (relative values) of the average reward.

    Returns
    -------
    float
        Largest standard deviation of the value of the next state, in units of the rewards; 0 where transitions are
        deterministic.

    Raises
    ------
    ConfigurationError
        If the arrays are no MDP.
    NotWeaklyCommunicatingError
        If not discounted, and the best average reward depends on the state.
    """
    arrays = check_model(arrays)
    V = discounted_value_iteration(arrays, DISCOUNT)[1] if discounted else average_reward_gaps(arrays).bias
    return float(_largest_deviation(*arrays[:3], V))


@takes_dense
def get_episodic_value_norm(
    arrays: ModelArrays,
    H: int,
    starting_distribution: np.ndarray,
    discounted: bool = True,
) -> float:
    """
    Find the environmental value norm of the time-augmented MDP of an episodic one.

    Parameters
    ----------
    arrays, discounted
        As in `get_value_norm`.
    H : int
        Horizon, in steps.
    starting_distribution : float64 array of shape (S,)

    Returns
    -------
    float
        Largest standard deviation of the value of the next state over what can be reached, the new start after an
        episode included.

    Raises
    ------
    ConfigurationError
        If the arrays are no episodic MDP.
    """
    if discounted:
        model = augment(arrays, H, starting_distribution)
        return get_value_norm(model.arrays)
    # The optimal bias is the value of the rest of the episode, but for terms that depend on the step alone.
    arrays = check_model(arrays)
    start = check_start(starting_distribution, arrays.R.shape[0])
    reached = get_reachable_states(arrays.transitions, check_horizon(H), start)
    _, V = episodic_value_iteration(arrays, H)
    norm = float(np.sqrt(start @ (V[0] - start @ V[0]) ** 2))
    for h in range(H - 1):
        norm = max(norm, _of_states(arrays.transitions, V[h + 1], reached[h]))
    return norm


def _of_states(transitions: Transitions, V: np.ndarray, states: np.ndarray) -> float:
    """The largest deviation over some states, bool array of shape (S,)."""
    indptr, next_state, probs, n_actions = transitions
    rows = np.flatnonzero(np.repeat(states, n_actions))
    counts = indptr[rows + 1] - indptr[rows]
    start = np.concatenate(([0], np.cumsum(counts)))
    entries = np.arange(start[-1]) + np.repeat(indptr[rows] - start[:-1], counts)
    return float(_largest_deviation(start, next_state[entries], probs[entries], V))


@takes_dense
def get_published_value_norm(arrays: ModelArrays) -> float:
    """
    Evaluate the formula that the figures of the published benchmark come from, discount 0.99.

    It compares the value of each next state s' with the value that is expected *after* s' under the action of the same
    number, in place of the mean over the next states:

        max over (s, a) of sqrt(sum over s' of p(s' | s, a) (V(s') - sum over u of p(u | s', a) V(u))^2)

    So it depends on the labels of the actions: numbering the actions of one state otherwise changes it, though the MDP
    is the same. The published figures are 0 where transitions and rewards are deterministic, whatever the formula;
    those of episodes with several starting states come from another matrix than the right one (see docs/departures.md).

    Parameters
    ----------
    arrays
        As in `get_value_norm`.

    Returns
    -------
    float

    Raises
    ------
    ConfigurationError
        If the arrays are no MDP.
    """
    arrays = check_model(arrays)
    _, V = discounted_value_iteration(arrays, DISCOUNT)
    return float(_published(*arrays[:3], V, arrays.R.shape[1]))
