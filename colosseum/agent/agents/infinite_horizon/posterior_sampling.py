"""Optimistic posterior sampling for average reward (Agrawal and Jia, 2017)."""

import math
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import gin
import numpy as np

from colosseum.agent.agents.estimated_model import average_reward_values
from colosseum.agent.agents.infinite_horizon.extended_mdp import simple_rows, solve_extended_mdp
from colosseum.agent.agents.infinite_horizon.random_states import RandomStates
from colosseum.agent.agents.model_based import ModelBasedAgent
from colosseum.agent.checks import check_integer, check_neutral, check_number
from colosseum.agent.mdp_models.bayesian_model import BayesianMDPModel
from colosseum.agent.mdp_models.bayesian_models import RewardsConjugateModel, TransitionsConjugateModel
from colosseum.agent.mdp_models.dirichlet_rows import DenseRows, is_dense, mean_rows, repeated_rows, sample_few
from colosseum.agent.published_spaces import published_spaces
from colosseum.published_names import accepts

if TYPE_CHECKING:
    from colosseum.utils.acme.specs import MDPSpec


def get_psi(n_states: int, n_actions: int, T: int, p: float) -> float:
    """Return S ln(S A / p), the order of the number of samples of each pair."""
    return n_states * math.log(n_states * n_actions / p)


def get_omega(n_states: int, n_actions: int, T: int, p: float) -> float:
    """Return ln(T / p), the order of what is added to every count."""
    return math.log(T / p)


def get_kappa(n_states: int, n_actions: int, T: int, p: float) -> float:
    """Return ln(T / p), the order of what counts are divided by."""
    return math.log(T / p)


def get_eta(n_states: int, n_actions: int, T: int, p: float, omega: float) -> float:
    """Return sqrt(T S / A) + 12 omega S^4, the visits from which on the posterior of a pair is sampled."""
    return math.sqrt(T * n_states / n_actions) + 12 * omega * n_states**4


_NO_ROWS = (np.zeros(1, np.int64), np.empty(0, np.int64), np.empty(0))


