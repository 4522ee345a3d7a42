"""Posteriors of expected rewards: Normal with unknown or with unit variance."""

import math
from collections.abc import Iterable

import numpy as np

from colosseum.agent.mdp_models.bayesian_models.base_conjugate import ConjugateModel
from colosseum.utils.compiled import njit


@njit(cache=True, inline="always")
def add_reward(n, mean, squares, row, reward):
    """Account for reward number n[row] of a pair: running mean and sum of squared deviations (Welford, 1962)."""
    before = reward - mean[row]
    mean[row] += before / n[row]
    squares[row] += before * (reward - mean[row])


class _RewardsModel(ConjugateModel):
    """
    Keeps the sufficient statistics of each pair, which compiled loops update in place with `add_reward`.

    Attributes
    ----------
    n : int64 array of shape (S * A,)
        Number of rewards.
    mean, squares : float64 array of shape (S * A,)
        Their mean, and the sum of their squared deviations from it.
    """

    def __init__(self, n_states, n_actions, hyper_params, seed):
        super().__init__(n_states, n_actions, hyper_params, seed)
        size = n_states * n_actions
        self.n, self.mean, self.squares = np.zeros(size, np.int64), np.zeros(size), np.zeros(size)

    def update_sa(self, s: int, a: int, xs: Iterable[float]) -> None:
        row = s * self.n_actions + a
        for x in xs:
            self.n[row] += 1
            add_reward(self.n, self.mean, self.squares, row, float(x))

    def sample(self, n: int = 1) -> np.ndarray:
        shape = (self.n_states, self.n_actions)
        samples = np.stack([self.sample_means(self._rng).reshape(shape) for _ in range(n)])
        return samples[0] if n == 1 else samples

    def get_map_estimate(self) -> np.ndarray:
        return self.hyper_params[..., 0]

    def sample_means(self, rng: np.random.Generator) -> np.ndarray:
        """Draw the expected reward of every pair, float64 array of shape (S * A,)."""
        raise NotImplementedError

    def posterior_means(self, n: np.ndarray, mean: np.ndarray) -> np.ndarray:
        """Return the mean of the posterior given `n` rewards of this `mean`, float64 arrays of shape (S * A,)."""
        prior, weight = self.prior.reshape(n.shape[0], -1)[:, :2].T
        return (weight * prior + n * mean) / (weight + n)


class N_NIG(_RewardsModel):
    """
    Normal rewards of unknown mean and variance, with a Normal-inverse-gamma prior.

    The precision has the distribution Gamma(shape, rate), the mean Normal(mu, 1 / (n_mu * precision)).

    Parameters
    ----------
    n_states, n_actions : int
    hyper_params : (mu, n_mu, tau, n_tau), or array of shape (S, A, 4)
        Expected mean and the number of samples that it is worth; precision and the number of samples that it is worth:
        shape = n_tau / 2, rate = n_tau / (2 tau). With `interpretable_parameters` False: (mu, n_mu, shape, rate).
    seed : int or numpy.random.Generator
    interpretable_parameters : bool
    """

    parameter_names = ("mu", "n_mu", "tau", "n_tau")

    def __init__(self, n_states, n_actions, hyper_params, seed, interpretable_parameters: bool = True):
        super().__init__(n_states, n_actions, hyper_params, seed)
        self._check_positive("n_mu", "tau", "n_tau")
        if interpretable_parameters:
            mu, n_mu, tau, n_tau = np.moveaxis(self.prior, -1, 0)
            self.prior = np.stack([mu, n_mu, n_tau / 2, n_tau / (2 * tau)], -1)
        self._rows = self.prior.reshape(-1, 4)

    @property
    def hyper_params(self) -> np.ndarray:
        """The posterior's (mu, n_mu, shape, rate), float64 array of shape (S, A, 4)."""
        mu, n_mu, shape, rate = np.moveaxis(self._rows, -1, 0)
        total = n_mu + self.n
        disagreement = n_mu * self.n * (self.mean - mu) ** 2 / total
        posterior = (
            (n_mu * mu + self.n * self.mean) / total,
            total,
            shape + 0.5 * self.n,
            rate + 0.5 * (self.squares + disagreement),
        )
        return np.stack(posterior, -1).reshape(self.prior.shape)

    def sample_means(self, rng: np.random.Generator) -> np.ndarray:
        return _sample_nig(self._rows, self.n, self.mean, self.squares, rng)


class N_N(_RewardsModel):
    """
    Normal rewards of unit variance and unknown mean, with a Normal prior.

    Parameters
    ----------
    n_states, n_actions : int
    hyper_params : (mu, tau), or array of shape (S, A, 2)
        The prior mean and its precision, that is the number of samples that it is worth.
    seed : int or numpy.random.Generator
    """

    parameter_names = ("mu", "tau")

    def __init__(self, n_states, n_actions, hyper_params, seed):
        super().__init__(n_states, n_actions, hyper_params, seed)
        self._check_positive("tau")

    @property
    def hyper_params(self) -> np.ndarray:
        """The posterior's (mu, tau), float64 array of shape (S, A, 2)."""
        mu, tau = np.moveaxis(self.prior.reshape(-1, 2), -1, 0)
        posterior = np.stack([(tau * mu + self.n * self.mean) / (tau + self.n), tau + self.n], -1)
        return posterior.reshape(self.prior.shape)

    def sample_means(self, rng: np.random.Generator) -> np.ndarray:
        return _sample_n(self.hyper_params.reshape(-1, 2), rng)


@njit(cache=True)
def _nig_posterior(prior, n, mean, squares):
    mu, n_mu, shape, rate = prior
    total = n_mu + n
    deviation = mean - mu
    return (
        (n_mu * mu + n * mean) / total,
        total,
        shape + 0.5 * n,
        rate + 0.5 * (squares + n_mu * n * (deviation * deviation) / total),
    )


@njit(cache=True)
def _sample_nig(prior, n, mean, squares, rng):
    samples = np.empty(n.shape[0])
    for row in range(n.shape[0]):
        mu, n_mu, shape, rate = _nig_posterior(prior[row], n[row], mean[row], squares[row])
        precision = rng.standard_gamma(shape) / rate
        samples[row] = mu + rng.standard_normal() / math.sqrt(n_mu * precision)
    return samples


@njit(cache=True)
def _sample_n(posterior, rng):
    samples = np.empty(posterior.shape[0])
    for row in range(posterior.shape[0]):
        samples[row] = posterior[row, 0] + rng.standard_normal() / math.sqrt(posterior[row, 1])
    return samples
