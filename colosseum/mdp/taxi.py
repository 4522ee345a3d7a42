"""Taxi: fetch a passenger and drop it off where it wants to go."""

import math
from enum import IntEnum
from itertools import combinations
from typing import Any, NamedTuple

import gin
import numpy as np

from colosseum.errors import ConfigurationError
from colosseum.mdp.build import Moves
from colosseum.mdp.continuous import ContinuousMDP
from colosseum.mdp.draws import Draw
from colosseum.mdp.episodic import EpisodicMDP
from colosseum.mdp.family import FamilyMDP
from colosseum.mdp.rewards import Reward

_ON_BOARD = -1
_MOST_DRAWS = 10_000


class TaxiAction(IntEnum):
    """The actions."""

    South = 0
    North = 1
    East = 2
    West = 3
    PickUpPassenger = 4
    DropOffPassenger = 5


_STEP: dict[int, tuple[int, int]] = {
    TaxiAction.South: (0, -1),
    TaxiAction.North: (0, 1),
    TaxiAction.East: (1, 0),
    TaxiAction.West: (-1, 0),
}


class TaxiNode(NamedTuple):
    """Tile of the taxi; index of the passenger's location (-1: on board) and of its destination."""

    X: int
    Y: int
    Passenger: int
    Destination: int


