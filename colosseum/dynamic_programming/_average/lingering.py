"""
Policy iteration that stays exact where policies linger in parts of the MDP for astronomical times.

There the relative values of far states dwarf those of near ones, and their differences, computed in the ordinary way,
are rounding. But what a deviation in state s gains needs only differences from s, weighed with the probabilities of
getting elsewhere: computed afresh for every s, each is as accurate as the expected time that it takes to come back.
"""

import numpy as np

from colosseum.dynamic_programming._sparse.chains import make_chain, members_inside
from colosseum.dynamic_programming._sparse.gth import factorise, solve
from colosseum.utils.compiled import njit

_MOST_ITERATIONS = 100


@njit(cache=True)
def _differences(pattern, chain, factors, gain, s, reference, h_s, time_s, difference, time):
    """
    Overwrite `difference` with the relative values of all states minus that of state s, and `time` with their scale.

    The chain is followed until it meets s or the reference state (of relative value 0, reached from s after `time_s`
    steps).
    """
    n_states = pattern.position.shape[0]
    inside = np.ones(n_states, np.bool_)
    inside[s] = False
    inside[reference] = False
    member, leave = members_inside(pattern, chain, inside)
    reward = np.zeros(n_states)
    step = np.ones(n_states)
    to_reference = np.zeros(n_states)
    for i in member:
        t = pattern.state[i]
        reward[i] = chain.reward[t] - gain
        for k in range(chain.row_start[t], chain.row_stop[t]):
            if chain.column[k] == reference:
                to_reference[i] += chain.value[k]
    factorise(pattern, chain, member, inside, leave, factors)
    x = np.zeros(n_states)
    y = np.zeros(n_states)
    z = np.zeros(n_states)
    solve(pattern, member, factors, reward, x)
    solve(pattern, member, factors, to_reference, y)
    solve(pattern, member, factors, step, z)
    for i in range(n_states):
        t = pattern.state[i]
        difference[t] = x[i] - y[i] * h_s
        time[t] = z[i] + y[i] * time_s
    difference[reference] = -h_s
    time[reference] = time_s
    difference[s] = 0.0
    time[s] = 0.0


@njit(cache=True)
def careful_advantages(arrays, policy, gain, reference, pattern, factors):
    """
    What one deviation of a policy with a single recurrent class gains over its gain.

    Returns
    -------
    advantage : float64 array of shape (S, A)
    time : float64 array of shape (S, A)
        Its scale: the number of steps after which the deviation is made up for.
    """
    indptr, next_state, probs, R = arrays
    n_states, n_actions = R.shape
    chain = make_chain(arrays, policy, np.int64(-1))
    advantage = np.empty((n_states, n_actions))
    scale = np.empty((n_states, n_actions))
    bias = np.zeros(n_states)
    bias_time = np.zeros(n_states)
    _differences(pattern, chain, factors, gain, reference, reference, 0.0, 0.0, bias, bias_time)
    difference = bias.copy()
    time = bias_time.copy()
    for s in range(n_states):
        if s != reference:
            _differences(pattern, chain, factors, gain, s, reference, bias[s], bias_time[s], difference, time)
        else:
            difference[:] = bias
            time[:] = bias_time
        for a in range(n_actions):
            advantage[s, a] = R[s, a] - gain
            scale[s, a] = 1.0
            for k in range(indptr[s * n_actions + a], indptr[s * n_actions + a + 1]):
                if probs[k] > 0.0:
                    advantage[s, a] += probs[k] * difference[next_state[k]]
                    scale[s, a] += probs[k] * time[next_state[k]]
    return advantage, scale


def improve_carefully(arrays, action, tolerance, evaluate, pattern, factors):
    """
    Improve a policy of a communicating MDP until no deviation gains anything that can be told from rounding.

    Parameters
    ----------
    arrays : ModelArrays
    action : int64 array of shape (S,)
        The policy to begin with.
    tolerance : float
        Gain of a deviation that counts as none.
    evaluate : callable (action) -> (action, gain, reference)
        Makes a policy lead to its best recurrent class, and gives the gain of that and its likeliest state.
    pattern : Pattern
    factors : Factors

    Returns
    -------
    action : int64 array of shape (S,)
        The best policy that was met.
    gain : float
    excess : float
        No policy has a larger gain than `gain` plus this, as far as double precision can tell.
    """
    everywhere = np.eye(arrays.R.shape[1])
    rounding = 16 * np.finfo(float).eps * float(np.ptp(arrays.R))
    best_action, best_gain, excess = action, -np.inf, np.inf
    for _ in range(_MOST_ITERATIONS):
        action, gain, reference = evaluate(action)
        advantage, time = careful_advantages(arrays, everywhere[action], gain, reference, pattern, factors)
        clear = np.where(np.isfinite(time), advantage - rounding * time, -np.inf)
        better = clear.max(1) > tolerance
        if gain >= best_gain:
            best_action, best_gain, excess = action, gain, max(float(clear.max()), 0.0)
        if not better.any():
            break
        action = np.where(better, clear.argmax(1), action)
    return best_action, best_gain, excess
