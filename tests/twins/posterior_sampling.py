"""Posterior sampling for episodes in plain numpy, with dense transition probabilities."""

import math

import numpy as np

from twins.q_learning import agent_generator, greedy


class PSRLEpisodicTwin:
    """Osband et al. (2013), Algorithm 1, for a concentration of the prior that is small enough to break sticks."""

    def __init__(self, seed, S, A, H, prior, alpha):
        self.S, self.A, self.H, self.prior, self.alpha = S, A, H, prior, alpha
        self.rng = agent_generator(seed)
        self.met = [[{} for _ in range(A)] for _ in range(S)]
        self.rewards = [[[] for _ in range(A)] for _ in range(S)]
        self.plan()

    def act(self, s, h):
        return greedy(self.Q[h, s], self.rng)

    def learn(self, s, a, reward, next_state, h):
        met = self.met[s][a]
        met[next_state] = met.get(next_state, 0) + 1
        self.rewards[s][a].append(reward)
        if h == self.H - 1:
            self.plan()

    def plan(self):
        R = np.array([[self.sample_reward(s, a) for a in range(self.A)] for s in range(self.S)])
        T = np.array([[self.sample_row(s, a) for a in range(self.A)] for s in range(self.S)])
        self.Q, v = np.zeros((self.H, self.S, self.A)), np.zeros(self.S)
        for h in reversed(range(self.H)):
            self.Q[h] = R + T @ v
            v = self.Q[h].max(1)

    def sample_reward(self, s, a):
        mu, n_mu, tau, n_tau = self.prior
        r = np.array(self.rewards[s][a])
        n = len(r)
        mean = r.mean() if n else 0.0
        squares = ((r - mean) ** 2).sum()
        shape, rate = n_tau / 2 + n / 2, n_tau / (2 * tau) + (squares + n_mu * n * (mean - mu) ** 2 / (n_mu + n)) / 2
        precision = self.rng.standard_gamma(shape) / rate
        return (n_mu * mu + n * mean) / (n_mu + n) + self.rng.standard_normal() / math.sqrt((n_mu + n) * precision)

    def sample_row(self, s, a):
        row = np.zeros(self.S)
        for state, n in self.met[s][a].items():
            row[state] = self.rng.standard_gamma(float(n))
        c = self.S * self.alpha
        lump = self.rng.standard_gamma(c)
        left = lump / (lump + row.sum()) if row.any() else 1.0
        if row.any():
            row *= (1 - left) / row.sum()
        while left > 1e-12:
            kept = (1 - self.rng.random()) ** (1 / c)
            row[int(self.rng.random() * self.S)] += left * (1 - kept)
            left *= kept
        row[int(self.rng.random() * self.S)] += left
        return row
