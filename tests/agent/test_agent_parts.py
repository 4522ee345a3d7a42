"""The parts that agents are made of: actors, exploration, search spaces, checks of hyperparameters."""

import random
from types import SimpleNamespace

import dm_env
import numpy as np
import pytest
from small_mdps import Simulator, compiled, random_mdp, river_swim, specs, step_by_step

from colosseum.agent.actors import QValuesActor, RandomActor
from colosseum.agent.agents.choosing import best_of_row, boltzmann_action, greedy_policy, tied_action
from colosseum.agent.agents.episodic import QLearningEpisodic
from colosseum.agent.agents.infinite_horizon import QLearningContinuous
from colosseum.agent.hyperparameters import get_default_gin_config
from colosseum.agent.spaces import Uniform, draw
from colosseum.agent.utils import sample_agent_hyperparameters
from colosseum.errors import ConfigurationError


def flags(rows):
    """What `best_of_row` says of each row."""
    return np.array([best_of_row(row, 0, len(row))[1] for row in rows], np.int32)


def test_best_of_row():
    for row, expected in (
        ([1.0, 3.0, 2.0], (3.0, 1)),
        ([3.0, 1.0, 3.0], (3.0, -2)),
        ([1.0, 1.0, 3.0], (3.0, 2)),
        ([-2.0], (-2.0, 0)),
        ([0.0, 0.0], (0.0, -2)),
        ([1.0, 2.0, 2.0, 3.0, 3.0, 0.0], (3.0, -2)),
    ):
        values = np.array([9.0, *row, 9.0])
        assert best_of_row(values, 1, len(row)) == expected


def test_ties_are_broken_uniformly():
    values, rng = np.array([0.0, 5.0, 1.0, 5.0, 5.0]), np.random.default_rng(0)
    counts = np.bincount([tied_action(values, 0, 5, 3, rng.random()) for _ in range(30_000)], minlength=5)
    assert counts[0] == counts[2] == 0
    assert counts[[1, 3, 4]] == pytest.approx(10_000, abs=400)


def test_greedy_policy_mixes_ties_uniformly():
    rows = np.array([[1.0, 2.0, 0.0], [1.0, 1.0, 1.0], [0.0, 4.0, 4.0]])
    expected = [[0, 1, 0], [1 / 3, 1 / 3, 1 / 3], [0, 0.5, 0.5]]
    assert np.array_equal(greedy_policy(rows.ravel(), flags(rows), 3), expected)


def test_boltzmann_probabilities():
    values, temperature, rng = np.array([700.0, 701.0, 699.5]), 1.5, np.random.default_rng(0)
    counts = np.bincount([boltzmann_action(values, 0, 3, rng, temperature) for _ in range(40_000)], minlength=3)
    expected = np.exp(temperature * (values - 701))
    assert counts / 40_000 == pytest.approx(expected / expected.sum(), abs=0.01)


@pytest.mark.parametrize("exploration", [{"epsilon_greedy": 0.3}, {"boltzmann_temperature": 2.0}])
def test_exploring_agents_step_by_step_and_compiled(exploration):
    model, n = random_mdp(2), 1000
    made = []
    for constant in (True, False):
        parameters = exploration if constant else {k: lambda t, v=v: v for k, v in exploration.items()}
        for cls, horizon, more in ((QLearningContinuous, np.inf, {}), (QLearningEpisodic, 3, {"p": 0.1, "c_1": 0.1})):
            agents = [cls(0, specs(model, horizon), n, **more, **parameters) for _ in range(2)]
            total, _, _ = compiled(agents[0], model, n, chunk=9)
            assert total == np.cumsum(step_by_step(agents[1], Simulator(model, horizon), n))[-1]
            made.append(total)
    assert made[:2] == made[2:]


def test_epsilon_is_the_share_of_random_actions():
    """In one state whose first action alone pays, actions beside the greedy one come from exploration."""
    model = river_swim(1)
    model.reward_loc[:] = [1.0, 0.0]
    agent = QLearningContinuous(
        0, specs(model), 20_000, span_approx_weight=1e-6, epsilon_greedy=lambda t: 0.4 if t > 10_000 else 0.0
    )
    _, sums, _ = compiled(agent, model, 20_000, chunk=10_000)
    assert sums[0] > 9_990
    assert sums[1] == pytest.approx(8_000, abs=200)


class TestActors:
    spec = SimpleNamespace(observations=SimpleNamespace(num_values=2), actions=SimpleNamespace(num_values=3))
    Q = np.array([[0.0, 1.0, 1.0], [2.0, 0.0, 1.0]])

    def counts(self, actor, state, n=6000):
        ts = dm_env.restart(state)
        return np.bincount([actor.select_action(ts, 0) for _ in range(n)], minlength=3) / n

    def test_random(self):
        assert self.counts(RandomActor(0, self.spec), 0) == pytest.approx(1 / 3, abs=0.03)

    def test_greedy(self):
        actor = QValuesActor(0, self.spec)
        actor.set_q_values(self.Q)
        assert self.counts(actor, 0) == pytest.approx([0, 0.5, 0.5], abs=0.03)
        assert self.counts(actor, 1).tolist() == [1, 0, 0]

    def test_episodic_values_are_those_of_the_time(self):
        actor = QValuesActor(0, self.spec)
        actor.set_q_values(np.stack([self.Q, -self.Q]))
        assert actor.select_action(dm_env.restart(1), 0) == 0
        assert actor.select_action(dm_env.restart(1), 1) == 1

    def test_epsilon(self):
        actor = QValuesActor(0, self.spec, epsilon_greedy=0.3)
        actor.set_q_values(self.Q)
        assert self.counts(actor, 1) == pytest.approx([0.8, 0.1, 0.1], abs=0.03)

    def test_boltzmann(self):
        actor = QValuesActor(0, self.spec, boltzmann_temperature=lambda t: 0.5)
        actor.set_q_values(self.Q)
        weights = np.exp(0.5 * self.Q[1])
        assert self.counts(actor, 1) == pytest.approx(weights / weights.sum(), abs=0.03)

    def test_values_must_be_given_first(self):
        with pytest.raises(RuntimeError, match="set_q_values"):
            QValuesActor(0, self.spec).select_action(dm_env.restart(0), 0)


