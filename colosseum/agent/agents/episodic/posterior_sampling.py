"""Posterior sampling for finite horizons (Osband, Russo and Van Roy, 2013)."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import gin
import numpy as np

from colosseum.agent.agents.episodic.backward_induction import NO_SCALE, NO_WEIGHTS, backward_induction
from colosseum.agent.agents.model_based import ModelBasedAgent
from colosseum.agent.mdp_models.bayesian_model import BayesianMDPModel
from colosseum.agent.mdp_models.bayesian_models import RewardsConjugateModel, TransitionsConjugateModel
from colosseum.agent.mdp_models.dirichlet_rows import DenseRows, is_dense, mean_rows, sample_few
from colosseum.agent.published_spaces import published_spaces
from colosseum.published_names import accepts

if TYPE_CHECKING:
    from colosseum.utils.acme.specs import MDPSpec


@gin.configurable
class PSRLEpisodic(ModelBasedAgent):
    """
    Posterior sampling: before each episode, draw an MDP from the posterior and solve it; follow its optimal policy.

    Osband, Russo and Van Roy (2013), (More) efficient reinforcement learning via posterior sampling, NeurIPS,
    Algorithm 1. What a log point evaluates is the policy that is optimal in the MDP of the posterior's means, as of the
    start of the running episode.

    Parameters
    ----------
    seed : int
    mdp_specs : MDPSpec
    n_steps : int
    reward_prior_model : RewardsConjugateModel, optional
        By default Normal-inverse-gamma.
    transitions_prior_model : TransitionsConjugateModel, optional
        By default Dirichlet.
    rewards_prior_prms : sequence of float or array, optional
        By default [r_max, 1, 1, 1]: mean and its weight, precision and its weight.
    transitions_prior_prms : sequence of float or array, optional
        By default [1 / S]: the Dirichlet parameter of every next state.
    epsilon_greedy, boltzmann_temperature : float or callable, optional
        Exploration on top of the algorithm's own; see `colosseum.agent.agents.choosing.Exploration`.

    Raises
    ------
    ConfigurationError
        If a prior's parameters are missing or make no sense.
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
    ):
        super().__init__(seed, mdp_specs, n_steps, epsilon_greedy, boltzmann_temperature)
        priors = (reward_prior_model, transitions_prior_model, rewards_prior_prms, transitions_prior_prms)
        self.use_posteriors(BayesianMDPModel(self._rng_agent, mdp_specs, *priors))
        self._alpha = self._mdp_model.transitions_model.prior.reshape(-1)
        # each pair its own prior is possible, but only where rows are sampled one by one
        alpha = self._alpha[0]
        dense = (self._alpha == alpha).all() and is_dense(alpha, self._n_states)
        self._dense = DenseRows(alpha, self._n_states) if dense else None

    @staticmethod
    def is_episodic() -> bool:
        return True

    @staticmethod
    def get_hyperparameters_search_spaces() -> dict[str, Any]:
        return published_spaces("PSRLEpisodic")

    @classmethod
    def constructor_arguments(cls, parameters: dict[str, Any]) -> dict[str, Any]:
        return {
            "reward_prior_model": RewardsConjugateModel.N_NIG,
            "transitions_prior_model": TransitionsConjugateModel.M_DIR,
            "rewards_prior_prms": [parameters["prior_mean"], 1, 1, 1],
            "transitions_prior_prms": [parameters["transition_prior"]],
        }

    def plan(self) -> None:
        rewards = self._mdp_model.rewards_model.sample_means(self._rng_agent)
        rows: tuple[np.ndarray, np.ndarray, np.ndarray]
        if self._dense is None:
            rows = sample_few(*self._rows, self._alpha, self._n_states, self._rng_agent)
            dense = NO_WEIGHTS, NO_SCALE
        else:
            self._dense.sample(*self._rows, self._rng_agent)
            rows, dense = self._rows, (self._dense.weights, self._dense.scale)
        # values of all actions matter to Boltzmann exploration alone
        every_row = len(self._exploration.temperature) > 0
        backward_induction(*rows, np.zeros(len(rewards)), *dense, rewards, every_row, self._values, self._greedy)

    def estimated_values(self) -> tuple[np.ndarray, np.ndarray]:
        rows = mean_rows(*self._rows, self._visits, self._alpha, self._n_states)
        values, greedy = np.empty_like(self._values), np.empty_like(self._greedy)
        backward_induction(*rows, NO_WEIGHTS, NO_SCALE, self.estimated_rewards(), False, values, greedy)
        return values, greedy
