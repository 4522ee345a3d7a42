"""FrozenLake: cross a slippery lake without falling into a hole."""

import math
from enum import IntEnum
from typing import Any, NamedTuple

import gin
import numpy as np

from colosseum.mdp.build import Moves
from colosseum.mdp.continuous import ContinuousMDP
from colosseum.mdp.draws import Draw
from colosseum.mdp.episodic import EpisodicMDP
from colosseum.mdp.family import FamilyMDP
from colosseum.mdp.rewards import Reward


class FrozenLakeAction(IntEnum):
    """The actions; the neighbours of each in this circle are its perpendicular ones."""

    LEFT = 0
    DOWN = 1
    RIGHT = 2
    UP = 3


_STEP: dict[int, tuple[int, int]] = {
    FrozenLakeAction.LEFT: (-1, 0),
    FrozenLakeAction.DOWN: (0, 1),
    FrozenLakeAction.RIGHT: (1, 0),
    FrozenLakeAction.UP: (0, -1),
}


class FrozenLakeNode(NamedTuple):
    """A frozen tile."""

    X: int
    Y: int


class FrozenLake(FamilyMDP):
    """
    A `size` x `size` lake of frozen tiles and holes, from one corner to the opposite one.

    The lake is redrawn until a path over frozen tiles joins the two corners. A hole leads back to the start, and so
    does every action in the goal. As in Conserva and Rauber (2022), Hardness in Markov decision processes.

    Parameters
    ----------
    size : int
        At least 2.
    p_frozen : float
        Probability that a tile is frozen, in (0, 1].
    optimal_return, suboptimal_return : float
        Set the means of the rewards of the goal and of the other tiles, if rewards are stochastic.
    is_slippery : bool
        The chosen direction is taken with probability 0.5 only, and each of the two perpendicular ones with 0.25.
    """

    n_family_actions = len(FrozenLakeAction)
    reward_parameters = ("goal_r", "default_r")
    small_parameters = {"size": 4, "p_frozen": 0.8}

    def _configure(
        self,
        size: int,
        p_frozen: float,
        optimal_return: float = 1.0,
        suboptimal_return: float = 0.1,
        is_slippery: bool = True,
        goal_r: Any = None,
        default_r: Any = None,
    ) -> None:
        self._size = self._check.integer("size", 2)
        if p_frozen != 1:
            self._check.number_between("p_frozen", 0, 1)
        self._p_frozen = float(p_frozen)
        self._optimal_return = self._check.number_between("optimal_return", 0, self._size**2)
        self._suboptimal_return = self._check.number_between("suboptimal_return", 0, self._size**2)
        self._is_slippery = self._check.boolean("is_slippery")

    @staticmethod
    def _most_states(size: int, **others: Any) -> int:
        return size**2

    def _draw_structure(self, rng: np.random.Generator) -> None:
        n = self._size
        while True:
            frozen = rng.random((n, n)) < self._p_frozen
            frozen[0, 0] = frozen[n - 1, n - 1] = True
            if _joined(frozen):
                break
        self._frozen = frozen

    def _starting_nodes(self) -> list[FrozenLakeNode]:
        return [FrozenLakeNode(0, 0)]

    def _next_nodes(self, node: FrozenLakeNode, action: int) -> Moves:
        if node == (self._size - 1, self._size - 1):
            return ((FrozenLakeNode(0, 0), 1.0),)
        if not self._is_slippery:
            return ((self._slide(node, action), 1.0),)
        return (
            (self._slide(node, action), 0.5),
            (self._slide(node, (action - 1) % 4), 0.25),
            (self._slide(node, (action + 1) % 4), 0.25),
        )

    def _slide(self, node: FrozenLakeNode, direction: int) -> FrozenLakeNode:
        dx, dy = _STEP[direction]
        x = min(max(node.X + dx, 0), self._size - 1)
        y = min(max(node.Y + dy, 0), self._size - 1)
        return FrozenLakeNode(x, y) if self._frozen[x, y] else FrozenLakeNode(0, 0)

    def _reward_of(self, node: FrozenLakeNode, action: int, next_node: FrozenLakeNode) -> str:
        return "goal_r" if next_node == (self._size - 1, self._size - 1) else "default_r"

    def _default_rewards(self, stochastic: bool, m: float) -> dict[str, Reward]:
        n = self._size**2
        if not stochastic:
            return {"goal_r": Reward.constant(1), "default_r": Reward.constant(0)}
        return {
            "goal_r": Reward.beta(m * (n / self._optimal_return - 1), m),
            "default_r": Reward.beta(m, m * (n / self._suboptimal_return - 1)),
        }

    @classmethod
    def _sample(cls, draw: Draw) -> dict[str, Any]:
        if cls.is_episodic():
            size = draw.choice((5, 6), (0.665, 0.335))
        else:
            size = math.floor(2.5 + min(400 / (150 * draw.uniform() + 35), 15))
        p_frozen = min((0.55 * draw.uniform() + 0.45) ** 0.3, 0.95)
        return {"size": size, "p_frozen": draw.rounded(p_frozen)} | draw.lazy_and_random()


def _joined(frozen: np.ndarray) -> bool:
    """Return whether a path over frozen tiles joins the two corners."""
    n = len(frozen)
    seen, frontier = {(0, 0)}, [(0, 0)]
    while frontier:
        x, y = frontier.pop()
        if (x, y) == (n - 1, n - 1):
            return True
        for dx, dy in _STEP.values():
            tile = (x + dx, y + dy)
            if 0 <= tile[0] < n and 0 <= tile[1] < n and frozen[tile] and tile not in seen:
                seen.add(tile)
                frontier.append(tile)
    return False


@gin.configurable
class FrozenLakeEpisodic(FrozenLake, EpisodicMDP):
    """FrozenLake in the episodic setting."""


@gin.configurable
class FrozenLakeContinuous(FrozenLake, ContinuousMDP):
    """FrozenLake in the continuous setting."""