class TestSpaces:
    def test_uniform(self):
        values = Uniform(-1, 3).rvs(size=10_000, random_state=np.random.default_rng(0))
        assert values.min() >= -1 and values.max() < 3
        assert values.mean() == pytest.approx(1, abs=0.05)
        assert Uniform(0, 1).sample(random_state=4) == Uniform(0, 1).rvs(random_state=4)
        with pytest.raises(ValueError, match="low must be less than high"):
            Uniform(1, 1)

    def test_frozen_distributions_of_scipy_are_spaces(self):
        from scipy import stats

        class Agent:
            @staticmethod
            def get_hyperparameters_search_spaces():
                return {"x": stats.uniform(2, 3), "n": stats.randint(1, 9)}

        a, b = (sample_agent_hyperparameters(Agent, 5) for _ in range(2))
        assert a == b and 2 <= a["x"] <= 5 and type(a["x"]) is float and type(a["n"]) is int

    def test_spaces_with_sample_alone_are_reproducible_and_leave_the_global_generators(self):
        class Space:
            def sample(self):
                return np.random.random() + random.random()

        np.random.seed(1)
        random.seed(1)
        before = np.random.get_state()[1].copy(), random.getstate()
        drawn = [draw(Space(), np.random.default_rng(seed)) for seed in (0, 0, 1)]
        assert drawn[0] == drawn[1] != drawn[2]
        assert np.array_equal(before[0], np.random.get_state()[1]) and before[1] == random.getstate()

    def test_anything_else_is_refused(self):
        with pytest.raises(TypeError, match=r"rvs\(random_state=\.\.\.\) or sample\(\)"):
            draw(3.0, np.random.default_rng(0))


CONTINUOUS, EPISODIC = QLearningContinuous, QLearningEpisodic
JIN = {"p": 0.05, "c_1": 1.0}


@pytest.mark.parametrize(
    ("cls", "parameters", "message"),
    [
        (CONTINUOUS, {"min_at": 1.0}, "QLearningContinuous.min_at = 1.0: it must be a number in [0, 1)"),
        (CONTINUOUS, {"min_at": "0.1"}, "QLearningContinuous.min_at = '0.1': it must be a number in [0, 1)"),
        (CONTINUOUS, {"confidence": 0}, "QLearningContinuous.confidence = 0: it must be a number in (0, 1)"),
        (CONTINUOUS, {"span_approx_weight": float("nan")}, "QLearningContinuous.span_approx_weight = nan: "),
        (CONTINUOUS, {"h_weight": -1}, "QLearningContinuous.h_weight = -1: it must be a number in (0, inf)"),
        (
            CONTINUOUS,
            {"epsilon_greedy": 1.5},
            "QLearningContinuous.epsilon_greedy = 1.5: it must be a number in [0, 1]",
        ),
        (EPISODIC, JIN | {"p": 1}, "QLearningEpisodic.p = 1: it must be a number in (0, 1)"),
        (EPISODIC, JIN | {"c_1": True}, "QLearningEpisodic.c_1 = True: it must be a number in (0, inf)"),
        (
            EPISODIC,
            JIN | {"UCB_type": "bernstien"},
            "QLearningEpisodic.UCB_type = 'bernstien': did you mean 'bernstein'",
        ),
        (EPISODIC, JIN | {"UCB_type": "bernstein"}, "QLearningEpisodic.c_2 is missing: UCB_type 'bernstein' needs it"),
    ],
)
def test_bad_hyperparameters_are_told_in_one_line(cls, parameters, message):
    mdp_specs = specs(river_swim(3), 4 if cls.is_episodic() else np.inf)
    with pytest.raises(ConfigurationError) as error:
        cls(0, mdp_specs, 100, **parameters)
    ours, gins = str(error.value).split("\n", 1)  # gin appends a line of its own
    assert message in ours
    assert "In call to configurable" in gins


def test_bad_number_of_steps():
    with pytest.raises(ConfigurationError, match="n_steps = 0: it must be a whole number of at least 1"):
        QLearningContinuous(0, specs(river_swim(3)), 0)


def test_a_user_defined_agent_has_no_packaged_hyperparameters():
    class QLearningEpisodic:
        @staticmethod
        def get_hyperparameters_search_spaces():
            return {"x": Uniform(0, 1)}

    with pytest.raises(ConfigurationError, match="has no packaged hyperparameters"):
        get_default_gin_config(QLearningEpisodic)
