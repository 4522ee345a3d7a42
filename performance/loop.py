"""
Steps a second of the compiled agents without evaluation, and their ratio to the random agent's, in one process.

Usage: ``python performance/loop.py [--steps N] [--repetitions R]``. Each figure is a median over the repetitions, of a
thread's processor time; the agents take turns within a repetition, so that what else the machine does slows all of them
alike. Figures are for warm code: what numba compiles or loads is done before the clock starts.

The last line of each case is what learning regret costs a loop that does little else: the random agent's over the same
loop without a gap table, of the same draws, the median of turns and the ratio of the two shortest ones.
"""

import argparse
import statistics
import time
from collections.abc import Callable

import numpy as np

from colosseum.agent.agents.compiled import CompiledAgent
from colosseum.agent.agents.episodic import QLearningEpisodic, RandomAgentEpisodic
from colosseum.agent.agents.infinite_horizon import QLearningContinuous, RandomAgentContinuous
from colosseum.experiment.acting import tables_with_gaps
from colosseum.mdp.base import BaseMDP
from colosseum.mdp.minigrid_rooms import MiniGridRoomsContinuous
from colosseum.mdp.sampling import DETERMINISTIC, SamplingTables, draw_start, uncounted, unsigned
from colosseum.mdp.simple_grid import SimpleGridEpisodic
from colosseum.utils import make_mdp_spec
from colosseum.utils.compiled import njit

ROOMS = {"room_size": 5, "n_rooms": 9, "p_lazy": 0.3}
GRID = {"size": 13}
PACKAGED_CONTINUOUS = {"h_weight": 0.92178, "span_approx_weight": 0.008336, "min_at": 0.047058}
PACKAGED_EPISODIC = {"p": 0.05, "UCB_type": "bernstein", "c_1": 0.92178, "c_2": 0.008336, "min_at": 0.047058}

WITHOUT = "random, without gap table"

CASES = [
    (
        f"MiniGridRoomsContinuous({ROOMS}), constant rewards",
        lambda: MiniGridRoomsContinuous(0, **ROOMS),
        RandomAgentContinuous,
        [("QLearningContinuous", QLearningContinuous, PACKAGED_CONTINUOUS)],
    ),
    (
        f"MiniGridRoomsContinuous({ROOMS}), Beta rewards",
        lambda: MiniGridRoomsContinuous(0, **ROOMS, make_reward_stochastic=True),
        RandomAgentContinuous,
        [("QLearningContinuous", QLearningContinuous, PACKAGED_CONTINUOUS)],
    ),
    (
        f"SimpleGridEpisodic({GRID}), constant rewards",
        lambda: SimpleGridEpisodic(0, **GRID),
        RandomAgentEpisodic,
        [
            ("QLearningEpisodic, Hoeffding", QLearningEpisodic, {"p": 0.05, "c_1": 0.01}),
            ("QLearningEpisodic, Bernstein", QLearningEpisodic, PACKAGED_EPISODIC),
        ],
    ),
    (
        f"SimpleGridEpisodic({GRID}), Beta rewards",
        lambda: SimpleGridEpisodic(0, **GRID, make_reward_stochastic=True),
        RandomAgentEpisodic,
        [
            ("QLearningEpisodic, Hoeffding", QLearningEpisodic, {"p": 0.05, "c_1": 0.01}),
            ("QLearningEpisodic, Bernstein", QLearningEpisodic, PACKAGED_EPISODIC),
        ],
    ),
]


@njit(inline="always")
def take_step_without_gap(tables, rng, s, a):
    """Take a step as `colosseum.mdp.sampling.take_step` does, without the gap."""
    row = s * tables.n_actions + a
    k = tables.indptr[unsigned(row)]
    n = tables.indptr[unsigned(row + 1)] - k
    if n > 1:
        u = rng.random() * n
        i = int(u)
        k += i
        other = tables.alias[unsigned(k)]
        k = other if u - i >= tables.accept[unsigned(k)] else k
    d = unsigned(tables.reward[unsigned(k)])
    reward = tables.reward_loc[d]
    if tables.reward_kind[d] != DETERMINISTIC:
        reward += tables.reward_scale[d] * rng.beta(tables.reward_a[d], tables.reward_b[d])
    return tables.next_state[unsigned(k)], reward


