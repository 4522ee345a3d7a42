"""What every environment must do, whatever its class."""

import inspect
import pickle
from collections.abc import Mapping
from typing import Any, ClassVar

import dm_env
import numpy as np
import pytest

from colosseum import registry
from colosseum.dynamic_programming import DISCOUNT
from colosseum.errors import ConfigurationError
from colosseum.gin_config import construct, split_scopes
from colosseum.mdp.base import BaseMDP
from colosseum.mdp.model import MDPModel
from colosseum.mdp.sampling import BETA
from colosseum.testing.suite import Suite
from colosseum.utils import make_mdp_spec
from colosseum.utils.acme.specs import MDPSpec
from colosseum.utils.miscellanea import sample_mdp_parameters

SEED = 7

VARIANTS: Mapping[str, Mapping[str, Any]] = {
    "plain": {"randomize_actions": False},
    "beta": {"make_reward_stochastic": True, "p_rand": 0.2, "rewards_range": (-1.0, 3.0)},
    "lazy": {"p_lazy": 0.3, "p_rand": 0.1, "make_reward_stochastic": True, "reward_variance_multiplier": 2.0},
}
"""Values of the parameters that all families share."""


def small_samples(mdp_class: type[BaseMDP]) -> dict[str, dict[str, Any]]:
    """
    Return the parameters of a few environments of a class, by name.

    Returns
    -------
    dict of str to dict
        Of a family: its `small_parameters` with several values of those that all families share. Of another class: what
        it samples for the hyperparameter optimisation, or else its defaults.
    """
    if getattr(mdp_class, "small_parameters", None) is not None:
        taken = inspect.signature(mdp_class).parameters
        return {
            name: {**mdp_class.small_parameters, **{key: value for key, value in variant.items() if key in taken}}
            for name, variant in VARIANTS.items()
        }
    if hasattr(mdp_class, "sample_parameters"):
        return {f"sample{i}": parameters for i, parameters in enumerate(sample_mdp_parameters(mdp_class, 2, SEED))}
    return {"default": {}}


