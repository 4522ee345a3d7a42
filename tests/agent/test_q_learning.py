"""Both Q-learning agents: against their twins, against figures worked out by hand, and as learners."""

import math

import numpy as np
import pytest
from small_mdps import (
    Simulator,
    compiled,
    episodic_value,
    gain,
    model_from_dense,
    optimal_gain,
    random_mdp,
    river_swim,
    specs,
)
from twins.q_learning import QLearningContinuousTwin, QLearningEpisodicTwin, RandomTwin, run

from colosseum.agent.agents.episodic import QLearningEpisodic, RandomAgentEpisodic
from colosseum.agent.agents.infinite_horizon import QLearningContinuous, RandomAgentContinuous

CONTINUOUS = [
    {},
    {"min_at": 0.07, "h_weight": 0.9, "span_approx_weight": 0.01},
    {"confidence": 0.5, "span_approx_weight": 0.2, "h_weight": 3.0},
]
EPISODIC = [
    {"p": 0.05, "c_1": 0.01},
    {"p": 0.3, "c_1": 1.0, "min_at": 0.1},
    {"p": 0.05, "c_1": 0.9, "c_2": 0.014, "min_at": 0.07, "UCB_type": "bernstein"},
    {"p": 0.05, "c_1": 1e-5, "c_2": 1.0, "UCB_type": "bernstein"},
]


@pytest.mark.parametrize("beta", [False, True])
@pytest.mark.parametrize("parameters", CONTINUOUS)
def test_continuous_agent_does_what_its_twin_does(parameters, beta):
    model, n, seed = random_mdp(3, beta=beta), 4000, 5
    twin_parameters = {"span" if k == "span_approx_weight" else k: v for k, v in parameters.items()}
    twin = QLearningContinuousTwin(seed, model.n_states, model.n_actions, n, **twin_parameters)
    agent = QLearningContinuous(seed, specs(model), n, **parameters)
    rewards = run(twin, Simulator(model, seed=9), n)
    total, _, _ = compiled(agent, model, n, seed=9)
    assert np.array_equal(agent.get_q_value_estimate(), twin.Q_hat)
    assert np.array_equal(agent._learner.Q.reshape(twin.Q.shape), twin.Q)
    assert total == np.cumsum(rewards)[-1]
    assert len(np.unique(twin.Q)) > 5


@pytest.mark.parametrize("beta", [False, True])
@pytest.mark.parametrize("parameters", EPISODIC)
def test_episodic_agent_does_what_its_twin_does(parameters, beta):
    model, n, seed, H = random_mdp(4, beta=beta), 4001, 6, 5
    twin = QLearningEpisodicTwin(seed, model.n_states, model.n_actions, H, n, **parameters)
    agent = QLearningEpisodic(seed, specs(model, H), n, **parameters)
    rewards = run(twin, Simulator(model, H, seed=9), n)
    total, _, position = compiled(agent, model, n, seed=9)
    assert np.array_equal(agent.get_q_value_estimate(), twin.Q)
    assert total == np.cumsum(rewards)[-1]
    assert position[1] == n % H


@pytest.mark.parametrize("horizon", [np.inf, 5])
def test_random_agent_does_what_its_twin_does(horizon):
    model, n = random_mdp(4), 3000
    agent = (RandomAgentContinuous if horizon == np.inf else RandomAgentEpisodic)(1, specs(model, horizon))
    total, _, _ = compiled(agent, model, n, seed=9)
    assert total == np.cumsum(run(RandomTwin(1, model.n_actions), Simulator(model, horizon, seed=9), n))[-1]


def test_first_updates_of_the_continuous_agent_by_hand():
    """One state, one action, reward 1: every quantity of Algorithm 1 can be written down."""
    model = model_from_dense(np.ones((1, 1, 1)), np.ones((1, 1)), np.ones(1))
    T, sp = 1000, 1e-4
    agent = QLearningContinuous(0, specs(model), T, span_approx_weight=sp, get_H=lambda *_: 4.0)
    # first visit: alpha = 5 / 5 = 1, so that Q is the target, 1 + 3/4 * 4 + b_1, and Qhat stays min(4, .) = 4
    compiled(agent, model, 1)
    assert agent.get_q_value_estimate()[0, 0] == 4.0
    # second visit: alpha = 5 / 6
    compiled(agent, model, 1)
    b_1, b_2 = (4 * sp * math.sqrt(4 / t * math.log(2 * T / 0.05)) for t in (1, 2))
    q_2 = (1 / 6) * (4 + b_1) + (5 / 6) * (4 + b_2)
    assert agent.get_q_value_estimate()[0, 0] == 4.0 < q_2


