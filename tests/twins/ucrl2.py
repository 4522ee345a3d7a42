"""UCRL2 in plain numpy, with dense arrays and one row of extended value iteration at a time."""

import math

import numpy as np

from twins.q_learning import agent_generator, greedy


class UCRL2Twin:
    """Jaksch et al. (2010), Figures 1 and 2; with intervals, Fruit et al. (2018). Rewards lie in [0, 1]."""

    def __init__(self, seed, S, A, alpha_r=1.0, alpha_p=1.0, bound_type_p="chernoff", bound_type_rew="chernoff"):
        self.S, self.A, self.alpha_r, self.alpha_p = S, A, alpha_r, alpha_p
        self.bound_type_p, self.bound_type_rew = bound_type_p, bound_type_rew
        self.rng = agent_generator(seed)
        self.counts = np.zeros((S, A, S))
        self.rewards = [[[] for _ in range(A)] for _ in range(S)]
        self.t, self.n_episodes, self.u = 0, 0, np.zeros(S)
        self.plan()

    @property
    def N(self):
        return self.counts.sum(-1).astype(int)

    def act(self, s, h):
        return greedy(self.q[s], self.rng)

    def learn(self, s, a, reward, next_state, h):
        self.counts[s, a, next_state] += 1
        self.rewards[s][a].append(reward)
        self.t += 1
        if self.N[s, a] - self.N_before[s, a] >= max(1, self.N_before[s, a]):
            self.plan()

    def plan(self):
        self.n_episodes += 1
        self.N_before = self.N.copy()
        delta = 1 / math.sqrt(self.t + 1)
        L = math.log(2 * self.S * self.A * (self.t + 1) / delta)
        optimistic = np.ones((self.S, self.A))
        for s in range(self.S):
            for a in range(self.A):
                r = np.array(self.rewards[s][a])
                n = len(r)
                if n:
                    if self.bound_type_rew == "chernoff":
                        beta = self.alpha_r * math.sqrt(3.5 * L / n)
                    else:
                        beta = math.sqrt(self.alpha_r) * math.sqrt(14 * r.var() * L / n)
                        beta += self.alpha_r * 49 * L / (3 * max(1, n - 1))
                    optimistic[s, a] = min(1, r.mean() + beta)
        while True:
            self.q = optimistic + [[self.greatest(s, a, delta, L) for a in range(self.A)] for s in range(self.S)]
            new = self.q.max(1)
            change = new - self.u
            self.u = new - new.min()
            if change.max() - change.min() < delta:
                return

    def greatest(self, s, a, delta, L):
        n, order = self.N[s, a], np.argsort(-self.u, kind="stable")
        if n == 0:
            return self.u.max()
        p = self.counts[s, a] / n
        if self.bound_type_p == "bernstein":
            width = math.sqrt(self.alpha_p) * np.sqrt(14 * p * (1 - p) * L / n) + self.alpha_p * 49 * L / (
                3 * max(1, n - 1)
            )
            low, high = np.maximum(0, p - width), np.minimum(1, p + width)
            rest = 1 - low.sum()
            for j in order:
                more = min(rest, high[j] - low[j])
                low[j] += more
                rest -= more
            return low @ self.u
        radius = self.alpha_p * math.sqrt(14 * self.S * math.log(2 * self.A * (self.t + 1) / delta) / n)
        best = self.u == self.u.max()
        gain = radius / 2
        if gain >= 1 - p[best].sum():
            return self.u.max()
        p[order[0]] += gain
        for j in order[::-1]:
            less = min(gain, p[j])
            p[j] -= less
            gain -= less
        return p @ self.u
