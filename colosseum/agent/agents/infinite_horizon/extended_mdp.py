"""The extended MDP of optimistic posterior sampling: psi transition vectors for each pair of state and action."""

import math

import numpy as np

from colosseum.agent.agents.estimated_model import DAMPING, improve, move
from colosseum.agent.agents.infinite_horizon.random_states import best_states
from colosseum.agent.mdp_models.dirichlet_rows import expected_next_value
from colosseum.utils.compiled import njit

MAX_ROUNDS = 1000
N_INNER = 20
_MOST_INNER = 200
_ROUNDS_IN_ORDER = 50


@njit(cache=True)
def simple_rows(indptr, next_states, counts, visits, is_sampled, n_states):
    """
    Lower the frequencies of next states, for the simple optimistic samples of the rows that are not sampled.

    Returns
    -------
    indptr : int64 array of shape (n_rows + 1,)
    next_states : int64 array of shape (n,)
        The next states of which something is left.
    less : float64 array of shape (n,)
        How much: the same in all samples of a row.
    rest : float64 array of shape (n_rows,)
        What is left for the random state of a sample.
    """
    n_rows = visits.shape[0]
    new_indptr = np.zeros(n_rows + 1, np.int64)
    states = np.empty(counts.shape[0], np.int64)
    less = np.empty(counts.shape[0])
    rest = np.ones(n_rows)
    log_term = math.log(4.0 * n_states)
    n = 0
    for row in range(n_rows):
        if not is_sampled[row]:
            visited = visits[row]
            for k in range(indptr[row], indptr[row + 1]):
                p = counts[k] / visited
                left = p - min(p, math.sqrt(3.0 * p * log_term / visited) + 3.0 * log_term / visited)
                if left > 0.0:
                    states[n] = next_states[k]
                    less[n] = left
                    rest[row] -= left
                    n += 1
        new_indptr[row + 1] = n
    return new_indptr, states[:n], less[:n], rest


