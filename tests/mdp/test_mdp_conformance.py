"""What every environment must do, whatever its class."""

import os
import pickle
import subprocess
import sys
from pathlib import Path

import dm_env
import gin
import numpy as np
import pytest
from mdp_samples import SAMPLES, assert_same_model, family

from colosseum.errors import ConfigurationError
from colosseum.gin_config import split_scopes
from colosseum.mdp.sampling import BETA
from colosseum.utils import make_mdp_spec
from colosseum.utils.acme.specs import MDPSpec

HERE = Path(__file__).resolve().parent

DRAWN = {"FrozenLake", "MiniGridEmpty", "MiniGridRooms", "SimpleGrid", "Taxi"}
"""Families whose structure the seed changes."""


@pytest.fixture(params=SAMPLES)
def sample(request):
    return SAMPLES[request.param]


@pytest.fixture
def mdp(sample):
    cls, parameters = sample
    return cls(7, **parameters)


def walk(mdp, n, seed=0):
    """Observations and rewards of n steps of random actions, new episodes included."""
    rng = np.random.default_rng(seed)
    seen = []
    time_step = mdp.reset()
    for _ in range(n):
        time_step = mdp.reset() if time_step.last() else mdp.step(int(rng.integers(mdp.n_actions)))
        seen.append((time_step.observation, time_step.reward))
    return seen


# -------------------------------------------------------------------------------------------------------- the arrays


def test_probabilities_sum_to_one_and_rows_are_sorted(mdp):
    model = mdp.model
    assert model.indptr.shape == (model.n_states * model.n_actions + 1,)
    assert model.indptr[-1] == len(model.next_state) == len(model.probs) == len(model.reward)
    for first, last in zip(model.indptr[:-1], model.indptr[1:], strict=True):
        assert (np.diff(model.next_state[first:last]) > 0).all()
        assert abs(model.probs[first:last].sum() - 1) < 4e-16
    assert (model.probs > 0).all()
    assert 0 <= model.next_state.min() and model.next_state.max() == model.n_states - 1
    assert model.start_probs.sum() == pytest.approx(1, abs=1e-15) and (model.start_probs > 0).all()
    assert len(set(model.nodes)) == model.n_states
    np.testing.assert_allclose(mdp.T.sum(2), 1, atol=4e-16)
    np.testing.assert_array_equal(mdp.T.reshape(-1, model.n_states), model.T.toarray())


def test_states_are_numbered_breadth_first(sample, mdp):
    if sample[0].__name__.startswith("Custom"):
        assert mdp.model.nodes == (0, 1, 2)  # arrays keep their numbers
        return
    model = mdp.model
    order = list(model.start_state)
    for state in order:
        first, last = model.indptr[state * model.n_actions], model.indptr[(state + 1) * model.n_actions]
        # within one state the order is that of the family's actions, which may be permuted: numbers are consecutive
        new = sorted(set(model.next_state[first:last].tolist()) - set(order))
        assert new == list(range(len(order), len(order) + len(new)))
        order += new
    assert order == list(range(model.n_states))


def test_expected_rewards_are_those_of_the_entries(mdp):
    model = mdp.model
    expected = np.zeros((model.n_states, model.n_actions))
    for row in range(model.n_states * model.n_actions):
        for k in range(model.indptr[row], model.indptr[row + 1]):
            d = model.reward[k]
            mean = model.reward_loc[d]
            if model.reward_kind[d] == BETA:
                mean += model.reward_scale[d] * model.reward_a[d] / (model.reward_a[d] + model.reward_b[d])
            expected[divmod(row, model.n_actions)] += model.probs[k] * mean
    np.testing.assert_allclose(mdp.R, expected, rtol=1e-13, atol=1e-15)
    low, high = mdp.rewards_range
    assert low <= mdp.R.min() and mdp.R.max() <= high


def test_rewards_that_are_alike_share_an_entry_of_the_table(mdp):
    model = mdp.model
    table = list(
        zip(model.reward_kind, model.reward_a, model.reward_b, model.reward_loc, model.reward_scale, strict=True)
    )
    assert len(set(table)) == len(table) <= 5
    assert set(model.reward) <= set(range(len(table)))


def test_the_alias_tables_hold_the_probabilities(mdp):
    tables, model = mdp.tables, mdp.model
    for first, last in zip(model.indptr[:-1], model.indptr[1:], strict=True):
        n = last - first
        held = np.zeros(n)
        for k in range(first, last):
            held[k - first] += tables.accept[k] / n
            held[tables.alias[k] - first] += (1 - tables.accept[k]) / n
        np.testing.assert_allclose(held, model.probs[first:last], atol=1e-15)


# -------------------------------------------------------------------------------------------------------------- seeds


def test_the_same_seed_is_the_same_environment_and_the_same_luck(sample):
    cls, parameters = sample
    one, other = cls(11, **parameters), cls(np.int64(11), **parameters)
    assert_same_model(one.model, other.model)
    assert walk(one, 100) == walk(other, 100)


