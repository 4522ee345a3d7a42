"""Learning regret: the gaps of what an agent does, against rewards, enumerated episodes, baselines and plain twins."""

import itertools
import math

import gin
import numpy as np
import pytest
from small_worlds import Continuous, Episodic, two_rooms
from twins.q_learning import QLearningContinuousTwin, QLearningEpisodicTwin, RandomTwin

from colosseum import benchmark_ids, make_mdp
from colosseum.agent.agents.episodic import PSRLEpisodic, QLearningEpisodic, RandomAgentEpisodic
from colosseum.agent.agents.infinite_horizon import (
    PSRLContinuous,
    QLearningContinuous,
    RandomAgentContinuous,
    UCRL2Continuous,
)
from colosseum.agent.utils import sample_agent_hyperparameters
from colosseum.experiment.acting import CompiledActing
from colosseum.experiment.agent_mdp_interaction import MDPLoop
from colosseum.mdp.frozen_lake import FrozenLakeContinuous
from colosseum.mdp.river_swim import RiverSwimContinuous, RiverSwimEpisodic
from colosseum.utils import make_mdp_spec

IDS = [i for i in benchmark_ids() if "quick_test" not in i]
AGENTS = {
    False: [RandomAgentContinuous, QLearningContinuous, UCRL2Continuous, PSRLContinuous],
    True: [RandomAgentEpisodic, QLearningEpisodic, PSRLEpisodic],
}


def make_agent(cls, mdp, n_steps, seed=0):
    gin.clear_config()
    # of posterior sampling the cheapest: two samples of each pair, sparse rows
    cheap = {"psi_weight": 1e-3, "transition_prior": 1e-3}
    parameters = sample_agent_hyperparameters(cls, 1)
    parameters |= {name: value for name, value in cheap.items() if name in parameters}
    return cls.get_agent_instance_from_parameters(seed, n_steps, make_mdp_spec(mdp), parameters)


def variances(mdp):
    """Of reward plus optimal value of the next state, for each action; float64 array in the shape of the gaps."""
    model = mdp.model
    mean, variance = model.reward_loc.copy(), np.zeros(len(model.reward_loc))
    beta = model.reward_kind == 1
    a, b, scale = model.reward_a[beta], model.reward_b[beta], model.reward_scale[beta]
    mean[beta] += scale * a / (a + b)
    variance[beta] = scale**2 * a * b / ((a + b) ** 2 * (a + b + 1))
    S, A = mdp.n_states, mdp.n_actions
    row = np.repeat(np.arange(S * A), np.diff(model.indptr))
    values = mdp.optimal_value_functions[1][1:] if mdp.is_episodic() else [mdp.optimal_bias]

    def of(v):
        x = mean[model.reward] + v[model.next_state]
        centre = np.bincount(row, model.probs * x, S * A)[row]
        return np.bincount(row, model.probs * (variance[model.reward] + (x - centre) ** 2), S * A)

    return np.stack([of(v) for v in values]).ravel()


def act(mdp, cls, n_steps, table=None):
    """Run an agent, with another table in the place of the gaps if one is given; the sums, where it began and ended."""
    mdp.dynamics_rng = np.random.default_rng(0)
    acting = CompiledActing(mdp, make_agent(cls, mdp, n_steps))
    if table is not None:
        acting._tables = acting._tables._replace(gap=table)
    start = int(acting.position[0])
    acting._agent.before_start_interacting()
    acting.advance(n_steps)
    return acting.totals, start, int(acting.position[0])


@pytest.mark.slow
@pytest.mark.parametrize("name", IDS)
def test_the_sum_of_gaps_is_what_was_lost_within_four_standard_errors(name):
    """
    T g* less the rewards, up to the relative values of the first and the last state, is the sum of the gaps and a
    martingale, whose variance is the sum of those of the steps: the same run with another table adds them up.
    """
    mdp = make_mdp(name, seed=0)
    table = variances(mdp)
    for cls in AGENTS[mdp.is_episodic()]:
        n = 150 if cls is PSRLContinuous else 1_000 - 1_000 % (mdp.H or 1)  # it plans at nearly every step
        (rewards, gaps), start, end = act(mdp, cls, n)
        (same, variance), *_ = act(mdp, cls, n, table)
        assert same == rewards
        if mdp.is_episodic():
            probs = mdp.model.start_probs
            of_starts = mdp.optimal_start_values[mdp.model.start_state]
            lost = n / mdp.H * (probs @ of_starts) - rewards
            variance += n / mdp.H * (probs @ (of_starts - probs @ of_starts) ** 2)
        else:
            lost = n * mdp.optimal_average_reward - rewards + mdp.optimal_bias[start] - mdp.optimal_bias[end]
        assert gaps >= 0
        assert abs(lost - gaps) <= 4 * math.sqrt(variance) + 1e-7 * n, cls.__name__


