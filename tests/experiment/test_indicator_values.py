"""The numbers in a log against ones that were computed by hand."""

import numpy as np
import pytest
import user_agents
from making import make_instance
from small_worlds import Continuous, Episodic, two_islands, two_rooms

from colosseum.agent.agents.episodic import QLearningEpisodic
from colosseum.agent.agents.infinite_horizon import QLearningContinuous
from colosseum.errors import NotWeaklyCommunicatingError
from colosseum.experiment.agent_mdp_interaction import MDPLoop
from colosseum.experiment.evaluation import Baselines, Indicators
from colosseum.experiment.experiment_instances import interact
from colosseum.logs.write import format_log
from colosseum.utils import make_mdp_spec


def interact_with(mdp, policy, n_steps=100, log_every=20):
    """Run a Python agent of a fixed policy; return the rows."""
    cls = user_agents.UniformEpisodic if mdp.is_episodic() else user_agents.UniformContinuous
    agent = cls(0, make_mdp_spec(mdp), n_steps)
    agent.policy = np.asarray(policy, float)
    loop = MDPLoop(mdp, agent)
    loop.run(n_steps, log_every)
    return loop.logger.data


def printed(row, name):
    """Return a number as it is in a log."""
    return format_log([row]).splitlines()[1].split(",")[list(row).index(name)]


STAY, CHANGE = np.eye(2), np.eye(2)[::-1]


# ----------------------------------------------------------------------------------------------------------- continuous


def test_a_log_by_hand():
    """Starting in state 1 and staying there for ever, with a policy that would rather stay in either."""
    rows = interact_with(Continuous(*two_rooms(), [0, 1]), STAY, 50, 20)
    assert [row["steps"] for row in rows] == [20, 40, 50]
    for row in rows:
        t = row["steps"]
        assert row == {
            "steps": t,
            "cumulative_reward": 3 * t,
            "cumulative_expected_reward": pytest.approx(3 * t),
            "cumulative_regret": 0,
            "normalized_cumulative_reward": pytest.approx(t),
            "normalized_cumulative_expected_reward": pytest.approx(t),
            "normalized_cumulative_regret": 0,
            "cumulative_learning_regret": 0,
            "normalized_cumulative_learning_regret": 0,
            "random_cumulative_regret": pytest.approx(2 * t),
            "random_cumulative_expected_reward": pytest.approx(t),
            "random_normalized_cumulative_regret": pytest.approx(2 / 3 * t),
            "random_normalized_cumulative_expected_reward": pytest.approx(1 / 3 * t),
            "random_cumulative_learning_regret": pytest.approx(2 * t),
            "random_normalized_cumulative_learning_regret": pytest.approx(2 / 3 * t),
            "worst_cumulative_regret": pytest.approx(3 * t),
            "worst_cumulative_expected_reward": pytest.approx(0, abs=1e-9),
            "worst_normalized_cumulative_regret": t,
            "worst_normalized_cumulative_expected_reward": 0,
            "worst_cumulative_learning_regret": pytest.approx(3 * t),
            "worst_normalized_cumulative_learning_regret": t,
            "optimal_cumulative_regret": 0,
            "optimal_cumulative_expected_reward": pytest.approx(3 * t),
            "optimal_normalized_cumulative_regret": 0,
            "optimal_normalized_cumulative_expected_reward": t,
            "optimal_cumulative_learning_regret": 0,
            "optimal_normalized_cumulative_learning_regret": 0,
            "steps_per_second": row["steps_per_second"],
            "training_state": "running",
        }


def test_the_gain_is_that_of_the_current_state():
    """The same policy, started in the poor room: its gain is 1 there."""
    row = interact_with(Continuous(*two_rooms(), [1, 0]), STAY)[-1]
    assert row["cumulative_reward"] == 100
    assert row["cumulative_expected_reward"] == pytest.approx(100)
    assert row["cumulative_regret"] == pytest.approx(200)
    assert row["normalized_cumulative_regret"] == pytest.approx(200 / 3)


