"""What the two MiniGrid families share: a walker that moves forward and turns, and one goal tile."""

from collections.abc import Iterable
from enum import IntEnum
from typing import Any, NamedTuple

from colosseum.mdp.build import Moves
from colosseum.mdp.family import FamilyMDP
from colosseum.mdp.rewards import Reward

Tile = tuple[int, int]


class MiniGridAction(IntEnum):
    """The actions."""

    MoveForward = 0
    TurnRight = 1
    TurnLeft = 2


class MiniGridDirection(IntEnum):
    """Where the walker looks, clockwise."""

    UP = 0
    RIGHT = 1
    DOWN = 2
    LEFT = 3


_STEP: dict[int, tuple[int, int]] = {
    MiniGridDirection.UP: (0, 1),
    MiniGridDirection.RIGHT: (1, 0),
    MiniGridDirection.DOWN: (0, -1),
    MiniGridDirection.LEFT: (-1, 0),
}


class MiniGridNode(NamedTuple):
    """A tile and a direction."""

    X: int
    Y: int
    Dir: int


class MiniGrid(FamilyMDP):
    """
    A walker on tiles; a transition whose next state lies on the goal tile gives the optimal reward.

    Subclasses set `_tiles` (set of tiles), `_goal` (a tile), `_starts` (nodes) and `_reward_size`.
    """

    n_family_actions = len(MiniGridAction)
    reward_parameters = ("optimal_distribution", "other_distribution")

    _tiles: frozenset[Tile]
    _goal: Tile
    _starts: list[MiniGridNode]
    _reward_size: int

    def _starting_nodes(self) -> list[MiniGridNode]:
        return self._starts

    def _next_nodes(self, node: MiniGridNode, action: int) -> Moves:
        if action == MiniGridAction.TurnRight:
            return ((MiniGridNode(node.X, node.Y, (node.Dir + 1) % 4), 1.0),)
        if action == MiniGridAction.TurnLeft:
            return ((MiniGridNode(node.X, node.Y, (node.Dir - 1) % 4), 1.0),)
        dx, dy = _STEP[node.Dir]
        x, y = node.X + dx, node.Y + dy
        return ((MiniGridNode(x, y, node.Dir) if (x, y) in self._tiles else node, 1.0),)

    def _reward_of(self, node: MiniGridNode, action: int, next_node: MiniGridNode) -> str:
        return "optimal_distribution" if next_node[:2] == self._goal else "other_distribution"

    def _default_rewards(self, stochastic: bool, m: float) -> dict[str, Reward]:
        if not stochastic:
            return {"optimal_distribution": Reward.constant(1), "other_distribution": Reward.constant(0)}
        n = self._reward_size**2 - 1
        return {"optimal_distribution": Reward.beta(m * n, m), "other_distribution": Reward.beta(m, m * n)}


def all_directions(tiles: Iterable[Tile]) -> list[Any]:
    """Return every node of some tiles."""
    return [MiniGridNode(x, y, direction) for x, y in tiles for direction in range(4)]