@pytest.mark.slow
@pytest.mark.parametrize("name", IDS)
def test_the_random_agents_own_indicators_meet_the_columns_of_the_random_policy(name):
    """Rewards and gaps in the mean over the starting states or within the bound; the policy's are the same numbers."""
    mdp = make_mdp(name, seed=0)
    cls = AGENTS[mdp.is_episodic()][0]
    n = 40_000 - 40_000 % (mdp.H or 1)
    block = n // 20 // (mdp.H or 1) * (mdp.H or 1)
    loop = MDPLoop(mdp, make_agent(cls, mdp, n))
    _, last = loop.run(n, block)
    for indicator in ("cumulative_regret", "cumulative_expected_reward", "normalized_cumulative_regret"):
        assert last[indicator] == pytest.approx(last[f"random_{indicator}"], rel=1e-9, abs=1e-9 * n)
    pairs = [
        ("normalized_cumulative_reward", "random_normalized_cumulative_expected_reward"),
        ("normalized_cumulative_learning_regret", "random_normalized_cumulative_learning_regret"),
    ]
    rows = [dict.fromkeys(last, 0.0) | {"steps": 0}, *loop.logger.data]
    for own, of_baseline in pairs:
        differences = np.diff([row[own] - row[of_baseline] for row in rows])
        error = differences.std(ddof=1) * math.sqrt(len(differences))
        if mdp.is_episodic():
            # rewards may be so rare that none was met: the variance of a sum of returns in [0, most] is at most
            # most times its expectation
            most = mdp.H * (mdp.rewards_range[1] - mdp.worst_average_reward) / mdp.worst_learning_regret
            error = max(error, math.sqrt(most * max(last[of_baseline], 0.0)) if "reward" in own else 0.0)
        # relative values are what a run may be away by in the beginning and in the end
        span = 0.0 if mdp.is_episodic() else 2 * mdp.optimal_bias_span / mdp.worst_learning_regret
        assert abs(differences.sum()) <= 5 * error + span + 1e-6 * n, own


def test_normalized_rewards_where_starting_states_differ():
    """
    The same constant divides the rewards of all episodes, and their normalized sum is that of the regret, turned round:
    divided by what each starting state is worth, posterior sampling earned 3.77 a step here, where 1 is optimal.
    """
    mdp = make_mdp("episodic_ergodic/MiniGridEmpty/4", seed=0)
    starts = mdp.optimal_start_values[mdp.model.start_state]
    assert np.ptp(starts) > 0.1
    n = 6_000 - 6_000 % mdp.H
    loop = MDPLoop(mdp, make_agent(PSRLEpisodic, mdp, n))
    last = loop.run(n)[1]
    scale = n * mdp.worst_learning_regret
    worst = n * (mdp.optimal_average_reward - mdp.worst_learning_regret)
    assert last["normalized_cumulative_reward"] == pytest.approx((last["cumulative_reward"] - worst) / scale * n)
    # the noise of the rewards is within four of the standard errors that a return in [0, H] can have
    error = mdp.H * math.sqrt(n / mdp.H) / 2 / scale * n
    difference = n - last["normalized_cumulative_learning_regret"] - last["normalized_cumulative_reward"]
    assert abs(difference) <= 4 * error
    assert 0 <= last["normalized_cumulative_reward"] / n <= 1.2


# ------------------------------------------------------------------------------------------------------------ exactly


def random_mdp(seed, H, S=3, A=2):
    rng = np.random.default_rng(seed)
    T = rng.dirichlet(np.ones(S), (S, A))
    return Episodic(T, rng.uniform(size=(S, A)), rng.dirichlet(np.ones(S)), seed=seed, H=H), rng


@pytest.mark.parametrize("seed", range(4))
def test_the_expected_sum_of_an_episode_is_what_it_loses_by_enumeration(seed):
    """Over every way that an episode of a random policy can take."""
    mdp, rng = random_mdp(seed, H=3)
    policy = rng.dirichlet(np.ones(2), (3, 3))
    expected = value = 0.0
    for states in itertools.product(range(3), repeat=4):
        for actions in itertools.product(range(2), repeat=3):
            probability = mdp.starting_state_distribution[states[0]]
            for h, a in enumerate(actions):
                probability *= policy[h, states[h], a] * mdp.T[states[h], a, states[h + 1]]
            expected += probability * sum(mdp.optimality_gaps[h, states[h], a] for h, a in enumerate(actions))
            value += probability * sum(mdp.R[states[h], a] for h, a in enumerate(actions))
    best = mdp.optimal_start_values @ mdp.starting_state_distribution
    assert expected == pytest.approx(best - value, abs=1e-12)
    assert expected > 0.01


