"""Optimism within confidence sets (Jaksch et al., 2010; Maurer and Pontil, 2009)."""

import math
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, ClassVar

import gin
import numpy as np

from colosseum.agent.agents.estimated_model import average_reward_values
from colosseum.agent.agents.infinite_horizon.extended_value_iteration import ConfidenceSet, extended_value_iteration
from colosseum.agent.agents.model_based import ModelBasedAgent
from colosseum.agent.checks import check_choice, check_number
from colosseum.agent.published_spaces import published_spaces
from colosseum.published_names import accepts
from colosseum.utils.compiled import njit

if TYPE_CHECKING:
    from colosseum.utils.acme.specs import MDPSpec

BOUNDS = ("chernoff", "bernstein")


@gin.configurable
class UCRL2Continuous(ModelBasedAgent):
    """
    UCRL2: in each episode, follow the policy that is optimal in the best MDP within the confidence sets.

    Jaksch, Ortner and Auer (2010), Near-optimal regret bounds for reinforcement learning, JMLR, Figure 1 (bounds
    "chernoff": equations 3 and 4); with intervals of the empirical Bernstein inequality of Maurer and Pontil (2009),
    Empirical Bernstein bounds and sample variance penalization, COLT, theorem 4, at the confidence of Jaksch et al.'s
    equation 3 (their ln(2 / delta) being 7 L) for "bernstein". An episode ends when the visits of a pair in it reach
    max(1, N(s, a)). With t the steps taken, delta = 1 / sqrt(t + 1), L = ln(2 S A (t + 1) / delta),
    N1 = max(1, N(s, a)), and w the width of the rewards' range::

        chernoff:   beta_r = alpha_r w sqrt(3.5 L / N1)
                    beta_p = alpha_p sqrt(14 S ln(2 A (t + 1) / delta) / N1), the radius of an L1 ball
        bernstein:  beta = sqrt(alpha) sqrt(14 var L / N1) + alpha 49 w L / (3 max(1, N - 1)), for each next state, with
                    var = p (1 - p) and w = 1, or for the reward, with var its empirical variance.

    Extended value iteration ends when the span of the change is below w / sqrt(t + 1). Of a pair that was never tried,
    any reward and any next state is plausible.

    What a log point evaluates is the policy of greatest average reward in the *estimated* model (observed frequencies
    and mean rewards as of the start of the episode), not the exploring one that the agent follows. In it, a pair that
    was never tried leads to a uniformly random state with the greatest reward.

    Parameters
    ----------
    seed : int
    mdp_specs : MDPSpec
    n_steps : int
    alpha_r, alpha_p : float
        Weights of the confidence bounds of rewards and transitions; the papers' bounds have 1.
    bound_type_p, bound_type_rew : {"chernoff", "bernstein"}
    epsilon_greedy, boltzmann_temperature : float or callable, optional
        Exploration on top of the algorithm's own; see `colosseum.agent.agents.choosing.Exploration`.

    Raises
    ------
    ConfigurationError
        If a hyperparameter lies outside its range.
    """

    fixed_hyperparameters: ClassVar[dict[str, Any]] = {"bound_type_p": "bernstein"}

    @accepts(optimization_horizon="n_steps")
    def __init__(
        self,
        seed: int,
        mdp_specs: "MDPSpec",
        n_steps: int,
        alpha_r: float = 1.0,
        alpha_p: float = 1.0,
        bound_type_p: str = "chernoff",
        bound_type_rew: str = "chernoff",
        epsilon_greedy: float | Callable[[int], float] | None = None,
        boltzmann_temperature: float | Callable[[int], float] | None = None,
    ):
        super().__init__(seed, mdp_specs, n_steps, epsilon_greedy, boltzmann_temperature)
        self.alpha_r = check_number(self, "alpha_r", alpha_r, 0)
        self.alpha_p = check_number(self, "alpha_p", alpha_p, 0)
        # the published package spells its default with an underscore
        self.bound_type_p = check_choice(self, "bound_type_p", _spelling(bound_type_p), BOUNDS)
        self.bound_type_rew = check_choice(self, "bound_type_rew", _spelling(bound_type_rew), BOUNDS)
        self._low, self._high = (float(x) for x in mdp_specs.rewards_range)
        self._v = np.zeros(self._n_states)
        self.gain, self.n_sweeps = math.nan, 0

    @staticmethod
    def is_episodic() -> bool:
        return False

    @staticmethod
    def get_hyperparameters_search_spaces() -> dict[str, Any]:
        return published_spaces("UCRL2Continuous")

    def beta_r(self) -> np.ndarray:
        """Return the confidence bounds on the rewards at the start of the episode, float64 array of shape (S * A,)."""
        width = self._high - self._low
        L = math.log(2 * self._n_states * self._n_actions * (self._t + 1) / self._delta)
        n = np.maximum(1, self._visits)
        if self.bound_type_rew == "chernoff":
            return self.alpha_r * width * np.sqrt(3.5 * L / n)
        variance = self._episode_squares / n
        bias = self.alpha_r * 49 * width * L / (3 * np.maximum(1, self._visits - 1))
        return math.sqrt(self.alpha_r) * np.sqrt(14 * variance * L / n) + bias

    def confidence_set(self) -> ConfidenceSet:
        """Return the plausible transition probabilities at the start of the episode."""
        S, A = self._n_states, self._n_actions
        indptr, next_states, counts = self._rows
        if self.bound_type_p == "chernoff":
            L = math.log(2 * A * (self._t + 1) / self._delta)
            radius = self.alpha_p * np.sqrt(14 * S * L / np.maximum(1, self._visits))
            probs = counts / np.repeat(self._visits, np.diff(indptr))
            return ConfidenceSet(indptr, next_states, probs, np.zeros_like(probs), radius / 2, radius, True)
        L = math.log(2 * S * A * (self._t + 1) / self._delta)
        bounds = _intervals(indptr, counts, self._visits, L, math.sqrt(self.alpha_p), self.alpha_p)
        lower, slack, rest, others = bounds
        return ConfidenceSet(indptr, next_states, lower, slack, rest, others, False)

    def plan(self) -> None:
        self._t = self._time
        self._delta = 1 / math.sqrt(self._t + 1)
        self._episode_squares = self._reward_squares.copy()
        optimistic = np.minimum(self._high, self._episode_mean + self.beta_r())
        optimistic[self._visits == 0] = self._high
        epsilon = (self._high - self._low) * self._delta
        # values of all actions matter to Boltzmann exploration alone
        every_row = len(self._exploration.temperature) > 0
        self._values, self._greedy, self.gain, self.n_sweeps = extended_value_iteration(
            self.confidence_set(), optimistic, self._v, epsilon, every_row
        )

    def estimated_values(self) -> tuple[np.ndarray, np.ndarray]:
        indptr, next_states, counts = self._rows
        unknown = self._visits == 0
        return average_reward_values(
            indptr,
            next_states,
            counts / np.repeat(self._visits, np.diff(indptr)),
            unknown.astype(np.float64),
            np.where(unknown, self._high, self._episode_mean),
            self._v,
            1e-6 * (self._high - self._low),
            200,
            20,
        )


def _spelling(bound: Any) -> Any:
    return bound.removeprefix("_") if isinstance(bound, str) else bound


@njit(cache=True)
def _intervals(indptr, counts, visits, L, root_alpha, alpha):
    """Bernstein bounds on every met next state, in the form of `ConfidenceSet`."""
    lower = np.empty(counts.shape[0])
    slack = np.empty(counts.shape[0])
    rest = np.ones(visits.shape[0])
    others = np.ones(visits.shape[0])
    for row in range(visits.shape[0]):
        n = visits[row]
        if n == 0:
            continue
        bias = alpha * 49.0 * L / (3.0 * max(1, n - 1))
        others[row] = min(1.0, bias)
        for k in range(indptr[row], indptr[row + 1]):
            p = counts[k] / n
            beta = root_alpha * math.sqrt(14.0 * p * (1.0 - p) * L / n) + bias
            lower[k] = max(0.0, p - beta)
            slack[k] = min(1.0, p + beta) - lower[k]
            rest[row] -= lower[k]
    return lower, slack, rest, others
