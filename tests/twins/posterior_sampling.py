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

    def sample_row(self, s, a, divisor=1.0):
        row = np.zeros(self.S)
        for state, n in self.met[s][a].items():
            row[state] = self.rng.standard_gamma(n / divisor)
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


class PSRLContinuousTwin(PSRLEpisodicTwin):
    """Agrawal and Jia (2017), Algorithm 1, with modified policy iteration on the dense extended MDP."""

    def __init__(self, seed, S, A, prior, psi, omega, kappa, eta):
        self.psi, self.kappa, self.eta = psi, kappa, eta
        self.N, self.v, self.n_plans = np.zeros((S, A), int), np.zeros(S), 0
        super().__init__(seed, S, A, 0, prior, omega / kappa)

    def act(self, s, h):
        return greedy(self.q[s], self.rng)

    def learn(self, s, a, reward, next_state, h):
        met = self.met[s][a]
        met[next_state] = met.get(next_state, 0) + 1
        self.rewards[s][a].append(reward)
        self.N[s, a] += 1
        if self.N[s, a] >= self.N_before[s, a] + max(1, self.N_before[s, a]):
            self.plan()

    def plan(self):
        self.n_plans += 1
        self.N_before = self.N.copy()
        pairs = [(s, a) for s in range(self.S) for a in range(self.A)]
        R = np.array([self.sample_reward(*pair) for pair in pairs]).reshape(self.S, self.A)
        T = np.zeros((self.S, self.A, self.psi, self.S))
        for pair in pairs:
            if self.N[pair] < self.eta:
                T[pair] = self.simple_optimistic_rows(*pair)
        for pair in pairs:
            if self.N[pair] >= self.eta:
                T[pair] = [self.sample_row(*pair, self.kappa) for _ in range(self.psi)]
        self.solve(R, T)

    def simple_optimistic_rows(self, s, a):
        row, log_term = np.zeros(self.S), math.log(4 * self.S)
        for state, n in self.met[s][a].items():
            f = n / self.N[s, a]
            row[state] = f - min(f, math.sqrt(3 * f * log_term / self.N[s, a]) + 3 * log_term / self.N[s, a])
        rows = np.tile(row, (self.psi, 1))
        for j in range(self.psi):
            rows[j, int(self.rng.random() * self.S)] += 1 - row.sum()
        return rows

    def solve(self, R, T):
        v, states = self.v, np.arange(self.S)
        while True:
            values = T @ v
            self.q = R + values.max(2)
            new, actions = self.q.max(1), self.q.argmax(1)
            if np.ptp(new - v) < 1e-4:
                break
            v = v + 0.9 * (new - v)
            P, r = T[states, actions, values[states, actions].argmax(1)], R[states, actions]
            for _ in range(20):
                v = v + 0.9 * (r + P @ v - v)
            v = v - v[0]
        self.v = v