def test_structure_does_not_depend_on_what_was_drawn_before_it_was_asked_for(sample):
    cls, parameters = sample
    early, late = cls(5, **parameters), cls(5, **parameters)
    model = early.model
    late.dynamics_rng.random(100)
    assert_same_model(model, late.model)


def test_other_seeds_are_other_environments_where_they_should_be(sample):
    cls, parameters = sample
    mdps = [cls(seed, **parameters) for seed in range(12)]
    kinds = {(m.model.nodes, m.model.next_state.tobytes(), m.model.reward.tobytes()) for m in mdps}
    permuted = parameters.get("randomize_actions", True) and not cls.__name__.startswith(("Custom", "Taxi"))
    changes = family(cls) in DRAWN or permuted
    assert len(kinds) > 1 if changes else len(kinds) == 1
    if any(len(m.model.start_state) > 1 or len(m.model.probs) > m.n_states * m.n_actions for m in mdps):
        assert len({tuple(walk(m, 60)) for m in mdps}) > 6


def test_pickles_go_on_where_they_were(mdp):
    unbuilt = pickle.loads(pickle.dumps(mdp))
    assert_same_model(mdp.model, unbuilt.model)
    walk(mdp, 30)
    copy = pickle.loads(pickle.dumps(mdp))
    assert copy.parameters == mdp.parameters
    assert walk(mdp, 50, seed=1) == walk(copy, 50, seed=1)


# ---------------------------------------------------------------------------------------------------------------- gin


def test_gin_text_makes_the_same_environment(sample, mdp):
    text = mdp.get_gin_config(3)
    lines = text.splitlines()
    assert lines == sorted(lines) and all(line.startswith(f"prms_3/{sample[0].__name__}.") for line in lines)
    gin.parse_config(text)
    with gin.config_scope("prms_3"):
        again = sample[0](seed=7)
    assert again.parameters == mdp.parameters
    assert again.get_gin_config(3) == text
    assert_same_model(again.model, mdp.model)
    assert again.H == mdp.H and again.rewards_range == mdp.rewards_range
    assert split_scopes(sample[0], text, "text") == {"prms_3": text + "\n"}  # canonical as it is


# ------------------------------------------------------------------------------------------------------------- dm_env


def test_specs(sample, mdp):
    spec = make_mdp_spec(mdp)
    assert isinstance(spec, MDPSpec)
    assert spec.observations.num_values == mdp.n_states == mdp.observation_spec().num_values
    assert spec.actions.num_values == mdp.n_actions == mdp.action_spec().num_values
    assert spec.rewards_range == mdp.rewards_range
    assert spec.time_horizon == (mdp.H if sample[0].is_episodic() else np.inf)
    spec.actions.validate(np.int64(mdp.n_actions - 1))
    assert isinstance(mdp, dm_env.Environment)


def test_time_steps_follow_the_rules_of_dm_env(mdp):
    first = mdp.step(0)  # before any reset
    assert first.first() and first.reward is None and first.discount is None
    low, high = mdp.rewards_range
    time_step = first
    for t in range(150):
        if time_step.last():
            assert mdp.is_episodic() and time_step.discount == 0
            time_step = mdp.step(t % mdp.n_actions)  # after the last step: a new episode, whatever the action
            assert time_step.first()
        else:
            time_step = mdp.step(np.int64(t % mdp.n_actions))
            assert not time_step.first()
            mdp.reward_spec().validate(time_step.reward)
            mdp.discount_spec().validate(time_step.discount)
            assert low <= time_step.reward <= high
        mdp.observation_spec().validate(time_step.observation)
        assert time_step.observation == mdp.current_state
        assert type(time_step.observation) is int
    assert mdp.reset().first()


def test_episodes_have_h_steps_and_continuous_ones_never_end(mdp):
    if not mdp.is_episodic():
        assert mdp.H is None
        mdp.reset()
        assert all(mdp.step(0).mid() for _ in range(500))
        return
    for _ in range(3):
        assert mdp.reset().observation in mdp.model.start_state
        steps = [mdp.step(0) for _ in range(mdp.H)]
        assert [s.last() for s in steps] == [False] * (mdp.H - 1) + [True]


@pytest.mark.parametrize("action", [-1, 100, 0.5, None, "UP"])
def test_an_action_that_does_not_exist_is_refused(mdp, action):
    mdp.reset()
    with pytest.raises(ConfigurationError, match=f"no action {action!r}; 0 to {mdp.n_actions - 1} would do"):
        mdp.step(action)