@gin.configurable
class PSRLContinuous(ModelBasedAgent):
    """
    Optimistic posterior sampling: several samples of each pair's transitions, the best of which the agent may choose.

    Agrawal and Jia (2017), Posterior sampling for reinforcement learning: worst-case regret bounds, NeurIPS,
    Algorithm 1. In each epoch, psi samples of each pair make an extended MDP with A psi actions, whose policy of
    greatest average reward is followed until the visits of some pair have doubled. Where N(s, a) >= eta, a sample is
    drawn from the Dirichlet distribution of parameters (N(s, a, .) + omega) / kappa. Else it is the *simple optimistic*
    one: to each next state its frequency f less min(f, sqrt(3 f ln(4 S) / N) + 3 ln(4 S) / N), and the rest to one
    random state. One sample of the expected rewards is drawn from their posterior::

        psi = clip(floor(psi_weight S ln(S A / p)), 2, max_psi)    omega = omega_weight ln(T / p)
        eta = clip(eta_weight (sqrt(T S / A) + 12 omega S^4), 5, 10 S)    kappa = kappa_weight ln(T / p)

    What a log point evaluates is the policy of greatest average reward in the MDP of the posterior's means, as of the
    start of the running epoch.

    Parameters
    ----------
    seed : int
    mdp_specs : MDPSpec
    n_steps : int
        T, in steps.
    reward_prior_model, transitions_prior_model, rewards_prior_prms, transitions_prior_prms
        See `PSRLEpisodic`; the transitions' prior counts in the posterior's means only.
    epsilon_greedy, boltzmann_temperature : float or callable, optional
        Exploration on top of the algorithm's own; see `colosseum.agent.agents.choosing.Exploration`.
    psi_weight, omega_weight, kappa_weight, eta_weight : float
        Weights of the four quantities of the analysis.
    get_psi, get_omega, get_kappa : callable (n_states, n_actions, T, p) -> float
    get_eta : callable (n_states, n_actions, T, p, omega) -> float
        The quantities before they are weighted.
    p : float
        Probability of failure, in (0, 1).
    max_psi : int
        At least 2.
    no_optimistic_sampling, truncate_reward_with_max, min_steps_before_new_episode
        Published variants of the algorithm; only their defaults are taken, which leave it as it is in the paper.

    Raises
    ------
    ConfigurationError
        If a hyperparameter lies outside its range, or a prior's parameters are missing or make no sense.
    """

    _mdp_model: BayesianMDPModel

    @accepts(optimization_horizon="n_steps")
    def __init__(
        self,
        seed: int,
        mdp_specs: "MDPSpec",
        n_steps: int,
        reward_prior_model: RewardsConjugateModel | None = None,
        transitions_prior_model: TransitionsConjugateModel | None = None,
        rewards_prior_prms: Sequence[Any] | np.ndarray | None = None,
        transitions_prior_prms: Sequence[Any] | np.ndarray | None = None,
        epsilon_greedy: float | Callable[[int], float] | None = None,
        boltzmann_temperature: float | Callable[[int], float] | None = None,
        psi_weight: float = 1.0,
        omega_weight: float = 1.0,
        kappa_weight: float = 1.0,
        eta_weight: float = 1.0,
        get_psi: Callable[[int, int, int, float], float] = get_psi,
        get_omega: Callable[[int, int, int, float], float] = get_omega,
        get_kappa: Callable[[int, int, int, float], float] = get_kappa,
        get_eta: Callable[[int, int, int, float, float], float] = get_eta,
        p: float = 0.05,
        max_psi: int = 60,
        no_optimistic_sampling: bool = False,
        truncate_reward_with_max: bool = False,
        min_steps_before_new_episode: int = 0,
    ):
        super().__init__(seed, mdp_specs, n_steps, epsilon_greedy, boltzmann_temperature)
        check_neutral(self, "no_optimistic_sampling", no_optimistic_sampling, False)
        check_neutral(self, "truncate_reward_with_max", truncate_reward_with_max, False)
        check_neutral(self, "min_steps_before_new_episode", min_steps_before_new_episode, 0)
        p = check_number(self, "p", p, 0, 1)
        max_psi = check_integer(self, "max_psi", max_psi, 2)
        psi_weight = check_number(self, "psi_weight", psi_weight, 0)
        omega_weight = check_number(self, "omega_weight", omega_weight, 0)
        kappa_weight = check_number(self, "kappa_weight", kappa_weight, 0)
        eta_weight = check_number(self, "eta_weight", eta_weight, 0)
        S, sizes = self._n_states, (self._n_states, self._n_actions, n_steps, p)
        self.psi = int(min(max(math.floor(psi_weight * get_psi(*sizes)), 2), max_psi))
        self.omega = check_number(self, "omega", omega_weight * get_omega(*sizes), 0)
        self.kappa = check_number(self, "kappa", kappa_weight * get_kappa(*sizes), 0)
        self.eta = min(max(eta_weight * get_eta(*sizes, self.omega), 5), 10 * S)

        priors = (reward_prior_model, transitions_prior_model, rewards_prior_prms, transitions_prior_prms)
        self.use_posteriors(BayesianMDPModel(self._rng_agent, mdp_specs, *priors))
        self._alpha = self._mdp_model.transitions_model.prior.reshape(-1)
        self._width = float(mdp_specs.rewards_range[1] - mdp_specs.rewards_range[0])
        base = self.omega / self.kappa
        self._dense = DenseRows(base, S) if is_dense(base, S) else None
        self._v = np.zeros(S)
        self._is_sampled = np.zeros(S * self._n_actions, np.bool_)
        self._random_states = RandomStates.of(~self._is_sampled, self.psi, S)
        self._planned_rewards = np.zeros(S * self._n_actions)

    @staticmethod
    def is_episodic() -> bool:
        return False

    @staticmethod
    def get_hyperparameters_search_spaces() -> dict[str, Any]:
        return published_spaces("PSRLContinuous")

    @classmethod
    def constructor_arguments(cls, parameters: dict[str, Any]) -> dict[str, Any]:
        rest = {name: value for name, value in parameters.items() if name != "rewards_prior_mean"}
        prior = [parameters["rewards_prior_mean"], 1, 1, 1]
        return {"reward_prior_model": RewardsConjugateModel.N_NIG, "rewards_prior_prms": prior, **rest}

    def plan(self) -> None:
        rng, S = self._rng_agent, self._n_states
        rewards = self._mdp_model.rewards_model.sample_means(rng)
        indptr, next_states, counts = self._rows
        is_sampled = self._visits >= self.eta
        if np.array_equal(is_sampled, self._is_sampled):
            self._random_states.forget()
        else:
            self._is_sampled, self._random_states = is_sampled, RandomStates.of(~is_sampled, self.psi, S)
        sampled = np.flatnonzero(is_sampled)
        simple = simple_rows(indptr, next_states, counts, self._visits, is_sampled, S)

        few = _NO_ROWS
        weights, scale = np.empty((0, S), np.float32), np.empty(0)
        if len(sampled):
            rows: tuple[np.ndarray, np.ndarray, np.ndarray]
            rows = repeated_rows(indptr, next_states, counts / self.kappa, sampled, self.psi)
            if self._dense is None:
                few = sample_few(*rows, np.full(len(sampled) * self.psi, self.omega / self.kappa), S, rng)
            else:
                self._dense.sample(*rows, rng)
                weights, scale = self._dense.weights, self._dense.scale
        # what has changed most since the last plan are the rewards: states of like value trade places
        like_before = self._values + (rewards - self._planned_rewards)
        self._planned_rewards = rewards
        self._values, self._greedy, self._v, _ = solve_extended_mdp(
            simple,
            self._random_states,
            sampled,
            few,
            weights,
            scale,
            rewards,
            self.psi,
            like_before.reshape(S, -1).max(1),
            1e-4 * self._width,
            rng,
        )

    def estimated_values(self) -> tuple[np.ndarray, np.ndarray]:
        rows = mean_rows(*self._rows, self._visits, self._alpha, self._n_states)
        return average_reward_values(*rows, self.estimated_rewards(), self._v, 1e-6 * self._width, 200, 20)