class MDPConformance(Suite):
    """
    Tests that every environment passes: a subclass whose name begins with ``Test`` names the class.

    Attributes
    ----------
    mdp_class : subclass of BaseMDP
    samples : mapping of str to dict, optional
        Parameters of the environments that are tested, by name; small ones, as the tests look at every state. By
        default `small_samples` of the class.

    Examples
    --------
    >>> class TestMyMDP(MDPConformance):  # doctest: +SKIP
    ...     mdp_class = MyMDPEpisodic
    """

    mdp_class: ClassVar[type[BaseMDP]]
    samples: ClassVar[Mapping[str, Mapping[str, Any]] | None] = None

    def pytest_generate_tests(self, metafunc: pytest.Metafunc) -> None:
        """Run each test for each sample."""
        if "parameters" in metafunc.fixturenames:
            samples = small_samples(self.mdp_class) if self.samples is None else self.samples
            metafunc.parametrize("parameters", list(samples.values()), ids=list(samples))

    @pytest.fixture
    def mdp(self, parameters: dict[str, Any]) -> BaseMDP:
        return self.make(parameters)

    def make(self, parameters: Mapping[str, Any], seed: int = SEED) -> BaseMDP:
        """Make an environment."""
        return self.mdp_class(seed, **parameters)

    # ------------------------------------------------------------------------------------------------------- the class

    def test_class_is_known_by_its_name(self) -> None:
        cls = self.mdp_class
        assert isinstance(cls.is_episodic(), bool)
        assert pickle.loads(pickle.dumps(cls)) is cls
        assert registry.resolve_mdp_class(registry.register_mdp_class(cls).__name__) is cls

    # ------------------------------------------------------------------------------------------------------ the arrays

    def test_probabilities_sum_to_one_and_rows_are_sorted(self, mdp: BaseMDP) -> None:
        model = mdp.model
        assert model.indptr.shape == (model.n_states * model.n_actions + 1,)
        assert model.indptr[-1] == len(model.next_state) == len(model.probs) == len(model.reward)
        for first, last in zip(model.indptr[:-1], model.indptr[1:], strict=True):
            assert (np.diff(model.next_state[first:last]) > 0).all()
            assert abs(model.probs[first:last].sum() - 1) < 4e-16
        assert (model.probs > 0).all()
        assert 0 <= model.next_state.min() and model.next_state.max() < model.n_states
        assert model.start_probs.sum() == pytest.approx(1, abs=1e-15) and (model.start_probs > 0).all()
        assert len(set(model.nodes)) == model.n_states
        np.testing.assert_allclose(mdp.T.sum(2), 1, atol=4e-16)
        np.testing.assert_array_equal(mdp.T.reshape(-1, model.n_states), model.T.toarray())

    def test_expected_rewards_are_those_of_the_entries(self, mdp: BaseMDP) -> None:
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

    def test_alias_tables_hold_the_probabilities(self, mdp: BaseMDP) -> None:
        tables, model = mdp.tables, mdp.model
        for first, last in zip(model.indptr[:-1], model.indptr[1:], strict=True):
            n = last - first
            held = np.zeros(n)
            for k in range(first, last):
                held[k - first] += tables.accept[k] / n
                held[tables.alias[k] - first] += (1 - tables.accept[k]) / n
            np.testing.assert_allclose(held, model.probs[first:last], atol=1e-15)

    # ----------------------------------------------------------------------------------------------------------- seeds

    def test_same_seed_is_the_same_environment_and_the_same_luck(self, parameters: dict[str, Any]) -> None:
        one, other = self.make(parameters, 11), self.make(parameters, np.int64(11))  # type: ignore[arg-type]
        assert_same_model(one.model, other.model)
        assert walk(one, 100) == walk(other, 100)

    def test_structure_does_not_depend_on_what_was_drawn_before(self, parameters: dict[str, Any]) -> None:
        early, late = self.make(parameters, 5), self.make(parameters, 5)
        model = early.model
        late.dynamics_rng.random(100)
        assert_same_model(model, late.model)

    def test_seed_decides_the_structure_if_anything_is_drawn(self, parameters: dict[str, Any]) -> None:
        mdps = [self.make(parameters, seed) for seed in range(12)]
        models = [mdp.model for mdp in mdps]
        kinds = {(m.nodes, m.next_state.tobytes(), m.probs.tobytes(), m.reward.tobytes()) for m in models}
        assert len(kinds) > 1 if draws_structure(mdps[0]) else len(kinds) == 1
        if any(len(m.model.start_state) > 1 or len(m.model.probs) > m.n_states * m.n_actions for m in mdps):
            assert len({tuple(walk(m, 60)) for m in mdps}) > 6

    def test_pickles_go_on_where_they_were(self, mdp: BaseMDP) -> None:
        walk(mdp, 20)
        copy = pickle.loads(pickle.dumps(mdp))
        assert copy.parameters == mdp.parameters
        assert walk(mdp, 50, seed=1) == walk(copy, 50, seed=1)

    def test_states_are_as_many_as_the_class_says_at_most(self, mdp: BaseMDP) -> None:
        bound = self.mdp_class.n_states_bound(mdp.parameters)
        assert bound is None or mdp.n_states <= bound

    # ------------------------------------------------------------------------------------------------------------- gin

    def test_gin_text_makes_the_same_environment(self, mdp: BaseMDP) -> None:
        cls, text = self.mdp_class, mdp.get_gin_config(3)
        lines = text.splitlines()
        assert lines == sorted(lines) and all(line.startswith(f"prms_3/{cls.__name__}.") for line in lines)
        again = construct(cls, "prms_3", text, "get_gin_config", seed=SEED)
        assert again.parameters == mdp.parameters
        assert again.get_gin_config(3) == text
        assert_same_model(again.model, mdp.model)
        assert again.H == mdp.H and again.rewards_range == mdp.rewards_range
        assert split_scopes(cls, text, "get_gin_config") == {"prms_3": text + "\n"}  # canonical as it is

    # ---------------------------------------------------------------------------------------------------------- dm_env

    def test_specs(self, mdp: BaseMDP) -> None:
        spec = make_mdp_spec(mdp)
        assert isinstance(spec, MDPSpec)
        assert spec.observations.num_values == mdp.n_states == mdp.observation_spec().num_values
        assert spec.actions.num_values == mdp.n_actions == mdp.action_spec().num_values
        assert spec.rewards_range == mdp.rewards_range
        assert spec.time_horizon == (mdp.H if self.mdp_class.is_episodic() else np.inf)
        spec.actions.validate(np.int64(mdp.n_actions - 1))
        assert isinstance(mdp, dm_env.Environment)

    def test_time_steps_follow_the_rules_of_dm_env(self, mdp: BaseMDP) -> None:
        first = mdp.step(0)  # before any reset
        assert first.first() and first.reward is None and first.discount is None
        low, high = mdp.rewards_range
        time_step = first
        for t in range(150):
            mdp.observation_spec().validate(time_step.observation)
            assert time_step.observation == mdp.current_state
            assert type(time_step.observation) is int
            if time_step.last():
                assert mdp.is_episodic() and time_step.discount == 0
                time_step = mdp.step(t % mdp.n_actions)  # after the last step: a new episode, whatever the action
                assert time_step.first()
            else:
                time_step = mdp.step(np.int64(t % mdp.n_actions))  # type: ignore[arg-type]
                assert not time_step.first()
                mdp.reward_spec().validate(time_step.reward)
                mdp.discount_spec().validate(time_step.discount)
                assert low <= time_step.reward <= high
        assert mdp.reset().first()

    def test_episodes_have_h_steps_and_continuous_ones_never_end(self, mdp: BaseMDP) -> None:
        if not mdp.is_episodic():
            assert mdp.H is None
            mdp.reset()
            assert all(mdp.step(0).mid() for _ in range(500))
            return
        assert mdp.H is not None
        for _ in range(3):
            assert mdp.reset().observation in mdp.model.start_state
            steps = [mdp.step(0) for _ in range(mdp.H)]
            assert [s.last() for s in steps] == [False] * (mdp.H - 1) + [True]

    @pytest.mark.parametrize("action", [-1, 100, 0.5, None, "UP"])
    def test_action_that_does_not_exist_is_refused(self, mdp: BaseMDP, action: Any) -> None:
        mdp.reset()
        with pytest.raises(ConfigurationError, match=f"no action {action!r}; 0 to {mdp.n_actions - 1} would do"):
            mdp.step(action)

    def test_frequencies_of_steps_match_the_probabilities_and_rewards(self, mdp: BaseMDP) -> None:
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

    def test_frequencies_of_starting_states(self, mdp: BaseMDP) -> None:
        n = 4_000
        counts = np.bincount([mdp.reset().observation for _ in range(n)], minlength=mdp.n_states)
        p = mdp.starting_state_distribution
        assert (np.abs(counts - n * p) <= 5 * np.sqrt(n * p * (1 - p)) + 1e-9).all()

    # ------------------------------------------------------------------------------------------------------- baselines

    def test_baselines_are_ordered_and_policies_attain_them(self, mdp: BaseMDP) -> None:
        assert mdp.worst_average_reward <= mdp.random_average_reward + 1e-12
        assert mdp.random_average_reward <= mdp.optimal_average_reward + 1e-12
        shape = (mdp.n_states, mdp.n_actions)
        shape = shape if mdp.H is None else (mdp.H, *shape)  # type: ignore[assignment]
        for policy, value in (
            (mdp.get_optimal_policy(True), mdp.optimal_average_reward),
            (mdp.get_worst_policy(True), mdp.worst_average_reward),
            (np.full(shape, 1 / mdp.n_actions), mdp.random_average_reward),
        ):
            assert policy.shape == shape
            np.testing.assert_allclose(policy.sum(-1), 1)
            assert average_reward(mdp, policy) == pytest.approx(value, abs=1e-9)
        assert mdp.get_optimal_policy(False).shape == shape[:-1]

    def test_value_functions_solve_the_equations_of_bellman(self, mdp: BaseMDP) -> None:
        Q, V = mdp.optimal_value_functions
        if mdp.H is None:
            np.testing.assert_allclose(Q, mdp.R + DISCOUNT * mdp.T @ V, atol=1e-6)
        else:
            assert Q.shape == (mdp.H + 1, mdp.n_states, mdp.n_actions) and V.shape == (mdp.H + 1, mdp.n_states)
            assert not V[-1].any()
            np.testing.assert_allclose(Q[:-1], mdp.R + np.einsum("sat,ht->hsa", mdp.T, V[1:]), atol=1e-12)
        np.testing.assert_allclose(V, Q.max(-1), atol=1e-12)


