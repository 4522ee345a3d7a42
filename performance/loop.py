"""
Steps a second of the compiled agents without evaluation, and their ratio to the random agent's, in one process.

Usage: ``python performance/loop.py [--steps N] [--repetitions R]``. Each figure is a median over the repetitions; the
agents take turns within a repetition, so that what else the machine does slows all of them alike. Figures are for warm
code: what numba compiles or loads is done before the clock starts. The last column is what the gap table costs, from
which the loops add up learning regret: the time with it over the time without, of runs that take turns likewise.
"""

import argparse
import statistics
import time
from collections.abc import Callable

import numpy as np

from colosseum.agent.agents.episodic import QLearningEpisodic, RandomAgentEpisodic
from colosseum.agent.agents.infinite_horizon import QLearningContinuous, RandomAgentContinuous
from colosseum.experiment.acting import tables_with_gaps
from colosseum.mdp.minigrid_rooms import MiniGridRoomsContinuous
from colosseum.mdp.sampling import draw_start
from colosseum.mdp.simple_grid import SimpleGridEpisodic
from colosseum.utils import make_mdp_spec

ROOMS = {"room_size": 5, "n_rooms": 9, "p_lazy": 0.3}
GRID = {"size": 13}
PACKAGED_CONTINUOUS = {"h_weight": 0.92178, "span_approx_weight": 0.008336, "min_at": 0.047058}
PACKAGED_EPISODIC = {"p": 0.05, "UCB_type": "bernstein", "c_1": 0.92178, "c_2": 0.008336, "min_at": 0.047058}

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


def seconds(make_agent: Callable, tables: tuple, n: int) -> float:
    """Seconds that a new agent takes for `n` steps from a starting state."""
    agent, rng = make_agent(), np.random.default_rng(0)
    start = int(draw_start(tables, rng))
    position, totals = np.array([start, 0, start]), np.zeros(2)
    agent.before_start_interacting()
    begin = time.perf_counter()
    agent.advance(tables, rng, position, n, totals)
    return time.perf_counter() - begin


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.strip().splitlines()[0])
    parser.add_argument("--steps", type=int, default=500_000, help="steps of each run (default: %(default)s)")
    parser.add_argument("--repetitions", type=int, default=9, help="runs of each agent (default: %(default)s)")
    args = parser.parse_args()

    for title, make_mdp, random_class, others in CASES:
        mdp = make_mdp()
        spec, tables = make_mdp_spec(mdp), mdp.tables
        agents = {"random": lambda cls=random_class, spec=spec: cls(0, spec, args.steps)}
        for name, cls, parameters in others:
            agents[name] = lambda cls=cls, spec=spec, parameters=parameters: cls(0, spec, args.steps, **parameters)
        for make_agent in agents.values():
            seconds(make_agent, tables, 1000)
        with_gaps = tables_with_gaps(mdp)
        taken, without = {name: [] for name in agents}, {name: [] for name in agents}
        for _ in range(args.repetitions):
            for name, make_agent in agents.items():
                taken[name].append(seconds(make_agent, with_gaps, args.steps))
                without[name].append(seconds(make_agent, tables, args.steps))
        print(f"\n{title}: {mdp.n_states} states, {mdp.n_actions} actions")
        for name, times in taken.items():
            speed = args.steps / statistics.median(times) / 1e6
            ratio = statistics.median(r / t for r, t in zip(taken["random"], times, strict=True))
            gaps = statistics.median(t / u for t, u in zip(times, without[name], strict=True))
            print(f"  {name:30s} {speed:6.1f} million steps/s   {ratio:5.2f} of the random agent   gaps: x {gaps:4.2f}")


if __name__ == "__main__":
    main()
