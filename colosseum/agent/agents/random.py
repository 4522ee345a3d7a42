"""The agents that pay no heed: the speed limit of the loop, and a baseline."""

from typing import TYPE_CHECKING, Any

import gin
import numpy as np

from colosseum.agent.agents.choosing import Exploration
from colosseum.agent.agents.compiled import ActingRule, CompiledAgent
from colosseum.mdp.sampling import draw_start, take_step, uncounted
from colosseum.published_names import accepts
from colosseum.utils.compiled import njit

if TYPE_CHECKING:
    import dm_env

    from colosseum.mdp.sampling import SamplingTables
    from colosseum.utils.acme.specs import MDPSpec


class _RandomAgent(CompiledAgent):
    """Chooses uniformly among the actions, and has no hyperparameters."""

    @accepts(optimization_horizon="n_steps")
    def __init__(self, seed: int, mdp_specs: "MDPSpec", n_steps: int = 0):
        super().__init__(seed, mdp_specs, n_steps)
        shape = (self._n_states, self._n_actions)
        self._policy = np.full((self._H, *shape) if self._H else shape, 1.0 / self._n_actions)
        self._policy.flags.writeable = False

    @staticmethod
    def get_hyperparameters_search_spaces() -> dict[str, Any]:
        return {}

    @property
    def current_optimal_stochastic_policy(self) -> np.ndarray:
        return self._policy

    def acting_rule(self) -> ActingRule:
        n_nodes = max(self._H, 1) * self._n_states
        ties = np.full(n_nodes, -self._n_actions if self._n_actions > 1 else 0, np.int32)
        none = Exploration(np.empty(0), np.empty(0))
        return ActingRule(np.zeros(n_nodes * self._n_actions), ties, none, 0, self._H)

    def select_action(self, ts: "dm_env.TimeStep", time: int) -> int:
        return int(self._rng_agent.random() * self._n_actions)

    @accepts(h="time")
    def step_update(self, ts_t: "dm_env.TimeStep", a_t: int, ts_tp1: "dm_env.TimeStep", time: int) -> None:
        """Learns nothing."""

    def advance(
        self, tables: "SamplingTables", rng: np.random.Generator, position: np.ndarray, n: int, totals: np.ndarray
    ) -> None:
        _advance(tables, rng, position, n, totals, self._rng_agent, self._n_actions, self._H)


@gin.configurable
class RandomAgentEpisodic(_RandomAgent):
    """
    Uniformly random actions in an episodic environment.

    Parameters
    ----------
    seed : int
    mdp_specs : MDPSpec
    n_steps : int
        Not used.
    """

    @staticmethod
    def is_episodic() -> bool:
        return True


@gin.configurable
class RandomAgentContinuous(_RandomAgent):
    """
    Uniformly random actions in a continuous environment.

    Parameters
    ----------
    seed : int
    mdp_specs : MDPSpec
    n_steps : int
        Not used.
    """

    @staticmethod
    def is_episodic() -> bool:
        return False


# The bookkeeping around a step (position, totals, ends of episodes) stands in each agent's loop, and in that of
# `experiment.acting`: an agent's file holds the whole of its compiled loop, which a user copies to write another.


@njit(cache=True)
def _advance(tables, rng, position, n, totals, rng_agent, n_actions, horizon):
    tables = uncounted(tables)
    s, h, start = position
    reward_sum, gap_sum = totals
    for _ in range(n):
        a = int(rng_agent.random() * n_actions)
        s, reward, gap = take_step(tables, rng, s, h, a)
        reward_sum += reward
        gap_sum += gap
        if horizon:
            h += 1
            if h == horizon:
                h = 0
                s = start = draw_start(tables, rng)
    position[0] = s
    position[1] = h
    position[2] = start
    totals[0] = reward_sum
    totals[1] = gap_sum