def walk(mdp: BaseMDP, n: int, seed: int = 0) -> list[tuple[int, float | None]]:
    """Return observations and rewards of n steps of random actions, new episodes included."""
    rng = np.random.default_rng(seed)
    seen = []
    time_step = mdp.reset()
    for _ in range(n):
        time_step = mdp.reset() if time_step.last() else mdp.step(int(rng.integers(mdp.n_actions)))
        seen.append((time_step.observation, time_step.reward))
    return seen


def draws_structure(mdp: BaseMDP) -> bool:
    """Return whether building an environment drew random numbers."""
    _ = mdp.model
    untouched = np.random.default_rng(np.random.SeedSequence(mdp.seed).spawn(3)[0])
    return mdp._structure_rng.bit_generator.state != untouched.bit_generator.state


def average_reward(mdp: BaseMDP, policy: np.ndarray) -> float:
    """By dense arrays: backwards in the episodic setting, else the limit of the averages of the lazy chain."""
    start = mdp.starting_state_distribution
    if mdp.H is not None:
        value = np.zeros(mdp.n_states)
        for h in reversed(range(mdp.H)):
            value = (policy[h] * (mdp.R + mdp.T @ value)).sum(1)
        return float(start @ value / mdp.H)
    P = (np.einsum("sa,sat->st", policy, mdp.T) + np.eye(mdp.n_states)) / 2
    for _ in range(50):
        P = P @ P
        P /= P.sum(1, keepdims=True)
    return float(start @ P @ (policy * mdp.R).sum(1))


def assert_same_model(a: MDPModel, b: MDPModel) -> None:
    """Fail unless the two models are the same to the last bit."""
    for name, value in vars(a).items():
        if not isinstance(getattr(type(a), name, None), property) and name in a.__dataclass_fields__:
            other = getattr(b, name)
            same = np.array_equal(value, other) if isinstance(value, np.ndarray) else value == other
            assert same, f"{name}: {value} and {other}"
