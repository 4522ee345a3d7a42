"""UCRL2: confidence sets, extended value iteration against linear programs, and the agent against its twin."""

import itertools
import math

import numpy as np
import pytest
from scipy.optimize import linprog
from small_mdps import Simulator, compiled, dense, optimal_gain, random_mdp, river_swim, specs
from twins.q_learning import run
from twins.ucrl2 import UCRL2Twin

from colosseum.agent.agents.estimated_model import average_reward_values
from colosseum.agent.agents.infinite_horizon import UCRL2Continuous
from colosseum.agent.agents.infinite_horizon.extended_value_iteration import (
    extended_value_iteration,
    sort_descending,
)
from colosseum.dynamic_programming import ModelArrays, average_reward_optimal
from colosseum.errors import ConfigurationError

BOUNDS = ("chernoff", "bernstein")


def after(n, seed=0, model=None, **parameters):
    """An agent that has planned after `n` steps of its own."""
    model = random_mdp(seed, n_states=5, n_actions=2) if model is None else model
    agent = UCRL2Continuous(seed, specs(model), 10_000, **parameters)
    compiled(agent, model, n, seed=seed)
    agent.episode_end_update()
    return agent, model


def bounds_on_rows(agent):
    """Estimates, float64 array of shape (S * A, S), and what linear programs need to know of each row."""
    S, A = agent._n_states, agent._n_actions
    indptr, states, counts = agent._rows
    estimate = np.zeros((S * A, S))
    estimate[np.repeat(np.arange(S * A), np.diff(indptr)), states] = counts
    n = agent._visits[:, None]
    return estimate / np.maximum(1, n), n


def widths(agent, alpha_p, bound):
    """Half widths of intervals, shape (S * A, S), or radii, shape (S * A, 1), from the formulas."""
    S, A, t = agent._n_states, agent._n_actions, agent._t
    delta = 1 / math.sqrt(t + 1)
    p, n = bounds_on_rows(agent)
    n1 = np.maximum(1, n)
    if bound == "chernoff":
        return alpha_p * np.sqrt(14 * S * math.log(2 * A * (t + 1) / delta) / n1)
    L = math.log(2 * S * A * (t + 1) / delta)
    return math.sqrt(alpha_p) * np.sqrt(14 * p * (1 - p) * L / n1) + alpha_p * 49 * L / (3 * np.maximum(1, n - 1))


def greatest_by_linear_program(agent, alpha_p, bound, row, v):
    p, n = bounds_on_rows(agent)
    S = len(v)
    if n[row] == 0:
        return v.max()
    width = widths(agent, alpha_p, bound)[row]
    if bound == "bernstein":
        limits = [(max(0, p[row, s] - width[s]), min(1, p[row, s] + width[s])) for s in range(S)]
        return -linprog(-v, A_eq=np.ones((1, S)), b_eq=[1], bounds=limits).fun
    # |q - p|_1 <= radius: q = p + up - down
    c = np.concatenate([-v, v])
    balance = np.concatenate([np.ones(S), -np.ones(S)])[None]
    result = linprog(
        c,
        A_ub=np.ones((1, 2 * S)),
        b_ub=width,
        A_eq=balance,
        b_eq=[0],
        bounds=[(0, 1 - x) for x in p[row]] + [(0, x) for x in p[row]],
    )
    return p[row] @ v - result.fun


@pytest.mark.parametrize("bound", BOUNDS)
@pytest.mark.parametrize(("n", "alpha_p"), [(0, 1.0), (40, 0.02), (400, 0.01), (400, 0.3), (3000, 0.05), (3000, 1.0)])
def test_one_sweep_is_a_linear_program_for_every_row(bound, n, alpha_p):
    agent, model = after(n, bound_type_p=bound, alpha_p=alpha_p)
    rng = np.random.default_rng(n)
    for v in (rng.uniform(0, 5, model.n_states), np.round(rng.uniform(0, 2, model.n_states))):
        v -= v.min()
        rewards = np.zeros(model.n_states * model.n_actions)
        q, _, _, n_sweeps = extended_value_iteration(agent.confidence_set(), rewards, v.copy(), np.inf)
        assert n_sweeps == 1
        expected = [greatest_by_linear_program(agent, alpha_p, bound, row, v) for row in range(len(q))]
        assert q == pytest.approx(expected, abs=1e-8)


