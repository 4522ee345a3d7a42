"""Taking steps: in compiled calls or one by one, learning at first and then, after a stop, only acting."""

from typing import TYPE_CHECKING

import dm_env
import numpy as np

from colosseum.agent.agents.choosing import choose_action
from colosseum.mdp.sampling import SamplingTables, draw_start, take_step, uncounted
from colosseum.utils.compiled import njit

if TYPE_CHECKING:
    from colosseum.agent.agents.base import BaseAgent
    from colosseum.agent.agents.compiled import CompiledAgent
    from colosseum.mdp.base import BaseMDP


class StepwiseActing:
    """
    An agent that meets its environment one `dm_env.TimeStep` at a time.

    An episodic environment is reset right after the last step of an episode.

    Parameters
    ----------
    mdp : BaseMDP
        It starts anew.
    agent : BaseAgent

    Attributes
    ----------
    steps : int
        Steps taken so far.
    position : int64 array of shape (3,)
        State, in-episode time, starting state of the episode.
    totals : float64 array of shape (2,)
        Sum of the rewards, and of the optimality gaps of what was done.
    learns : bool
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
        self.learns = True

    def stop_learning(self) -> None:
        """From now on the agent chooses its actions as before, but is told nothing of what comes of them."""
        self.learns = False

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
            gap_sum += float(gaps[(time, ts.observation, action) if self._episodic else (ts.observation, action)])
            if self.learns:
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


class CompiledActing:
    """
    An agent that takes many steps in one call; parameters and attributes are those of `StepwiseActing`.

    One that does not say by what rule it acts (`CompiledAgent.acting_rule`) acts step by step once it has stopped
    learning.
    """

    def __init__(self, mdp: "BaseMDP", agent: "CompiledAgent"):
        self._mdp, self._agent = mdp, agent
        self._tables = tables_with_gaps(mdp)
        self.steps = 0
        start = int(mdp.reset().observation)
        self.position = np.array([start, 0, start], np.int64)
        self.totals = np.zeros(2)
        self.learns = True

    def stop_learning(self) -> None:
        """From now on the agent chooses its actions as before, but learns nothing from what comes of them."""
        self.learns = False
        self._rule = self._agent.acting_rule()

    def advance(self, n: int) -> None:
        """Take `n` steps."""
        rng = self._mdp.dynamics_rng
        if self.learns:
            self._agent.advance(self._tables, rng, self.position, n, self.totals)
        elif self._rule is not None:
            _act(self._tables, rng, self.position, n, self.totals, self._agent._rng_agent, *self._rule)
        else:
            self._act_step_by_step(n)
        self.steps += n

    def _act_step_by_step(self, n: int) -> None:
        mdp, agent, position = self._mdp, self._agent, self.position
        tables, rng, horizon = self._tables, mdp.dynamics_rng, mdp.H or 0
        s, h, start = (int(x) for x in position)
        for i in range(n):
            ts = dm_env.transition(0.0, s) if h or not horizon else dm_env.restart(s)
            action = int(agent.select_action(ts, h if horizon else self.steps + i))
            s, reward, gap = take_step(tables, rng, s, h, action)
            self.totals += reward, gap
            h += 1 if horizon else 0
            if horizon and h == horizon:
                h, s = 0, int(draw_start(tables, rng))
                start = s
        position[:] = s, h, start


def tables_with_gaps(mdp: "BaseMDP") -> SamplingTables:
    """Return what compiled loops draw from, with the gaps of what they do."""
    return mdp.tables.with_gaps(mdp.optimality_gaps)


@njit(cache=True)
def _act(tables, rng, position, n, totals, rng_agent, values, greedy, exploration, time, horizon):
    """Take `n` steps by a rule (`colosseum.agent.agents.compiled.ActingRule`) that no longer changes."""
    tables = uncounted(tables)
    epsilon, temperature = uncounted(exploration)
    values, greedy = uncounted((values, greedy))
    s, h, start = position
    reward_sum, gap_sum = totals
    for _ in range(n):
        node = h * tables.n_states + s
        a = choose_action(values, greedy, node, tables.n_actions, rng_agent, epsilon, temperature, time)
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
