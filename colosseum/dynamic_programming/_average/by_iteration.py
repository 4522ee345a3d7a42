"""
Gains of policies whose elimination would fill in: thousands of states, each joined with states anywhere.

Such chains mix in few steps, so values are iterated until bounds on the gain meet. Chains that do not mix and would
fill in are the one case that is not exact: a warning then says what was reached.
"""

import warnings

import numpy as np

from colosseum.dynamic_programming._sparse.chains import make_chain
from colosseum.dynamic_programming._sparse.grouping import group
from colosseum.dynamic_programming.arrays import ModelArrays
from colosseum.utils.compiled import njit

MOST_WORK = 1e9
"""Multiplications of an elimination above which values are iterated instead."""

TOLERANCE = 1e-12
"""Distance of the bounds on a gain, as a share of the range of the rewards."""

_DAMPING = 0.8
_MOST_SWEEPS = 200_000


@njit(cache=True)
def _class_bounds(chain, member, value, n_sweeps, tolerance):
    """Bounds on the gain of a recurrent class by damped value iteration; `value` is overwritten."""
    change = np.zeros(value.shape[0])
    low = -np.inf
    high = np.inf
    for _ in range(n_sweeps):
        smallest = np.inf
        largest = -np.inf
        for s in member:
            d = chain.reward[s]
            for k in range(chain.row_start[s], chain.row_stop[s]):
                d += chain.value[k] * (value[chain.column[k]] - value[s])
            change[s] = d
            smallest = min(smallest, d)
            largest = max(largest, d)
        low = max(low, smallest)
        high = min(high, largest)
        if high - low <= tolerance:
            break
        shift = change[member[0]]
        for s in member:
            value[s] += _DAMPING * (change[s] - shift)
    return low, high


@njit(cache=True)
def _gains(arrays, policy, root, n_sweeps, tolerance):
    """Lower and upper bounds on the gain of every state that is reached, NaN elsewhere."""
    n_states = policy.shape[0]
    chain = make_chain(arrays, policy, root)
    start, member = group(chain.class_of, chain.n_classes)

    low = np.full(n_states, np.nan)
    high = np.full(n_states, np.nan)
    lowest = np.inf
    highest = -np.inf
    value = np.zeros(n_states)
    for c in range(chain.n_classes):
        if chain.closed[c]:
            members = member[start[c] : start[c + 1]]
            bounds = _class_bounds(chain, members, value, n_sweeps, tolerance)
            for s in members:
                low[s], high[s] = bounds
            lowest = min(lowest, bounds[0])
            highest = max(highest, bounds[1])
    for s in member:
        if not chain.closed[chain.class_of[s]]:
            low[s] = lowest
            high[s] = highest
    # Classes come after those that they lead to: what is read is final, or in the same class.
    for c in range(chain.n_classes):
        if not chain.closed[c] and lowest < highest:
            for _ in range(n_sweeps):
                change = 0.0
                distance = 0.0
                for s in member[start[c] : start[c + 1]]:
                    below = 0.0
                    above = 0.0
                    out = 0.0
                    for k in range(chain.row_start[s], chain.row_stop[s]):
                        if chain.column[k] != s:
                            out += chain.value[k]
                            below += chain.value[k] * low[chain.column[k]]
                            above += chain.value[k] * high[chain.column[k]]
                    below = max(low[s], below / out)
                    above = min(high[s], above / out)
                    change = max(change, below - low[s], high[s] - above)
                    low[s] = below
                    high[s] = above
                    distance = max(distance, above - below)
                if distance <= tolerance or change == 0.0:
                    break
    return low, high


def iterative_gains(arrays: ModelArrays, policy: np.ndarray, root: int) -> np.ndarray:
    """
    Find the gain of a policy in every state that it reaches from `root` (in all states if that is negative).

    Parameters
    ----------
    arrays : ModelArrays
    policy : float64 array of shape (S, A)
    root : int

    Returns
    -------
    float64 array of shape (S,)
        NaN in states that are not reached; else within `TOLERANCE` times the range of the rewards of the gain, or a
        RuntimeWarning says how far.
    """
    tolerance = TOLERANCE * float(np.ptp(arrays.R))
    low, high = _gains(arrays, policy, root, _MOST_SWEEPS, tolerance)
    distance = float(np.nanmax(high - low))
    if distance > 1e3 * tolerance:
        warnings.warn(
            f"The gain of a policy is known only within {distance:.3g}: its chain mixes slowly, and exact elimination "
            f"would take more than {MOST_WORK:.0g} operations.",
            RuntimeWarning,
            stacklevel=3,
        )
    return (low + high) / 2
