import numpy as np
import pytest
from quantecon.markov.gth_solve import gth_solve
from small_models import arrays_of, chain_of, gains_by_squaring, random_mdp, transitions_of

from colosseum.dynamic_programming import AveragePolicyEvaluator, ModelArrays, Transitions, gain_and_bias
from colosseum.dynamic_programming._average.gain_bias import policy_gains
from colosseum.dynamic_programming._sparse.gth import make_factors
from colosseum.dynamic_programming._sparse.symbolic import make_pattern


def birth_and_death(up, down, n):
    """Transitions of a chain on 0..n-1 that goes up and down with these probabilities."""
    P = np.diag(np.full(n - 1, up), 1) + np.diag(np.full(n - 1, down), -1)
    P[np.diag_indices(n)] = 1 - P.sum(1)
    return transitions_of(P)


@pytest.mark.parametrize("seed", range(20))
def test_pattern_is_the_fill_of_its_order(seed):
    rng = np.random.default_rng(seed)
    n = int(rng.integers(1, 40))
    T = np.where(rng.random((2 * n, n)) < rng.choice([0.02, 0.05, 0.2]), 1.0, 0.0)
    T[np.arange(2 * n), rng.integers(0, n, 2 * n)] = 1.0
    pattern = make_pattern(transitions_of(T))
    assert (pattern.state[pattern.position] == np.arange(n)).all()

    joined = (T[0::2] + T[1::2]) > 0
    joined = (joined | joined.T)[np.ix_(pattern.state, pattern.state)]
    for k in range(n):
        later = k + 1 + np.flatnonzero(joined[k, k + 1 :])
        joined[np.ix_(later, later)] = True
    for k in range(n):
        lower = pattern.lower[pattern.lower_start[k] : pattern.lower_start[k + 1]]
        assert lower.tolist() == np.flatnonzero(joined[k, :k]).tolist()
        upper = []
        for run in range(pattern.run_start[k], pattern.run_start[k + 1]):
            upper += range(pattern.run_first[run], pattern.run_first[run] + pattern.run_length[run])
        assert upper == (k + 1 + np.flatnonzero(joined[k, k + 1 :])).tolist()
        assert len(upper) == pattern.upper_start[k + 1] - pattern.upper_start[k]


def test_pattern_of_a_grid_fills_in_little():
    n = 30
    i = np.arange(n * n)
    x, y = i % n, i // n
    moves = [np.minimum(x + 1, n - 1) + n * y, np.maximum(x - 1, 0) + n * y]
    moves += [x + n * np.minimum(y + 1, n - 1), x + n * np.maximum(y - 1, 0)]
    transitions = Transitions(np.arange(4 * n * n + 1), np.stack(moves, 1).ravel(), np.ones(4 * n * n), 4)
    pattern = make_pattern(transitions)
    # 31 n^2 log2(n) / 8 is what nested dissection needs (George 1973); a row-wise order needs n^3.
    assert pattern.lower.size < 31 * n * n * np.log2(n) / 8


