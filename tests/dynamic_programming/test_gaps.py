"""Optimality gaps: closed forms, and the regret of any behaviour met by carrying distributions forward."""

import warnings

import numpy as np
import pytest
from small_models import all_policies, arrays_of, chain_of, gains_by_squaring, random_mdp

from colosseum.dynamic_programming import (
    AveragePolicyEvaluator,
    average_reward_gaps,
    average_reward_optimal,
    episodic_gaps,
    episodic_value_iteration,
)
from colosseum.dynamic_programming import gaps as module
from colosseum.errors import ConfigurationError, NotWeaklyCommunicatingError
from colosseum.mdp.simple_grid import SimpleGridContinuous

KINDS = ("dense", "sparse", "deterministic", "cycle", "sparse")


def check(T, R, solution, tolerance=1e-9):
    """The optimality equation holds in all states, in plain numpy, and the gaps are what it leaves."""
    left = solution.gain + solution.bias[:, None] - R - (T @ solution.bias).reshape(R.shape)
    np.testing.assert_allclose(solution.gaps, left, atol=tolerance)
    np.testing.assert_allclose(left.min(1), 0, atol=tolerance)
    assert (solution.gaps >= 0).all() and (solution.gaps.min(1) == 0).all()
    assert solution.gaps.dtype == np.float64 and solution.gaps.flags.c_contiguous


def test_closed_form_of_two_states():
    """Wait for 0.1 a step in state 0, or pay 0.5 to move on to state 1, which pays 1 for staying and 0 for leaving."""
    T = np.array([[1.0, 0.0], [0.0, 1.0], [0.0, 1.0], [1.0, 0.0]])
    R = np.array([[0.1, -0.5], [1.0, 0.0]])
    solution = average_reward_gaps(arrays_of(T, R))
    # h(1) - h(0) = 1 + 0.5: so waiting loses 0.9, leaving loses 1 + 1.5
    assert solution.gain == 1.0
    assert solution.bias[1] - solution.bias[0] == pytest.approx(1.5, abs=1e-15)
    np.testing.assert_allclose(solution.gaps, [[0.9, 0.0], [0.0, 2.5]], atol=1e-15)


@pytest.mark.parametrize("n", [2, 3, 10, 60])
def test_closed_form_of_a_river(n):
    """Upstream is certain; only the last state pays, 1: the way there from x lasts n - 1 - x steps."""
    T = np.zeros((2 * n, n))
    T[2 * np.arange(n), np.maximum(np.arange(n) - 1, 0)] = 1
    T[2 * np.arange(n) + 1, np.minimum(np.arange(n) + 1, n - 1)] = 1
    R = np.zeros((n, 2))
    R[n - 1, 1] = 1
    R[0, 0] = 0.005
    gain, bias, gaps = average_reward_gaps(arrays_of(T, R))
    assert gain == 1
    np.testing.assert_allclose(bias - bias[0], np.arange(n), atol=1e-12)
    expected = np.stack([np.full(n, 2.0), np.zeros(n)], 1)  # a step back costs itself and the way back
    expected[0, 0] = 1 - 0.005  # standing still at the mouth
    np.testing.assert_allclose(gaps, expected, atol=1e-12)


def test_slippery_chain_of_two_states():
    """Trying moves with probability p, so that the way lasts 1 / p steps, each of which loses 1."""
    p = 0.3
    T = np.array([[1.0, 0.0], [1 - p, p], [0.0, 1.0], [1.0, 0.0]])
    R = np.array([[0.2, 0.0], [1.0, 1.0]])
    _, bias, gaps = average_reward_gaps(arrays_of(T, R))
    assert bias[1] - bias[0] == pytest.approx(1 / p, rel=1e-14)
    np.testing.assert_allclose(gaps, [[0.8, 0.0], [0.0, 1 / p]], atol=1e-14)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(150))
def test_solves_the_equation_wherever_there_is_a_solution(seed):
    """Transient states, periodic chains, several best classes, several sets that cannot be left."""
    rng = np.random.default_rng(seed)
    T, R = random_mdp(rng, int(rng.integers(1, 7)), int(rng.integers(1, 4)), KINDS[seed % len(KINDS)])
    best = np.max([gains_by_squaring(*chain_of(T, R, actions)) for actions in all_policies(*R.shape)], 0)
    if np.ptp(best) > 1e-8:
        with pytest.raises(NotWeaklyCommunicatingError):
            average_reward_gaps(arrays_of(T, R))
        return
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        solution = average_reward_gaps(arrays_of(T, R))
    check(T, R, solution)
    assert solution.gain == pytest.approx(best[0], abs=1e-9)
    greedy = np.eye(R.shape[1])[solution.gaps.argmin(1)]
    # what is greedy may move to and fro between classes of the optimal gain, never leave them
    np.testing.assert_allclose(AveragePolicyEvaluator(arrays_of(T, R)).gains(greedy), solution.gain, atol=1e-9)


