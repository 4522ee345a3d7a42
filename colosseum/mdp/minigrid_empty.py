"""MiniGridEmpty: walk across an empty room to the goal on the opposite side."""

import math
from typing import Any

import gin
import numpy as np

from colosseum.mdp.continuous import ContinuousMDP
from colosseum.mdp.draws import Draw
from colosseum.mdp.episodic import EpisodicMDP
from colosseum.mdp.minigrid import MiniGrid, MiniGridNode, Tile, all_directions


class MiniGridEmpty(MiniGrid):
    """
    A `size` x `size` room; the walker starts on one side of it, the goal is on the opposite side.

    After Chevalier-Boisvert, Willems and Pal (2018), Minimalistic gridworld environment; parameters as in Conserva and
    Rauber (2022), Hardness in Markov decision processes.

    Parameters
    ----------
    size : int
        At least 2.
    n_starting_states : int
        Tiles of the starting side, each with a random direction, in which an episode can start.
    """

    small_parameters = {"size": 4, "n_starting_states": 2}

    def _configure(
        self,
        size: int,
        n_starting_states: int = 1,
        optimal_distribution: Any = None,
        other_distribution: Any = None,
    ) -> None:
        self._size = self._reward_size = self._check.integer("size", 2)
        self._n_starting_states = self._check.integer("n_starting_states", 1, self._size)

    @staticmethod
    def _most_states(size: int, **others: Any) -> int:
        return 4 * size**2

    def _draw_structure(self, rng: np.random.Generator) -> None:
        n = self._size
        self._tiles = frozenset((x, y) for x in range(n) for y in range(n))
        sides = [self._side(i) for i in range(4)]
        start_side = int(rng.integers(4))
        self._start_side = sides[start_side]
        self._goal = sides[(start_side + 2) % 4][rng.integers(n)]
        tiles = rng.permutation(n)[: self._n_starting_states]
        self._starts = [MiniGridNode(x, y, int(rng.integers(4))) for x, y in (self._start_side[i] for i in tiles)]

    def _side(self, i: int) -> list[Tile]:
        """The tiles of side i, counted clockwise."""
        last = self._size - 1
        return [((j, 0), (0, j), (j, last), (last, j))[i] for j in range(self._size)]

    def _possible_starting_nodes(self) -> list[MiniGridNode]:
        return all_directions(self._start_side)

    @classmethod
    def _sample(cls, draw: Draw) -> dict[str, Any]:
        size = min(5 + 14 / (8 * draw.uniform() + 1), 20)
        return {
            "size": math.floor(size if cls.is_episodic() else 1.5 * size),
            "n_starting_states": draw.integer(1, 4),
        } | draw.lazy_and_random()


@gin.configurable
class MiniGridEmptyEpisodic(MiniGridEmpty, EpisodicMDP):
    """MiniGridEmpty in the episodic setting."""


@gin.configurable
class MiniGridEmptyContinuous(MiniGridEmpty, ContinuousMDP):
    """MiniGridEmpty in the continuous setting."""
