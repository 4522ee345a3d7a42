"""The sum of the reciprocals of the sub-optimality gaps: how many actions to tell from the best one, how finely."""

import numpy as np

from colosseum.errors import ConfigurationError

REGULARIZATION = 0.1
"""Added to each gap, so that optimal actions count for 10 and not for infinitely much."""


def get_sum_reciprocals_suboptimality_gaps(
    Q: np.ndarray, V: np.ndarray, reachable_states: np.ndarray | None = None, regularization: float = REGULARIZATION
) -> float:
    """
    Sum up ``1 / (V(s) - Q(s, a) + regularization)`` over states and actions.

    Simchowitz and Jamieson (2019), Non-asymptotic gap-dependent regret bounds for tabular MDPs, Advances in Neural
    Information Processing Systems 32.

    Parameters
    ----------
    Q : float array of shape (S, A), or (H + 1, S, A) in the episodic setting
    V : float array of shape (S,), or (H + 1, S)
        Optimal values: discounted in the continuous setting, of the rest of the episode in the episodic one.
    reachable_states : bool array of shape (H, S), optional
        The states that an episode can be in at each step; only these count.
    regularization : float
        In units of the rewards.

    Returns
    -------
    float

    Raises
    ------
    ConfigurationError
        If shapes do not fit, or a gap plus the regularization is not positive.
    """
    Q, V = np.asarray(Q, float), np.asarray(V, float)
    if Q.shape[:-1] != V.shape or (V.ndim == 2) != (reachable_states is not None):
        raise ConfigurationError(
            f"Q, V: the shapes are {Q.shape} and {V.shape}; (S, A) and (S,) would do, or (H + 1, S, A), (H + 1, S) and "
            "reachable_states of shape (H, S)."
        )
    gaps = np.maximum(V[..., None] - Q, 0)  # rounding may leave the best action a little above the value
    if reachable_states is not None:
        gaps = gaps[: len(reachable_states)][reachable_states]
    if not regularization >= 0 or not (gaps + regularization).min() > 0:
        raise ConfigurationError(
            f"regularization: {regularization!r} leaves a reciprocal infinite; a number above 0 would do."
        )
    return float((1 / (gaps + regularization)).sum())
