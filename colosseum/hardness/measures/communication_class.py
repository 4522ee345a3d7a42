"""Which states of an MDP policies can, and must, lead between."""

from enum import IntEnum

import numpy as np

from colosseum.dynamic_programming._sparse.end_components import communicating_classes, maximal_end_components
from colosseum.dynamic_programming._sparse.grouping import rows_into
from colosseum.dynamic_programming.arrays import Transitions
from colosseum.dynamic_programming.checks import check_horizon, check_transitions
from colosseum.dynamic_programming.dense import takes_dense_transitions
from colosseum.hardness.measures.augmented import check_start, reachable_layers
from colosseum.utils.compiled import njit


class MDPCommunicationClass(IntEnum):
    """The classes of Puterman (1994), Markov Decision Processes, section 8.3.1, from the narrowest on."""

    ERGODIC = 0
    """Under every policy, every state is reached from every other."""
    COMMUNICATING = 1
    """Some policy leads from each state to each other."""
    WEAKLY_COMMUNICATING = 2
    """The same but for states to which no policy can keep coming back."""
    NON_WEAKLY_COMMUNICATING = 3
    """None of these."""


@njit(cache=True)
def _same_supports(transitions):
    """Whether, in each state, all actions may lead to the same states."""
    indptr, next_state, probs, n_actions = transitions
    n_states = (indptr.shape[0] - 1) // n_actions
    seen = np.full(n_states, -1, np.int64)
    row = 0
    for s in range(n_states):
        n_first = 0
        for a in range(n_actions):
            n_common = 0
            n_own = 0
            for k in range(indptr[row], indptr[row + 1]):
                if probs[k] > 0.0:
                    n_own += 1
                    if a == 0:
                        seen[next_state[k]] = s
                    elif seen[next_state[k]] == s:
                        n_common += 1
            if a == 0:
                n_first = n_own
            elif n_own != n_first or n_common != n_first:
                return False
            row += 1
    return True


@njit(cache=True)
def _cannot_be_avoided(transitions):
    """Whether every policy reaches every state from every state of a communicating MDP."""
    n_actions = transitions.n_actions
    n_states = (transitions.indptr.shape[0] - 1) // n_actions
    start, rows = rows_into(transitions)
    stamp = np.full(n_states * n_actions, -1, np.int64)
    queue = np.empty(n_states, np.int64)
    caught = np.full(n_states, -1, np.int64)
    for target in range(n_states):
        # Grow the set of states all of whose actions may lead into it: what stays outside can avoid the target.
        waiting = np.full(n_states, n_actions, np.int64)
        caught[target] = target
        queue[0] = target
        n = 1
        i = 0
        while i < n:
            t = queue[i]
            i += 1
            for k in range(start[t], start[t + 1]):
                row = rows[k]
                s = row // n_actions
                if stamp[row] != target and caught[s] != target:
                    stamp[row] = target
                    waiting[s] -= 1
                    if waiting[s] == 0:
                        caught[s] = target
                        queue[n] = s
                        n += 1
        if n < n_states:
            return False
    return True


@njit(cache=True)
def _cannot_be_avoided_in_episodes(transitions, start, reached):
    """Whether every policy may reach, within an episode, whatever some policy may."""
    indptr, next_state, probs, n_actions = transitions
    H, n_states = reached.shape
    now = np.zeros(n_states, np.bool_)
    before = np.zeros(n_states, np.bool_)
    for h in range(H):
        for target in range(n_states):
            if not reached[h, target]:
                continue
            now[:] = False
            now[target] = True
            for g in range(h - 1, -1, -1):
                for s in range(n_states):
                    before[s] = reached[g, s]
                    if before[s]:
                        for a in range(n_actions):
                            leads = False
                            for k in range(indptr[s * n_actions + a], indptr[s * n_actions + a + 1]):
                                if probs[k] > 0.0 and now[next_state[k]]:
                                    leads = True
                                    break
                            if not leads:
                                before[s] = False
                                break
                now, before = before, now
            found = False
            for s in range(n_states):
                if start[s] > 0.0 and now[s]:
                    found = True
                    break
            if not found:
                return False
    return True


@takes_dense_transitions
def get_communication_class(transitions: Transitions) -> MDPCommunicationClass:
    """
    Classify an MDP of the continuous setting.

    Parameters
    ----------
    transitions : Transitions

    Returns
    -------
    MDPCommunicationClass

    Raises
    ------
    ConfigurationError
        If the arrays are no transition probabilities.
    """
    transitions = check_transitions(transitions)
    class_of, closed = communicating_classes(transitions)
    if closed.size == 1:
        if _same_supports(transitions) or _cannot_be_avoided(transitions):
            return MDPCommunicationClass.ERGODIC
        return MDPCommunicationClass.COMMUNICATING
    component, _ = maximal_end_components(transitions)
    if closed.sum() == 1 and (component[~closed[class_of]] < 0).all():
        return MDPCommunicationClass.WEAKLY_COMMUNICATING
    return MDPCommunicationClass.NON_WEAKLY_COMMUNICATING


@takes_dense_transitions
def get_episodic_communication_class(
    transitions: Transitions, H: int, starting_distribution: np.ndarray
) -> MDPCommunicationClass:
    """
    Classify the time-augmented MDP of an episodic one, on what can be reached: it is at least communicating.

    Parameters
    ----------
    transitions
        As in `get_communication_class`.
    H : int
        Horizon, in steps.
    starting_distribution : float64 array of shape (S,)

    Returns
    -------
    MDPCommunicationClass

    Raises
    ------
    ConfigurationError
        If the arrays are no episodic MDP.
    """
    transitions = check_transitions(transitions)
    start = check_start(starting_distribution, transitions.n_states)
    reached = reachable_layers(transitions, check_horizon(H), start)
    if _same_supports(transitions) or _cannot_be_avoided_in_episodes(transitions, start, reached):
        return MDPCommunicationClass.ERGODIC
    return MDPCommunicationClass.COMMUNICATING