class Taxi(FamilyMDP):
    """
    A taxi among walls; when a passenger is delivered the next one appears somewhere else.

    After Dietterich (2000), Hierarchical reinforcement learning with the MAXQ value function decomposition; parameters
    as in Conserva and Rauber (2022), Hardness in Markov decision processes. Actions are never permuted.

    Parameters
    ----------
    size : int
        Tiles along a side, at least 3.
    length, width, space : int
        Rows in a block with walls; tiles of a wall along a row; free tiles between two walls.
    n_locations : int
        Where passengers wait and want to go, at least 2.
    optimal_mean_reward, sub_optimal_mean_reward : float
        Expected rewards of a delivery and of a move, if rewards are stochastic; a pick-up or drop-off in vain has a
        tenth of the latter.
    """

    n_family_actions = len(TaxiAction)
    reward_parameters = ("default_r", "successfully_delivery_r", "failure_delivery_r")
    small_parameters = {"size": 4, "length": 1, "n_locations": 3}
    permutes_actions = False

    def _configure(
        self,
        size: int,
        length: int = 2,
        width: int = 1,
        space: int = 1,
        n_locations: int = 4,
        optimal_mean_reward: float = 0.9,
        sub_optimal_mean_reward: float = 0.2,
        default_r: Any = None,
        successfully_delivery_r: Any = None,
        failure_delivery_r: Any = None,
    ) -> None:
        self._size = self._check.integer("size", 3)
        self._n_locations = self._check.integer("n_locations", 2)
        self._optimal_mean = self._check.number_between("optimal_mean_reward", 0, 1)
        self._sub_optimal_mean = self._check.number_between("sub_optimal_mean_reward", 0, 1)
        walls = [self._check.integer(name, 1) for name in ("length", "width", "space")]
        free = _free_tiles(self._size, *walls)
        self._free = sorted(free)
        self._is_free = frozenset(free)

    @staticmethod
    def _most_states(size: int, n_locations: int, **others: Any) -> int:
        return size**2 * (n_locations + 1) * n_locations

    def _draw_structure(self, rng: np.random.Generator) -> None:
        q = math.isqrt(self._n_locations - 1) + 1
        slices = np.array_split(np.arange(self._size), q)
        quadrants = [
            [(x, y) for x in map(int, columns) for y in map(int, rows) if (x, y) in self._is_free]
            for columns in slices
            for rows in slices
        ]
        least = max(self._size / q / 2, 2)
        for _ in range(_MOST_DRAWS if all(quadrants) else 0):
            tiles = [quadrant[rng.integers(len(quadrant))] for quadrant in quadrants]
            if all(math.dist(a, b) > least for a, b in combinations(tiles, 2)):
                break
        else:
            raise ConfigurationError(
                f"{type(self).__name__}.n_locations: {self._n_locations} locations more than {least:g} tiles apart do "
                f"not fit into size {self._size}; give fewer locations or a larger size."
            )
        self._locations = [tiles[i] for i in rng.permutation(len(tiles))[: self._n_locations]]

    def _waiting(self) -> list[tuple[int, int]]:
        """Pairs of a passenger's location and another one as its destination."""
        return [(p, d) for p in range(self._n_locations) for d in range(self._n_locations) if p != d]

    def _starting_nodes(self) -> list[TaxiNode]:
        return [TaxiNode(x, y, p, d) for x, y in self._free for p, d in self._waiting()]

    def _shortest_horizon(self) -> int:
        return math.floor(1.5 * self._size**2)

    def _next_nodes(self, node: TaxiNode, action: int) -> Moves:
        x, y, passenger, destination = node
        if action == TaxiAction.PickUpPassenger:
            if passenger != _ON_BOARD and self._locations[passenger] == (x, y):
                return ((TaxiNode(x, y, _ON_BOARD, destination), 1.0),)
        elif action == TaxiAction.DropOffPassenger:
            if passenger == _ON_BOARD and self._locations[destination] == (x, y):
                pairs = [(p, d) for p, d in self._waiting() if self._locations[p] != (x, y)]
                return tuple((TaxiNode(x, y, p, d), 1 / len(pairs)) for p, d in pairs)
        else:
            dx, dy = _STEP[action]
            if (x + dx, y + dy) in self._is_free:
                return ((TaxiNode(x + dx, y + dy, passenger, destination), 1.0),)
        return ((node, 1.0),)

    def _reward_of(self, node: TaxiNode, action: int, next_node: TaxiNode) -> str:
        if action == TaxiAction.DropOffPassenger:
            delivered = node.Passenger == _ON_BOARD and next_node.Passenger != _ON_BOARD
            return "successfully_delivery_r" if delivered else "failure_delivery_r"
        if action == TaxiAction.PickUpPassenger:
            picked_up = node.Passenger != _ON_BOARD and next_node.Passenger == _ON_BOARD
            return "default_r" if picked_up else "failure_delivery_r"
        return "default_r"

    def _default_rewards(self, stochastic: bool, m: float) -> dict[str, Reward]:
        if not stochastic:
            default, delivery, failure = Reward.constant(0.1), Reward.constant(1), Reward.constant(0)
        else:
            o, s = self._optimal_mean, self._sub_optimal_mean
            default = Reward.beta(m, m * (1 / s - 1))
            delivery = Reward.beta(m, m * (1 / o - 1))
            failure = Reward.beta(m, m * (10 / s - 1))
        return dict(zip(self.reward_parameters, (default, delivery, failure), strict=True))

    @classmethod
    def _sample(cls, draw: Draw) -> dict[str, Any]:
        if cls.is_episodic():
            return {"size": 5} | draw.lazy_and_random(0.8 * 0.5)
        return {"size": draw.choice((5, 6, 7), (0.525, 0.325, 0.15))} | draw.lazy_and_random(0.5)


def _free_tiles(size: int, length: int, width: int, space: int) -> list[tuple[int, int]]:
    """
    Return the tiles without a wall.

    Rows come in blocks of `length` rows with walls and one without. Walls of `width` tiles and gaps of `space` tiles
    alternate along a row; odd blocks begin with a wall, even ones with half a gap and wall of free tiles.
    """
    free = []
    for y in range(size):
        block, row = divmod(y, length + 1)
        lead = 0 if block % 2 else (width + space) // 2
        for x in range(size):
            is_wall = row < length and x >= lead and (x - lead) % (width + space) < width
            if not is_wall:
                free.append((x, y))
    return free


@gin.configurable
class TaxiEpisodic(Taxi, EpisodicMDP):
    """Taxi in the episodic setting."""


@gin.configurable
class TaxiContinuous(Taxi, ContinuousMDP):
    """Taxi in the continuous setting."""