@pytest.mark.parametrize("seed", range(40))
def test_gaps_add_up_to_the_regret_of_any_behaviour(seed):
    """T g - rewards + h(first) - h(last), in expectation, for a policy that changes at random at every step."""
    rng = np.random.default_rng(seed)
    n_states, n_actions = int(rng.integers(2, 6)), int(rng.integers(2, 4))
    T, R = random_mdp(rng, n_states, n_actions, ("dense", "cycle")[seed % 2])
    try:
        gain, bias, gaps = average_reward_gaps(arrays_of(T, R))
    except NotWeaklyCommunicatingError:
        pytest.fail("these kinds are weakly communicating")
    transitions = T.reshape(n_states, n_actions, n_states)
    now = rng.dirichlet(np.ones(n_states))
    regret = rewards = 0.0
    first = now @ bias
    for _ in range(50):
        chosen = now[:, None] * rng.dirichlet(np.ones(n_actions), n_states)
        regret += (chosen * gaps).sum()
        rewards += (chosen * R).sum()
        now = np.einsum("sa,sat->t", chosen, transitions)
    assert regret == pytest.approx(50 * gain - rewards + first - now @ bias, abs=1e-10)
    # so it differs from the regret against the gain by no more than the span
    assert abs(regret - (50 * gain - rewards)) <= np.ptp(bias) + 1e-10


