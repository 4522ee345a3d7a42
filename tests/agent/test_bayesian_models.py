"""Conjugate models and their fast samplers: against closed forms and against distributions."""

import gin
import numpy as np
import pytest
from scipy import stats
from small_mdps import random_mdp, specs

from colosseum.agent.agents.episodic import PSRLEpisodic
from colosseum.agent.mdp_models.bayesian_model import BayesianMDPModel
from colosseum.agent.mdp_models.bayesian_models import (
    M_DIR,
    N_N,
    N_NIG,
    RewardsConjugateModel,
    TransitionsConjugateModel,
)
from colosseum.agent.mdp_models.dirichlet_rows import DenseRows, is_dense, mean_rows, repeated_rows, sample_few
from colosseum.agent.mdp_models.transition_counts import TransitionCounts, add_transition, compressed_rows
from colosseum.errors import ConfigurationError

REWARDS = [0.3, 0.9, 0.4, 0.7]


class TestNormalInverseGamma:
    def test_posterior_by_hand(self):
        """Four rewards of mean 0.575; prior mean 1 worth 2 rewards, precision 4 worth 6."""
        model = N_NIG(2, 2, [1.0, 2, 4, 6], 0)
        model.update_sa(1, 0, REWARDS)
        squares = sum((r - 0.575) ** 2 for r in REWARDS)
        expected = [(2 * 1 + 4 * 0.575) / 6, 6, 3 + 2, 0.75 + (squares + 2 * 4 * (0.575 - 1) ** 2 / 6) / 2]
        assert model.hyper_params[1, 0] == pytest.approx(expected, rel=1e-12)
        assert model.hyper_params[0, 1] == pytest.approx([1, 2, 3, 0.75])
        assert model.get_map_estimate()[1, 0] == pytest.approx(expected[0])

    def test_one_by_one_is_all_at_once(self):
        models = [N_NIG(1, 1, [0.5, 1, 1, 1], 0) for _ in range(2)]
        models[0].update({(0, 0): REWARDS})
        for r in REWARDS:
            models[1].update_single_transition(0, 0, r)
        assert models[0].hyper_params == pytest.approx(models[1].hyper_params, rel=1e-12)

    def test_samples_have_the_moments_of_the_posterior(self):
        """The mean's marginal is Student's: variance rate / (n_mu (shape - 1))."""
        model = N_NIG(1, 2, [[[1.0, 2, 4, 6], [0.0, 1, 1, 5]]], 3)
        model.update_sa(0, 0, REWARDS)
        samples = model.sample(40_000)[:, 0, 0]
        mu, n_mu, shape, rate = model.hyper_params[0, 0]
        assert samples.mean() == pytest.approx(mu, abs=0.005)
        assert samples.var() == pytest.approx(rate / (n_mu * (shape - 1)), rel=0.05)
        t = stats.t(2 * shape, loc=mu, scale=np.sqrt(rate / (n_mu * shape)))
        assert stats.kstest(samples, t.cdf).pvalue > 1e-3

    def test_parameters_that_are_not_interpretable(self):
        model = N_NIG(1, 1, [0.0, 1.0, 2.5, 0.5], 0, interpretable_parameters=False)
        assert model.hyper_params[0, 0].tolist() == [0.0, 1.0, 2.5, 0.5]


class TestNormal:
    def test_posterior_by_hand(self):
        model = N_N(1, 2, [1.0, 2], 0)
        model.update_sa(0, 1, REWARDS)
        assert model.hyper_params[0, 1] == pytest.approx([(2 * 1 + 4 * 0.575) / 6, 6])

    def test_samples_have_the_moments_of_the_posterior(self):
        model = N_N(1, 1, [1.0, 2], 5)
        model.update_sa(0, 0, REWARDS)
        samples = model.sample(40_000)[:, 0, 0]
        assert stats.kstest(samples, stats.norm(4.3 / 6, np.sqrt(1 / 6)).cdf).pvalue > 1e-3


