"""The interaction loop: chunks, clocks, the two ways of driving an agent, training states."""

import json
import os
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
import user_agents
from making import make_instance, without_times

from colosseum.agent.agents.episodic import QLearningEpisodic
from colosseum.agent.agents.infinite_horizon import QLearningContinuous
from colosseum.agent.agents.random import RandomAgentContinuous, RandomAgentEpisodic
from colosseum.errors import ConfigurationError
from colosseum.experiment.agent_mdp_interaction import MDPLoop
from colosseum.experiment.csv_logger import CSVLogger
from colosseum.logs.columns import COLUMNS, INDICATORS
from colosseum.logs.read import read_log
from colosseum.logs.write import format_log
from colosseum.mdp.river_swim import RiverSwimEpisodic

LEARNERS = [QLearningContinuous, QLearningEpisodic]


def make_loop(
    agent_class, n_steps=1_000, seed=0, logger=None, compiled=None, size=5, stop_when_optimal=False, **mdp_parameters
):
    instance = make_instance(agent_class, seed=seed, n_steps=n_steps, log_every=1, size=size)
    mdp = instance.mdp_class(seed=seed, size=size, **mdp_parameters)
    return MDPLoop(mdp, instance.instantiate_agent(mdp), logger, stop_when_optimal=stop_when_optimal, compiled=compiled)


def text_of(loop):
    return without_times(format_log(loop.logger.data))


STOCHASTIC = {"p_rand": 0.1, "make_reward_stochastic": True}


# ------------------------------------------------------------------------------------------------------------ the rows


@pytest.mark.parametrize(
    ("T", "log_every", "steps"),
    [
        (1_000, 250, [250, 500, 750, 1_000]),
        (1_000, 300, [300, 600, 900, 1_000]),
        (10, 1, list(range(1, 11))),
        (1_000, -1, [1_000]),
        (1_000, 0, [1_000]),
        (7, 100, [7]),
    ],
)
@pytest.mark.parametrize("agent_class", [QLearningContinuous, user_agents.UniformEpisodic])
def test_log_points_and_a_last_partial_one(agent_class, T, log_every, steps):
    loop = make_loop(agent_class, T)
    stopped, last = loop.run(T, log_every)
    assert [row["steps"] for row in loop.logger.data] == steps
    assert list(last) == list(COLUMNS)
    assert last == loop.logger.data[-1]
    assert stopped == -1


@pytest.mark.parametrize("mdp_parameters", [{}, STOCHASTIC, {"stop_when_optimal": True}])
@pytest.mark.parametrize("agent_class", [*LEARNERS, RandomAgentContinuous, RandomAgentEpisodic])
def test_compiled_and_step_by_step_give_the_same_log(agent_class, mdp_parameters):
    """To the last digit, from the first draw to what follows the stop at optimality."""
    logs = []
    for compiled in (True, False):
        loop = make_loop(agent_class, 4_000, compiled=compiled, **mdp_parameters)
        loop.run(4_000, 70)
        logs.append(text_of(loop))
        state = (loop._mdp.current_state, loop._mdp.h, loop._mdp.dynamics_rng.random())
        logs.append(state)
    assert logs[:2] == logs[2:]


@pytest.mark.parametrize("agent_class", LEARNERS)
def test_how_often_the_clock_is_looked_at_changes_nothing(agent_class, monkeypatch):
    from colosseum.experiment import agent_mdp_interaction

    logs = []
    for seconds in (1e-9, 1e-4, 1e3):
        monkeypatch.setattr(agent_mdp_interaction, "_SECONDS_BETWEEN_LOOKS_AT_THE_CLOCK", seconds)
        loop = make_loop(agent_class, 3_000, **STOCHASTIC)
        loop.run(3_000, 700)
        logs.append(text_of(loop))
    assert logs[0] == logs[1] == logs[2]


def test_a_second_run_starts_anew():
    loop = make_loop(user_agents.UniformContinuous)
    loop.run(100, 10)
    loop.run(50, 10)
    assert [row["steps"] for row in loop.logger.data] == [10, 20, 30, 40, 50]
    assert loop.logger.data[-1]["random_cumulative_expected_reward"] == pytest.approx(
        50 * loop._mdp.random_average_reward
    )


@pytest.mark.slow
@pytest.mark.parametrize("agent_class", LEARNERS)
def test_without_the_compiler_the_log_is_the_same_byte_for_byte(agent_class):
    code = (
        "import json, os, sys; sys.path.insert(0, sys.argv[1])\n"
        "from making import *\n"
        "from colosseum.experiment.experiment_instances import interact\n"
        "from colosseum.logs.write import format_log\n"
        f"from {agent_class.__module__} import {agent_class.__name__} as agent\n"
        "mdp = agent.__name__.replace('QLearning', 'RiverSwim')\n"
        "text = ''.join(f'prms_0/{mdp}.{key}\\n' for key in"
        " ('size = 4', 'p_rand = 0.1', 'make_reward_stochastic = True'))\n"
        "rows = interact(make_instance(agent, n_steps=600, log_every=50, mdps_gin_config=text))\n"
        "print(json.dumps(without_times(format_log(rows))))"
    )
    printed = []
    for off in ("0", "1"):
        done = subprocess.run(
            [sys.executable, "-c", code, str(Path(__file__).parent)],
            capture_output=True,
            text=True,
            env=os.environ | {"NUMBA_DISABLE_JIT": off},
        )
        assert done.returncode == 0, done.stderr
        printed.append(json.loads(done.stdout))
    assert len(printed[0]) == 13
    assert printed[0] == printed[1]