@pytest.mark.parametrize("which", ["random", "worst"])
@pytest.mark.parametrize(
    "mdp", [RiverSwimContinuous(0, size=6, p_rand=0.1), FrozenLakeContinuous(0, size=4, p_frozen=0.8, p_rand=0.1)]
)
def test_the_expected_regret_a_step_of_a_baseline_is_its_column_within_the_bound(mdp, which):
    """By the distribution over the states at every step; off by relative values over the number of steps."""
    S, A, n = mdp.n_states, mdp.n_actions, 5_000
    policy = mdp.get_worst_policy(True) if which == "worst" else np.full((S, A), 1 / A)
    P, r = np.einsum("sa,sat->st", policy, mdp.T), (policy * mdp.R).sum(1)
    d = (policy * mdp.optimality_gaps).sum(1)
    gain = mdp.worst_average_reward if which == "worst" else mdp.random_average_reward
    own_bias = np.linalg.lstsq(np.eye(S) - P, r - gain, rcond=None)[0]
    at, lost, received = mdp.starting_state_distribution.copy(), 0.0, 0.0
    for _ in range(n):
        lost, received = lost + at @ d, received + at @ r
        at = at @ P
    span = mdp.optimal_bias_span
    assert abs(lost - (n * mdp.optimal_average_reward - received)) <= span * (1 + 1e-9)
    loss = mdp.worst_learning_regret if which == "worst" else mdp.random_learning_regret
    assert abs(lost / n - loss) <= (span + np.ptp(own_bias)) / n * (1 + 1e-9)
    if which == "worst":
        assert lost / n / mdp.worst_learning_regret == pytest.approx(1, abs=0.05)


def test_by_hand():
    """In state 1 to stay is best (3 a step), to leave costs two steps of 3 in all; in state 0 to stay costs 3 - 1."""
    mdp = Continuous(*two_rooms(), [0, 1])
    assert mdp.optimality_gaps.tolist() == [[2.0, 0.0], [6.0, 0.0]]
    last = MDPLoop(mdp, make_agent(RandomAgentContinuous, mdp, 10)).run(10)[1]
    assert last["worst_cumulative_learning_regret"] == 30 and last["optimal_cumulative_learning_regret"] == 0
    assert last["cumulative_learning_regret"] in {2.0 * i + 6.0 * j for i in range(11) for j in range(11)}


# -------------------------------------------------------------------------------------------------------------- twins


def twin_sum(twin, mdp, n):
    """Sum the gaps of a plain implementation, one by one."""
    total, s = 0.0, mdp.reset().observation
    for _ in range(n):
        h = mdp.h if mdp.is_episodic() else 0
        a = twin.act(s, h)
        total += float(mdp.optimality_gaps[h, s, a] if mdp.is_episodic() else mdp.optimality_gaps[s, a])
        ts = mdp.step(a)
        twin.learn(s, a, ts.reward, ts.observation, h)
        s = mdp.reset().observation if ts.last() else ts.observation
    return total


@pytest.mark.parametrize("episodic", [False, True])
@pytest.mark.parametrize("learner", [False, True])
def test_the_sum_is_that_of_a_plain_twin_to_the_last_digit(episodic, learner):
    n = 3_000

    def make():
        cls = RiverSwimEpisodic if episodic else RiverSwimContinuous
        return cls(seed=4, size=5, p_rand=0.1, make_reward_stochastic=True)

    mdp = make()
    spec, S, A = make_mdp_spec(mdp), mdp.n_states, mdp.n_actions
    if not learner:
        cls = RandomAgentEpisodic if episodic else RandomAgentContinuous
        agent, twin = cls(1, spec, n), RandomTwin(1, A)
    elif episodic:
        agent = QLearningEpisodic(1, spec, n, p=0.05, c_1=0.01)
        twin = QLearningEpisodicTwin(1, S, A, mdp.H, n, p=0.05, c_1=0.01)
    else:
        agent = QLearningContinuous(1, spec, n, span_approx_weight=0.01)
        twin = QLearningContinuousTwin(1, S, A, n, span=0.01)
    loop = MDPLoop(mdp, agent)
    _, last = loop.run(n, 700)
    assert last["cumulative_learning_regret"] == twin_sum(twin, make(), n) > 0
    assert last["worst_cumulative_learning_regret"] == pytest.approx(n * mdp.worst_learning_regret)