class TestDirichlet:
    def test_posterior_by_hand(self):
        model = M_DIR(3, 2, [0.5], 0)
        model.update({(1, 0): [2, 2, 0, 2]})
        assert model.hyper_params[1, 0].tolist() == [1.5, 0.5, 3.5]
        assert model.hyper_params[0, 1].tolist() == [0.5, 0.5, 0.5]
        assert model.get_map_estimate()[1, 0] == pytest.approx(np.array([1.5, 0.5, 3.5]) / 5.5)

    def test_samples_have_the_moments_of_the_posterior(self):
        model = M_DIR(3, 1, [0.5], 0)
        model.update_sa(0, 0, [2, 2, 0, 2])
        samples = model.sample(20_000)[:, 0, 0]
        mean = np.array([1.5, 0.5, 3.5]) / 5.5
        assert samples.mean(0) == pytest.approx(mean, abs=0.01)
        assert samples.var(0) == pytest.approx(mean * (1 - mean) / 6.5, rel=0.05)
        assert model.sample_sa((0, 0)).sum() == pytest.approx(1)

    def test_a_state_that_does_not_exist(self):
        with pytest.raises(ConfigurationError, match="3 is no state: there are 3"):
            M_DIR(3, 1, [0.5], 0).update_sa(0, 0, [3])


def test_counts_are_those_of_a_dictionary():
    rng = np.random.default_rng(0)
    counts, expected = TransitionCounts.empty(6, 2), {}
    for _ in range(2000):
        row, s = int(rng.integers(12)), int(rng.integers(6))
        counts = counts.with_room_for(1)
        add_transition(*counts, row, s)
        expected.setdefault(row, {}).setdefault(s, 0)
        expected[row][s] += 1
    indptr, states, numbers = compressed_rows(*counts[1:])
    for row in range(12):
        part = slice(indptr[row], indptr[row + 1])
        assert dict(zip(states[part].tolist(), numbers[part].tolist(), strict=True)) == expected[row]
        assert list(expected[row]) == states[part].tolist()  # in the order in which they were met
        assert counts.visits[row] == sum(expected[row].values())
    assert len(counts.link) < 2 * 12 * 6


class TestSamplersOfRows:
    """Rows of 12 states, two of which were met; all samplers draw Dirichlet(counts + alpha)."""

    n_states = 12
    indptr, met, counts = np.array([0, 2]), np.array([7, 3]), np.array([4.0, 1.5])

    def samples(self, sampler, alpha, n=30_000):
        rng = np.random.default_rng(1)
        rows = repeated_rows(self.indptr, self.met, self.counts, np.array([0]), n)
        if sampler == "dense":
            dense = DenseRows(alpha, self.n_states)
            dense.sample(*rows, rng)
            return dense.weights * dense.scale[:, None]
        indptr, states, probs = sample_few(*rows, np.full(n, alpha), self.n_states, rng)
        samples = np.zeros((n, self.n_states))
        np.add.at(samples, (np.repeat(np.arange(n), np.diff(indptr)), states), probs)
        return samples

    @pytest.mark.parametrize(
        ("sampler", "alpha"),
        [("few", 1e-3), ("few", 0.1), ("few", 0.5), ("dense", 0.1), ("dense", 0.5), ("dense", 1.7)],
    )
    def test_are_dirichlet(self, sampler, alpha):
        samples = self.samples(sampler, alpha)
        parameters = np.full(self.n_states, alpha)
        parameters[self.met] += self.counts
        total = parameters.sum()
        assert samples.sum(1) == pytest.approx(1, abs=2e-6)
        assert samples.mean(0) == pytest.approx(parameters / total, abs=0.006)
        covariance = (np.diag(parameters / total) - np.outer(parameters, parameters) / total**2) / (total + 1)
        assert np.cov(samples.T) == pytest.approx(covariance, abs=0.003)
        for states in ([7], [0], [3, 0, 5]):  # sums of entries are Beta
            b = stats.beta(parameters[states].sum(), total - parameters[states].sum())
            seen = samples[:, states].sum(1)
            large = seen > 1e-6  # below, sticks are cut and float32 is coarse
            assert large.mean() == pytest.approx(b.sf(1e-6), abs=0.01)
            assert stats.kstest(seen[large], lambda x, b=b: (b.cdf(x) - b.cdf(1e-6)) / b.sf(1e-6)).pvalue > 1e-3

    @pytest.mark.parametrize(("sampler", "alpha"), [("few", 0.01), ("few", 0.3), ("dense", 0.1), ("dense", 1.5)])
    def test_are_calibrated(self, sampler, alpha):
        """
        Among posterior samples, the truth has a uniformly random rank (Cook, Gelman and Rubin, 2006).

        Of the expected value of a random function of the next state, and of the first state's probability.
        """
        rng, n, n_samples, n_visits = np.random.default_rng(3), 1500, 19, 8
        truth = np.maximum(rng.dirichlet(np.full(self.n_states, alpha), size=n), 1e-300)
        truth /= truth.sum(1, keepdims=True)
        counts = np.array([rng.multinomial(n_visits, p) for p in truth])
        row, met = np.nonzero(counts)
        indptr = np.searchsorted(row, np.arange(n + 1))
        rows = repeated_rows(indptr, met, counts[row, met].astype(float), np.arange(n), n_samples)
        if sampler == "dense":
            dense = DenseRows(alpha, self.n_states)
            dense.sample(*rows, rng)
            samples = dense.weights * dense.scale[:, None]
        else:
            indptr, states, probs = sample_few(*rows, np.full(n * n_samples, alpha), self.n_states, rng)
            samples = np.zeros((n * n_samples, self.n_states))
            np.add.at(samples, (np.repeat(np.arange(n * n_samples), np.diff(indptr)), states), probs)
        for values in (
            rng.normal(size=self.n_states),
            np.eye(self.n_states)[0] + 1e-3 * rng.normal(size=self.n_states),
        ):
            ranks = ((samples @ values).reshape(n, n_samples) < (truth @ values)[:, None]).sum(1)
            assert stats.chisquare(np.bincount(ranks, minlength=n_samples + 1)).pvalue > 1e-3

    def test_few_samples_are_few(self):
        rows = repeated_rows(np.array([0, 0]), np.empty(0, np.int64), np.empty(0), np.array([0]), 1000)
        indptr, _, probs = sample_few(*rows, np.full(1000, 1e-3), 1000, np.random.default_rng(0))
        assert 15 < np.diff(indptr).mean() < 35  # S alpha = 1: about ln(1e12) sticks, not 1,000
        assert np.add.reduceat(probs, indptr[:-1]) == pytest.approx(1, abs=1e-12)

    def test_mean(self):
        indptr, states, probs, uniform = mean_rows(
            self.indptr, self.met, self.counts, np.array([5.5]), np.array([0.1]), self.n_states
        )
        row = np.full(self.n_states, uniform[0] / self.n_states)
        row[states] += probs
        parameters = np.full(self.n_states, 0.1)
        parameters[self.met] += self.counts
        assert row == pytest.approx(parameters / parameters.sum())