def test_the_bias_of_an_optimal_policy_would_not_do():
    """In state 1, which the best class never visits again, all ways back have the optimal gain; one is the best."""
    T = np.array([[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [1.0, 0.0, 0.0], [0.0, 0.0, 1.0], [1.0, 0.0, 0.0], [1.0, 0.0, 0.0]])
    R = np.array([[1.0, 0.0], [0.0, 0.9], [0.8, 0.2]])
    solution = average_reward_gaps(arrays_of(T, R))
    check(T, R, solution)
    # back at once loses 1; by way of state 2 it loses 0.1 + 0.2
    np.testing.assert_allclose(solution.bias - solution.bias[0], [0, -0.3, -0.2], atol=1e-15)
    np.testing.assert_allclose(solution.gaps[1], [0.7, 0.0], atol=1e-15)


def test_two_best_classes():
    """Both ends pay 1 for ever; between them it costs: the gaps are those of one solution, and ties are exact."""
    T = np.array([[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [1.0, 0.0, 0.0], [0.0, 0.0, 1.0], [0.0, 0.0, 1.0], [0.0, 1.0, 0.0]])
    R = np.array([[1.0, 0.0], [0.0, 0.0], [1.0, 0.0]])
    solution = average_reward_gaps(arrays_of(T, R))
    check(T, R, solution, 1e-14)
    assert solution.gain == 1
    assert solution.gaps[0, 0] == solution.gaps[2, 0] == 0


def test_two_sets_that_cannot_be_left():
    T = np.array([[0.0, 1.0, 0.0], [0.0, 0.0, 1.0], [0.0, 1.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0], [0.0, 0.0, 1.0]])
    R = np.array([[0.25, 0.5], [1.0, 0.0], [1.0, 0.75]])
    solution = average_reward_gaps(arrays_of(T, R))
    check(T, R, solution, 1e-15)
    np.testing.assert_allclose(solution.gaps, [[0.25, 0], [0, 1], [0, 0.25]], atol=1e-15)


def test_actions_that_tie_have_the_same_gap():
    rng = np.random.default_rng(5)
    T = rng.dirichlet(np.ones(6), 6).repeat(3, 0)
    T[2::3] = T[0::3][:, ::-1]
    R = np.repeat(rng.random((6, 1)), 3, 1)
    R[:, 1] += 1e-16  # what rounding does
    gaps = average_reward_gaps(arrays_of(T, R)).gaps
    np.testing.assert_allclose(gaps[:, 0], gaps[:, 1], rtol=0, atol=1e-15)
    assert ((gaps == 0) == (gaps < 1e-12)).all()


@pytest.mark.parametrize("seed", range(20))
def test_where_policies_linger(seed):
    """Relative values of up to 1e30: the gaps in the set where the optimal policy stays are exact all the same."""
    rng = np.random.default_rng(seed)
    T, R = random_mdp(rng, int(rng.integers(2, 5)), 2, "clusters")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        gain, _, gaps = average_reward_gaps(arrays_of(T, R))
    assert (gaps >= 0).all() and (gaps.min(1) == 0).all()
    greedy = np.eye(2)[gaps.argmin(1)]
    np.testing.assert_allclose(AveragePolicyEvaluator(arrays_of(T, R)).gains(greedy), gain, atol=1e-11)


def test_where_elimination_would_fill_in(monkeypatch):
    """Value iteration then finds what elimination does."""
    T, R = random_mdp(np.random.default_rng(1), 30, 3, "dense")
    exact = average_reward_gaps(arrays_of(T, R))
    monkeypatch.setattr(module, "MOST_WORK", 1)
    swept = average_reward_gaps(arrays_of(T, R))
    check(T, R, swept)
    np.testing.assert_allclose(swept.gaps, exact.gaps, atol=1e-10)


def test_says_how_far_it_came(monkeypatch):
    T, R = random_mdp(np.random.default_rng(1), 30, 3, "dense")
    monkeypatch.setattr(module, "MOST_WORK", 1)
    monkeypatch.setattr(module, "_MOST_SWEEPS", 2)
    with pytest.warns(RuntimeWarning, match="solved only within"):
        average_reward_gaps(arrays_of(T, R))


def test_takes_an_optimum_that_is_known():
    T, R = random_mdp(np.random.default_rng(2), 8, 3, "dense")
    known = average_reward_optimal(arrays_of(T, R))
    np.testing.assert_array_equal(
        average_reward_gaps(arrays_of(T, R), known).gaps, average_reward_gaps(arrays_of(T, R)).gaps
    )


def test_rewards_that_are_all_the_same():
    T, _ = random_mdp(np.random.default_rng(2), 8, 3, "dense")
    gain, bias, gaps = average_reward_gaps(arrays_of(T, np.full((8, 3), 0.5)))
    assert gain == 0.5 and (bias == 0).all() and (gaps == 0).all()


@pytest.mark.parametrize("seed", range(20))
def test_gaps_of_an_episode_add_up_to_what_it_loses(seed):
    rng = np.random.default_rng(seed)
    n_states, n_actions, H = int(rng.integers(2, 6)), int(rng.integers(2, 4)), int(rng.integers(1, 8))
    T, R = random_mdp(rng, n_states, n_actions, KINDS[seed % len(KINDS)])
    gaps = episodic_gaps(arrays_of(T, R), H)
    assert gaps.shape == (H, n_states, n_actions) and gaps.flags.c_contiguous
    assert (gaps >= 0).all() and (gaps.min(-1) == 0).all()
    now = np.full(n_states, 1 / n_states)
    start = episodic_value_iteration(arrays_of(T, R), H)[1][0] @ now
    lost = earned = 0.0
    for h in range(H):
        chosen = now[:, None] * rng.dirichlet(np.ones(n_actions), n_states)
        lost += (chosen * gaps[h]).sum()
        earned += (chosen * R).sum()
        now = np.einsum("sa,sat->t", chosen, T.reshape(n_states, n_actions, n_states))
    assert lost == pytest.approx(start - earned, abs=1e-12)


def test_refuses_what_is_no_horizon():
    T, R = random_mdp(np.random.default_rng(2), 3, 2, "dense")
    with pytest.raises(ConfigurationError, match="H: 0"):
        episodic_gaps(arrays_of(T, R), 0)


def test_two_optimal_places_that_are_joined_by_what_hardly_ever_happens():
    """
    Of this grid two corners are optimal to stay in; chance leads from one to the other once in many millions of steps.

    Policies that stay in both differ by rounding times that number; the equation has a solution of span 8.54.
    """
    mdp = SimpleGridContinuous(
        seed=0,
        size=18,
        reward_type=1,
        n_starting_states=4,
        p_rand=0.0121,
        make_reward_stochastic=False,
        optimal_distribution=("deterministic", (1.0,)),
        other_distribution=("deterministic", (0.5,)),
        sub_optimal_distribution=("deterministic", (0.0,)),
    )
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        solution = average_reward_gaps(mdp.model.arrays)
    check(mdp.T.reshape(-1, mdp.n_states), mdp.R, solution, 1e-11)
    value = np.zeros(mdp.n_states)
    for _ in range(100):  # plain iteration of values
        value = (mdp.R + mdp.T @ value).max(1)
        value -= value[0]
    np.testing.assert_allclose(solution.bias - solution.bias[0], value, atol=1e-9)
    assert np.ptp(value) == pytest.approx(8.5411, abs=1e-4)
    assert solution.gaps.max() < 20