# ------------------------------------------------------------------------------------------------- what agents are told


def test_what_an_episodic_agent_is_told():
    loop = make_loop(user_agents.UniformEpisodic)
    agent, H = loop._agent, loop._mdp.H
    loop.run(3 * H + 2, H)
    assert agent.times == [*range(H)] * 3 + [0, 1]
    assert (agent.n_starts, agent.n_updates, agent.n_episodes, agent.n_logs) == (1, 3 * H + 2, 3, 4)


def test_what_a_continuous_agent_is_told():
    loop = make_loop(user_agents.UniformContinuous)
    agent = loop._agent
    loop.run(25, 10)
    assert agent.times == list(range(25))
    assert (agent.n_starts, agent.n_updates, agent.n_episodes, agent.n_logs) == (1, 25, 0, 3)


def test_an_agent_with_episodes_of_its_own(monkeypatch):
    loop = make_loop(user_agents.UniformContinuous)
    monkeypatch.setattr(
        type(loop._agent), "is_episode_end", lambda self, ts_t, a_t, ts_tp1, time: time % 10 == 9, raising=False
    )
    loop.run(100, 50)
    assert loop._agent.n_episodes == 10


# ------------------------------------------------------------------------------------------------------------- the time


@pytest.mark.parametrize("pause", [0.002, 0.15])
def test_a_slow_agent_is_stopped_in_time(pause):
    loop = make_loop(user_agents.SlowAgent)
    loop._agent.pause = pause
    start = time.perf_counter()
    stopped, _ = loop.run(20_000, 5_000, max_time=0.6)
    assert time.perf_counter() - start >= 0.6
    assert stopped == loop._agent.n_updates
    assert 1 <= stopped <= 0.6 / pause + 1  # an update takes its pause or longer
    assert loop.steps == 20_000
    assert [row["training_state"] for row in loop.logger.data] == ["time_exceeded"] * 4
    mean = loop.logger.data[-1]["cumulative_reward"] / 20_000
    assert mean == pytest.approx(loop._mdp.random_average_reward, rel=0.15)


def test_the_first_row_that_is_not_running_tells_when():
    loop = make_loop(user_agents.SlowAgent)
    loop._agent.pause = 0.01
    stopped, _ = loop.run(100, 10, max_time=0.5)
    states = [row["training_state"] for row in loop.logger.data]
    n_running = states.count("running")
    assert 1 <= n_running < 10
    assert states == ["running"] * n_running + ["time_exceeded"] * (10 - n_running)
    assert 10 * n_running < stopped <= 10 * (n_running + 1)


def test_a_compiled_agent_is_stopped_in_time():
    loop = make_loop(QLearningContinuous, **STOCHASTIC)
    loop.run(1_000, 1_000)  # compile
    start = time.perf_counter()
    stopped, _ = loop.run(3 * 10**7, 10**7, max_time=0.4)
    assert stopped > 10_000
    assert loop.training_state == "time_exceeded"
    assert time.perf_counter() - start < 20


# ----------------------------------------------------------------------------------------------------------- optimality


class Switching(user_agents.PolicyAgent):
    """Its policy is worst but at some log points."""

    good_at = ()

    def agent_logs(self):
        super().agent_logs()
        self.policy = self.best if self.n_logs + 1 in self.good_at else self.worst


def switching_loop(good_at, **options):
    loop = make_loop(user_agents.UniformContinuous, **options)
    mdp, agent = loop._mdp, loop._agent
    agent.__class__ = Switching
    agent.good_at = good_at
    agent.best, agent.worst = mdp.get_optimal_policy(True), mdp.get_worst_policy(True)
    agent.policy = agent.best if 1 in good_at else agent.worst
    return loop


@pytest.mark.parametrize(
    ("good_at", "stop"),
    [
        (range(1, 101), 21),  # 1,000 steps long since, but a fifth of the steps must have passed
        (range(15, 101), 24),
        ([*range(20, 29), *range(40, 101)], 49),  # 900 steps in a row will not do
        (range(92, 101), None),
    ],
)
def test_where_asked_for_training_stops_after_1000_optimal_steps_in_a_row_and_a_fifth_of_all(good_at, stop):
    loop = switching_loop(good_at, stop_when_optimal=True)
    stopped, _ = loop.run(10_000, 100)
    states = [row["training_state"] for row in loop.logger.data]
    n_running = 100 if stop is None else stop - 1
    assert states == ["running"] * n_running + ["optimal"] * (100 - n_running)
    assert loop._agent.n_updates == (10_000 if stop is None else 100 * stop)
    assert stopped == -1, "that is for the time"


