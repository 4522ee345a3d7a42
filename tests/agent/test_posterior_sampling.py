"""Both agents of posterior sampling: against a twin, brute force and closed forms."""

import itertools
import math

import numpy as np
import pytest
from scipy import stats
from small_mdps import Simulator, compiled, episodic_value, random_mdp, river_swim, specs
from twins.posterior_sampling import PSRLContinuousTwin, PSRLEpisodicTwin
from twins.q_learning import run

from colosseum.agent.agents.episodic import PSRLEpisodic
from colosseum.agent.agents.episodic.backward_induction import NO_SCALE, NO_WEIGHTS, backward_induction
from colosseum.agent.agents.infinite_horizon import PSRLContinuous
from colosseum.agent.agents.infinite_horizon.extended_mdp import evaluate_core, simple_rows, solve_extended_mdp
from colosseum.agent.agents.infinite_horizon.random_states import RandomStates, best_states, draw_state
from colosseum.agent.mdp_models.dirichlet_rows import DenseRows, repeated_rows, sample_few
from colosseum.errors import ConfigurationError

PACKAGED = {
    "psi_weight": 0.01674,
    "omega_weight": 0.11046,
    "kappa_weight": 2.69405,
    "eta_weight": 1.38269e-7,
    "rewards_prior_prms": [0.2359, 1, 1, 1],
}

DIGITS = {False: 1e-9, True: 1e-6}
"""Relative tolerances; weights of dense rows are float32, and the last of their digits is the kernel's own."""


@pytest.mark.parametrize("alpha", [0.01, 0.5, 1.5])
@pytest.mark.parametrize("beta", [False, True])
def test_episodic_agent_does_what_its_twin_does(alpha, beta):
    model, n, H, prior = random_mdp(3, n_states=5, n_actions=2, beta=beta), 800, 4, [0.8, 1.0, 2.0, 3.0]
    twin = PSRLEpisodicTwin(3, 5, 2, H, prior, alpha)
    rewards = run(twin, Simulator(model, H, seed=9), n)
    agent = PSRLEpisodic(3, specs(model, H), n, rewards_prior_prms=prior, transitions_prior_prms=[alpha])
    _, sums, _ = compiled(agent, model, n, seed=9, chunk=1)
    assert sums == pytest.approx(rewards, abs=1e-9)
    values = agent._values.reshape(H, 5, 2)
    evaluated = np.isfinite(values)
    assert values[evaluated] == pytest.approx(twin.Q[evaluated], rel=DIGITS[agent._dense is not None])
    assert np.array_equal(agent._greedy.reshape(H, 5), twin.Q.argmax(2))
    assert agent.n_plans == n // H + 1


@pytest.mark.parametrize("eta_weight", [1e-10, 1.0])
@pytest.mark.parametrize("omega_weight", [0.001, 0.1])
@pytest.mark.parametrize("beta", [False, True])
def test_continuous_agent_does_what_its_twin_does(eta_weight, omega_weight, beta):
    """Both kinds of rows, eta being 5 visits or 50, and both samplers."""
    model, n, prior = random_mdp(3, n_states=5, n_actions=2, beta=beta), 3000, [0.8, 1.0, 2.0, 3.0]
    weights = {"psi_weight": 0.2, "omega_weight": omega_weight, "kappa_weight": 0.3, "eta_weight": eta_weight}
    agent = PSRLContinuous(3, specs(model), n, rewards_prior_prms=prior, **weights)
    twin = PSRLContinuousTwin(3, 5, 2, prior, agent.psi, agent.omega, agent.kappa, agent.eta)
    rewards = run(twin, Simulator(model, seed=9), n)
    _, sums, _ = compiled(agent, model, n, seed=9, chunk=1)
    assert agent.psi > 2 and agent.eta == (5 if eta_weight < 1 else 50)
    assert (agent._dense is None) == (omega_weight == 0.001)
    assert sums == pytest.approx(rewards, abs=1e-9)
    assert agent._values.reshape(5, 2) == pytest.approx(twin.q, rel=DIGITS[agent._dense is not None])
    assert agent.n_plans == twin.n_plans > 30
    assert (twin.N >= agent.eta).any()


