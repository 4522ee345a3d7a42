"""A Bayesian model of a whole environment."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from colosseum.agent.mdp_models.base import BaseMDPModel
from colosseum.agent.mdp_models.bayesian_models import RewardsConjugateModel, TransitionsConjugateModel
from colosseum.errors import ConfigurationError

if TYPE_CHECKING:
    import dm_env

    from colosseum.utils.acme.specs import MDPSpec


class BayesianMDPModel(BaseMDPModel):
    """
    Independent posteriors of the rewards and of the transitions of every pair of state and action.

    Parameters
    ----------
    seed : int or numpy.random.Generator
    mdp_specs : MDPSpec
    reward_prior_model : RewardsConjugateModel, optional
        By default Normal-inverse-gamma.
    transitions_prior_model : TransitionsConjugateModel, optional
        By default Dirichlet.
    rewards_prior_prms : sequence of float or array, optional
        By default [r_max, 1, 1, 1], with r_max the greatest reward; other models than the default have no default.
    transitions_prior_prms : sequence of float or array, optional
        By default [1 / S].

    Raises
    ------
    ConfigurationError
        If a prior's parameters are missing or make no sense.
    """

    def __init__(
        self,
        seed: int | np.random.Generator,
        mdp_specs: "MDPSpec",
        reward_prior_model: RewardsConjugateModel | None = None,
        transitions_prior_model: TransitionsConjugateModel | None = None,
        rewards_prior_prms: Sequence[Any] | np.ndarray | None = None,
        transitions_prior_prms: Sequence[Any] | np.ndarray | None = None,
    ):
        super().__init__(seed if isinstance(seed, int) else 0, mdp_specs)
        rewards = RewardsConjugateModel(0 if reward_prior_model is None else reward_prior_model)
        transitions = TransitionsConjugateModel(0 if transitions_prior_model is None else transitions_prior_model)
        if rewards_prior_prms is None:
            if rewards != RewardsConjugateModel.N_NIG:
                raise ConfigurationError(f"rewards_prior_prms is missing: reward_prior_model {rewards} has no default")
            rewards_prior_prms = [self._reward_range[1], 1, 1, 1]
        if transitions_prior_prms is None:
            transitions_prior_prms = [1 / self._n_states]
        sizes = (self._n_states, self._n_actions)
        # the parameters choose their classes
        self.rewards_model: Any = rewards.get_class()(*sizes, rewards_prior_prms, seed)
        self.transitions_model: Any = transitions.get_class()(*sizes, transitions_prior_prms, seed)

    def step_update(self, ts_t: "dm_env.TimeStep", a_t: int, ts_tp1: "dm_env.TimeStep", time: int) -> None:
        self.rewards_model.update_single_transition(ts_t.observation, a_t, ts_tp1.reward)
        self.transitions_model.update_single_transition(ts_t.observation, a_t, ts_tp1.observation)

    def sample(self) -> tuple[np.ndarray, np.ndarray]:
        """Draw transition probabilities, shape (S, A, S), and expected rewards, shape (S, A)."""
        return self.sample_T(), self.sample_R()

    def sample_T(self) -> np.ndarray:
        """Draw transition probabilities, float64 array of shape (S, A, S)."""
        return self.transitions_model.sample()

    def sample_R(self) -> np.ndarray:
        """Draw expected rewards, float64 array of shape (S, A)."""
        return self.rewards_model.sample()

    def get_map_estimate(self) -> tuple[np.ndarray, np.ndarray]:
        """Return the posterior means of the transition probabilities and of the rewards."""
        return self.transitions_model.get_map_estimate(), self.rewards_model.get_map_estimate()