def test_a_pessimistic_sample_lowers_the_continuous_value_by_hand():
    model = model_from_dense(np.ones((1, 1, 1)), np.zeros((1, 1)), np.ones(1))
    T, sp = 1000, 1e-4
    agent = QLearningContinuous(0, specs(model), T, span_approx_weight=sp, get_H=lambda *_: 4.0)
    b_1, b_2 = (4 * sp * math.sqrt(4 / t * math.log(2 * T / 0.05)) for t in (1, 2))
    compiled(agent, model, 1)
    q_1 = 0 + 0.75 * 4 + b_1
    assert agent.get_q_value_estimate()[0, 0] == pytest.approx(q_1, rel=1e-14)
    compiled(agent, model, 1)
    q_2 = q_1 / 6 + 5 / 6 * (0.75 * q_1 + b_2)
    assert agent.get_q_value_estimate()[0, 0] == pytest.approx(q_2, rel=1e-14)


def test_first_updates_of_the_episodic_agent_by_hand():
    """One state, one action, horizon 2: V_2 = 0, so that Q_1 = r + b_1 after the first episode."""
    model = model_from_dense(np.ones((1, 1, 1)), np.full((1, 1), 0.5), np.ones(1))
    T, p, c = 100, 0.1, 0.05
    agent = QLearningEpisodic(0, specs(model, 2), T, p=p, c_1=c)
    compiled(agent, model, 2)
    bonus = c * math.sqrt(8 * math.log(T / p))
    q = agent.get_q_value_estimate()[:, 0, 0]
    # at time 0 the target is 0.5 + V_1 + b_1 with V_1 = 2 still: above H, so that V_0 is cut to 2, but Q_0 is not
    assert q == pytest.approx([2.5 + bonus, 0.5 + bonus], rel=1e-14)
    compiled(agent, model, 2)
    alpha = 3 / 4
    b_2 = bonus / math.sqrt(2)
    expected = [
        (1 - alpha) * q[0] + alpha * (0.5 + q[1] + b_2),
        (1 - alpha) * q[1] + alpha * (0.5 + b_2),
    ]
    assert agent.get_q_value_estimate()[:, 0, 0] == pytest.approx(expected, rel=1e-14)


def test_first_bernstein_bonus_by_hand():
    """With alpha_1 = 1 the first bonus is beta_1 / 2, whatever beta_0; the variance of one value is 0."""
    model = model_from_dense(np.ones((1, 1, 1)), np.zeros((1, 1)), np.ones(1))
    T, p, H = 100, 0.1, 2
    iota = math.log(T / p)
    for c_1, c_2 in ((1e-3, 10.0), (10.0, 1e-3)):
        agent = QLearningEpisodic(0, specs(model, H), T, p=p, c_1=c_1, c_2=c_2, UCB_type="bernstein")
        compiled(agent, model, H)
        beta = min(c_1 * (math.sqrt(H * H * iota) + math.sqrt(H**7) * iota), c_2 * math.sqrt(H**3 * iota))
        assert agent.get_q_value_estimate()[1, 0, 0] == pytest.approx(beta / 2, rel=1e-14)