@pytest.mark.parametrize("up, down, n", [(0.3, 0.3e-12, 20), (0.2e-12, 0.4, 20), (0.45, 0.5, 300), (1e-3, 1e-9, 30)])
def test_stationary_mass_of_birth_and_death_chains_is_accurate_in_every_entry(up, down, n):
    transitions = birth_and_death(up, down, n)
    ratio = up / down
    mass = np.array([ratio ** (k if ratio < 1 else k - n + 1) for k in range(n)])
    mass /= mass.sum()
    for k in range(0, n, max(1, n // 10)):
        gain = AveragePolicyEvaluator(ModelArrays(*transitions[:3], np.eye(n)[k][:, None])).gain(np.ones((n, 1)), 0)
        assert gain == pytest.approx(mass[k], rel=1e-13, abs=0)


def test_both_ends_attract():
    """A chain that drifts to its ends, crossing its middle once in 1e100 steps: the closed form has their weights."""
    n = 101
    p = np.where(np.arange(n) < n // 2, 0.01, 0.99)  # probability of going up
    P = np.zeros((n, n))
    for x in range(n):
        P[x, min(x + 1, n - 1)] += p[x]
        P[x, max(x - 1, 0)] += 1 - p[x]
    log_mass = np.concatenate(([0], np.cumsum(np.log(p[:-1]) - np.log(1 - p[1:]))))
    assert log_mass.min() < -200
    mass = np.exp(log_mass - log_mass.max())
    reward = np.linspace(0.2, 0.9, n)
    gain = AveragePolicyEvaluator(arrays_of(P, reward[:, None])).gain(np.ones((n, 1)), 50)
    assert gain == pytest.approx(mass @ reward / mass.sum(), rel=1e-12)


@pytest.mark.parametrize("seed", range(10))
def test_stationary_gain_agrees_with_quantecon(seed):
    rng = np.random.default_rng(seed)
    n = 30
    P = np.where(rng.random((n, n)) < 0.15, rng.random((n, n)), 0)
    P[np.arange(n), (np.arange(n) + 1) % n] += 0.1
    P *= 10.0 ** rng.uniform(-8, 0, (n, n))
    P /= P.sum(1, keepdims=True)
    reward = rng.random(n)
    gain = AveragePolicyEvaluator(arrays_of(P, reward[:, None])).gain(np.ones((n, 1)), 3)
    assert gain == pytest.approx(gth_solve(P) @ reward, rel=1e-12)


def test_work_space_is_shared_by_policies_without_a_trace():
    rng = np.random.default_rng(0)
    T, R = random_mdp(rng, 40, 3, "sparse")
    arrays = arrays_of(T, R)
    pattern = make_pattern(arrays.transitions)
    shared = make_factors(pattern)
    for _ in range(50):
        policy = np.eye(3)[rng.integers(0, 3, 40)] if rng.random() < 0.5 else rng.dirichlet(np.ones(3), 40)
        root = int(rng.integers(-1, 40))
        first = policy_gains(arrays, policy, root, pattern, shared)
        fresh = policy_gains(arrays, policy, root, pattern, make_factors(pattern))
        assert first.tobytes() == fresh.tobytes()


@pytest.mark.parametrize("seed", range(30))
def test_gain_and_bias_solve_their_equations(seed):
    rng = np.random.default_rng(seed)
    n_states, n_actions = int(rng.integers(1, 30)), int(rng.integers(1, 4))
    T, R = random_mdp(rng, n_states, n_actions, rng.choice(["dense", "sparse", "deterministic", "cycle"]))
    actions = rng.integers(0, n_actions, n_states)
    P, r = chain_of(T, R, actions)
    gain, bias = gain_and_bias(arrays_of(T, R), np.eye(n_actions)[actions])
    assert gain == pytest.approx(gains_by_squaring(P, r), abs=1e-10)
    assert gain == pytest.approx(P @ gain, abs=1e-12)
    scale = 1 + np.abs(bias).max()
    assert bias == pytest.approx(r - gain + P @ bias, abs=1e-12 * scale)


def test_absorption_is_accurate_where_it_is_unlikely():
    """From the middle of a drifting chain between two absorbing ends: the gambler's ruin."""
    n, up = 61, 0.2
    P = np.zeros((n, n))
    P[0, 0] = P[-1, -1] = 1
    for x in range(1, n - 1):
        P[x, x + 1], P[x, x - 1] = up, 1 - up
    reward = np.zeros((n, 1))
    reward[-1] = 1
    gains = AveragePolicyEvaluator(arrays_of(P, reward)).gains(np.ones((n, 1)))
    q = (1 - up) / up
    expected = [(q**x - 1) / (q ** (n - 1) - 1) for x in range(n)]
    assert expected[1] < 1e-35
    assert gains == pytest.approx(expected, rel=1e-13, abs=0)
