"""Both agents of posterior sampling: against a twin, brute force and closed forms."""

import itertools
import math

import numpy as np
import pytest
from small_mdps import Simulator, compiled, episodic_value, random_mdp, river_swim, specs
from twins.posterior_sampling import PSRLContinuousTwin, PSRLEpisodicTwin
from twins.q_learning import run

from colosseum.agent.agents.episodic import PSRLEpisodic
from colosseum.agent.agents.episodic.posterior_sampling import _solve_dense
from colosseum.agent.agents.infinite_horizon import PSRLContinuous
from colosseum.agent.agents.infinite_horizon.extended_mdp import sample_simple_rows, solve_extended_mdp
from colosseum.agent.mdp_models.dirichlet_rows import DenseRows, repeated_rows, sample_few
from colosseum.errors import ConfigurationError

PACKAGED = {
    "psi_weight": 0.01674,
    "omega_weight": 0.11046,
    "kappa_weight": 2.69405,
    "eta_weight": 1.38269e-7,
    "rewards_prior_prms": [0.2359, 1, 1, 1],
}


@pytest.mark.parametrize("alpha", [0.02, 0.5])
@pytest.mark.parametrize("beta", [False, True])
def test_episodic_agent_does_what_its_twin_does(alpha, beta):
    model, n, H, prior = random_mdp(3, n_states=5, n_actions=2, beta=beta), 800, 4, [0.8, 1.0, 2.0, 3.0]
    twin = PSRLEpisodicTwin(3, 5, 2, H, prior, alpha)
    rewards = run(twin, Simulator(model, H, seed=9), n)
    agent = PSRLEpisodic(3, specs(model, H), n, rewards_prior_prms=prior, transitions_prior_prms=[alpha])
    _, sums, _ = compiled(agent, model, n, seed=9, chunk=1)
    assert sums == pytest.approx(rewards, abs=1e-9)
    assert agent._values.reshape(H, 5, 2) == pytest.approx(twin.Q, rel=1e-9)
    assert agent.n_plans == n // H + 1


@pytest.mark.parametrize("eta_weight", [1e-10, 1.0])
@pytest.mark.parametrize("beta", [False, True])
def test_continuous_agent_does_what_its_twin_does(eta_weight, beta):
    """Both kinds of rows: eta is 5 visits, or 50."""
    model, n, prior = random_mdp(3, n_states=5, n_actions=2, beta=beta), 3000, [0.8, 1.0, 2.0, 3.0]
    weights = {"psi_weight": 0.2, "omega_weight": 0.01, "kappa_weight": 0.3, "eta_weight": eta_weight}
    agent = PSRLContinuous(3, specs(model), n, rewards_prior_prms=prior, **weights)
    twin = PSRLContinuousTwin(3, 5, 2, prior, agent.psi, agent.omega, agent.kappa, agent.eta)
    rewards = run(twin, Simulator(model, seed=9), n)
    _, sums, _ = compiled(agent, model, n, seed=9, chunk=1)
    assert agent.psi > 2 and agent.eta == (5 if eta_weight < 1 else 50)
    assert sums == pytest.approx(rewards, abs=1e-9)
    assert agent._values.reshape(5, 2) == pytest.approx(twin.q, rel=1e-9)
    assert agent.n_plans == twin.n_plans > 30
    assert (twin.N >= agent.eta).any()


def test_episodic_plan_on_dense_samples():
    """Backward induction on a dense sample is the textbook's."""
    S, A, H, rng = 9, 3, 6, np.random.default_rng(0)
    dense = DenseRows(0.7, S)
    dense.sample(np.zeros(S * A + 1, np.int64), np.empty(0, np.int64), np.empty(0), rng)
    R = rng.normal(size=S * A)
    values, greedy = np.empty(H * S * A), np.empty(H * S, np.int32)
    _solve_dense(dense.weights, dense.scale, R, A, values, greedy)
    T = (dense.weights * dense.scale).T.reshape(S, A, S).astype(float)
    v = np.zeros(S)
    for h in reversed(range(H)):
        q = R.reshape(S, A) + T @ v
        v = q.max(1)
        assert values.reshape(H, S, A)[h] == pytest.approx(q, rel=1e-5)
        assert np.array_equal(greedy.reshape(H, S)[h], q.argmax(1))