@njit(cache=True)
def solve_extended_mdp(
    simple, random_states, sampled, few, weights, scale, rewards, psi, v, tolerance, rng, max_rounds=MAX_ROUNDS
):
    """
    Modified policy iteration for the greatest average reward (Puterman, 1994, section 8.7).

    Parameters
    ----------
    simple : tuple
        What `simple_rows` returned.
    random_states : RandomStates
        Of the same rows. What is missing of them is drawn.
    sampled : int64 array of shape (m,)
        The rows whose samples are in `few` (if `weights` is empty) or in `weights` and `scale`: sample j of row
        ``sampled[i]`` is row i * psi + j there.
    few : tuple
        What `sample_few` returned.
    weights, scale : float32 array of shape (m * psi, S), float64 array of shape (m * psi,)
        As of `DenseRows`.
    rewards : float64 array of shape (S * A,)
    psi : int
    v : float64 array of shape (S,)
        Values to begin with.
    tolerance : float
        It ends when the span of the change is below this, or after `max_rounds`.
    rng : numpy.random.Generator

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
    indptr, next_states, less, rest = simple
    n_rows = rewards.shape[0]
    n_states = v.shape[0]
    n_actions = n_rows // n_states
    is_dense = weights.shape[0] > 0
    v = v.copy()
    new = np.empty(n_states)
    q = np.empty(n_rows)
    # the best random state of a simple row, the best sample of another one
    best = np.zeros(n_rows, np.int64)
    is_sampled = np.zeros(n_rows, np.bool_)
    for row in sampled:
        is_sampled[row] = True
    greatest = np.empty(sampled.shape[0])
    chosen = np.empty(n_states, np.int64)
    greedy = np.empty(n_states, np.int32)
    start = np.zeros(n_states + 1, np.int64)
    state = np.empty(n_states + next_states.shape[0] + few[1].shape[0], np.int64)
    prob = np.empty(state.shape[0])
    n_rounds = 0
    while n_rounds < max_rounds:
        n_rounds += 1
        best_states(random_states, v, rng, best)
        _best_samples(sampled, few, weights, scale, psi, v, best, greatest)
        for i in range(sampled.shape[0]):
            q[sampled[i]] = rewards[sampled[i]] + greatest[i]
        for row in range(n_rows):
            if not is_sampled[row]:
                value = rest[row] * v[best[row]]
                for k in range(indptr[row], indptr[row + 1]):
                    value += less[k] * v[next_states[k]]
                q[row] = rewards[row] + value
        if improve(q, v, new, chosen, greedy, n_actions) < tolerance:
            break
        _move_relatively(v, new)

        # evaluate the policy for a while: only the chosen samples of the chosen actions
        has_dense = _policy_rows(simple, few, is_dense, is_sampled, chosen, best, start, state, prob)
        if has_dense:
            for _ in range(N_INNER):
                for s in range(n_states):
                    row = chosen[s]
                    if is_sampled[row]:
                        new[s] = rewards[row] + expected_next_value(weights, best[row], v) * scale[best[row]]
                        continue
                    new[s] = rewards[row]
                    for k in range(start[s], start[s + 1]):
                        new[s] += prob[k] * v[state[k]]
                _move_relatively(v, new)
        else:
            evaluate_core(start, state, prob, rewards, chosen, v, new, tolerance / 10.0, n_rounds <= _ROUNDS_IN_ORDER)
        base = v[0]
        for s in range(n_states):
            v[s] -= base
    return q, greedy, v, n_rounds


@njit(cache=True)
def _move_relatively(v, new):
    """Move values towards new ones while that of state 0 stays: of large ones float32 rows would keep less."""
    base = new[0] - v[0]
    for s in range(v.shape[0]):
        new[s] -= base
    move(v, new)


@njit(cache=True)
def _best_samples(sampled, few, weights, scale, psi, v, best, greatest):
    """Set `best` to the best sample of each sampled row, and `greatest` to its expected next value."""
    indptr, states, probs = few
    is_dense = weights.shape[0] > 0
    for i in range(sampled.shape[0]):
        greatest[i] = -math.inf
        for j in range(i * psi, (i + 1) * psi):
            if is_dense:
                value = expected_next_value(weights, j, v) * scale[j]
            else:
                value = 0.0
                for k in range(indptr[j], indptr[j + 1]):
                    value += probs[k] * v[states[k]]
            if value > greatest[i]:
                greatest[i] = value
                best[sampled[i]] = j


@njit(cache=True)
def _policy_rows(simple, few, is_dense, is_sampled, chosen, best, start, state, prob):
    """Collect the next states of the chosen rows, but for those that are dense; return whether there are any."""
    indptr, next_states, less, rest = simple
    few_indptr, few_states, few_probs = few
    has_dense = False
    n = 0
    for s in range(chosen.shape[0]):
        row = chosen[s]
        if not is_sampled[row]:
            state[n] = best[row]
            prob[n] = rest[row]
            n += 1
            for k in range(indptr[row], indptr[row + 1]):
                state[n] = next_states[k]
                prob[n] = less[k]
                n += 1
        elif is_dense:
            has_dense = True
        else:
            for k in range(few_indptr[best[row]], few_indptr[best[row] + 1]):
                state[n] = few_states[k]
                prob[n] = few_probs[k]
                n += 1
        start[s + 1] = n
    return has_dense


@njit(cache=True)
def evaluate_core(start, state, prob, rewards, chosen, v, new, tolerance, in_order):
    """
    Bring the values `v` nearer to those of a policy.

    Optimism leads to a few states only. A state that no state leads to (but for states of which this can be said in
    turn) is of no account for the values of the others. So sweeps go over the others, the *core*, and as many more of
    them are affordable as it is small; then follow the rest, each once, from the core outwards.

    Parameters
    ----------
    start, state, prob
        Next states of each state under the policy, as compressed sparse rows.
    rewards : float64 array of shape (S * A,)
    chosen : int64 array of shape (S,)
        The row of each state.
    v, new : float64 array of shape (S,)
        Overwritten.
    tolerance : float
        Sweeps end when the span of the change is below this.
    in_order : bool
        False: all states are the core.

    Returns
    -------
    int
        The number of states in the core.
    """
    n_states = v.shape[0]
    order = np.empty(n_states, np.int64)
    n_outer = 0
    n_core = n_states
    if in_order:
        n_before = np.zeros(n_states, np.int64)
        for k in range(start[n_states]):
            n_before[state[k]] += 1
        for s in range(n_states):
            if n_before[s] == 0:
                order[n_outer] = s
                n_outer += 1
        i = 0
        while i < n_outer:
            for k in range(start[order[i]], start[order[i] + 1]):
                t = state[k]
                n_before[t] -= 1
                if n_before[t] == 0:
                    order[n_outer] = t
                    n_outer += 1
            i += 1
        n_core = 0
        for s in range(n_states):
            if n_before[s] > 0:
                order[n_outer + n_core] = s
                n_core += 1
    else:
        for s in range(n_states):
            order[s] = s
    low = 0.0
    high = 0.0
    for _ in range(min(_MOST_INNER, N_INNER * n_states // max(n_core, 1))):
        low = math.inf
        high = -math.inf
        for i in range(n_outer, n_states):
            s = order[i]
            value = rewards[chosen[s]]
            for k in range(start[s], start[s + 1]):
                value += prob[k] * v[state[k]]
            new[s] = value - v[s]
            low = min(low, new[s])
            high = max(high, new[s])
        for i in range(n_outer, n_states):
            v[order[i]] += DAMPING * new[order[i]]
        if high - low < tolerance:
            break
    gain = (low + high) / 2.0
    for i in range(n_outer - 1, -1, -1):
        s = order[i]
        value = rewards[chosen[s]] - gain
        for k in range(start[s], start[s + 1]):
            value += prob[k] * v[state[k]]
        v[s] = value
    return n_core
