"""RiverSwim: swim up a chain against the current of easy rewards."""

import math
from enum import IntEnum
from typing import Any, NamedTuple

import gin

from colosseum.mdp.build import Moves
from colosseum.mdp.continuous import ContinuousMDP
from colosseum.mdp.draws import Draw
from colosseum.mdp.episodic import EpisodicMDP
from colosseum.mdp.family import FamilyMDP
from colosseum.mdp.rewards import Reward


class RiverSwimAction(IntEnum):
    """The actions."""

    LEFT = 0
    RIGHT = 1


class RiverSwimNode(NamedTuple):
    """A place in the chain."""

    X: int


class RiverSwim(FamilyMDP):
    """
    A chain of `size` states; a small reward waits at its start, the great one at its end.

    Strehl and Littman (2008), An analysis of model-based interval estimation for Markov decision processes; parameters
    as in Conserva and Rauber (2022), Hardness in Markov decision processes.

    Parameters
    ----------
    size : int
        Length of the chain, at least 2.
    optimal_mean_reward : float
        Expected reward of RIGHT in the last state, if rewards are stochastic.
    sub_optimal_mean_reward : float
        Expected reward of LEFT in the first state, if rewards are stochastic (divided by the size if episodic); the
        other pairs have a tenth of it.
    """

    n_family_actions = len(RiverSwimAction)
    reward_parameters = ("optimal_distribution", "sub_optimal_distribution", "other_distribution")
    small_parameters = {"size": 5}

    def _configure(
        self,
        size: int,
        optimal_mean_reward: float = 0.9,
        sub_optimal_mean_reward: float = 0.2,
        optimal_distribution: Any = None,
        sub_optimal_distribution: Any = None,
        other_distribution: Any = None,
    ) -> None:
        self._size = self._check.integer("size", 2)
        self._optimal_mean = self._check.number_between("optimal_mean_reward", 0, 1)
        self._sub_optimal_mean = self._check.number_between("sub_optimal_mean_reward", 0, 1)

    @staticmethod
    def _most_states(size: int, **others: Any) -> int:
        return size

    def _draw_structure(self, rng: Any) -> None:
        pass

    def _starting_nodes(self) -> list[RiverSwimNode]:
        return [RiverSwimNode(0)]

    def _next_nodes(self, node: RiverSwimNode, action: int) -> Moves:
        x = node.X + (1 if action == RiverSwimAction.RIGHT else -1)
        return ((RiverSwimNode(min(max(x, 0), self._size - 1)), 1.0),)

    def _reward_of(self, node: RiverSwimNode, action: int, next_node: RiverSwimNode) -> str:
        if node.X == self._size - 1 and action == RiverSwimAction.RIGHT:
            return "optimal_distribution"
        if node.X == 0 and action == RiverSwimAction.LEFT:
            return "sub_optimal_distribution"
        return "other_distribution"

    def _default_rewards(self, stochastic: bool, m: float) -> dict[str, Reward]:
        if not stochastic:
            optimal, sub_optimal, other = Reward.constant(1), Reward.constant(0.005), Reward.constant(0)
        else:
            o = self._optimal_mean
            s = self._sub_optimal_mean / (self._size if self.is_episodic() else 1)
            optimal = Reward.beta(m, m * (1 / o - 1))
            sub_optimal = Reward.beta(m, m * (1 / s - 1))
            other = Reward.beta(m, m * (10 / s - 1))
        return dict(zip(self.reward_parameters, (optimal, sub_optimal, other), strict=True))

    @classmethod
    def _sample(cls, draw: Draw) -> dict[str, Any]:
        u = draw.uniform()
        size = min(2.5 + 200 / (45 * u + 11), 25) if cls.is_episodic() else (6 * u + 2) ** 2.2
        return {"size": math.floor(size)} | draw.lazy_and_random()


@gin.configurable
class RiverSwimEpisodic(RiverSwim, EpisodicMDP):
    """RiverSwim in the episodic setting."""


@gin.configurable
class RiverSwimContinuous(RiverSwim, ContinuousMDP):
    """RiverSwim in the continuous setting."""
