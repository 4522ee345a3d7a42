"""
State elimination on sparse Markov chains: exact, and without a single subtraction.

Grassmann, Taksar and Heyman (1985), Regenerative analysis and steady state distributions for Markov chains, Operations
Research 33. Removing a state redistributes what flows into it over where it leads; the diagonal is never formed, it is
the sum of what leaves. So every entry keeps its relative accuracy, even in chains whose hitting times are
astronomical, where LU of ``I - P`` has nothing left but rounding (O'Cinneide (1993), Entrywise perturbation theory
and error analysis for Markov chains, Numerische Mathematik 65).

Rows are eliminated one after the other against all earlier ones (the IKJ form of Gaussian elimination) in the order
of a `Pattern`; whatever is zero under the policy at hand is skipped. Everything below is indexed by position in that
order.
"""

from typing import NamedTuple

import numpy as np

from colosseum.dynamic_programming._sparse.symbolic import Pattern
from colosseum.utils.compiled import njit

NEGLIGIBLE = 1e-290
"""A state that leaves for the rest with less than this probability, detours included, counts as one that never does."""

_TOO_LARGE = 1e5  # masses are rescaled beyond it: a factor of at most 1 / NEGLIGIBLE then cannot overflow


class Factors(NamedTuple):
    """
    The eliminated chain, and work space for it.

    Attributes
    ----------
    lower : float64 array of shape (n_fill,)
        Along `Pattern.lower`: inflow from a row's state into an earlier one over what the latter lets out.
    upper : float64 array of shape (n_fill,)
        Along the runs of the pattern: probabilities of the censored chain at the moment of elimination.
    out : float64 array of shape (S,)
        Probability of leaving each state for a later one (or for good) at that moment.
    work : float64 array of shape (S,)
        All zero between calls.
    """

    lower: np.ndarray
    upper: np.ndarray
    out: np.ndarray
    work: np.ndarray


def make_factors(pattern: Pattern) -> Factors:
    """Return work space for the eliminations along a pattern."""
    n_states, n_fill = pattern.position.shape[0], pattern.lower.shape[0]
    return Factors(np.zeros(n_fill), np.zeros(n_fill), np.zeros(n_states), np.zeros(n_states))


@njit(cache=True)
def factorise(pattern, chain, member, inside, leave, factors):
    """
    Eliminate a set of states.

    Parameters
    ----------
    member : int64 array of shape (m,)
        Their positions, ascending.
    inside : bool array of shape (S,)
        Whether each *state* is one of them.
    leave : float64 array of shape (S,)
        By position: probability of a step out of the set that is never undone. Overwritten: that of the censored chain.
    factors : Factors
        Overwritten on the rows of these states.

    Notes
    -----
    The self-loop of a state is never read: what leaves is summed, so a row need not even sum to one exactly.
    """
    lower, upper, out, work = factors.lower, factors.upper, factors.out, factors.work
    for i in member:
        s = pattern.state[i]
        for k in range(chain.row_start[s], chain.row_stop[s]):
            if inside[chain.column[k]]:
                work[pattern.position[chain.column[k]]] = chain.value[k]
        total = leave[i]
        for x in range(pattern.lower_start[i], pattern.lower_start[i + 1]):
            j = pattern.lower[x]
            inflow = work[j]
            lower[x] = 0.0
            if inflow > 0.0:
                work[j] = 0.0
                if out[j] > NEGLIGIBLE:
                    f = inflow / out[j]
                    lower[x] = f
                    total += f * leave[j]
                    at = pattern.upper_start[j]
                    for run in range(pattern.run_start[j], pattern.run_start[j + 1]):
                        first = pattern.run_first[run]
                        n = pattern.run_length[run]
                        for y in range(n):
                            work[first + y] += f * upper[at + y]
                        at += n
        leave[i] = total
        work[i] = 0.0
        at = pattern.upper_start[i]
        for run in range(pattern.run_start[i], pattern.run_start[i + 1]):
            first = pattern.run_first[run]
            n = pattern.run_length[run]
            for y in range(n):
                upper[at + y] = work[first + y]
                total += work[first + y]
                work[first + y] = 0.0
            at += n
        out[i] = total


@njit(cache=True)
def stationary(pattern, member, factors, mass):
    """
    Write the stationary distribution of a class that `factorise` eliminated (nothing leaves) to `mass`, by position.

    The state that nothing later is reached from is the root of the class. Each mass is at most 1e5 times the others'
    sum or so, not normalised.
    """
    root = member.shape[0] - 1
    for x in range(member.shape[0]):
        mass[member[x]] = 0.0
        if factors.out[member[x]] <= NEGLIGIBLE:
            root = x
            break
    for x in range(root, member.shape[0]):
        mass[member[x]] = 0.0
    mass[member[root]] = 1.0
    for x in range(root, -1, -1):
        i = member[x]
        if mass[i] > _TOO_LARGE:
            scale = 1.0 / mass[i]
            for y in range(root + 1):
                mass[member[y]] *= scale
        if mass[i] > 0.0:
            for k in range(pattern.lower_start[i], pattern.lower_start[i + 1]):
                if factors.lower[k] > 0.0:
                    mass[pattern.lower[k]] += mass[i] * factors.lower[k]


@njit(cache=True)
def solve(pattern, member, factors, right, value):
    """
    Solve ``value = right + P value`` on a set of states that `factorise` eliminated, P being the chain within it.

    Parameters
    ----------
    right : float64 array of shape (S,)
        By position; overwritten.
    value : float64 array of shape (S,)
        By position; finite everywhere; the solution is written at the positions of these states. No accuracy is lost
        where `right` is non-negative. A state that never leaves gets 0.
    """
    for i in member:
        for k in range(pattern.lower_start[i], pattern.lower_start[i + 1]):
            if factors.lower[k] > 0.0:
                right[i] += factors.lower[k] * right[pattern.lower[k]]
    for x in range(member.shape[0] - 1, -1, -1):
        i = member[x]
        total = right[i]
        at = pattern.upper_start[i]
        for run in range(pattern.run_start[i], pattern.run_start[i + 1]):
            first = pattern.run_first[run]
            n = pattern.run_length[run]
            for y in range(n):
                if factors.upper[at + y] > 0.0:
                    total += factors.upper[at + y] * value[first + y]
            at += n
        value[i] = total / factors.out[i] if factors.out[i] > NEGLIGIBLE else 0.0