@pytest.mark.parametrize(("log_every", "stop"), [(50, 2_050), (250, 2_250), (1_000, 3_000), (5_000, 5_000)])
def test_the_rule_counts_steps_and_not_log_points(log_every, stop):
    loop = switching_loop(range(1, 1_000), stop_when_optimal=True)
    loop.run(10_000, log_every)
    assert loop._agent.n_updates == stop


def test_otherwise_training_goes_on_to_the_end():
    loop = switching_loop(range(1, 101))
    _, last = loop.run(10_000, 100)
    assert (last["training_state"], loop._agent.n_updates) == ("running", 10_000)


def test_when_all_is_fixed_the_rest_is_nearly_free(monkeypatch):
    monkeypatch.setattr(time, "perf_counter", time.process_time)  # others may work on this machine
    for _ in range(2):  # the first one compiles
        loop = make_loop(QLearningEpisodic, 400_000, stop_when_optimal=True)
        loop.run(400_000, 100)
    data = loop.logger.data
    stop = next(i for i, row in enumerate(data) if row["training_state"] == "optimal")
    when = [row["steps"] / row["steps_per_second"] for row in data]
    assert (when[-1] - when[stop]) / (len(data) - stop) < 2e-4


# --------------------------------------------------------------------------------------------------------- bad requests


def test_an_agent_of_the_other_setting():
    mdp = RiverSwimEpisodic(seed=0, size=4)
    agent = make_loop(QLearningContinuous)._agent
    with pytest.raises(ConfigurationError, match="a continuous agent cannot interact with an episodic environment"):
        MDPLoop(mdp, agent)


def test_a_python_agent_cannot_be_compiled():
    with pytest.raises(ConfigurationError, match="UniformContinuous in .*: the agent is no CompiledAgent"):
        make_loop(user_agents.UniformContinuous, compiled=True)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((0,), "n_steps = 0"),
        ((10.5,), r"n_steps = 10\.5"),
        ((10, 2.5), r"log_every = 2\.5"),
        ((10, 5, 0), "max_time = 0"),
        ((10, 5, float("nan")), "max_time = nan"),
    ],
)
def test_numbers_that_make_no_sense(arguments, message):
    with pytest.raises(ConfigurationError, match=f"MDPLoop.run: {message}"):
        make_loop(QLearningContinuous).run(*arguments)


@pytest.mark.parametrize(
    ("policy", "message"),
    [
        (np.full((5, 3), 1 / 3), r"UniformContinuous.current_optimal_stochastic_policy has the shape \(5, 3\) where"),
        (np.full((5, 2), 0.6), "not every row is a distribution"),
        (np.array([[1.5, -0.5]] * 5), "not every row is a distribution"),
        (np.full((5, 2), np.nan), "not every row is a distribution"),
    ],
)
def test_a_policy_that_is_none(policy, message):
    loop = make_loop(user_agents.UniformContinuous)
    loop._agent.__class__ = type("UniformContinuous", (user_agents.UniformContinuous,), {"select_action": lambda *_: 0})
    loop._agent.policy = policy
    with pytest.raises(ValueError, match=message):
        loop.run(10, 5)


# --------------------------------------------------------------------------------------------------- loggers and plots


def test_the_csv_logger_writes_when_it_is_closed():
    loop = make_loop(user_agents.UniformContinuous, logger=CSVLogger("logs/run.csv"))
    loop.run(100, 40)
    assert read_log("logs/run.csv")["steps"].tolist() == [40, 80, 100]


def test_the_names_of_indicators():
    assert set(MDPLoop.get_indicators()) == set(INDICATORS)
    assert MDPLoop.get_available_indicators() == MDPLoop.get_indicators()
    assert MDPLoop.get_baselines() == {"random", "worst", "optimal"}
    assert len(MDPLoop.get_baseline_indicators()) == 18


@pytest.mark.parametrize("indicator", INDICATORS)
def test_plots(indicator):
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib.figure import Figure

    loop = make_loop(QLearningContinuous)
    loop.run(500, 100)
    ax = Figure().subplots()
    loop.plot(indicator, ax, label="mine")
    lines = {line.get_label(): line.get_ydata().tolist() for line in ax.get_lines()}
    expected = {"mine", "Random", "Worst", "Optimal"} if "cumulative" in indicator else {"mine"}
    assert set(lines) == expected
    values = [row[indicator] for row in loop.logger.data]
    assert lines["mine"] == ([0.0, *values] if "cumulative" in indicator else values)
    loop.plot(indicator, ax := Figure().subplots(), baselines=["random"])
    assert {line.get_label() for line in ax.get_lines()} == (
        {"QLearningContinuous", "Random"} & {*expected, "QLearningContinuous"}
    )


def test_plots_that_cannot_be():
    loop = make_loop(QLearningContinuous)
    with pytest.raises(ConfigurationError, match="nothing to plot"):
        loop.plot()
    loop.run(100, 50)
    with pytest.raises(ConfigurationError, match="there is no 'cumulative_regrets'; did you mean 'cumulative_regret'"):
        loop.plot("cumulative_regrets")
    with pytest.raises(ConfigurationError, match="baselines: there is no 'best'"):
        loop.plot(baselines=["best"])