@pytest.mark.parametrize("bound", BOUNDS)
def test_gain_is_that_of_the_best_plausible_mdp(bound):
    """
    Brute force on three states: no member of the set has a policy of a greater gain, and one attains it.

    The best member is found by policy iteration over linear programs; other members are drawn at random.
    """
    model = random_mdp(5, n_states=3, n_actions=2)
    agent, _ = after(600, model=model, bound_type_p=bound, alpha_p=0.05, alpha_r=0.1)
    confidence = agent.confidence_set()
    optimistic = np.minimum(1, agent._episode_mean + agent.beta_r())
    v = np.zeros(3)
    q, _, gain, _ = extended_value_iteration(confidence, optimistic, v, 1e-10)

    best_rows = []
    p, _ = bounds_on_rows(agent)
    width = widths(agent, 0.05, bound)
    for row in range(6):  # the vertex that the last values choose
        order = np.argsort(-v)
        if bound == "bernstein":
            low, high = np.maximum(0, p[row] - width[row]), np.minimum(1, p[row] + width[row])
            x, rest = low.copy(), 1 - low.sum()
            for s in order:
                more = min(rest, high[s] - low[s])
                x[s] += more
                rest -= more
        else:
            x = p[row].copy()
            x[order[0]] = min(1, x[order[0]] + width[row, 0] / 2)
            for s in order[::-1]:
                x[s] -= min(x[s], max(0, x.sum() - 1)) if s != order[0] else 0
        best_rows.append(x)
    best_rows = np.array(best_rows).reshape(3, 2, 3)

    def greatest_gain(T):
        gains = []
        for policy in itertools.product(range(2), repeat=3):
            P, r = T[range(3), policy], optimistic.reshape(3, 2)[range(3), policy]
            stationary = np.linalg.lstsq(np.vstack([P.T - np.eye(3), np.ones(3)]), [0, 0, 0, 1], rcond=None)[0]
            gains.append(stationary @ r)
        return max(gains)

    assert greatest_gain(best_rows) == pytest.approx(gain, abs=1e-6)
    assert q.reshape(3, 2).max(1) - v == pytest.approx(gain, abs=1e-6)
    rng = np.random.default_rng(0)
    estimate = p.reshape(3, 2, 3)
    for _ in range(200):
        other = estimate + rng.uniform(0, 1, (3, 2, 1)) * (best_rows[:, rng.permutation(2)] - estimate)
        inside = np.abs(other - estimate)
        wide = width.reshape(3, 2, -1)
        ok = (inside <= wide).all(-1) if bound == "bernstein" else inside.sum(-1) <= wide[..., 0]
        member = np.where(ok[..., None], other, estimate)
        assert greatest_gain(member) <= gain + 1e-9


def test_sorting():
    rng = np.random.default_rng(0)
    for n in (1, 2, 3, 7, 64, 101):
        v = np.round(rng.uniform(0, 5, n), 1)
        order = rng.permutation(n)
        sort_descending(v, order, np.empty(n, np.int64))
        assert sorted(order.tolist()) == list(range(n))
        assert (np.diff(v[order]) <= 0).all()


@pytest.mark.parametrize("bound", BOUNDS)
def test_confidence_sets_hold_at_the_promised_rate(bound):
    """At every episode of 60 runs the truth lies in the sets; with a hundredth of the width it does not."""

    def failures(alpha):
        n_failures = n_episodes = 0
        for seed in range(60):
            model = random_mdp(seed, n_states=4, n_actions=2)
            truth, R = dense(model)
            agent = UCRL2Continuous(
                seed, specs(model), 2000, alpha_r=alpha, alpha_p=alpha, bound_type_p=bound, bound_type_rew=bound
            )
            agent.before_start_interacting()
            simulator = Simulator(model, seed=seed)
            ts = simulator.reset()
            for t in range(300):
                a = agent.select_action(ts, t)
                following = simulator.step(a)
                agent.step_update(ts, a, following, t)
                if agent.is_episode_end(ts, a, following, t):
                    agent.episode_end_update()
                    p, n = bounds_on_rows(agent)
                    difference = np.abs(p - truth.reshape(8, 4))
                    width = widths(agent, alpha, bound)
                    holds = (difference <= width).all(1) if bound == "bernstein" else difference.sum(1) <= width[:, 0]
                    rewards_hold = np.abs(agent._episode_mean - R.ravel()) <= agent.beta_r()
                    known = n[:, 0] > 0
                    n_failures += not (holds | ~known).all() or not (rewards_hold | ~known).all()
                    n_episodes += 1
                ts = following
        return n_failures / n_episodes

    # the papers promise that an episode's sets fail with a probability of at most delta <= 1
    # in the first steps and of less than 1 / sqrt(t + 1) later: 1 / sqrt(301) is 0.058
    assert failures(1.0) <= 0.01
    assert failures(1e-3) > 0.5


def test_rewards_bounds_by_hand():
    agent, model = after(500, bound_type_rew="bernstein", alpha_r=0.5)
    assert model.n_states * model.n_actions == 10
    delta = 1 / math.sqrt(501)
    L = math.log(2 * 10 * 501 / delta)
    n = int(agent._visits[3])
    assert n > 1
    variance = agent._episode_squares[3] / n
    expected = math.sqrt(0.5) * math.sqrt(14 * variance * L / n) + 0.5 * 49 * L / (3 * (n - 1))
    assert agent.beta_r()[3] == pytest.approx(expected, rel=1e-12)
    agent, _ = after(500, alpha_r=0.5)
    n = int(agent._visits[3])
    assert agent.beta_r()[3] == pytest.approx(0.5 * math.sqrt(3.5 * L / n), rel=1e-12)


