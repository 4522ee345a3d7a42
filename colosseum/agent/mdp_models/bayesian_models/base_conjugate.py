"""The interface of conjugate models."""

import abc
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from colosseum.errors import ConfigurationError


class ConjugateModel(abc.ABC):
    """
    Independent conjugate posteriors, one for each pair of state and action.

    Parameters
    ----------
    n_states, n_actions : int
    hyper_params : sequence of float, or array of shape (S, A, k)
        The prior's parameters: the same for all pairs, or each pair's own.
    seed : int or numpy.random.Generator
        What `sample` draws from.

    Raises
    ------
    ConfigurationError
        If the number of parameters is wrong.
    """

    parameter_names: tuple[str, ...] = ()

    def __init__(
        self, n_states: int, n_actions: int, hyper_params: Sequence[Any] | np.ndarray, seed: int | np.random.Generator
    ):
        self.n_states, self.n_actions = n_states, n_actions
        self._rng = np.random.default_rng(seed)
        prior = np.array(hyper_params, np.float64)
        k = len(self.parameter_names)
        if prior.shape not in ((k,), (n_states, n_actions, k)) or not np.isfinite(prior).all():
            raise ConfigurationError(
                f"{type(self).__name__}: the prior {hyper_params!r} must be {k} numbers "
                f"({', '.join(self.parameter_names)}), or these for each of {n_states} states and {n_actions} actions"
            )
        self.prior = np.ascontiguousarray(np.broadcast_to(prior, (n_states, n_actions, k)))

    def _check_positive(self, *names: str) -> None:
        for name in names:
            value = self.prior[..., self.parameter_names.index(name)].min()
            if not value > 0:
                raise ConfigurationError(f"{type(self).__name__}: {name} = {value!r} in the prior: it must be positive")

    @property
    @abc.abstractmethod
    def hyper_params(self) -> np.ndarray:
        """The posterior's parameters, float64 array of shape (S, A, k)."""

    @abc.abstractmethod
    def update_sa(self, s: int, a: int, xs: Iterable[Any]) -> None:
        """Learn from samples that were met in state `s` after action `a`."""

    @abc.abstractmethod
    def sample(self, n: int = 1) -> np.ndarray:
        """Draw from the posterior; of more than one sample, the first axis counts them."""

    @abc.abstractmethod
    def get_map_estimate(self) -> np.ndarray:
        """Return the posterior mean of what `sample` draws."""

    def update_single_transition(self, s: int, a: int, x: Any) -> None:
        """Learn from one sample."""
        self.update_sa(s, a, [x])

    def update(self, data: dict[tuple[int, int], Iterable[Any]]) -> None:
        """Learn from the samples of several pairs."""
        for (s, a), xs in data.items():
            self.update_sa(s, a, xs)
