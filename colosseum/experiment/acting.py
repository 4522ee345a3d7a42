"""Taking steps: learning step by step, learning in compiled calls, and acting without learning."""

from typing import TYPE_CHECKING, Any

import numpy as np
from numba import njit

from colosseum.mdp.sampling import SamplingTables, draw_start, take_step, uncounted, unsigned

if TYPE_CHECKING:
    from colosseum.agent.agents.base import BaseAgent
    from colosseum.agent.agents.compiled import CompiledAgent
    from colosseum.mdp.base import BaseMDP


class CompiledLearning:
    """
    An agent that learns many steps in one call.

    Attributes
    ----------
    steps : int
        Steps taken so far.
    position : int64 array of shape (3,)
        State, in-episode time, starting state of the episode.
    totals : float64 array of shape (2,)
        Sum of the rewards, and of the optimality gaps of what was done.

    Parameters
    ----------
    mdp : BaseMDP
        It starts anew.
    agent : CompiledAgent
    """

    def __init__(self, mdp: "BaseMDP", agent: "CompiledAgent"):
        self._mdp, self._agent = mdp, agent
        self._tables = tables_with_gaps(mdp)
        self.steps = 0
        start = int(mdp.reset().observation)
        self.position = np.array([start, 0, start], np.int64)
        self.totals = np.zeros(2)

    def advance(self, n: int) -> None:
        """Take `n` steps."""
        self._agent.advance(self._tables, self._mdp.dynamics_rng, self.position, n, self.totals)
        self.steps += n


class StepwiseLearning:
    """
    An agent that meets its environment one `dm_env.TimeStep` at a time; attributes and parameters are as above.

    An episodic environment is reset right after the last step of an episode.
    """

    def __init__(self, mdp: "BaseMDP", agent: "BaseAgent"):
        self._mdp, self._agent = mdp, agent
        self._episodic = mdp.is_episodic()
        self._gaps = mdp.optimality_gaps
        self._ts = mdp.reset()
        self.steps = 0
        start = int(self._ts.observation)
        self.position = np.array([start, 0, start], np.int64)
        self.totals = np.zeros(2)

    def advance(self, n: int) -> None:
        """Take `n` steps; if one of them raises an exception, `steps` tells how many came before it."""
        mdp, agent, ts = self._mdp, self._agent, self._ts
        reward_sum, gap_sum = (float(x) for x in self.totals)
        gaps = self._gaps
        for _ in range(n):
            time = mdp.h if self._episodic else self.steps
            action = agent.select_action(ts, time)
            new_ts = mdp.step(action)
            reward_sum += new_ts.reward
            gap_sum += gaps[(time, ts.observation, action) if self._episodic else (ts.observation, action)]
            agent.step_update(ts, action, new_ts, time)
            if agent.is_episode_end(ts, action, new_ts, time):
                agent.episode_end_update()
            if new_ts.last():
                new_ts = mdp.reset()
                self.position[2] = new_ts.observation
            self._ts = ts = new_ts
            self.steps += 1
        self.position[0] = ts.observation
        self.position[1] = mdp.h
        self.totals[:] = reward_sum, gap_sum


class Following:
    """
    Acting with a policy, without learning.

    Parameters
    ----------
    mdp : BaseMDP
    policy : float64 array of shape (S, A), or (H, S, A) when episodic
    rng : numpy.random.Generator
        Actions are drawn from it; a deterministic choice draws nothing.
    """

    def __init__(self, mdp: "BaseMDP", policy: np.ndarray, rng: np.random.Generator):
        self._mdp, self._rng = mdp, rng
        self._n_states, self._n_actions = policy.shape[-2:]
        self._horizon = policy.shape[0] if policy.ndim == 3 else 0
        rows = policy.reshape(-1, self._n_actions)
        self._cumulative = np.cumsum(rows, axis=1).ravel()
        self._sure = np.where(rows.max(1) >= 1.0, rows.argmax(1), -1)

    def advance(self, n: int, position: np.ndarray, totals: np.ndarray) -> None:
        """Take `n` steps from a position, which is updated, as are the sums of the rewards and of the gaps."""
        _follow(
            tables_with_gaps(self._mdp),
            self._mdp.dynamics_rng,
            position,
            n,
            totals,
            self._rng,
            self._sure,
            self._cumulative,
            self._n_states,
            self._n_actions,
            self._horizon,
        )


def tables_with_gaps(mdp: "BaseMDP") -> SamplingTables:
    """Return what compiled loops draw from, with the gaps of what they do."""
    return mdp.tables._replace(gap=mdp.optimality_gaps.ravel())


def agent_generator(mdp: "BaseMDP", agent: Any) -> np.random.Generator:
    """Return the generator that an agent acts with; one that has none of the kind gets that of the instance's seed."""
    rng = getattr(agent, "_rng_agent", None)
    if isinstance(rng, np.random.Generator):
        return rng
    return np.random.default_rng(np.random.SeedSequence(mdp.seed).spawn(3)[2])


@njit(cache=True)
def _follow(tables, rng, position, n, totals, rng_agent, sure, cumulative, n_states, n_actions, horizon):
    tables = uncounted(tables)
    s, h, start = position
    reward_sum, gap_sum = totals
    for _ in range(n):
        row = h * n_states + s
        a = sure[unsigned(row)]
        if a < 0:
            u = rng_agent.random() * cumulative[row * n_actions + n_actions - 1]
            a = 0
            while a < n_actions - 1 and u >= cumulative[row * n_actions + a]:
                a += 1
        s, reward, gap = take_step(tables, rng, s, h, a)
        reward_sum += reward
        gap_sum += gap
        if horizon:
            h += 1
            if h == horizon:
                h = 0
                s = start = draw_start(tables, rng)
    position[0] = s
    position[1] = h
    position[2] = start
    totals[0] = reward_sum
    totals[1] = gap_sum
