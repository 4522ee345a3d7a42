"""MiniGridRooms: walk through the doors between rooms from one corner room to another."""

import math
from typing import Any

import gin
import numpy as np

from colosseum.mdp.continuous import ContinuousMDP
from colosseum.mdp.draws import Draw
from colosseum.mdp.episodic import EpisodicMDP
from colosseum.mdp.minigrid import MiniGrid, MiniGridNode, Tile, all_directions


class MiniGridRooms(MiniGrid):
    """
    A square of rooms with a door of one tile in the middle of each wall between neighbours.

    After Chevalier-Boisvert, Willems and Pal (2018), Minimalistic gridworld environment; parameters as in Conserva and
    Rauber (2022), Hardness in Markov decision processes.

    Parameters
    ----------
    room_size : int
        Tiles along a side of a room, at least 2.
    n_rooms : int
        A square number, at least 4.
    n_starting_states : int
        Pairs of tile and direction of the starting room in which an episode can start.
    """

    small_parameters = {"room_size": 3, "n_rooms": 4, "n_starting_states": 3}

    def _configure(
        self,
        room_size: int,
        n_rooms: int = 4,
        n_starting_states: int = 2,
        optimal_distribution: Any = None,
        other_distribution: Any = None,
    ) -> None:
        self._room_size = self._check.integer("room_size", 2)
        self._rooms_a_side = math.isqrt(self._check.integer("n_rooms", 4))
        if self._rooms_a_side**2 != n_rooms:
            self._check.refuse("n_rooms", "give a square number: 4, 9, 16, ...")
        self._n_starting_states = self._check.integer("n_starting_states", 1, 4 * self._room_size**2)
        self._reward_size = self._room_size * self._rooms_a_side

    @staticmethod
    def _most_states(room_size: int, n_rooms: int, **others: Any) -> int:
        return 4 * (room_size**2 + 2) * n_rooms

    def _draw_structure(self, rng: np.random.Generator) -> None:
        side, size = self._rooms_a_side, self._room_size
        rooms = {(i, j): self._room(i, j) for i in range(side) for j in range(side)}
        middle = size // 2
        doors = []
        for i in range(side - 1):
            wall = (i + 1) * (size + 1) - 1
            for j in range(side):
                door = j * (size + 1) + middle
                doors += [(wall, door), (door, wall)]
        self._tiles = frozenset(tile for room in rooms.values() for tile in room) | frozenset(doors)

        corners = [(0, 0), (0, side - 1), (side - 1, 0), (side - 1, side - 1)]
        start, goal = rng.permutation(4)[:2]
        goal_room = rooms[corners[goal]]
        self._goal = goal_room[rng.integers(len(goal_room))]
        self._start_nodes = all_directions(rooms[corners[start]])
        chosen = rng.permutation(len(self._start_nodes))[: self._n_starting_states]
        self._starts = [self._start_nodes[i] for i in chosen]

    def _room(self, i: int, j: int) -> list[Tile]:
        x, y = i * (self._room_size + 1), j * (self._room_size + 1)
        return [(x + dx, y + dy) for dx in range(self._room_size) for dy in range(self._room_size)]

    def _possible_starting_nodes(self) -> list[MiniGridNode]:
        return self._start_nodes

    @classmethod
    def _sample(cls, draw: Draw) -> dict[str, Any]:
        a, b, _ = draw.dirichlet(0.2, 0.2, 1.0)
        room_size = min(9, math.floor(7 * b + 3))
        return {
            "n_rooms": min(9, math.floor(2 * a + 2) ** 2),
            "room_size": max(3, room_size - 3) if cls.is_episodic() else room_size,
            "n_starting_states": draw.integer(1, 4),
        } | draw.lazy_and_random()


@gin.configurable
class MiniGridRoomsEpisodic(MiniGridRooms, EpisodicMDP):
    """MiniGridRooms in the episodic setting."""


@gin.configurable
class MiniGridRoomsContinuous(MiniGridRooms, ContinuousMDP):
    """MiniGridRooms in the continuous setting."""