def test_whole_model_and_its_defaults():
    mdp = random_mdp(0, n_states=5)
    model = BayesianMDPModel(0, specs(mdp, rewards_range=(0.0, 2.0)))
    T, R = model.get_map_estimate()
    assert pytest.approx(0.2) == T
    assert pytest.approx(2.0) == R
    T, R = model.sample()
    assert T.shape == (5, 3, 5) and R.shape == (5, 3)
    assert T.sum(-1) == pytest.approx(1)


def test_enums_are_gin_constants():
    text = (
        "prms_0/PSRLEpisodic.reward_prior_model = %bayesian_models.RewardsConjugateModel.N_N\n"
        "prms_0/PSRLEpisodic.rewards_prior_prms = [0.4, 2]\n"
        "prms_0/PSRLEpisodic.transitions_prior_model = %TransitionsConjugateModel.M_DIR\n"
    )
    gin.parse_config(text)
    try:
        with gin.config_scope("prms_0"):
            agent = PSRLEpisodic(0, specs(random_mdp(0), 3), 100)
    finally:
        gin.clear_config()
    assert isinstance(agent._mdp_model.rewards_model, N_N)
    assert RewardsConjugateModel.N_NIG.get_class() is N_NIG
    assert TransitionsConjugateModel.M_DIR.get_class() is M_DIR


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"rewards_prior_prms": [1, 2, 3]}, "N_NIG: the prior [1, 2, 3] must be 4 numbers (mu, n_mu, tau, n_tau)"),
        ({"rewards_prior_prms": [1, 0, 1, 1]}, "N_NIG: n_mu = "),
        ({"transitions_prior_prms": [0.0]}, "M_DIR: alpha = "),
        ({"reward_prior_model": RewardsConjugateModel.N_N}, "rewards_prior_prms is missing: reward_prior_model "),
    ],
)
def test_bad_priors_are_told_in_one_line(arguments, message):
    with pytest.raises(ConfigurationError) as error:
        PSRLEpisodic(0, specs(random_mdp(0), 3), 100, **arguments)
    assert message in str(error.value).splitlines()[0]


@pytest.mark.parametrize(
    ("alpha", "n_states", "expected"), [(0.019, 1000, False), (0.02, 16, False), (0.02, 17, True), (1.0, 1, True)]
)
def test_dense_where_no_row_can_be_all_too_small(alpha, n_states, expected):
    assert is_dense(alpha, n_states) == expected
    assert stats.gamma(alpha).cdf(1e-37) ** n_states < 1e-12 or not expected
