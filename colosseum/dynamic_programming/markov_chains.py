"""Markov chains as dense arrays: where a chain is in the long run."""

import numpy as np


def stationary_distribution(P: np.ndarray, start: np.ndarray) -> np.ndarray:
    """
    Return the share of time that a chain spends in each state in the long run.

    Where there are several recurrent classes, it depends on the start. States are eliminated without subtraction
    (Grassmann, Taksar and Heyman 1985), so the result is right to rounding also where the chain mixes slowly.

    Parameters
    ----------
    P : float64 array of shape (S, S)
        Row s is the distribution of the state after s.
    start : float64 array of shape (S,)
        The distribution of the first state.

    Returns
    -------
    float64 array of shape (S,)

    Examples
    --------
    >>> stationary_distribution(np.array([[0.5, 0.5], [0.25, 0.75]]), np.array([1.0, 0.0])).round(4).tolist()
    [0.3333, 0.6667]
    """
    from scipy.sparse import csr_array  # not where an instance runs
    from scipy.sparse.csgraph import connected_components

    n_classes, label = connected_components(csr_array(P > 0), directed=True, connection="strong")
    is_closed = np.ones(n_classes, bool)
    source, target = np.nonzero(P > 0)
    is_closed[label[source[label[source] != label[target]]]] = False
    rest, mass = np.array(P, dtype=np.float64), np.array(start, dtype=np.float64)
    for state in np.flatnonzero(~is_closed[label]):
        rest[state, state] = 0.0
        onward = rest[state] / rest[state].sum()
        mass += mass[state] * onward
        mass[state] = 0.0
        into = rest[:, state].copy()
        rest[:, state] = 0.0
        rest += np.outer(into, onward)
    found = np.zeros(mass.size)
    for number in np.flatnonzero(is_closed):
        members = np.flatnonzero(label == number)
        if mass[members].sum() > 0:
            found[members] = mass[members].sum() * _of_class(rest[np.ix_(members, members)])
    return found


def _of_class(P: np.ndarray) -> np.ndarray:
    for k in range(len(P) - 1, 0, -1):
        P[:k, k] /= P[k, :k].sum()
        P[:k, :k] += np.outer(P[:k, k], P[k, :k])
    weight = np.ones(len(P))
    for k in range(1, len(P)):
        weight[k] = weight[:k] @ P[:k, k]
    return weight / weight.sum()
