"""MDPs of the episodic setting."""

from functools import cached_property

import dm_env
import numpy as np

from colosseum import dynamic_programming as dp
from colosseum.mdp.base import BaseMDP


class EpisodicMDP(BaseMDP):
    """An MDP of the episodic setting: episodes of H steps, then a new starting state."""

    @staticmethod
    def is_episodic() -> bool:
        return True

    @cached_property
    def _steps(self) -> int:
        assert self.H is not None, "an episode has a horizon"
        return self.H

    def _time_step(self, reward: float) -> dm_env.TimeStep:
        self.h += 1
        if self.h >= self._steps:
            return dm_env.termination(reward, self.current_state)
        return dm_env.transition(reward, self.current_state)

    @cached_property
    def optimal_value_functions(self) -> tuple[np.ndarray, np.ndarray]:
        """Q of shape (H + 1, S, A) and V of shape (H + 1, S) of the optimal policy; those at H are 0."""
        return dp.episodic_value_iteration(self.model.arrays, self._steps)

    @cached_property
    def worst_value_functions(self) -> tuple[np.ndarray, np.ndarray]:
        """Q and V of the worst policy, as `optimal_value_functions`."""
        return dp.episodic_value_iteration(self.model.arrays, self._steps, minimise=True)

    @cached_property
    def optimality_gaps(self) -> np.ndarray:
        """``V_t(s) - Q_t(s, a)`` of the optimal policy, float64 array of shape (H, S, A); see `dp.episodic_gaps`."""
        return dp.episodic_gaps(self.model.arrays, self._steps, self.optimal_value_functions)

    @property
    def optimal_start_values(self) -> np.ndarray:
        """Value of an episode of the optimal policy from each state, float64 array of shape (S,)."""
        return self.optimal_value_functions[1][0]

    @property
    def worst_start_values(self) -> np.ndarray:
        """Value of an episode of the worst policy from each state, float64 array of shape (S,)."""
        return self.worst_value_functions[1][0]

    @cached_property
    def random_start_values(self) -> np.ndarray:
        """Value of an episode of the uniformly random policy from each state, float64 array of shape (S,)."""
        policy = np.full((self._steps, self.n_states, self.n_actions), 1 / self.n_actions)
        return dp.episodic_policy_evaluation(self.model.arrays, self._steps, policy)[1][0]

    @property
    def episodic_optimal_average_reward(self) -> float:
        """Optimal value at the start, divided by H."""
        return float(self.optimal_start_values @ self.starting_state_distribution / self.H)

    @property
    def episodic_worst_average_reward(self) -> float:
        """Worst value at the start, divided by H."""
        return float(self.worst_start_values @ self.starting_state_distribution / self.H)

    @property
    def episodic_random_average_reward(self) -> float:
        """Value at the start of the uniformly random policy, divided by H."""
        return float(self.random_start_values @ self.starting_state_distribution / self.H)

    @property
    def optimal_average_reward(self) -> float:
        return self.episodic_optimal_average_reward

    @property
    def worst_average_reward(self) -> float:
        return self.episodic_worst_average_reward

    @property
    def random_average_reward(self) -> float:
        return self.episodic_random_average_reward

    def get_optimal_policy(self, stochastic_form: bool = False) -> np.ndarray:
        """Return int array of shape (H, S), or with `stochastic_form` float64 array of shape (H, S, A) (ties mixed)."""
        return dp.get_policy_from_q_values(self.optimal_value_functions[0][:-1], stochastic_form)

    def get_worst_policy(self, stochastic_form: bool = False) -> np.ndarray:
        """Return the worst policy, as `get_optimal_policy`."""
        return dp.get_policy_from_q_values(-self.worst_value_functions[0][:-1], stochastic_form)