@pytest.mark.parametrize("episodic", [False, True])
def test_the_worst_the_best_and_the_random_policy_of_a_family(episodic):
    mdp_class = make_instance(QLearningEpisodic if episodic else QLearningContinuous).mdp_class
    mdp = mdp_class(seed=0, size=6, p_rand=0.1)
    worst = interact_with(mdp, mdp.get_worst_policy(True))
    for row in worst:
        assert printed(row, "normalized_cumulative_regret") == str(row["steps"])
        assert abs(row["normalized_cumulative_expected_reward"]) < 1e-9
    best = interact_with(mdp, mdp.get_optimal_policy(True))
    for row in best:
        assert row["cumulative_regret"] == row["normalized_cumulative_regret"] == 0
        assert printed(row, "normalized_cumulative_expected_reward") == str(row["steps"])
    shape = ((mdp.H,) if episodic else ()) + (mdp.n_states, mdp.n_actions)
    random = interact_with(mdp, np.full(shape, 1 / mdp.n_actions))
    for row in random:
        assert 0.05 * row["steps"] < row["normalized_cumulative_regret"] < 0.999 * row["steps"]
        for name in ("cumulative_regret", "cumulative_expected_reward", "normalized_cumulative_regret"):
            assert row[name] == pytest.approx(row[f"random_{name}"], rel=1e-9)


def test_a_multichain_policy_of_a_weakly_communicating_environment():
    """From the start it ends on the good island (gain 1) once in four times, else on the other one (gain 0.2)."""
    T, R = two_islands()
    settle = np.array([[1, 0], [1, 0], [1, 0]])
    values = set()
    for seed in range(12):
        rows = interact_with(Continuous(T, R, [1, 0, 0], seed), settle, 10, 5)
        values.add(round(rows[0]["cumulative_expected_reward"] / 5, 9))
        assert rows[0]["cumulative_regret"] == pytest.approx(5 - rows[0]["cumulative_expected_reward"])
    assert values == {1.0, 0.2}
    loop_at_start = interact_with(Continuous(T, R, [1, 0, 0]), [[0, 1], [1, 0], [1, 0]], 10, 5)
    assert loop_at_start[-1]["cumulative_expected_reward"] == pytest.approx(0, abs=1e-12)
    mostly_settled = [[0.5, 0.5], [1, 0], [1, 0]]
    from colosseum.experiment.evaluation import Evaluator

    evaluator = Evaluator(Continuous(T, R, [1, 0, 0]))
    gains = [evaluator.average_reward(np.array(mostly_settled, float), state) for state in range(3)]
    assert gains == pytest.approx([0.25 * 1 + 0.75 * 0.2, 1, 0.2])
    assert evaluator.baselines(0) == pytest.approx((1, 0, evaluator.baselines(0).random))


def test_an_environment_without_a_constant_optimal_gain():
    T = np.zeros((2, 1, 2))
    T[0, 0, 0] = T[1, 0, 1] = 1
    mdp = Continuous(T, [[0.0], [1.0]], [0.5, 0.5])
    with pytest.raises(NotWeaklyCommunicatingError):
        interact_with(mdp, [[1.0], [1.0]])


def test_where_all_policies_are_equal_the_normalized_indicators_are_zero():
    T, _ = two_rooms()
    row = interact_with(Continuous(T, np.full((2, 2), 1 / 3), [1, 0]), STAY)[-1]
    assert row["cumulative_expected_reward"] == pytest.approx(100 / 3)
    assert [value for name, value in row.items() if "normalized" in name] == [0.0] * 13


# ------------------------------------------------------------------------------------------------------------- episodic


def test_an_episodic_log_by_hand():
    """
    Two steps an episode, which starts in state 1: the best policy gets 3 + 3, the worst one 0 + 0.

    The random policy's second step gives (1 + 0) / 2 in state 0 and (0 + 3) / 2 in state 1; so it gets
    (0 + 3) / 2 + (0.5 + 1.5) / 2 = 2.5. The agent leaves state 1 for state 0 and stays there: 0 + 1.
    """
    mdp = Episodic(*two_rooms(), [0, 1], H=2)
    policy = np.zeros((2, 2, 2))
    policy[0, :, 0] = policy[1, 0, 0] = policy[1, 1, 1] = 1
    row = interact_with(mdp, policy, 10, 5)[-1]
    assert row["cumulative_reward"] == 5
    assert row["cumulative_expected_reward"] == pytest.approx(10 * 0.5)
    assert row["cumulative_regret"] == pytest.approx(10 * (6 - 1) / 2)
    assert row["normalized_cumulative_regret"] == pytest.approx(10 * 5 / 6)
    assert row["normalized_cumulative_reward"] == pytest.approx(10 * 0.5 / 3)
    assert row["random_cumulative_expected_reward"] == pytest.approx(10 * 1.25)
    assert row["optimal_cumulative_expected_reward"] == pytest.approx(10 * 3)
    assert row["worst_cumulative_regret"] == pytest.approx(10 * 3)


