"""After a stop an agent acts as it did, and learns no more; and how often is logged changes nothing of what it does."""

import copy

import numpy as np
import pytest
import user_agents

from colosseum.agent.agents.compiled import CompiledAgent
from colosseum.agent.agents.episodic import PSRLEpisodic, QLearningEpisodic, RandomAgentEpisodic
from colosseum.agent.agents.infinite_horizon import (
    PSRLContinuous,
    QLearningContinuous,
    RandomAgentContinuous,
    UCRL2Continuous,
)
from colosseum.agent.utils import sample_agent_hyperparameters
from colosseum.experiment.acting import CompiledActing, StepwiseActing
from colosseum.experiment.agent_mdp_interaction import MDPLoop
from colosseum.mdp.frozen_lake import FrozenLakeContinuous, FrozenLakeEpisodic
from colosseum.mdp.river_swim import RiverSwimContinuous
from colosseum.utils import make_mdp_spec

LEARNERS = [QLearningContinuous, UCRL2Continuous, PSRLContinuous, QLearningEpisodic, PSRLEpisodic]
ALL = [*LEARNERS, RandomAgentContinuous, RandomAgentEpisodic]
each_agent = pytest.mark.parametrize("cls", ALL, ids=lambda cls: cls.__name__)


def make_mdp(episodic, seed=0):
    cls = FrozenLakeEpisodic if episodic else FrozenLakeContinuous
    return cls(seed=seed, size=4, p_frozen=0.8, make_reward_stochastic=True, p_rand=0.1)


def make_agent(cls, mdp, n_steps, seed=3):
    parameters = sample_agent_hyperparameters(cls, 1)
    return cls.get_agent_instance_from_parameters(seed, n_steps, make_mdp_spec(mdp), parameters)


REWARD_COLUMNS = (
    *("steps", "cumulative_reward", "normalized_cumulative_reward", "cumulative_learning_regret"),
    *("normalized_cumulative_learning_regret", "training_state"),
)


