"""The extended MDP of optimistic posterior sampling: psi transition vectors for each pair of state and action."""

import math

import numpy as np

from colosseum.agent.agents.estimated_model import improve, move
from colosseum.agent.mdp_models.dirichlet_rows import expected_next_values
from colosseum.utils.compiled import njit

MAX_ROUNDS = 1000
N_INNER = 20


@njit(cache=True)
def sample_simple_rows(indptr, counts, visits, sampled, psi, n_states, rng):
    """
    Draw the simple optimistic samples of the rows that are not in `sampled`.

    Returns
    -------
    less : float64 array of shape (n,)
        The probability of each next state that was met: the same in all samples of a row.
    rest : float64 array of shape (n_rows,)
        What is left for the random state.
    random_state : int32 array of shape (n_rows, psi)
        That state; -1 in the rows of `sampled`.
    """
    n_rows = visits.shape[0]
    less = np.zeros(counts.shape[0])
    rest = np.ones(n_rows)
    random_state = np.full((n_rows, psi), -1, np.int32)
    log_term = math.log(4.0 * n_states)
    i = 0
    for row in range(n_rows):
        if i < sampled.shape[0] and sampled[i] == row:
            i += 1
            continue
        n = visits[row]
        for k in range(indptr[row], indptr[row + 1]):
            p = counts[k] / n
            less[k] = p - min(p, math.sqrt(3.0 * p * log_term / n) + 3.0 * log_term / n)
            rest[row] -= less[k]
        for j in range(psi):
            random_state[row, j] = int(rng.random() * n_states)
    return less, rest, random_state


@njit(cache=True)
def solve_extended_mdp(
    indptr, next_states, simple, sampled, few, weights, scale, rewards, psi, v, tolerance, max_rounds=MAX_ROUNDS
):
    """
    Modified policy iteration for the greatest average reward (Puterman, 1994, section 8.7).

    Parameters
    ----------
    indptr, next_states : int64 arrays
        The next states that were met.
    simple : tuple
        What `sample_simple_rows` returned.
    sampled : int64 array of shape (m,)
        The rows whose samples are in `few` (if `weights` has no columns) or in `weights` and `scale`: sample j of row
        ``sampled[i]`` is sparse row, or column, i * psi + j.
    few : tuple
        What `sample_few` returned.
    weights, scale : float32 array of shape (S, m * psi), float64 array of shape (m * psi,)
        As of `DenseRows`.
    rewards : float64 array of shape (S * A,)
    psi : int
    v : float64 array of shape (S,)
        Values to begin with.
    tolerance : float
        It ends when the span of the change is below this, or after `max_rounds`.

    Returns
    -------
    values : float64 array of shape (S * A,)
        Of each pair, with the best of its samples.
    greedy : int32 array of shape (S,)
        For each state, what `best_of_row` says of its values.
    v : float64 array of shape (S,)
        The last values; that of state 0 is 0.
    n_rounds : int
    """
    few_indptr, few_states, few_probs = few
    n_rows = rewards.shape[0]
    n_states = v.shape[0]
    n_actions = n_rows // n_states
    is_dense = weights.shape[1] > 0
    v = v.copy()
    new = np.empty(n_states)
    q = np.empty(n_rows)
    best_sample = np.zeros(n_rows, np.int64)
    place = np.full(n_rows, -1)
    for i in range(sampled.shape[0]):
        place[sampled[i]] = i
    of_samples = np.empty(sampled.shape[0] * psi)
    chosen = np.empty(n_states, np.int64)
    chosen_weights = np.empty((n_states if is_dense else 0, n_states))
    greedy = np.empty(n_states, np.int32)
    n_rounds = 0
    while n_rounds < max_rounds:
        n_rounds += 1
        if is_dense:
            expected_next_values(weights, scale, v, of_samples)
        else:
            for i in range(of_samples.shape[0]):
                of_samples[i] = 0.0
                for k in range(few_indptr[i], few_indptr[i + 1]):
                    of_samples[i] += few_probs[k] * v[few_states[k]]
        _choose_samples(indptr, next_states, simple, place, of_samples, rewards, psi, v, q, best_sample)
        if improve(q, v, new, chosen, greedy, n_actions) < tolerance:
            break
        move(v, new)

        # evaluate the policy for a while: only the chosen samples of the chosen actions
        if is_dense:
            for s in range(n_states):
                if place[chosen[s]] >= 0:
                    column = place[chosen[s]] * psi + best_sample[chosen[s]]
                    for t in range(n_states):
                        chosen_weights[s, t] = np.float64(weights[t, column]) * scale[column]
        for _ in range(N_INNER):
            _evaluate(
                indptr, next_states, simple, place, few, chosen_weights, rewards, psi, chosen, best_sample, v, new
            )
            move(v, new)
        base = v[0]
        for s in range(n_states):
            v[s] -= base
    return q, greedy, v, n_rounds


@njit(cache=True)
def _choose_samples(indptr, next_states, simple, place, of_samples, rewards, psi, v, q, best_sample):
    """Set `q` to the value of each pair with the best of its samples, and `best_sample` to which that is."""
    less, rest, random_state = simple
    for row in range(q.shape[0]):
        best = -math.inf
        if place[row] >= 0:
            for j in range(psi):
                value = of_samples[place[row] * psi + j]
                if value > best:
                    best = value
                    best_sample[row] = j
            q[row] = rewards[row] + best
            continue
        for j in range(psi):
            value = v[random_state[row, j]]
            if value > best:
                best = value
                best_sample[row] = j
        value = rest[row] * best
        for k in range(indptr[row], indptr[row + 1]):
            value += less[k] * v[next_states[k]]
        q[row] = rewards[row] + value


@njit(cache=True)
def _evaluate(indptr, next_states, simple, place, few, chosen_weights, rewards, psi, chosen, best_sample, v, new):
    """Set `new` to the values after one more step of the policy: chosen actions with their chosen samples."""
    less, rest, random_state = simple
    few_indptr, few_states, few_probs = few
    is_dense = chosen_weights.shape[0] > 0
    for s in range(v.shape[0]):
        row = chosen[s]
        value = rewards[row]
        if place[row] < 0:
            value += rest[row] * v[random_state[row, best_sample[row]]]
            for k in range(indptr[row], indptr[row + 1]):
                value += less[k] * v[next_states[k]]
        elif is_dense:
            for t in range(v.shape[0]):
                value += chosen_weights[s, t] * v[t]
        else:
            i = place[row] * psi + best_sample[row]
            for k in range(few_indptr[i], few_indptr[i + 1]):
                value += few_probs[k] * v[few_states[k]]
        new[s] = value