@pytest.mark.parametrize("alpha", [0.05, 3.0])
def test_both_samplers_of_the_episodic_agent_learn(alpha):
    """With many data the prior does not matter: the evaluated policy becomes optimal."""
    model, H, n = river_swim(4, p_rand=0.1), 8, 20_000
    agent = PSRLEpisodic(0, specs(model, H), n, transitions_prior_prms=[alpha])
    assert (agent._dense is None) == (alpha == 0.05)
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
        simple = sample_simple_rows(indptr, counts, visits, sampled, self.psi, self.S, rng)
        rows = repeated_rows(indptr, states, counts, sampled, self.psi)
        few = (np.zeros(1, np.int64), np.empty(0, np.int64), np.empty(0))
        weights, scale = np.empty((self.S, 0), np.float32), np.empty(0)
        if is_dense:
            sampler = DenseRows(0.3, self.S)
            sampler.sample(*rows, rng)
            weights, scale = sampler.weights, sampler.scale
        else:
            few = sample_few(*rows, np.full(n_sampled * self.psi, 0.3), self.S, rng)
        return indptr, states, counts, visits, simple, sampled, few, weights, scale, rng.uniform(0, 1, n_rows)

    def as_array(self, indptr, states, simple, sampled, few, weights, scale):
        """Transition probabilities of all samples, float64 array of shape (S, A * psi, S)."""
        T = np.zeros((self.S * self.A, self.psi, self.S))
        less, rest, random_state = simple
        for row in range(self.S * self.A):
            for j in range(self.psi):
                if row in sampled:
                    i = int(np.flatnonzero(sampled == row)[0]) * self.psi + j
                    if weights.shape[1]:
                        T[row, j] = weights[:, i].astype(float) * scale[i]
                    else:
                        part = slice(few[0][i], few[0][i + 1])
                        np.add.at(T[row, j], few[1][part], few[2][part])
                else:
                    part = slice(indptr[row], indptr[row + 1])
                    T[row, j, states[part]] += less[part]
                    T[row, j, random_state[row, j]] += rest[row]
        return T.reshape(self.S, self.A * self.psi, self.S)

    @pytest.mark.parametrize("is_dense", [False, True])
    def test_gain_is_the_greatest_of_all_policies(self, is_dense):
        """Brute force: all (A psi)^S deterministic policies of the extended MDP."""
        for seed in range(4):
            indptr, states, _, _, simple, sampled, few, weights, scale, rewards = self.extended(is_dense, seed)
            q, greedy, v, n_rounds = solve_extended_mdp(
                indptr, states, simple, sampled, few, weights, scale, rewards, self.psi, np.zeros(self.S), 1e-9
            )
            assert n_rounds < 1000
            T = self.as_array(indptr, states, simple, sampled, few, weights, scale)
            assert T.sum(-1) == pytest.approx(1, abs=1e-6)
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
        indptr, states, counts, visits, simple, sampled, *_ = self.extended(False, 1, n_sampled=1)
        less, rest, random_state = simple
        log_term = math.log(4 * self.S)
        for row in range(self.S * self.A):
            part = slice(indptr[row], indptr[row + 1])
            if row in sampled:
                assert (random_state[row] == -1).all()
                continue
            f = counts[part] / max(visits[row], 1)
            n = max(visits[row], 1)
            expected = f - np.minimum(f, np.sqrt(3 * f * log_term / n) + 3 * log_term / n)
            assert less[part] == pytest.approx(expected, abs=1e-12)
            assert rest[row] == pytest.approx(1 - expected.sum())
            assert ((random_state[row] >= 0) & (random_state[row] < self.S)).all()
        assert less.max() > 0.5

    def test_random_states_are_uniform(self):
        rng = np.random.default_rng(0)
        none = np.empty(0, np.int64)
        _, _, states = sample_simple_rows(
            np.zeros(501, np.int64), np.empty(0), np.zeros(500, np.int64), none, 40, 5, rng
        )
        assert np.bincount(states.ravel(), minlength=5) == pytest.approx(4000, abs=250)


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