@pytest.mark.parametrize("bound_type_rew", BOUNDS)
@pytest.mark.parametrize("bound", BOUNDS)
def test_agent_does_what_its_twin_does(bound, bound_type_rew):
    for seed in range(3):
        model, n = random_mdp(seed, n_states=6, n_actions=3), 1500
        parameters = {"alpha_p": 0.1, "alpha_r": 0.2, "bound_type_p": bound, "bound_type_rew": bound_type_rew}
        twin = UCRL2Twin(seed, model.n_states, model.n_actions, **parameters)
        rewards = run(twin, Simulator(model, seed=seed), n)
        agent = UCRL2Continuous(seed, specs(model), n, **parameters)
        _, sums, _ = compiled(agent, model, n, seed=seed, chunk=1)
        assert np.array_equal(sums.cumsum(), rewards.cumsum()) or sums == pytest.approx(rewards, abs=1e-12)
        assert np.array_equal(agent._counts.visits.reshape(twin.N.shape), twin.N)
        assert agent.n_plans == twin.n_episodes


@pytest.mark.parametrize("bound", ["chernoff", "bernstein"])
@pytest.mark.parametrize("n", [30, 3000])
def test_skipped_rows_change_nothing(bound, n):
    """The same sweeps, policy, gain and values, to the last bit; rows that were skipped are not the best."""
    model = random_mdp(5, n_states=12, n_actions=5)
    agent = UCRL2Continuous(0, specs(model), 10_000, alpha_p=0.1, alpha_r=0.2, bound_type_p=bound)
    compiled(agent, model, n)
    rewards = agent._episode_mean + agent.beta_r()
    v, every_v = np.zeros(12), np.zeros(12)
    q, greedy, *rest = extended_value_iteration(agent.confidence_set(), rewards, v, 1e-8, False)
    every_q, every_greedy, *every_rest = extended_value_iteration(agent.confidence_set(), rewards, every_v, 1e-8, True)
    assert v.tobytes() == every_v.tobytes() and np.array_equal(greedy, every_greedy) and rest == every_rest
    evaluated = np.isfinite(q)
    assert np.isfinite(every_q).all() and np.array_equal(q[evaluated], every_q[evaluated])
    best = np.repeat(every_q.reshape(12, 5).max(1), 5)
    assert (every_q[~evaluated] < best[~evaluated]).all()
    assert evaluated.mean() < 0.9 or n == 30  # at first, all rows are tied


def test_estimated_policy_is_optimal_in_the_estimated_model():
    model = random_mdp(3, n_states=8, n_actions=3)
    T, R = dense(model)
    indptr = np.arange(25) * 8
    states = np.tile(np.arange(8), 24)
    mixed = 0.9 * T.reshape(24, 8)
    q, greedy = average_reward_values(
        indptr, states, mixed.ravel(), np.full(24, 0.1), R.ravel(), np.zeros(8), 1e-10, 1000, 20
    )
    full = (0.9 * T + 0.1 / 8).reshape(24, 8)
    gain, policy = average_reward_optimal(ModelArrays(indptr, states, full.ravel(), R))
    assert np.array_equal(greedy, policy.argmax(1))
    v = q.reshape(8, 3).max(1)
    assert (R.ravel() + full @ v).reshape(8, 3).max(1) - v == pytest.approx(gain, abs=1e-8)


def test_visits_double_in_every_episode():
    model = river_swim(4, p_rand=0.2)
    agent = UCRL2Continuous(0, specs(model), 5000)
    position, total = np.zeros(3, np.int64), np.zeros(2)
    rng = np.random.default_rng(0)
    agent.before_start_interacting()
    for _ in range(2000):
        before, visits, plans = agent._visits.copy(), agent._counts.visits.copy(), agent.n_plans
        agent.advance(model.tables, rng, position, 1, total)
        in_episode = agent._counts.visits - before
        ended = agent.n_plans > plans
        assert ended == (in_episode >= np.maximum(1, before)).any()
        assert (visits - before < np.maximum(1, before)).all()


def test_optimism():
    """With the papers' bounds the optimistic gain is at least the true one, and comes down to it."""
    model = river_swim(3, p_rand=0.2)
    truth = optimal_gain(model)
    gains = []
    agent = UCRL2Continuous(0, specs(model), 100_000, bound_type_p="bernstein")
    for n in (10, 1000, 100_000):
        compiled(agent, model, n, seed=n)
        gains.append(agent.gain)
    assert all(gain >= truth - 1e-3 for gain in gains)
    assert gains[-1] < gains[0]


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"alpha_p": 0}, "UCRL2Continuous.alpha_p = 0: it must be a number in (0, inf)"),
        ({"bound_type_p": "bernstien"}, "UCRL2Continuous.bound_type_p = 'bernstien': did you mean 'bernstein'?"),
        ({"bound_type_rew": 3}, "UCRL2Continuous.bound_type_rew = 3: "),
    ],
)
def test_bad_hyperparameters(parameters, message):
    with pytest.raises(ConfigurationError) as error:
        UCRL2Continuous(0, specs(river_swim(3)), 100, **parameters)
    assert message in str(error.value).splitlines()[0]


def test_published_spelling_of_the_default_bound():
    assert UCRL2Continuous(0, specs(river_swim(3)), 100, bound_type_p="_chernoff").bound_type_p == "chernoff"
