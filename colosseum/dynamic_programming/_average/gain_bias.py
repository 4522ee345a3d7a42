"""Exact gain and bias of a policy, multichain policies included, by state elimination."""

import numpy as np

from colosseum.dynamic_programming._sparse.chains import make_chain, members_by_class, members_inside
from colosseum.dynamic_programming._sparse.gth import factorise, solve, stationary
from colosseum.utils.compiled import njit


@njit(cache=True)
def chain_gains(pattern, chain, factors):
    """
    Find the gain of every reached state.

    Each recurrent class has the gain of its stationary distribution; a transient state has the gains of the classes,
    weighed with its probabilities of ending up in them.

    Returns
    -------
    gain : float64 array of shape (S,)
        NaN where the chain does not come.
    reference : int64 array of shape (n_classes,)
        The state with the largest stationary mass of each recurrent class; -1 for transient classes.
    """
    n_states = pattern.position.shape[0]
    start, member = members_by_class(pattern, chain)
    inside = np.zeros(n_states, np.bool_)
    leave = np.zeros(n_states)
    mass = np.zeros(n_states)
    class_gain = np.zeros(chain.n_classes)
    reference = np.full(chain.n_classes, -1, np.int64)
    lowest = np.inf
    for c in range(chain.n_classes):
        group = member[start[c] : start[c + 1]]
        if group.shape[0] == 0:
            continue
        for i in group:
            inside[pattern.state[i]] = True
        if group.shape[0] == 1:
            reference[c] = pattern.state[group[0]]
            class_gain[c] = chain.reward[reference[c]]
        else:
            factorise(pattern, chain, group, inside, leave, factors)
            stationary(pattern, group, factors, mass)
            total = 0.0
            collected = 0.0
            heaviest = -1.0
            for i in group:
                s = pattern.state[i]
                total += mass[i]
                collected += mass[i] * chain.reward[s]
                if mass[i] > heaviest:
                    heaviest = mass[i]
                    reference[c] = s
            class_gain[c] = collected / total
        for i in group:
            inside[pattern.state[i]] = False
        lowest = min(lowest, class_gain[c])

    gain = np.full(n_states, np.nan)
    constant = True
    for c in range(chain.n_classes):
        if chain.closed[c] and class_gain[c] > lowest:
            constant = False
    for s in range(n_states):
        if chain.class_of[s] >= 0:
            gain[s] = class_gain[chain.class_of[s]] if chain.closed[chain.class_of[s]] else lowest
    if not constant:
        # The excess over the lowest gain is a sum of non-negative terms only.
        group = member[start[chain.n_classes] :]
        right = np.zeros(n_states)
        excess = np.zeros(n_states)
        for i in group:
            s = pattern.state[i]
            inside[s] = True
            for k in range(chain.row_start[s], chain.row_stop[s]):
                c = chain.class_of[chain.column[k]]
                if chain.closed[c]:
                    leave[i] += chain.value[k]
                    right[i] += chain.value[k] * (class_gain[c] - lowest)
        factorise(pattern, chain, group, inside, leave, factors)
        solve(pattern, group, factors, right, excess)
        for i in group:
            gain[pattern.state[i]] = lowest + excess[i]
    return gain, reference


@njit(cache=True)
def chain_bias(pattern, chain, factors, gain, reference):
    """
    Find relative values h with ``h = r - gain + P h``, zero at the reference state of each recurrent class.

    Returns
    -------
    float64 array of shape (S,)
        Zero where the chain does not come.
    """
    n_states = pattern.position.shape[0]
    inside = np.zeros(n_states, np.bool_)
    for s in range(n_states):
        inside[s] = chain.class_of[s] >= 0
    for s in reference:
        if s >= 0:
            inside[s] = False
    member, leave = members_inside(pattern, chain, inside)
    right = np.zeros(n_states)
    relative = np.zeros(n_states)
    for i in member:
        right[i] = chain.reward[pattern.state[i]] - gain[pattern.state[i]]
    factorise(pattern, chain, member, inside, leave, factors)
    solve(pattern, member, factors, right, relative)
    bias = np.zeros(n_states)
    for s in range(n_states):
        bias[s] = relative[pattern.position[s]]
    return bias


@njit(cache=True)
def policy_gains(arrays, policy, root, pattern, factors):
    """
    Find the gain of a policy in every state that it reaches from `root` (in all states if that is negative).

    Returns
    -------
    float64 array of shape (S,)
        NaN in states that are not reached.
    """
    chain = make_chain(arrays, policy, root)
    return chain_gains(pattern, chain, factors)[0]


@njit(cache=True)
def policy_gains_and_bias(arrays, policy, pattern, factors):
    """
    Evaluate a policy in all states.

    Returns
    -------
    gain, bias : float64 array of shape (S,)
    reference : int64 array of shape (n_recurrent_classes,)
        The likeliest state of each recurrent class.
    """
    chain = make_chain(arrays, policy, np.int64(-1))
    gain, reference = chain_gains(pattern, chain, factors)
    bias = chain_bias(pattern, chain, factors, gain, reference)
    return gain, bias, reference[reference >= 0]


@njit(cache=True)
def recurrent_class(arrays, policy, state):
    """Return which states the policy reaches from a recurrent one, bool array of shape (S,)."""
    return make_chain(arrays, policy, state).class_of >= 0