def test_frequencies_of_steps_match_the_probabilities_and_rewards(mdp):
    """30,000 steps: every frequency and mean within 5 standard errors (one in 2 million fails by chance)."""
    n = 30_000
    model = mdp.model
    row_of = np.repeat(np.arange(model.n_states * model.n_actions), np.diff(model.indptr))
    entry = {(row, s): k for k, (row, s) in enumerate(zip(row_of.tolist(), model.next_state.tolist(), strict=True))}
    visits, count = np.zeros(model.indptr.shape[0] - 1), np.zeros(len(model.probs))
    total, squares = np.zeros_like(visits), np.zeros_like(visits)
    rng = np.random.default_rng(0)
    time_step = mdp.reset()
    for action in rng.integers(mdp.n_actions, size=n).tolist():
        row = time_step.observation * mdp.n_actions + action
        time_step = mdp.step(action)
        visits[row] += 1
        count[entry[row, time_step.observation]] += 1
        total[row] += time_step.reward
        squares[row] += time_step.reward**2
        if time_step.last():
            time_step = mdp.reset()
    seen = visits > 100
    assert seen.any()
    n_k, p = visits[row_of], model.probs
    tested = seen[row_of]
    error = np.abs(count - n_k * p)[tested]
    assert (error <= 5 * np.sqrt(n_k * p * (1 - p))[tested] + 1e-9).all()
    mean = total[seen] / visits[seen]
    deviation = np.sqrt(np.maximum(squares[seen] / visits[seen] - mean**2, 0))
    least = 20 / visits[seen]  # rare rewards: the deviation is not known well enough for 5 standard errors
    width = mdp.rewards_range[1] - mdp.rewards_range[0]
    assert (np.abs(mean - mdp.R.ravel()[seen]) <= 5 * deviation / np.sqrt(visits[seen]) + least * width).all()


def test_the_compiler_off_gives_the_same_walks():
    def walks():
        return repr([walk(cls(7, **parameters), 40) for cls, parameters in SAMPLES.values()])

    code = f"""
import sys
sys.path.insert(0, {str(HERE)!r})
from mdp_samples import SAMPLES
from test_mdp_conformance import walk
print([walk(cls(7, **parameters), 40) for cls, parameters in SAMPLES.values()])
"""
    env = os.environ | {"NUMBA_DISABLE_JIT": "1", "PYTHONPATH": str(HERE.parents[1])}
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, env=env)
    assert done.stdout.strip() == walks()


def test_frequencies_of_starting_states(mdp):
    n = 4_000
    counts = np.bincount([mdp.reset().observation for _ in range(n)], minlength=mdp.n_states)
    p = mdp.starting_state_distribution
    assert (np.abs(counts - n * p) <= 5 * np.sqrt(n * p * (1 - p)) + 1e-9).all()


# ---------------------------------------------------------------------------------------------------------- baselines


def test_baselines_are_ordered_and_policies_attain_them(mdp):
    assert mdp.worst_average_reward <= mdp.random_average_reward + 1e-12
    assert mdp.random_average_reward <= mdp.optimal_average_reward + 1e-12
    for policy, value in (
        (mdp.get_optimal_policy(True), mdp.optimal_average_reward),
        (mdp.get_worst_policy(True), mdp.worst_average_reward),
    ):
        shape = (mdp.H, mdp.n_states, mdp.n_actions) if mdp.is_episodic() else (mdp.n_states, mdp.n_actions)
        assert policy.shape == shape
        np.testing.assert_allclose(policy.sum(-1), 1)
        assert average_reward(mdp, policy) == pytest.approx(value, abs=1e-9)
    random = np.full((mdp.n_states, mdp.n_actions), 1 / mdp.n_actions)
    random = np.broadcast_to(random, (mdp.H, *random.shape)) if mdp.is_episodic() else random
    assert average_reward(mdp, random) == pytest.approx(mdp.random_average_reward, abs=1e-9)
    assert mdp.get_optimal_policy(False).shape == shape[:-1]


def average_reward(mdp, policy):
    """By dense arrays: backwards in the episodic setting, else the limit of the averages of the lazy chain."""
    start = mdp.starting_state_distribution
    if mdp.is_episodic():
        value = np.zeros(mdp.n_states)
        for h in reversed(range(mdp.H)):
            value = (policy[h] * (mdp.R + mdp.T @ value)).sum(1)
        return start @ value / mdp.H
    P = (np.einsum("sa,sat->st", policy, mdp.T) + np.eye(mdp.n_states)) / 2
    for _ in range(50):
        P = P @ P
        P /= P.sum(1, keepdims=True)
    return start @ P @ (policy * mdp.R).sum(1)


def test_value_functions_solve_the_equations_of_bellman(mdp):
    Q, V = mdp.optimal_value_functions
    if mdp.is_episodic():
        assert Q.shape == (mdp.H + 1, mdp.n_states, mdp.n_actions) and V.shape == (mdp.H + 1, mdp.n_states)
        assert not V[-1].any()
        np.testing.assert_allclose(Q[:-1], mdp.R + np.einsum("sat,ht->hsa", mdp.T, V[1:]), atol=1e-12)
        np.testing.assert_array_equal(mdp.optimal_start_values, V[0])
    else:
        np.testing.assert_allclose(Q, mdp.R + 0.99 * mdp.T @ V, atol=1e-6)
    np.testing.assert_allclose(V, Q.max(-1), atol=1e-12)
