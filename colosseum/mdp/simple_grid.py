"""SimpleGrid: an empty grid whose corners reward waiting."""

import math
from collections.abc import Callable
from enum import Enum, IntEnum
from typing import Any, NamedTuple

import gin
import numpy as np

from colosseum.mdp.build import Moves
from colosseum.mdp.continuous import ContinuousMDP
from colosseum.mdp.draws import Draw
from colosseum.mdp.episodic import EpisodicMDP
from colosseum.mdp.family import FamilyMDP
from colosseum.mdp.rewards import Reward


class SimpleGridAction(IntEnum):
    """The actions."""

    UP = 0
    RIGHT = 1
    DOWN = 2
    LEFT = 3
    NO_OP = 4


@gin.constants_from_enum
class SimpleGridReward(IntEnum):
    """Which corners (x, y), each 0 or 1, give the optimal reward."""

    AND = 0
    NAND = 1
    OR = 2
    XOR = 3

    __str__ = Enum.__str__  # gin needs "Class.NAME", which IntEnum stopped printing in Python 3.11


_CORNER_IS_OPTIMAL: dict[int, Callable[[bool, bool], bool]] = {
    SimpleGridReward.AND: lambda x, y: x and y,
    SimpleGridReward.NAND: lambda x, y: not (x and y),
    SimpleGridReward.OR: lambda x, y: x or y,
    SimpleGridReward.XOR: lambda x, y: x != y,
}

_STEP: dict[int, tuple[int, int]] = {
    SimpleGridAction.UP: (0, 1),
    SimpleGridAction.RIGHT: (1, 0),
    SimpleGridAction.DOWN: (0, -1),
    SimpleGridAction.LEFT: (-1, 0),
    SimpleGridAction.NO_OP: (0, 0),
}


class SimpleGridNode(NamedTuple):
    """A tile."""

    X: int
    Y: int


class SimpleGrid(FamilyMDP):
    """
    A `size` x `size` grid in which only a step that stays in a corner is special.

    As in Conserva and Rauber (2022), Hardness in Markov decision processes.

    Parameters
    ----------
    size : int
        At least 2.
    reward_type : int or SimpleGridReward
        The corners that give the optimal reward: AND, NAND, OR or XOR of their coordinates; the others give the
        sub-optimal one.
    n_starting_states : int
        As many tiles closest to the centre (ties drawn from the seed) are the starting states.
    optimal_mean_reward, sub_optimal_mean_reward : float
        Expected rewards in an optimal corner and in the middle of the grid, if rewards are stochastic; the sub-optimal
        corners have a tenth of the latter.
    """

    n_family_actions = len(SimpleGridAction)
    reward_parameters = ("optimal_distribution", "sub_optimal_distribution", "other_distribution")
    small_parameters = {"size": 4, "n_starting_states": 2}

    def _configure(
        self,
        size: int,
        reward_type: int = SimpleGridReward.XOR,
        n_starting_states: int = 1,
        optimal_mean_reward: float = 0.9,
        sub_optimal_mean_reward: float = 0.2,
        optimal_distribution: Any = None,
        sub_optimal_distribution: Any = None,
        other_distribution: Any = None,
    ) -> None:
        self._size = self._check.integer("size", 2)
        self._reward_type = self._check.integer("reward_type", 0, 3)
        self._n_starting_states = self._check.integer("n_starting_states", 1, (self._size - 1) ** 2)
        self._optimal_mean = self._check.number_between("optimal_mean_reward", 0, 1)
        self._sub_optimal_mean = self._check.number_between("sub_optimal_mean_reward", 0, 1)

    @staticmethod
    def _most_states(size: int, **others: Any) -> int:
        return size**2

    def _draw_structure(self, rng: np.random.Generator) -> None:
        tiles = self._tiles()
        shuffled = [tiles[i] for i in rng.permutation(len(tiles))]
        self._starts = sorted(shuffled, key=self._distance)[: self._n_starting_states]

    def _tiles(self) -> list[SimpleGridNode]:
        return [SimpleGridNode(x, y) for x in range(self._size) for y in range(self._size)]

    def _distance(self, node: SimpleGridNode) -> int:
        """Four times the squared distance from the centre: an integer, so ties are exact."""
        return (2 * node.X - self._size + 1) ** 2 + (2 * node.Y - self._size + 1) ** 2

    def _starting_nodes(self) -> list[SimpleGridNode]:
        return self._starts

    def _possible_starting_nodes(self) -> list[SimpleGridNode]:
        tiles = sorted(self._tiles(), key=self._distance)
        most = self._distance(tiles[(self._size - 1) ** 2 - 1])
        return [tile for tile in tiles if self._distance(tile) <= most]

    def _next_nodes(self, node: SimpleGridNode, action: int) -> Moves:
        dx, dy = _STEP[action]
        last = self._size - 1
        return ((SimpleGridNode(min(max(node.X + dx, 0), last), min(max(node.Y + dy, 0), last)), 1.0),)

    def _reward_of(self, node: SimpleGridNode, action: int, next_node: SimpleGridNode) -> str:
        last = self._size - 1
        if node != next_node or node.X not in (0, last) or node.Y not in (0, last):
            return "other_distribution"
        optimal = _CORNER_IS_OPTIMAL[self._reward_type](node.X == last, node.Y == last)
        return "optimal_distribution" if optimal else "sub_optimal_distribution"

    def _default_rewards(self, stochastic: bool, m: float) -> dict[str, Reward]:
        if not stochastic:
            optimal, sub_optimal, other = Reward.constant(1), Reward.constant(0), Reward.constant(0.5)
        else:
            o, s = self._optimal_mean, self._sub_optimal_mean
            optimal = Reward.beta(m, m * (1 / o - 1))
            sub_optimal = Reward.beta(m, m * (10 / s - 1))
            other = Reward.beta(m, m * (1 / s - 1))
        return dict(zip(self.reward_parameters, (optimal, sub_optimal, other), strict=True))

    @classmethod
    def _sample(cls, draw: Draw) -> dict[str, Any]:
        spread = min(800 / (100 * draw.uniform() + 35), 25)
        return {
            "size": math.floor(1 + (0.8 * spread if cls.is_episodic() else spread)),
            "n_starting_states": draw.integer(1, 4),
            "reward_type": draw.integer(0, 3),
        } | draw.lazy_and_random()


@gin.configurable
class SimpleGridEpisodic(SimpleGrid, EpisodicMDP):
    """SimpleGrid in the episodic setting."""


@gin.configurable
class SimpleGridContinuous(SimpleGrid, ContinuousMDP):
    """SimpleGrid in the continuous setting."""
