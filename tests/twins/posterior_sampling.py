"""Posterior sampling in plain numpy, with dense transition probabilities."""

import math

import numpy as np

from colosseum.agent.mdp_models.dirichlet_rows import is_dense
from colosseum.agent.mdp_models.gamma_table import gamma_table
from twins.gamma_table import gammas
from twins.q_learning import agent_generator, greedy
from twins.split_mix import ONE, split_mix


class PSRLEpisodicTwin:
    """Osband et al. (2013), Algorithm 1; every row of backward induction is evaluated."""

    def __init__(self, seed, S, A, H, prior, alpha):
        self.S, self.A, self.H, self.prior, self.alpha = S, A, H, prior, alpha
        self.rng = agent_generator(seed)
        self.table = gamma_table(alpha) if is_dense(alpha, S) else None
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
        T = self.sample_rows([met for of_state in self.met for met in of_state]).reshape(self.S, self.A, self.S)
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

    def sample_rows(self, all_met, divisor=1.0):
        """One sample for each dictionary of counts, whatever way alpha allows for."""
        if self.table is None:
            return np.array([self.break_sticks(met, divisor) for met in all_met]).reshape(-1, self.S)
        number = self.rng.bit_generator.random_raw()
        rows = gammas(self.table, len(all_met) * self.S, number).reshape(-1, self.S)
        total = rows.astype(float).sum(1, keepdims=True)
        for i, met in enumerate(all_met):
            for state, n in met.items():
                more = np.float32(self.rng.standard_gamma(n / divisor))
                rows[i, state] += more
                total[i] += more
        return rows / total

    def break_sticks(self, met, divisor):
        row = np.zeros(self.S)
        for state, n in met.items():
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
        self.N, self.n_plans = np.zeros((S, A), int), 0
        self.q, self.R, self.draws = np.zeros((S, A)), np.zeros((S, A)), []
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
        self.simple = {i: self.simple_optimistic_row(*pair) for i, pair in enumerate(pairs) if self.N[pair] < self.eta}
        # the random states of simple rows: draws whose state is not known yet are the first `self.n_unknown`
        if sorted(set(self.draws)) != list(self.simple):
            self.draws = [i for i in self.simple for _ in range(self.psi)]
        self.n_unknown, self.has_drawn = len(self.draws), {}
        sampled = [i for i in range(len(pairs)) if i not in self.simple]
        met = [self.met[pairs[i][0]][pairs[i][1]] for i in sampled for _ in range(self.psi)]
        rows = self.sample_rows(met, self.kappa) if met else np.empty((0, self.S))
        self.solve(R, dict(zip(sampled, rows.reshape(-1, self.psi, self.S), strict=True)))

    def simple_optimistic_row(self, s, a):
        row, log_term = np.zeros(self.S), math.log(4 * self.S)
        for state, n in self.met[s][a].items():
            f = n / self.N[s, a]
            row[state] = f - min(f, math.sqrt(3 * f * log_term / self.N[s, a]) + 3 * log_term / self.N[s, a])
        return row

    def rows_that_drew(self, state):
        """Which simple rows have the state among their random states; decided when it is asked first."""
        if state not in self.has_drawn:
            n_others, n_hits = self.S - len(self.has_drawn), self.n_unknown
            if n_others > 1 and n_hits:
                n_hits = self.rng.binomial(self.n_unknown, 1 / n_others)
            rows = self.has_drawn[state] = set()
            number = int(self.rng.random() * 2**53) << 11
            for k in range(n_hits):
                i = int((split_mix(number + (k + 1) * ONE) >> 11) / 2**53 * self.n_unknown)
                self.n_unknown -= 1
                rows.add(self.draws[i])
                self.draws[i], self.draws[self.n_unknown] = self.draws[self.n_unknown], self.draws[i]
        return self.has_drawn[state]

    def best_rows(self, v, samples):
        """For each pair, the best of its transition vectors, float array of shape (S * A, S)."""
        T = np.zeros((self.S * self.A, self.S))
        missing = set(self.simple)
        for state in np.argsort(-v, kind="stable"):
            if missing:
                for i in self.rows_that_drew(int(state)) & missing:
                    T[i] = self.simple[i]
                    T[i, state] += 1 - self.simple[i].sum()
                    missing.remove(i)
        for i, rows in samples.items():
            T[i] = rows[(rows @ v).argmax()]
        return T

    def solve(self, R, samples):
        v = (self.q + R - self.R).max(1)
        self.R = R
        while True:
            T = self.best_rows(v, samples).reshape(self.S, self.A, self.S)
            self.q = R + T @ v
            new, actions = self.q.max(1), self.q.argmax(1)
            if np.ptp(new - v) < 1e-4:
                break
            v = v + 0.9 * (new - v - (new - v)[0])
            P, r = T[np.arange(self.S), actions], R[np.arange(self.S), actions]
            if self.table is not None and any(s * self.A + a in samples for s, a in enumerate(actions)):
                for _ in range(20):
                    change = r + P @ v - v
                    v = v + 0.9 * (change - change[0])
            else:
                v = self.evaluate(P, r, v)
            v = v - v[0]

    def evaluate(self, P, r, v):
        """Sweeps over the states that others lead to, then each of the others once."""
        core, outer = list(range(self.S)), []
        while True:
            nowhere = [s for s in core if not (P[core, s] > 0).any()]
            if not nowhere:
                break
            outer += nowhere
            core = [s for s in core if s not in nowhere]
        for _ in range(min(200, 20 * self.S // len(core))):
            change = (r + P @ v - v)[core]
            v = v.copy()
            v[core] += 0.9 * change
            if np.ptp(change) < 1e-5:
                break
        for s in reversed(outer):
            v[s] = r[s] + P[s] @ v - (change.min() + change.max()) / 2
        return v
