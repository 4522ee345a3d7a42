"""DeepSea: dive right all the way, against the small rewards of drifting left."""

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


class DeepSeaAction(IntEnum):
    """The actions."""

    LEFT = 0
    RIGHT = 1


class DeepSeaNode(NamedTuple):
    """Column, and rows left below the diver."""

    X: int
    Y: int


class DeepSea(FamilyMDP):
    """
    A pyramid of ``size * (size + 1) / 2`` states through which every step leads one row down.

    Osband, Van Roy, Russo and Wen (2019), Deep exploration via randomized value functions; parameters as in Conserva
    and Rauber (2022), Hardness in Markov decision processes. There is no laziness here.

    Parameters
    ----------
    size : int
        Number of rows, at least 2.
    optimal_return : float
        Sets the mean of the reward of RIGHT in the last row's last column, if rewards are stochastic.
    suboptimal_return : float
        Expected return of going LEFT all the way, if rewards are stochastic.
    """

    n_family_actions = len(DeepSeaAction)
    reward_parameters = ("optimal_distribution", "sub_optimal_distribution", "other_distribution")
    small_parameters = {"size": 4}
    takes_p_lazy = False

    def _configure(
        self,
        size: int,
        optimal_return: float = 1.0,
        suboptimal_return: float = 0.5,
        optimal_distribution: Any = None,
        sub_optimal_distribution: Any = None,
        other_distribution: Any = None,
    ) -> None:
        self._size = self._check.integer("size", 2)
        self._optimal_return = self._check.number_between("optimal_return", 0, self._size)
        self._suboptimal_return = self._check.number_between("suboptimal_return", 0, self._size)

    @staticmethod
    def _most_states(size: int, **others: Any) -> int:
        return size * (size + 1) // 2

    def _draw_structure(self, rng: Any) -> None:
        pass

    def _starting_nodes(self) -> list[DeepSeaNode]:
        return [DeepSeaNode(0, self._size - 1)]

    def _next_nodes(self, node: DeepSeaNode, action: int) -> Moves:
        if node.Y == 0:
            return ((DeepSeaNode(0, self._size - 1), 1.0),)
        x = node.X + (1 if action == DeepSeaAction.RIGHT else -1)
        return ((DeepSeaNode(min(max(x, 0), self._size - 1), node.Y - 1), 1.0),)

    def _reward_of(self, node: DeepSeaNode, action: int, next_node: DeepSeaNode) -> str:
        if action == DeepSeaAction.LEFT:
            return "sub_optimal_distribution"
        return "optimal_distribution" if node == (self._size - 1, 0) else "other_distribution"

    def _default_rewards(self, stochastic: bool, m: float) -> dict[str, Reward]:
        n = self._size
        if not stochastic:
            optimal, sub_optimal, other = Reward.constant(1), Reward.constant(1 / n**2), Reward.constant(0)
        else:
            optimal = Reward.beta(m * (n / self._optimal_return - 1), m)
            sub_optimal = Reward.beta(m, m * (n / self._suboptimal_return - 1))
            other = Reward.beta(m, 10 * m * (n / self._suboptimal_return - 1))
        return dict(zip(self.reward_parameters, (optimal, sub_optimal, other), strict=True))

    @classmethod
    def _sample(cls, draw: Draw) -> dict[str, Any]:
        size = 1 + min(800 / (100 * draw.uniform() + 35), 25)
        p_rand = min(2 / (8 * draw.uniform() + 3), 0.95)
        return {"size": math.floor(0.8 * size if cls.is_episodic() else size), "p_rand": draw.probability(p_rand)}


@gin.configurable
class DeepSeaEpisodic(DeepSea, EpisodicMDP):
    """DeepSea in the episodic setting."""


@gin.configurable
class DeepSeaContinuous(DeepSea, ContinuousMDP):
    """DeepSea in the continuous setting."""