@pytest.mark.parametrize("cls", LEARNERS, ids=lambda cls: cls.__name__)
def test_a_log_interval_measures(cls):
    """Byte for byte, for every interval: at the steps that two logs share, what was received and what was lost."""
    logs = {}
    for log_every in (1, 7, 250, 1_000, 3_000):
        mdp = make_mdp(cls.is_episodic())
        loop = MDPLoop(mdp, make_agent(cls, mdp, 3_000))
        loop.run(3_000, log_every)
        rows = {row["steps"]: [repr(row[name]) for name in REWARD_COLUMNS] for row in loop.logger.data}
        logs[log_every] = rows, mdp.dynamics_rng.random(), loop._agent._rng_agent.random()
    of_each_step = logs[1][0]
    for log_every, (rows, *draws) in logs.items():
        assert len(rows) == -(-3_000 // log_every)
        assert all(of_each_step[step] == row for step, row in rows.items())
        assert draws == list(logs[1][1:]), "no random number was used otherwise"


def learnt(agent):
    """What an agent has learnt, and what it acts by, as bytes."""
    parts = []
    for name, value in sorted(vars(agent).items()):
        if name in ("_learner", "_counts", "_values", "_greedy", "_reward_mean", "_reward_squares", "_time", "_limit"):
            arrays = [part for part in value if isinstance(part, np.ndarray)] if isinstance(value, tuple) else [value]
            parts.append((name, [np.asarray(array).tobytes() for array in arrays]))
    return parts


@each_agent
@pytest.mark.parametrize("compiled", [True, False])
def test_after_a_stop_the_agent_acts_as_select_action_does_and_learns_nothing(cls, compiled):
    n_before, n_after = 1_111, 600
    mdp = make_mdp(cls.is_episodic())
    agent = make_agent(cls, mdp, 5_000)
    acting = (CompiledActing if compiled else StepwiseActing)(mdp, agent)
    agent.before_start_interacting()
    acting.advance(n_before)
    acting.stop_learning()
    before = copy.deepcopy(learnt(agent))
    twin, twin_rng = copy.deepcopy(agent), copy.deepcopy(mdp.dynamics_rng)
    s, h, start = acting.position.tolist()
    totals = acting.totals.copy()
    for n in (1, 250, n_after - 251):
        acting.advance(n)
    assert learnt(agent) == before

    by_hand = make_mdp(cls.is_episodic())
    ts = by_hand.reset()
    by_hand.dynamics_rng = twin_rng
    by_hand.current_state, by_hand.h, ts = s, h, ts._replace(observation=s)
    gaps = by_hand.optimality_gaps
    for t in range(n_after):
        time = by_hand.h if cls.is_episodic() else n_before + t
        action = twin.select_action(ts, time)
        totals[1] += gaps[(time, ts.observation, action) if cls.is_episodic() else (ts.observation, action)]
        ts = by_hand.step(action)
        totals[0] += ts.reward
        if ts.last():
            ts = by_hand.reset()
            start = ts.observation
    assert acting.position.tolist() == [by_hand.current_state, by_hand.h, start]
    assert acting.totals.tolist() == totals.tolist()


def test_a_compiled_agent_that_tells_no_rule_acts_step_by_step(monkeypatch):
    totals = []
    for own_rule in (QLearningEpisodic.acting_rule, CompiledAgent.acting_rule):
        monkeypatch.setattr(QLearningEpisodic, "acting_rule", own_rule)
        mdp = make_mdp(True)
        acting = CompiledActing(mdp, make_agent(QLearningEpisodic, mdp, 5_000))
        acting.advance(1_003)
        acting.stop_learning()
        acting.advance(500)
        totals.append((acting.totals.tolist(), acting.position.tolist(), acting.steps))
    assert totals[0] == totals[1]


@pytest.mark.parametrize("cls", [UCRL2Continuous, PSRLContinuous], ids=lambda cls: cls.__name__)
def test_the_policy_that_acted_goes_on_and_not_the_one_that_is_recommended(cls):
    """Cut off after its first steps, an agent that recommends well but acts badly goes on acting badly."""
    mdp = RiverSwimContinuous(seed=0, size=6)
    agent = make_agent(cls, mdp, 20_000)
    loop = MDPLoop(mdp, agent)
    acting = CompiledActing(mdp, agent)
    loop._acting = acting
    agent.before_start_interacting()
    acting.advance(60)
    acted = np.eye(mdp.n_actions)[np.maximum(agent._greedy, 0)]
    acting.stop_learning()
    acting.advance(20_000)
    of_acting = loop._evaluator.average_reward(acted, int(acting.position[0]))
    if (agent._greedy >= 0).all():
        assert acting.totals[0] / 20_000 == pytest.approx(of_acting, abs=0.02)


def test_a_python_agent_is_asked_for_actions_and_told_nothing():
    mdp = RiverSwimContinuous(seed=0, size=5)
    agent = user_agents.UniformContinuous(0, make_mdp_spec(mdp), 100)
    acting = StepwiseActing(mdp, agent)
    acting.advance(40)
    acting.stop_learning()
    acting.advance(60)
    assert (agent.times, agent.n_updates, agent.n_episodes) == (list(range(100)), 40, 0)
    assert acting.steps == 100


def test_what_is_recommended_at_a_stop_is_evaluated_once_and_held():
    mdp = RiverSwimContinuous(seed=0, size=5)
    agent = make_agent(UCRL2Continuous, mdp, 30_000)
    loop = MDPLoop(mdp, agent, stop_when_optimal=True)
    loop.run(30_000, 100)
    assert loop.training_state == "optimal"
    stopped = [row for row in loop.logger.data if row["training_state"] == "optimal"]
    assert len({row["cumulative_regret"] for row in stopped}) == 1
    assert agent._time == stopped[0]["steps"] < 30_000
    assert loop._fixed is not None and len(loop._fixed._found) <= mdp.n_states