def test_rewards_are_scaled_to_the_unit_interval():
    """An agent that is told of the range [-3, 5] and gets 8 r - 3 learns what the agent of r in [0, 1] learns."""
    model = random_mdp(1, beta=False)
    wide = model_from_dense(
        model.T.toarray().reshape(model.n_states, model.n_actions, -1), 8 * model.R - 3, np.eye(model.n_states)[0]
    )
    unit = model_from_dense(
        model.T.toarray().reshape(model.n_states, model.n_actions, -1), model.R, np.eye(model.n_states)[0]
    )
    for cls, horizon, parameters in (
        (QLearningContinuous, np.inf, {"span_approx_weight": 0.01}),
        (QLearningEpisodic, 4, {"p": 0.05, "c_1": 0.01}),
    ):
        agents = [
            cls(0, specs(m, horizon, r), 2000, **parameters) for m, r in ((unit, (0.0, 1.0)), (wide, (-3.0, 5.0)))
        ]
        for agent, m in zip(agents, (unit, wide), strict=True):
            compiled(agent, m, 2000)
        a, b = (agent.get_q_value_estimate() for agent in agents)
        assert b == pytest.approx(a, rel=1e-9)


def test_horizon_of_the_continuous_agent():
    """H = h_weight * min(sqrt(sp T / SA), (T / (SA ln(4 T / delta)))^(1/3)), at least 2: the values at the start."""
    model, T = random_mdp(0), 10_000
    pairs = model.n_states * model.n_actions
    cube = (T / pairs / math.log(4 * T / 0.05)) ** (1 / 3)
    for parameters, expected in (
        ({"h_weight": 3.0}, 3 * cube),
        ({"span_approx_weight": 0.01, "h_weight": 4.0}, 4 * math.sqrt(0.01 * T / pairs)),
        (
            {"span_approx_weight": 0.1, "get_span_approx": lambda S, A: 0.1, "h_weight": 4.0},
            4 * math.sqrt(0.01 * T / pairs),
        ),
        ({"h_weight": 0.001}, 2.0),
    ):
        agent = QLearningContinuous(0, specs(model), T, **parameters)
        assert agent.get_q_value_estimate()[0, 0] == pytest.approx(expected, rel=1e-12)


def test_table_of_the_schedule_grows_with_the_steps_that_are_taken():
    """Steps beyond the optimization horizon are possible: the same as with a longer table from the start."""
    model = river_swim(4, p_rand=0.1)
    agents = [QLearningContinuous(0, specs(model), 50, span_approx_weight=0.1) for _ in range(2)]
    compiled(agents[0], model, 5000, chunk=5000)
    compiled(agents[1], model, 5000, chunk=7)
    assert np.array_equal(*(agent.get_q_value_estimate() for agent in agents))


def test_memory_is_one_entry_for_each_time_state_and_action():
    model, H = random_mdp(0, n_states=50, n_actions=2), 40
    agent = QLearningEpisodic(0, specs(model, H), 1000, p=0.05, c_1=1.0, c_2=1.0, UCB_type="bernstein")
    largest = max(array.size for array in agent._learner if isinstance(array, np.ndarray))
    assert largest == 3 * H * 50 * 2


def regret(agent, model, optimum, value, n=20_000, every=100):
    """Cumulative regret over `n` steps, the policy being evaluated exactly every `every` steps."""
    regrets = []
    compiled(
        agent,
        model,
        n,
        seed=1,
        chunk=every,
        at_log=lambda s: regrets.append(optimum - value(agent.current_optimal_stochastic_policy, s)),
    )
    assert min(regrets) > -1e-9
    return every * sum(regrets)


@pytest.mark.parametrize("seed", range(3))
def test_continuous_agent_learns_river_swim(seed):
    model, n = river_swim(8, p_lazy=0.1), 20_000
    optimum = optimal_gain(model)

    def value(policy, s):
        return gain(model, policy, s)

    ours = regret(QLearningContinuous(seed, specs(model), n, span_approx_weight=0.1), model, optimum, value)
    random = regret(RandomAgentContinuous(seed, specs(model)), model, optimum, value)
    assert ours < random / 10


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("parameters", [EPISODIC[0], EPISODIC[2]])
def test_episodic_agent_learns_river_swim(parameters, seed):
    model, n, H = river_swim(5, p_lazy=0.1), 20_000, 10
    optimum = episodic_value(model, None, H)[0]

    def value(policy, s):
        return episodic_value(model, policy, H)[0]

    ours = regret(QLearningEpisodic(seed, specs(model, H), n, **parameters), model, optimum, value)
    random = regret(RandomAgentEpisodic(seed, specs(model, H)), model, optimum, value)
    assert ours < random / 10