@njit
def advance_without_gaps(tables, rng, position, n, totals, rng_agent, n_actions, horizon):
    """Take `n` steps as the random agent does, without adding up gaps."""
    tables = uncounted(tables)
    s, h, start = position
    reward_sum, gap_sum = totals
    for _ in range(n):
        a = int(rng_agent.random() * n_actions)
        s, reward = take_step_without_gap(tables, rng, s, a)
        reward_sum += reward
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


class RandomAgentWithoutGaps:
    """The random agent's loop without gaps, as `seconds` calls it."""

    def __init__(self, mdp: BaseMDP, random_agent: CompiledAgent):
        self._rng_agent, self._n_actions, self._horizon = random_agent._rng_agent, mdp.n_actions, mdp.H or 0

    def before_start_interacting(self) -> None:
        """Nothing to prepare."""

    def advance(
        self, tables: SamplingTables, rng: np.random.Generator, position: np.ndarray, n: int, totals: np.ndarray
    ) -> None:
        """Take `n` steps."""
        advance_without_gaps(tables, rng, position, n, totals, self._rng_agent, self._n_actions, self._horizon)


def seconds(make_agent: Callable, tables: SamplingTables, n: int) -> tuple[float, tuple]:
    """Seconds that a new agent takes for `n` steps from a starting state; where it ends, with which rewards."""
    agent, rng = make_agent(), np.random.default_rng(0)
    start = int(draw_start(tables, rng))
    position, totals = np.array([start, 0, start]), np.zeros(2)
    agent.before_start_interacting()
    begin = time.thread_time()
    agent.advance(tables, rng, position, n, totals)
    return time.thread_time() - begin, (*position.tolist(), float(totals[0]))


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.strip().splitlines()[0])
    parser.add_argument("--steps", type=int, default=100_000, help="steps of each run (default: %(default)s)")
    parser.add_argument("--repetitions", type=int, default=101, help="runs of each agent (default: %(default)s)")
    args = parser.parse_args()

    for title, make_mdp, random_class, others in CASES:
        mdp = make_mdp()
        spec = make_mdp_spec(mdp)
        agents = {"random": lambda cls=random_class, spec=spec: cls(0, spec, args.steps)}
        for name, cls, parameters in others:
            agents[name] = lambda cls=cls, spec=spec, parameters=parameters: cls(0, spec, args.steps, **parameters)
        agents[WITHOUT] = lambda mdp=mdp, cls=random_class, spec=spec: RandomAgentWithoutGaps(mdp, cls(0, spec, 1))
        tables = tables_with_gaps(mdp)
        ends = {name: seconds(make_agent, tables, 1000)[1] for name, make_agent in agents.items()}
        assert ends["random"] == ends[WITHOUT], "the two loops do not do the same"
        taken: dict[str, list[float]] = {name: [] for name in agents}
        for _ in range(args.repetitions):
            for name, make_agent in agents.items():
                taken[name].append(seconds(make_agent, tables, args.steps)[0])
        print(f"\n{title}: {mdp.n_states} states, {mdp.n_actions} actions")
        for name, times in taken.items():
            speed = args.steps / statistics.median(times) / 1e6
            ratio = statistics.median(r / t for r, t in zip(taken["random"], times, strict=True))
            print(f"  {name:30s} {speed:6.1f} million steps/s   {ratio:5.2f} of the random agent")
        pairs = zip(taken["random"], taken[WITHOUT], strict=True)
        median, least = statistics.median(t / u for t, u in pairs), min(taken["random"]) / min(taken[WITHOUT])
        print(f"  the gap table costs the random agent x {median:5.3f} (median), x {least:5.3f} (shortest)")


if __name__ == "__main__":
    main()
