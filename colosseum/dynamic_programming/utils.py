"""Policies from action values."""

import numpy as np


def get_policy_from_q_values(Q: np.ndarray, stochastic_form: bool = False) -> np.ndarray:
    """
    Return the greedy policy.

    Parameters
    ----------
    Q : float array of shape (..., A)
        Action values, of any leading shape: (S, A) or (H, S, A).
    stochastic_form : bool
        Return probabilities, the best actions of a state mixed uniformly, instead of the first best action.

    Returns
    -------
    int64 array of shape (...,), or float64 array of shape (..., A) in the stochastic form
    """
    Q = np.asarray(Q)
    if not stochastic_form:
        return Q.argmax(-1)
    best = Q == Q.max(-1, keepdims=True)
    return best / best.sum(-1, keepdims=True)
