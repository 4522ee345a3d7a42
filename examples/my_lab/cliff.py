"""Cliff walking, a family of environments."""

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


class CliffAction(IntEnum):
    """The actions."""

    UP = 0
    RIGHT = 1
    DOWN = 2
    LEFT = 3


_STEP = {CliffAction.UP: (0, 1), CliffAction.RIGHT: (1, 0), CliffAction.DOWN: (0, -1), CliffAction.LEFT: (-1, 0)}


class CliffNode(NamedTuple):
    """A place; the lowest row holds the start, the cliff and the goal, from left to right."""

    X: int
    Y: int


class Cliff(FamilyMDP):
    """
    Walk along a cliff to the goal; who reaches it or falls starts again.

    After Sutton and Barto (2018), Reinforcement Learning: An Introduction, example 6.6.

    Parameters
    ----------
    width : int
        At least 3.
    height : int
        At least 2.
    """

    n_family_actions = len(CliffAction)
    reward_parameters = ("goal_reward", "fall_reward", "step_reward")
    small_parameters = {"width": 4, "height": 2}

    def _configure(
        self,
        width: int,
        height: int = 3,
        goal_reward: Any = None,
        fall_reward: Any = None,
        step_reward: Any = None,
    ) -> None:
        self._width = self._check.integer("width", 3)
        self._height = self._check.integer("height", 2)

    def _draw_structure(self, rng: np.random.Generator) -> None:
        """The seed decides nothing but which action is which."""

    def _starting_nodes(self) -> list[CliffNode]:
        return [CliffNode(0, 0)]

    def _next_nodes(self, node: CliffNode, action: int) -> Moves:
        if self._reward_of(node, action, node) != "step_reward":
            return ((CliffNode(0, 0), 1.0),)
        dx, dy = _STEP[CliffAction(action)]
        x, y = min(max(node.X + dx, 0), self._width - 1), min(max(node.Y + dy, 0), self._height - 1)
        return ((CliffNode(x, y), 1.0),)

    def _reward_of(self, node: CliffNode, action: int, next_node: CliffNode) -> str:
        if next_node.Y > 0 or next_node.X == 0:
            return "step_reward"
        return "goal_reward" if next_node.X == self._width - 1 else "fall_reward"

    def _default_rewards(self, stochastic: bool, m: float) -> dict[str, Reward]:
        means = dict(zip(self.reward_parameters, (0.95, 0.05, 0.2), strict=True))
        if stochastic:
            return {name: Reward.beta(m * mean, m * (1 - mean)) for name, mean in means.items()}
        return {name: Reward.constant(mean) for name, mean in means.items()}

    @classmethod
    def _sample(cls, draw: Draw) -> dict[str, Any]:
        return {"width": draw.integer(3, 8), "height": draw.integer(2, 4)} | draw.lazy_and_random()


@gin.configurable
class CliffEpisodic(Cliff, EpisodicMDP):
    """Cliff walking in the episodic setting."""


@gin.configurable
class CliffContinuous(Cliff, ContinuousMDP):
    """Cliff walking in the continuous setting."""
