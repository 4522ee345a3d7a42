"""Both Q-learning agents and the random one in plain numpy, one array entry at a time, as their papers write them."""

import math

import numpy as np


def agent_generator(seed):
    """The generator that an agent draws from."""
    return np.random.default_rng(np.random.SeedSequence(seed).spawn(3)[2])


def greedy(q, rng):
    """A greedy action; a random number is drawn only for a tie."""
    ties = np.flatnonzero(q == q.max())
    return int(ties[0] if len(ties) == 1 else ties[int(rng.random() * len(ties))])


class RandomTwin:
    """Uniformly random actions."""

    def __init__(self, seed, n_actions):
        self.rng, self.n_actions = agent_generator(seed), n_actions

    def act(self, s, h):
        return int(self.rng.random() * self.n_actions)

    def learn(self, s, a, reward, next_state, h):
        pass


class QLearningContinuousTwin:
    """Wei et al. (2020), Algorithm 1, with the benchmark's weights of the span and of the horizon."""

    def __init__(self, seed, S, A, T, min_at=0.0, confidence=0.95, span=1.0, h_weight=1.0):
        delta = 1 - confidence
        limit = min(math.sqrt(span * (T / (S * A))), (T / (S * A) / math.log(4 * T / delta)) ** (1 / 3))
        self.H = max(2.0, h_weight * limit)
        self.gamma = 1 - 1 / self.H
        self.min_at, self.span, self.log = min_at, span, math.log(2 * T / delta)
        self.Q, self.Q_hat = np.full((S, A), self.H), np.full((S, A), self.H)
        self.V_hat, self.N = np.full(S, self.H), np.zeros((S, A), int)
        self.rng = agent_generator(seed)

    def act(self, s, h):
        return greedy(self.Q_hat[s], self.rng)

    def learn(self, s, a, reward, next_state, h):
        self.N[s, a] += 1
        t = int(self.N[s, a])
        alpha = max(self.min_at, (self.H + 1) / (self.H + t))
        bonus = 4 * self.span * math.sqrt(self.H / t * self.log)
        target = reward + self.gamma * self.V_hat[next_state] + bonus
        self.Q[s, a] = (1 - alpha) * self.Q[s, a] + alpha * target
        self.Q_hat[s, a] = min(self.Q_hat[s, a], self.Q[s, a])
        self.V_hat[s] = self.Q_hat[s].max()


class QLearningEpisodicTwin:
    """Jin et al. (2018), Algorithms 1 and 2."""

    def __init__(self, seed, S, A, H, T, p, c_1, c_2=None, min_at=0.0, UCB_type="hoeffding"):
        self.S, self.A, self.H = S, A, H
        self.iota = math.log(S * A * T / p)
        self.c_1, self.c_2, self.min_at, self.UCB_type = c_1, c_2, min_at, UCB_type
        self.Q, self.V = np.full((H, S, A), float(H)), np.full((H + 1, S), float(H))
        self.V[H] = 0
        self.N = np.zeros((H, S, A), int)
        self.mu, self.sigma, self.beta = (np.zeros((H, S, A)) for _ in range(3))
        self.rng = agent_generator(seed)

    def act(self, s, h):
        return greedy(self.Q[h, s], self.rng)

    def learn(self, s, a, reward, next_state, h):
        H, iota = self.H, self.iota
        self.N[h, s, a] += 1
        t = int(self.N[h, s, a])
        alpha = max(self.min_at, (H + 1) / (H + t))
        v = self.V[h + 1, next_state]
        if self.UCB_type == "hoeffding":
            bonus = self.c_1 * math.sqrt(H**3 * iota / t)
        else:
            self.mu[h, s, a] += v
            self.sigma[h, s, a] += v**2
            mu, sigma, before = self.mu[h, s, a], self.sigma[h, s, a], self.beta[h, s, a]
            second = self.c_2 * math.sqrt(H**3 * iota / t)
            # as the paper writes it, and in the kernel's order of operations, which rounds differently
            W = (sigma - mu**2 / t) / t
            first = self.c_1 * (math.sqrt(H / t * (W + H) * iota) + math.sqrt(H**7 * self.S * self.A) * iota / t)
            paper = (min(first, second) - (1 - alpha) * before) / (2 * alpha)
            W = (sigma - mu * mu * (1 / t)) * (1 / t)
            first = math.sqrt(H * iota * (1 / t) * (W + H)) + math.sqrt(H**7 * self.S * self.A) * iota * (1 / t)
            self.beta[h, s, a] = min(self.c_1 * first, second)
            bonus = (self.beta[h, s, a] - (1 - alpha) * before) * (0.5 / alpha)
            assert math.isclose(bonus, paper, rel_tol=1e-9, abs_tol=1e-9)
        self.Q[h, s, a] = (1 - alpha) * self.Q[h, s, a] + alpha * (reward + v + bonus)
        self.V[h, s] = min(H, self.Q[h, s].max())


def run(twin, simulator, n):
    """Let a twin meet an environment for `n` steps; float64 array of the rewards."""
    rewards = np.empty(n)
    s, h = simulator.reset().observation, 0
    for t in range(n):
        a = twin.act(s, h)
        ts = simulator.step(a)
        rewards[t] = ts.reward
        twin.learn(s, a, ts.reward, ts.observation, h)
        if ts.last():
            s, h = simulator.reset().observation, 0
        else:
            s, h = ts.observation, simulator.h if np.isfinite(simulator.horizon) else 0
    return rewards