def test_the_value_is_that_of_the_starting_state_of_the_running_episode():
    """Episodes start in either state: from state 0 the best is 0 + 3, from state 1 it is 3 + 3."""
    mdp = Episodic(*two_rooms(), [0.5, 0.5], seed=3, H=2)
    policy = np.tile(STAY, (2, 1, 1))
    rows = interact_with(mdp, policy, 400, 1)
    previous = dict.fromkeys(rows[0], 0.0)
    starts = []
    for row in rows:
        optimal, own = (
            row[n] - previous[n] for n in ("optimal_cumulative_expected_reward", "cumulative_expected_reward")
        )
        start = int(round(optimal, 9) == 3.0)
        assert (optimal, own) == pytest.approx((3.0, 3.0) if start else (1.5, 1.0))
        starts.append(start)
        previous = row
    # A row at the end of an episode belongs to the one that begins there.
    assert all(a == b for a, b in zip(starts[1:-1:2], starts[2::2], strict=True))
    assert 0.4 < np.mean(starts) < 0.6


# ---------------------------------------------------------------------------------------------------------- the sums


def test_nothing_is_clipped_and_rounding_is_no_regret():
    baselines = Baselines(1.0, 0.0, 0.25)
    indicators = Indicators(baselines)
    better_than_the_best = indicators.add(10, (7.0, 0.0), 1.5, baselines)
    assert better_than_the_best == -0.5
    assert indicators.row()["cumulative_regret"] == -5.0
    assert indicators.add(10, (7.0, 0.0), 1.0 + 3e-13, baselines) == 0.0
    assert indicators.add(10, (7.0, 0.0), 1.0 - 2e-12, baselines) > 0.0
    assert indicators.row()["cumulative_regret"] == pytest.approx(-5.0, abs=1e-9)


def test_rewards_below_zero():
    indicators = Indicators(Baselines(-1.0, -3.0, -2.0))
    indicators.add(4, (-6.0, 2.0), -1.5, Baselines(-1.0, -3.0, -2.0))
    row = indicators.row()
    assert row["cumulative_regret"] == 2.0
    assert row["normalized_cumulative_regret"] == 1.0
    assert row["normalized_cumulative_reward"] == 3.0
    assert (row["cumulative_learning_regret"], row["normalized_cumulative_learning_regret"]) == (2.0, 1.0)
    assert row["random_normalized_cumulative_expected_reward"] == 2.0
    assert "-0" not in format_log([{"steps": 4, **row, "steps_per_second": 1.0, "training_state": "running"}]).split(
        ","
    )


@pytest.mark.parametrize("agent_class", [QLearningContinuous, QLearningEpisodic])
def test_what_the_indicators_have_to_do_with_each_other(agent_class):
    instance = make_instance(agent_class, n_steps=2_000, log_every=70, size=7)
    rows = interact(instance)
    assert rows[-1]["steps"] == 2_000
    for row in rows:
        t = row["steps"]
        for who in ("", "random_", "worst_", "optimal_"):
            best = row["optimal_cumulative_expected_reward"]
            value = row[f"{who}cumulative_expected_reward"]
            assert value + row[f"{who}cumulative_regret"] == pytest.approx(best, rel=1e-9)
            normalized = row[f"{who}normalized_cumulative_expected_reward"]
            assert normalized + row[f"{who}normalized_cumulative_regret"] == pytest.approx(t, rel=1e-9)
        assert -1e-9 <= row["normalized_cumulative_regret"] <= t + 1e-9
