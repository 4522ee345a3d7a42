"""
Backward induction that evaluates only what can still be the best.

With v_h the optimal values at in-episode time h, P_i the next-state distribution of row i and d_h = v_h - v_{h+1}, the
value of a row changes from one time to the one before it by P_i d_h: by at least the least and at most the greatest
entry of d_h (MacQueen, 1967, A test for suboptimal actions in Markovian decision problems). So the row that was the
best is evaluated first, and one whose last known value, plus all greatest entries since, is below that cannot be the
best. The entries of all d before lie between those of d_h: where every row but the best is too far below to catch up in
the times that are left, the policy is known for all of them.
"""

import numpy as np

from colosseum.agent.mdp_models.dirichlet_rows import expected_next_value
from colosseum.mdp.sampling import unsigned
from colosseum.utils.compiled import njit

_ROUNDING = 1e-6
"""The distributions of a dense sample are float32: they sum to one within a tenth of this."""

NO_WEIGHTS, NO_SCALE = np.empty((0, 0), np.float32), np.empty(0)


@njit(cache=True)
def _sparse_value(indptr, next_states, probs, uniform, rewards, v, mean, row):
    value = rewards[row] + uniform[row] * mean
    for k in range(indptr[row], indptr[row + 1]):
        value += probs[k] * v[next_states[k]]
    return value


@njit(cache=True)
def backward_induction(indptr, next_states, probs, uniform, weights, scale, rewards, every_row, values, greedy):
    """
    Find the optimal policy of a finite horizon.

    Parameters
    ----------
    indptr, next_states, probs, uniform
        Sparse rows, as `colosseum.agent.agents.estimated_model.row_values` takes them; not read if there are weights.
    weights, scale : float32 array of shape (S * A, S), float64 array of shape (S * A,)
        A sample of `colosseum.agent.mdp_models.dirichlet_rows.DenseRows`, or empty.
    rewards : float64 array of shape (S * A,)
    every_row : bool
        Whether to evaluate every row at every time.
    values : float64 array of shape (H * S * A,)
        Set to the optimal values at each time; to -inf where a row was not evaluated: there it is not the best.
    greedy : int32 array of shape (H * S,)
        For each time and state, set to what `best_of_row` says of the optimal values.

    Returns
    -------
    int
        The number of rows that were evaluated, out of H S A.
    """
    n_rows = rewards.shape[0]
    n_states = greedy.shape[0] // (values.shape[0] // n_rows)
    n_actions = n_rows // n_states
    horizon = values.shape[0] // n_rows
    v = np.zeros(n_states)
    new = np.empty(n_states)
    is_dense = weights.shape[0] > 0
    bound = np.full(n_rows, np.inf)
    incumbent = np.arange(n_states) * n_actions
    high = 0.0
    n_evaluated = 0
    values[:] = -np.inf
    for h in range(horizon - 1, -1, -1):
        mean = 0.0
        for s in range(n_states):
            mean += v[s]
        mean /= n_states
        first = h * n_rows
        least_gap = np.inf
        for s in range(n_states):
            start = s * n_actions
            best = -np.inf
            other = -np.inf  # the greatest value that the others of its rows can have
            n_best = 0
            best_row = row = incumbent[s]
            for j in range(n_actions):
                # the incumbent first, then the others
                if j > 0:
                    row = start + j - 1 if start + j <= incumbent[s] else start + j
                value = bound[unsigned(row)] + high
                if every_row or j == 0 or value >= best:
                    if h == horizon - 1:
                        value = rewards[unsigned(row)]  # nothing comes after it
                    elif is_dense:
                        value = expected_next_value(weights, row, v) * scale[unsigned(row)] + rewards[unsigned(row)]
                    else:
                        value = _sparse_value(indptr, next_states, probs, uniform, rewards, v, mean, row)
                    values[unsigned(first + row)] = value
                    n_evaluated += 1
                    if value == best:
                        n_best += 1
                        best_row = min(best_row, row)
                    elif value > best:
                        n_best = 1
                        best_row = row
                bound[unsigned(row)] = value
                other = max(other, min(best, value))
                best = max(best, value)
            new[s] = best
            greedy[unsigned(h * n_states + s)] = best_row - start if n_best == 1 else -n_best
            incumbent[s] = best_row
            least_gap = min(least_gap, best - other)

        low = np.inf
        high = -np.inf
        size = 0.0
        for s in range(n_states):
            low = min(low, new[s] - v[s])
            high = max(high, new[s] - v[s])
            size = max(size, abs(new[s]))
            v[s] = new[s]
        slack = _ROUNDING * max(abs(low), abs(high)) + 1e-15 * n_states * size
        low -= slack
        high += slack
        if least_gap > h * (high - low) and not every_row:
            for earlier in range(h):
                for s in range(n_states):
                    greedy[earlier * n_states + s] = greedy[h * n_states + s]
            break
    return n_evaluated
