"""The environments as `gymnasium.Env`s; needs the extra ``colosseum[gymnasium]``."""

from typing import Any

import gymnasium
import numpy as np

from colosseum.mdp.base import BaseMDP


class GymnasiumEnv(gymnasium.Env):
    """
    An MDP as a `gymnasium.Env`.

    The end of an episode after H steps is part of the MDP: it is told as `terminated`. A continuous MDP never ends.

    Parameters
    ----------
    mdp : BaseMDP
        It is driven by this object from now on.
    """

    metadata = {"render_modes": []}

    def __init__(self, mdp: BaseMDP):
        self.mdp = mdp
        self.observation_space = gymnasium.spaces.Discrete(mdp.n_states)
        self.action_space = gymnasium.spaces.Discrete(mdp.n_actions)

    def reset(self, *, seed: int | None = None, options: dict[str, Any] | None = None) -> tuple[int, dict[str, Any]]:
        """
        Draw a starting state.

        Parameters
        ----------
        seed : int, optional
            Transitions and rewards are drawn from it from now on; the structure of the MDP stays as it is.
        options : dict, optional
            Not used.
        """
        super().reset(seed=seed)
        if seed is not None:
            self.mdp.dynamics_rng = np.random.default_rng(seed)
        return self.mdp.reset().observation, self._info()

    def step(self, action: int) -> tuple[int, float, bool, bool, dict[str, Any]]:
        """Take an action; see `gymnasium.Env.step`."""
        time_step = self.mdp.step(action)
        return time_step.observation, time_step.reward, time_step.last(), False, self._info()

    def _info(self) -> dict[str, Any]:
        """The label of the state, and the time in the episode."""
        return {"node": self.mdp.model.nodes[self.mdp.current_state], "h": self.mdp.h}
