"""Small environments as arrays, the step-by-step loop, and exact values by dense linear algebra."""

from types import SimpleNamespace

import dm_env
import numpy as np

from colosseum.mdp.model import MDPModel
from colosseum.mdp.sampling import draw_start, take_step


def specs(model, horizon=np.inf, rewards_range=(0.0, 1.0)):
    """What an agent's constructor reads of an MDPSpec."""
    return SimpleNamespace(
        observations=SimpleNamespace(num_values=model.n_states),
        actions=SimpleNamespace(num_values=model.n_actions),
        rewards_range=rewards_range,
        time_horizon=horizon,
    )


def model_from_dense(T, rewards, start):
    """
    Make a model from arrays.

    Parameters
    ----------
    T : float array of shape (S, A, S)
    rewards : float array of shape (S, A) of constants, or of shape (S, A, 2) of the parameters of Beta distributions
    start : float array of shape (S,)
    """
    S, A, _ = T.shape
    rows = T.reshape(S * A, S)
    counts = (rows > 0).sum(1)
    indptr = np.concatenate([[0], np.cumsum(counts)])
    beta = rewards.ndim == 3
    flat = rewards.reshape(S * A, -1)
    return MDPModel(
        n_states=S,
        n_actions=A,
        indptr=indptr,
        next_state=np.nonzero(rows)[1],
        probs=rows[rows > 0],
        reward=np.repeat(np.arange(S * A), counts),
        reward_kind=np.full(S * A, int(beta)),
        reward_a=flat[:, 0] if beta else np.ones(S * A),
        reward_b=flat[:, -1] if beta else np.ones(S * A),
        reward_loc=np.zeros(S * A) if beta else flat[:, 0].astype(float),
        reward_scale=np.ones(S * A) if beta else np.zeros(S * A),
        start_state=np.flatnonzero(start),
        start_probs=start[start > 0],
        nodes=tuple(range(S)),
    )


def river_swim(size, p_rand=0.0, p_lazy=0.0, beta=False):
    """A chain: LEFT in the first state gives 0.005, RIGHT in the last one 1; the start is the first state."""
    moves = np.zeros((size, 2, size))
    for s in range(size):
        moves[s, 0, max(s - 1, 0)] = 1
        moves[s, 1, min(s + 1, size - 1)] = 1
    T = (1 - p_rand) * moves + p_rand * moves.mean(1, keepdims=True)
    T = (1 - p_lazy) * T + p_lazy * np.eye(size)[:, None]
    means = np.zeros((size, 2))
    means[0, 0], means[-1, 1] = 0.005, 1.0
    rewards = np.stack([1 + 4 * means, 5 - 4 * means], -1) if beta else means
    return model_from_dense(T, rewards, np.eye(size)[0])


def random_mdp(seed, n_states=7, n_actions=3, n_next=3, beta=True):
    """Sparse transitions with random probabilities, two starting states, stochastic rewards."""
    rng = np.random.default_rng(seed)
    T = np.zeros((n_states, n_actions, n_states))
    for s in range(n_states):
        for a in range(n_actions):
            support = rng.choice(n_states, rng.integers(1, n_next + 1), replace=False)
            T[s, a, support] = rng.dirichlet(np.ones(len(support)))
    start = np.zeros(n_states)
    start[[0, n_states - 1]] = 0.25, 0.75
    shape = (n_states, n_actions, 2) if beta else (n_states, n_actions)
    return model_from_dense(T, rng.uniform(0.1, 1, shape), start)


class Simulator:
    """A `dm_env`-like environment on a model; draws as every loop does: the entry, then its reward."""

    def __init__(self, model, horizon=np.inf, seed=0):
        self.model, self.horizon = model, horizon
        self.rng = np.random.default_rng(seed)

    def reset(self):
        self.state, self.h = int(draw_start(self.model.tables, self.rng)), 0
        return dm_env.restart(self.state)

    def step(self, action):
        next_state, reward, _ = take_step(self.model.tables, self.rng, self.state, 0, action)
        self.state = int(next_state)
        self.h += 1
        make = dm_env.termination if self.h == self.horizon else dm_env.transition
        return make(reward=reward, observation=self.state)


def step_by_step(agent, simulator, n, at_log=None, every=0):
    """
    Let an agent meet an environment one TimeStep at a time.

    Returns
    -------
    float64 array of shape (n,)
        The rewards.
    """
    rewards = np.empty(n)
    ts = simulator.reset()
    agent.before_start_interacting()
    for t in range(n):
        time = simulator.h if agent.is_episodic() else t
        action = agent.select_action(ts, time)
        following = simulator.step(action)
        rewards[t] = following.reward
        agent.step_update(ts, action, following, time)
        if agent.is_episode_end(ts, action, following, time):
            agent.episode_end_update()
        ts = simulator.reset() if following.last() else following
        if every and (t + 1) % every == 0:
            at_log(simulator.state)
    return rewards


def compiled(agent, model, n, seed=0, chunk=None, at_log=None):
    """
    Let an agent advance in chunks.

    Returns
    -------
    total : float
    rewards : float64 array
        The sum of the rewards of each chunk.
    position : int64 array of shape (3,)
    """
    rng = np.random.default_rng(seed)
    start = int(draw_start(model.tables, rng))
    position, total = np.array([start, 0, start]), np.zeros(2)
    agent.before_start_interacting()
    sums = []
    for first in range(0, n, chunk or max(n, 1)):
        before = total[0]
        agent.advance(model.tables, rng, position, min(chunk or n, n - first), total)
        sums.append(total[0] - before)
        if at_log:
            at_log(int(position[0]))
    return total[0], np.array(sums), position


# ------------------------------------------------------------------------------------------------------ exact values


def dense(model):
    """Transitions, float64 array of shape (S, A, S), and expected rewards of shape (S, A)."""
    return model.T.toarray().reshape(model.n_states, model.n_actions, -1), model.R


def gain(model, policy, state):
    """Average reward from a state: the row of the limit of ((I + P) / 2)^n, by repeated squaring."""
    T, R = dense(model)
    P = np.einsum("sa,sat->st", policy, T)
    P = (P + np.eye(len(P))) / 2
    for _ in range(60):
        P = P @ P
        P /= P.sum(1, keepdims=True)
    return float(P[state] @ (policy * R).sum(1))


def optimal_gain(model, n_iterations=200_000, tolerance=1e-10):
    """Greatest average reward, by relative value iteration on the lazy chain."""
    T, R = dense(model)
    v = np.zeros(model.n_states)
    for _ in range(n_iterations):
        new = (R + (T @ v + v[:, None]) / 2).max(1)
        change = new - v
        v = new - new.min()
        if np.ptp(change) < tolerance:
            return float(change.mean())
    raise AssertionError("relative value iteration did not converge")


def episodic_value(model, policy, horizon):
    """V_0 of a policy of shape (H, S, A), or the greatest one if `policy` is None; float64 array of shape (S,)."""
    T, R = dense(model)
    v = np.zeros(model.n_states)
    for h in reversed(range(horizon)):
        q = R + T @ v
        v = q.max(1) if policy is None else (policy[h] * q).sum(1)
    return v
