"""Posteriors of transition probabilities."""

from collections.abc import Iterable

import numpy as np

from colosseum.agent.mdp_models.bayesian_models.base_conjugate import ConjugateModel
from colosseum.agent.mdp_models.transition_counts import TransitionCounts, add_transition
from colosseum.errors import ConfigurationError


class M_DIR(ConjugateModel):
    """
    Categorical next states with a Dirichlet prior.

    The counts are kept sparse (`counts`); the methods that return arrays of shape (S, A, S) are for small environments
    and for looking at things: agents sample from the counts.

    Parameters
    ----------
    n_states, n_actions : int
    hyper_params : (alpha,), or array of shape (S, A, 1)
        The prior of every next state.
    seed : int or numpy.random.Generator
    """

    parameter_names = ("alpha",)
    counts: TransitionCounts

    def __init__(self, n_states, n_actions, hyper_params, seed):
        super().__init__(n_states, n_actions, hyper_params, seed)
        self._check_positive("alpha")
        self.counts = TransitionCounts.empty(n_states, n_actions)

    @property
    def hyper_params(self) -> np.ndarray:
        """The posterior's parameters, float64 array of shape (S, A, S)."""
        parameters = np.repeat(self.prior, self.n_states, axis=-1)
        rows = parameters.reshape(-1, self.n_states)
        for row, k in enumerate(self.counts.head):
            while k >= 0:
                rows[row, self.counts.next_state[k]] += self.counts.count[k]
                k = self.counts.link[k]
        return parameters

    def update_sa(self, s: int, a: int, xs: Iterable[int]) -> None:
        for x in xs:
            if not 0 <= x < self.n_states:
                raise ConfigurationError(f"M_DIR: {x!r} is no state: there are {self.n_states}")
            self.counts = self.counts.with_room_for(1)
            add_transition(*self.counts, s * self.n_actions + a, int(x))

    def sample(self, n: int = 1) -> np.ndarray:
        parameters = self.hyper_params
        gammas = self._rng.standard_gamma(parameters, (n, *parameters.shape))
        samples = gammas / gammas.sum(-1, keepdims=True)
        return samples[0] if n == 1 else samples

    def sample_sa(self, sa: tuple[int, int]) -> np.ndarray:
        """Draw the next-state probabilities of one pair, float64 array of shape (S,)."""
        return self._rng.dirichlet(self.hyper_params[sa])

    def get_map_estimate(self) -> np.ndarray:
        parameters = self.hyper_params
        return parameters / parameters.sum(-1, keepdims=True)