class TestBackwardInduction:
    """Rows are skipped where they cannot be the best, and nothing else changes."""

    S, A, H = 40, 4, 30

    def problem(self, alpha, seed, n_visits=0):
        """A sample of transitions: near a random deterministic MDP if there are visits."""
        rng = np.random.default_rng(seed)
        n_rows = self.S * self.A
        counts = np.full(n_rows if n_visits else 0, float(n_visits))
        indptr = np.arange(n_rows + 1) if n_visits else np.zeros(n_rows + 1, np.int64)
        rows = indptr, rng.integers(0, self.S, len(counts)), counts
        rewards = rng.normal(0.3, 0.1, size=n_rows)
        if alpha >= 0.02:
            dense = DenseRows(alpha, self.S)
            dense.sample(*rows, rng)
            return (*rows, np.zeros(n_rows), dense.weights, dense.scale, rewards)
        few = sample_few(*rows, np.full(n_rows, alpha), self.S, rng)
        return (*few, np.zeros(n_rows), NO_WEIGHTS, NO_SCALE, rewards)

    def solve(self, problem, every_row):
        values = np.zeros(self.H * self.S * self.A)
        greedy = np.zeros(self.H * self.S, np.int32)
        n = backward_induction(*problem, every_row, values, greedy)
        return values, greedy, n

    @pytest.mark.slow
    @pytest.mark.parametrize("alpha", [0.01, 0.3, 3.0])
    @pytest.mark.parametrize("n_visits", [0, 3, 1000])
    def test_the_policy_is_that_of_every_row(self, alpha, n_visits):
        for seed in range(5):
            problem = self.problem(alpha, seed, n_visits)
            values, greedy, n = self.solve(problem, False)
            every_value, every_greedy, n_all = self.solve(problem, True)
            assert n_all == self.H * self.S * self.A
            assert n < 0.8 * n_all
            assert np.array_equal(greedy, every_greedy)
            evaluated = np.isfinite(values)
            assert np.array_equal(values[evaluated], every_value[evaluated])

    def test_all_rows_evaluated_are_the_textbook(self):
        for alpha in (0.01, 0.7):
            problem = self.problem(alpha, 0)
            indptr, states, probs, _, weights, scale, rewards = problem
            T = np.zeros((self.S * self.A, self.S))
            if len(weights):
                T = weights.astype(float) * scale[:, None]
            else:
                np.add.at(T, (np.repeat(np.arange(self.S * self.A), np.diff(indptr)), states), probs)
            values, greedy, _ = self.solve(problem, True)
            v = np.zeros(self.S)
            for h in reversed(range(self.H)):
                q = (rewards + T @ v).reshape(self.S, self.A)
                v = q.max(1)
                assert values.reshape(self.H, self.S, self.A)[h] == pytest.approx(q, rel=1e-9)
                assert np.array_equal(greedy.reshape(self.H, self.S)[h], q.argmax(1))

    def test_ties_stay_ties(self):
        """Pairs of which nothing is known are tied exactly; so are two actions that do the same."""
        n_rows = self.S * self.A
        rng = np.random.default_rng(0)
        states = np.repeat(rng.integers(0, self.S, n_rows // 2), 2)
        rewards = np.repeat(rng.normal(size=n_rows // 2), 2)
        rows = np.arange(n_rows + 1), states, np.full(n_rows, 0.9)
        problem = (*rows, np.full(n_rows, 0.1), NO_WEIGHTS, NO_SCALE, rewards)
        values, greedy, n = self.solve(problem, False)
        every_value, every_greedy, n_all = self.solve(problem, True)
        assert n < n_all and (greedy == -2).all()
        assert np.array_equal(greedy, every_greedy)
        best = values.reshape(-1, self.A).max(1, keepdims=True) == values.reshape(-1, self.A)
        assert np.array_equal(
            best, every_value.reshape(-1, self.A).max(1, keepdims=True) == every_value.reshape(-1, self.A)
        )

    def test_the_policy_that_no_longer_changes_is_not_evaluated(self):
        """Where chains mix, far from the end only the order of the rows is left, which stays."""
        n = self.solve(self.problem(3.0, 0), False)[2]
        assert n < 10 * self.S * self.A  # of 30 times that


@pytest.mark.parametrize("alpha", [0.01, 3.0])
def test_both_samplers_of_the_episodic_agent_learn(alpha):
    """With many data the prior does not matter: the evaluated policy becomes optimal."""
    model, H, n = river_swim(4, p_rand=0.1), 8, 20_000
    agent = PSRLEpisodic(0, specs(model, H), n, transitions_prior_prms=[alpha])
    assert (agent._dense is None) == (alpha == 0.01)
    compiled(agent, model, n)
    best = episodic_value(model, None, H)[0]
    assert episodic_value(model, agent.current_optimal_stochastic_policy, H)[0] == pytest.approx(best, rel=0.01)


def test_evaluated_policy_of_the_episodic_agent_is_optimal_for_the_posterior_means():
    model, H = random_mdp(3, n_states=6, n_actions=3), 5
    agent = PSRLEpisodic(1, specs(model, H), 1000, transitions_prior_prms=[0.4])
    compiled(agent, model, 50 * H)
    T, R = agent._mdp_model.get_map_estimate()
    v = np.zeros(6)
    policy = agent.current_optimal_stochastic_policy
    for h in reversed(range(H)):
        q = R + T @ v
        v = q.max(1)
        assert np.array_equal(policy[h].argmax(1), q.argmax(1))


class TestExtendedMDP:
    S, A, psi = 4, 2, 3

    def extended(self, is_dense, seed, n_sampled=3):
        """Counts of four states, and samples of them: some rows simple optimistic, some from the posterior."""
        rng = np.random.default_rng(seed)
        n_rows = self.S * self.A
        indptr = np.concatenate([[0], np.cumsum(rng.integers(0, 3, n_rows))])
        states = np.concatenate([rng.choice(self.S, k, replace=False) for k in np.diff(indptr)]).astype(np.int64)
        counts = rng.integers(1, 400, len(states)).astype(float)
        visits = np.array([int(counts[a:b].sum()) for a, b in zip(indptr[:-1], indptr[1:], strict=True)])
        sampled = np.sort(rng.choice(n_rows, n_sampled, replace=False))
        is_sampled = np.isin(np.arange(n_rows), sampled)
        simple = simple_rows(indptr, states, counts, visits, is_sampled, self.S)
        random_states = RandomStates.of(~is_sampled, self.psi, self.S)
        rows = repeated_rows(indptr, states, counts, sampled, self.psi)
        few = (np.zeros(1, np.int64), np.empty(0, np.int64), np.empty(0))
        weights, scale = np.empty((0, self.S), np.float32), np.empty(0)
        if is_dense:
            sampler = DenseRows(0.3, self.S)
            sampler.sample(*rows, rng)
            weights, scale = sampler.weights, sampler.scale
        else:
            few = sample_few(*rows, np.full(n_sampled * self.psi, 0.3), self.S, rng)
        rewards = rng.uniform(0, 1, n_rows)
        return (indptr, states, counts, visits), (simple, random_states, sampled, few, weights, scale, rewards), rng

    def as_array(self, simple, random_states, sampled, few, weights, scale, rng):
        """
        Transition probabilities of all samples, float64 array of shape (S, A, n, S).

        Rows of fewer than n samples have some of them twice.
        """
        indptr, states, less, rest = simple
        samples = [[] for _ in rest]
        for s in range(self.S):
            if random_states.place[s] < 0:
                draw_state(random_states, s, rng)
            bits = random_states.bits[random_states.place[s]]
            for row in range(len(rest)):
                if bits[row // 64] >> np.uint64(row % 64) & np.uint64(1):
                    assert row not in sampled
                    T = np.zeros(self.S)
                    part = slice(indptr[row], indptr[row + 1])
                    T[states[part]] += less[part]
                    T[s] += rest[row]
                    samples[row].append(T)
        for i, row in enumerate(sampled):
            for j in range(i * self.psi, (i + 1) * self.psi):
                T = np.zeros(self.S)
                if len(weights):
                    T = weights[j].astype(float) * scale[j]
                else:
                    part = slice(few[0][j], few[0][j + 1])
                    np.add.at(T, few[1][part], few[2][part])
                samples[row].append(T)
        assert all(1 <= len(of_row) <= self.psi for of_row in samples)
        T = np.array([(of_row * self.psi)[: self.psi] for of_row in samples])
        return T.reshape(self.S, self.A, self.psi, self.S)

    @pytest.mark.parametrize("is_dense", [False, True])
    def test_gain_is_the_greatest_of_all_policies(self, is_dense):
        """Brute force: all (A psi)^S deterministic policies of the extended MDP."""
        for seed in range(4):
            _, arguments, rng = self.extended(is_dense, seed)
            rewards = arguments[-1]
            q, greedy, v, n_rounds = solve_extended_mdp(*arguments, self.psi, np.zeros(self.S), 1e-9, rng)
            assert n_rounds < 1000
            T = self.as_array(*arguments[:-1], rng).reshape(self.S, self.A * self.psi, self.S)
            R = np.repeat(rewards.reshape(self.S, self.A), self.psi, axis=1)
            policies = np.array(list(itertools.product(range(self.A * self.psi), repeat=self.S)))
            P = T[np.arange(self.S), policies]
            # the limit of lazy chains, by squaring
            P = (P + np.eye(self.S)) / 2
            for _ in range(40):
                P = P @ P
                P /= P.sum(-1, keepdims=True)
            gains = np.einsum("nst,nt->ns", P, R[np.arange(self.S), policies]).max(0)
            gain = q.reshape(self.S, self.A).max(1) - v
            assert gain == pytest.approx(gains, abs=1e-6)
            best = (R[..., None] * 0 + T @ v[:, None]).squeeze(-1) + R
            assert np.array_equal(greedy, best.reshape(self.S, self.A, self.psi).max(-1).argmax(1))

    def test_simple_optimistic_samples_by_the_formula(self):
        (indptr, states, counts, visits), (simple, _, sampled, *_), _ = self.extended(False, 1, n_sampled=1)
        new_indptr, new_states, less, rest = simple
        log_term = math.log(4 * self.S)
        for row in range(self.S * self.A):
            part, new_part = slice(indptr[row], indptr[row + 1]), slice(new_indptr[row], new_indptr[row + 1])
            if row in sampled:
                assert new_indptr[row] == new_indptr[row + 1]
                continue
            n = max(visits[row], 1)
            f = counts[part] / n
            expected = f - np.minimum(f, np.sqrt(3 * f * log_term / n) + 3 * log_term / n)
            assert less[new_part] == pytest.approx(expected[expected > 0], abs=1e-12)
            assert np.array_equal(new_states[new_part], states[part][expected > 0])
            assert rest[row] == pytest.approx(1 - expected.sum())
        assert less.max() > 0.5


class TestRandomStates:
    """Rows 0, 2, 4, ... of 130 have 3 random states each, of 7."""

    S, psi, n_rows = 7, 3, 130

    def find(self, states, v, rng):
        best = np.full(self.n_rows, -1)
        best_states(states, v, rng, best)
        return best

    def drawn(self, states, rng):
        """Which rows have which states, bool array of shape (n_rows, S)."""
        for s in range(self.S):
            if states.place[s] < 0:
                draw_state(states, s, rng)
        bits = states.bits[states.place].view(np.uint8).reshape(self.S, -1)
        return np.unpackbits(bits, axis=1, bitorder="little")[:, : self.n_rows].T.astype(bool)

    def test_sets_have_the_distribution_of_independent_draws(self):
        """Whatever the order in which they are found: each of the 63 sets of up to 3 states, and pairs of rows."""
        rng = np.random.default_rng(1)
        states = RandomStates.of(np.arange(self.n_rows) % 2 == 0, self.psi, self.S)
        seen, first_two = np.zeros(2**self.S), np.zeros((self.S, self.S))
        n = 1500
        for _ in range(n):
            states.forget()
            v = rng.normal(size=self.S)
            best = self.find(states, v, rng)
            # a later walk, by values that depend on what was found
            again = self.find(states, np.where(np.isin(np.arange(self.S), best[::2][:3]), v - 10, v), rng)
            drawn = self.drawn(states, rng)
            assert not drawn[1::2].any() and states.used.tolist() == [self.S, 0]
            assert np.array_equal(best[::2], np.where(drawn[::2], v, -np.inf).argmax(1))
            assert drawn[np.arange(0, self.n_rows, 2), again[::2]].all()
            np.add.at(seen, (drawn[::2] * 2 ** np.arange(self.S)).sum(1), 1)
            first_two += np.outer(drawn[0], drawn[2])
        subsets = [np.flatnonzero([mask >> s & 1 for s in range(self.S)]) for mask in range(2**self.S)]
        # by inclusion and exclusion: the number of sequences of draws whose set of states is of each size
        onto = [sum((-1) ** j * math.comb(k, j) * (k - j) ** self.psi for j in range(k + 1)) for k in range(self.S + 1)]
        expected = np.array([onto[len(subset)] / self.S**self.psi for subset in subsets]) * n * 65
        possible = expected > 0
        assert possible.sum() == 63 and seen[~possible].sum() == 0
        assert stats.chisquare(seen[possible], expected[possible]).pvalue > 1e-3
        both = 1 - (1 - 1 / self.S) ** self.psi
        assert first_two / n == pytest.approx(both**2, abs=5 * math.sqrt(both**2 / n))

    def test_of_equal_values_the_lowest_state_counts(self):
        rng = np.random.default_rng(0)
        states = RandomStates.of(np.ones(self.n_rows, bool), self.psi, self.S)
        best = self.find(states, np.zeros(self.S), rng)
        assert np.array_equal(best, self.drawn(states, rng).argmax(1))

    def test_few_draws_are_made(self):
        """Sixty random states a row, and two or three of five hundred states are enough for half of the rows."""
        rng = np.random.default_rng(0)
        states = RandomStates.of(np.ones(1000, bool), 60, 500)
        best = np.zeros(1000, np.int64)
        v = np.sort(rng.normal(size=500))[::-1].copy()
        best_states(states, v, rng, best)
        assert states.used[0] < 100 and states.used[1] > 50_000
        assert (best > 5).mean() == pytest.approx((1 - 6 / 500) ** 60, abs=0.06)


@pytest.mark.parametrize("seed", range(5))
def test_values_of_a_policy_from_its_core_outwards(seed):
    """Twenty states lead to three, or to one another: the values are the solution of the equations."""
    rng, S = np.random.default_rng(seed), 23
    core = seed + 1
    P = np.zeros((S, S))
    P[np.arange(S), rng.integers(0, core, S)] = 0.3 if seed % 2 else 1.0
    for s in range(S):
        P[s, rng.integers(0, max(1, s))] += 0.7 if seed % 2 else 0.0
    P /= P.sum(1, keepdims=True)
    P[0] = 0
    P[0, core - 1] = 1
    start = np.concatenate([[0], np.cumsum((P > 0).sum(1))])
    state, prob = np.nonzero(P)[1], P[P > 0]
    r, v, new = rng.uniform(size=S), rng.normal(size=S), np.empty(S)
    for _ in range(100):
        n_core = evaluate_core(start, state, prob, r, np.arange(S), v, new, 1e-13, True)
        v -= v[0]
    assert n_core < S
    change = r + P @ v - v
    assert np.ptp(change) < 1e-9


def test_quantities_of_the_analysis():
    """psi, omega, kappa and eta by hand, with and without their bounds."""
    model, T = random_mdp(0, n_states=6, n_actions=2), 10_000
    agent = PSRLContinuous(0, specs(model), T, psi_weight=0.5, omega_weight=0.1, kappa_weight=2, eta_weight=1e-3)
    omega = 0.1 * math.log(T / 0.05)
    assert agent.psi == math.floor(0.5 * 6 * math.log(12 / 0.05))
    assert agent.omega == pytest.approx(omega)
    assert agent.kappa == pytest.approx(2 * math.log(T / 0.05))
    assert agent.eta == pytest.approx(1e-3 * (math.sqrt(T * 6 / 2) + 12 * omega * 6**4))
    agent = PSRLContinuous(0, specs(model), T, psi_weight=1e-4, eta_weight=1e-12)
    assert (agent.psi, agent.eta) == (2, 5)
    agent = PSRLContinuous(0, specs(model), T, psi_weight=100, eta_weight=1, max_psi=11)
    assert (agent.psi, agent.eta) == (11, 60)


def test_rows_are_sampled_from_the_posterior_from_eta_visits_on():
    model = river_swim(3, p_rand=0.2)
    agent = PSRLContinuous(0, specs(model), 10_000, **PACKAGED)
    compiled(agent, model, 3000)
    assert agent.eta < 30 < agent._visits.max()
    assert agent._visits.sum() <= 3000
    policy = agent.current_optimal_stochastic_policy
    assert policy is agent.current_optimal_stochastic_policy and not policy.flags.writeable
    assert policy.argmax(1).tolist() == [1, 1, 1]


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"p": 1.0}, "PSRLContinuous.p = 1.0: it must be a number in (0, 1)"),
        ({"psi_weight": -1}, "PSRLContinuous.psi_weight = -1: it must be a number in (0, inf)"),
        ({"max_psi": 1}, "PSRLContinuous.max_psi = 1: it must be a whole number of at least 2"),
        ({"kappa_weight": float("inf")}, "PSRLContinuous.kappa_weight = inf: it must be a number in (0, inf)"),
    ],
)
def test_bad_hyperparameters(parameters, message):
    with pytest.raises(ConfigurationError) as error:
        PSRLContinuous(0, specs(river_swim(3)), 100, **parameters)
    assert message in str(error.value).splitlines()[0]
