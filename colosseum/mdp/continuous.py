"""MDPs of the continuous setting."""

from functools import cached_property

import dm_env
import numpy as np

from colosseum import dynamic_programming as dp
from colosseum.mdp.base import BaseMDP


class ContinuousMDP(BaseMDP):
    """An MDP of the continuous (infinite-horizon, average-reward) setting: it never ends."""

    @staticmethod
    def is_episodic() -> bool:
        return False

    def _time_step(self, reward: float) -> dm_env.TimeStep:
        return dm_env.transition(reward, self.current_state)

    @cached_property
    def _optimal(self) -> tuple[float, np.ndarray]:
        return dp.average_reward_optimal(self.model.arrays)

    @cached_property
    def _worst(self) -> tuple[float, np.ndarray]:
        return dp.average_reward_optimal(self.model.arrays, minimise=True)

    @property
    def optimal_average_reward(self) -> float:
        """
        The optimal gain.

        Raises
        ------
        NotWeaklyCommunicatingError
            If it depends on the state.
        """
        return self._optimal[0]

    @property
    def worst_average_reward(self) -> float:
        """The gain of the worst policy; raises as `optimal_average_reward`."""
        return self._worst[0]

    @cached_property
    def _optimality(self) -> dp.OptimalitySolution:
        return dp.average_reward_gaps(self.model.arrays, self._optimal)

    @property
    def optimality_gaps(self) -> np.ndarray:
        """
        ``g + h(s) - r(s, a) - sum_t p(t | s, a) h(t)``, float64 array of shape (S, A); see `dp.average_reward_gaps`.

        Raises
        ------
        NotWeaklyCommunicatingError
            If the optimal gain g depends on the state.
        """
        return self._optimality.gaps

    @property
    def optimal_bias(self) -> np.ndarray:
        """The relative values h of the optimality equation, float64 array of shape (S,); as `optimality_gaps`."""
        return self._optimality.bias

    @property
    def optimal_bias_span(self) -> float:
        """Largest minus smallest relative value: how far learning regret may be from T g minus expected rewards."""
        return float(np.ptp(self.optimal_bias))

    @cached_property
    def random_average_reward(self) -> float:
        """The gain of the uniformly random policy from the starting distribution."""
        policy = np.full((self.n_states, self.n_actions), 1 / self.n_actions)
        evaluator = dp.AveragePolicyEvaluator(self.model.arrays)
        starts = zip(self.model.start_state, self.model.start_probs, strict=True)
        return float(sum(p * evaluator.gain(policy, s) for s, p in starts))

    @cached_property
    def optimal_value_functions(self) -> tuple[np.ndarray, np.ndarray]:
        """Optimal discounted (0.99) Q of shape (S, A) and V of shape (S,)."""
        return self.discounted_value_functions()

    @cached_property
    def worst_value_functions(self) -> tuple[np.ndarray, np.ndarray]:
        """Smallest discounted (0.99) Q and V, as `optimal_value_functions`."""
        return dp.discounted_value_iteration(self.model.arrays, dp.DISCOUNT, minimise=True)

    def get_optimal_policy(self, stochastic_form: bool = False) -> np.ndarray:
        """Return a policy of the optimal gain: int array of shape (S,), or one-hot float64 array of shape (S, A)."""
        return self._optimal[1] if stochastic_form else self._optimal[1].argmax(1)

    def get_worst_policy(self, stochastic_form: bool = False) -> np.ndarray:
        """Return a policy of the worst gain, as `get_optimal_policy`."""
        return self._worst[1] if stochastic_form else self._worst[1].argmax(1)
