"""Small environments to put agents through."""

from typing import Any

import numpy as np

from colosseum.mdp.base import BaseMDP
from colosseum.mdp.custom_mdp import CustomContinuous, CustomEpisodic


def random_mdp(
    episodic: bool,
    seed: int = 0,
    n_states: int = 6,
    n_actions: int = 3,
    horizon: int = 4,
    rewards_range: tuple[float, float] = (0.0, 1.0),
    stochastic: bool = True,
) -> BaseMDP:
    """
    Make an environment of random arrays in which every state is reached from every other one.

    Parameters
    ----------
    episodic : bool
    seed : int
        Of the arrays, and of the transitions and rewards that are drawn from them.
    n_states, n_actions : int
    horizon : int
        Steps of an episode, if episodic.
    rewards_range : tuple (float, float)
        Rewards lie within it.
    stochastic : bool
        Beta rewards, which need the range (0, 1), instead of constant ones.
    """
    rng = np.random.default_rng(seed)
    T = np.zeros((n_states, n_actions, n_states))
    for s in range(n_states):
        for a in range(n_actions):
            nearby = {(s + 1) % n_states, *rng.choice(n_states, min(2, n_states), replace=False).tolist()}
            T[s, a, sorted(nearby)] = rng.dirichlet(np.ones(len(nearby)))
    low, high = rewards_range
    means = rng.uniform(0.1, 0.9, (n_states, n_actions))
    R: Any = low + (high - low) * means
    if stochastic and (low, high) == (0, 1):
        R = [[("beta", (4 * mean, 4 - 4 * mean)) for mean in row] for row in means.tolist()]
    start = np.zeros(n_states)
    start[0] += 0.25
    start[-1] += 0.75
    arrays = {"T": T, "R": R, "starting_state_distribution": start, "rewards_range": rewards_range}
    return CustomEpisodic(seed, H=horizon, **arrays) if episodic else CustomContinuous(seed, **arrays)
