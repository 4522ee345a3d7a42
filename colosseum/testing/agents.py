"""What every agent must do, whatever it learns."""

import os
import pickle
import random
import subprocess
import sys
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import pytest

import colosseum
from colosseum import registry
from colosseum.agent.agents.base import BaseAgent
from colosseum.agent.agents.compiled import CompiledAgent
from colosseum.agent.utils import sample_agent_gin_configs, sample_agent_hyperparameters
from colosseum.emission_maps import Tabular
from colosseum.experiment.agent_mdp_interaction import MDPLoop
from colosseum.gin_config import construct, split_scopes
from colosseum.mdp.base import BaseMDP
from colosseum.testing.suite import Suite
from colosseum.testing.worlds import random_mdp
from colosseum.utils import make_mdp_spec

Run = tuple[list[float], int, list[np.ndarray]]
"""Cumulative reward at each log point, last state, policy at each log point."""


class AgentConformance(Suite):
    """
    Tests that every agent passes: a subclass whose name begins with ``Test`` names the class.

    Attributes
    ----------
    agent_class : subclass of BaseAgent
        It must be importable by its module and name, as instances are pickled by these.
    n_steps : int
        Length of the runs; fewer for an agent that takes seconds.

    Examples
    --------
    >>> class TestMyAgent(AgentConformance):  # doctest: +SKIP
    ...     agent_class = MyAgent
    """

    agent_class: ClassVar[type[BaseAgent]]
    n_steps: ClassVar[int] = 400

    # ------------------------------------------------------------------------------------------- what may be overridden

    def make_mdp(self, seed: int = 0, **options: Any) -> BaseMDP:
        """Make a small environment; `options` are those of `colosseum.testing.random_mdp`."""
        return random_mdp(self.agent_class.is_episodic(), seed, **options)

    def hyperparameters(self, seed: int = 0) -> dict[str, Any]:
        """Return hyperparameters: by default sampled from the search spaces of the agent."""
        return sample_agent_hyperparameters(self.agent_class, seed)

    # -------------------------------------------------------------------------------------------------- making, running

    def make_agent(self, mdp: BaseMDP, seed: int = 0) -> BaseAgent:
        """Make the agent for an environment."""
        return self.agent_class.get_agent_instance_from_parameters(
            seed, self.n_steps, make_mdp_spec(mdp), self.hyperparameters()
        )

    def run(self, agent: BaseAgent, mdp: BaseMDP, log_every: int = -1, compiled: bool | None = None) -> Run:
        """Let an agent learn for `n_steps`; its policy is read every `log_every` steps, or at the end only."""
        recorder = _Recorder(agent)
        MDPLoop(mdp, agent, recorder, compiled=compiled).run(self.n_steps, log_every)
        return recorder.rewards, mdp.current_state, [policy.copy() for policy in recorder.policies]

    # -------------------------------------------------------------------------------------------------------- the class

    def test_class_is_known_by_its_name(self) -> None:
        cls = self.agent_class
        assert issubclass(cls, BaseAgent)
        assert isinstance(cls.is_episodic(), bool)
        assert pickle.loads(pickle.dumps(cls)) is cls
        assert registry.resolve_agent_class(registry.register_agent_class(cls).__name__) is cls

    def test_accepts_tabular_observations(self) -> None:
        assert self.agent_class.is_emission_map_accepted(Tabular())

    def test_other_setting_is_refused(self) -> None:
        mdp = random_mdp(not self.agent_class.is_episodic())
        with pytest.raises(colosseum.ColosseumError, match="cannot interact"):
            MDPLoop(mdp, self.make_agent(self.make_mdp()))

    # -------------------------------------------------------------------------------------------------- hyperparameters

    def test_samples_of_hyperparameters_depend_on_the_seed_alone(self) -> None:
        cls = self.agent_class
        first = [sample_agent_hyperparameters(cls, seed) for seed in range(8)]
        np.random.seed(1)
        random.seed(1)
        assert first == [sample_agent_hyperparameters(cls, seed) for seed in range(8)]
        assert all(set(sample) == set(cls.get_hyperparameters_search_spaces()) for sample in first)

    def test_gin_text_is_that_of_the_hyperparameters(self) -> None:
        cls = self.agent_class
        texts = sample_agent_gin_configs(cls, 2, 10)
        assert texts[0] == sample_agent_gin_configs(cls, 1, 10)[0]
        for index, text in enumerate(texts):
            lines = [line for line in text.splitlines() if line.strip()]
            assert all(line.startswith(f"prms_{index}/{cls.__name__}.") for line in lines)
            assert bool(lines) or not cls.get_hyperparameters_search_spaces()
            assert list(split_scopes(cls, text, "produce_gin_file_from_parameters")) == [
                f"prms_{index}" if lines else "prms_0"
            ]

    def test_agent_of_the_gin_text_is_the_agent_of_the_hyperparameters(self) -> None:
        cls, parameters = self.agent_class, self.hyperparameters()
        text, mdp = cls.produce_gin_file_from_parameters(parameters, 3), self.make_mdp()
        given: dict[str, Any] = {"mdp_specs": make_mdp_spec(mdp), "n_steps": self.n_steps}
        of_gin = construct(cls, "prms_3", text, "produce_gin_file_from_parameters", seed=1, **given)
        assert_same_runs(self.run(of_gin, mdp), self.run(self.make_agent(self.make_mdp(), seed=1), self.make_mdp()))

    # --------------------------------------------------------------------------------------------------------- learning

    def test_policies_are_distributions_and_stay_as_they_were_given_out(self) -> None:
        mdp = self.make_mdp()
        agent = self.make_agent(mdp)
        shape = (mdp.n_states, mdp.n_actions)
        recorder = _Recorder(agent)
        MDPLoop(mdp, agent, recorder).run(self.n_steps, self.n_steps // 4)
        assert len(recorder.policies) == 4
        for policy in recorder.policies:
            assert policy.shape == ((mdp.H, *shape) if mdp.H else shape)
            assert policy.dtype == np.float64
            assert policy.min() >= 0
            np.testing.assert_allclose(policy.sum(-1), 1)
        for policy, copy in zip(recorder.policies, recorder.copies, strict=True):
            np.testing.assert_array_equal(policy, copy, "the agent changed a policy that it had given out before")

    def test_same_seed_is_the_same_run(self) -> None:
        runs = []
        for globally in (1, 2):  # what others draw from the global generators changes nothing
            np.random.seed(globally)
            random.seed(globally)
            mdp = self.make_mdp()
            runs.append(self.run(self.make_agent(mdp, seed=1), mdp))
        assert_same_runs(*runs)

    @pytest.mark.parametrize("log_every", [1, 7, 250])
    def test_log_interval_only_measures(self, log_every: int) -> None:
        runs = []
        for every in (-1, log_every):
            mdp = self.make_mdp()
            runs.append(self.run(self.make_agent(mdp), mdp, every))
        whole, parts = runs
        assert whole[0][-1] == parts[0][-1] and whole[1] == parts[1]
        np.testing.assert_array_equal(whole[2][-1], parts[2][-1])

    def test_agents_share_nothing(self) -> None:
        mdps = [self.make_mdp() for _ in range(3)]
        agents = [self.make_agent(mdp, seed) for mdp, seed in zip(mdps, (1, 1, 2), strict=True)]
        alone = self.run(agents[0], mdps[0])
        self.run(agents[2], mdps[2])
        assert_same_runs(alone, self.run(agents[1], mdps[1]))

    def test_log_is_whole(self) -> None:
        mdp = self.make_mdp()
        loop = MDPLoop(mdp, self.make_agent(mdp))
        _, last = loop.run(self.n_steps, self.n_steps // 4)
        rows = loop.logger.data
        assert rows[-1] == last and [row["steps"] for row in rows][-1] == self.n_steps and len(rows) == 4
        numbers = [[value for value in row.values() if not isinstance(value, str)] for row in rows]
        assert np.isfinite(numbers).all()
        assert -1e-9 <= last["normalized_cumulative_regret"] <= self.n_steps + 1e-9

    def test_training_that_ends_early_leaves_a_policy(self) -> None:
        mdp = self.make_mdp()
        loop = MDPLoop(mdp, self.make_agent(mdp))
        stopped_at, last = loop.run(self.n_steps, max_time=1e-9)
        assert 0 <= stopped_at <= self.n_steps
        assert last["steps"] == self.n_steps and last["training_state"] == "time_exceeded"

    # ------------------------------------------------------------------------------------------------- odd environments

    @pytest.mark.parametrize(("n_states", "n_actions"), [(1, 1), (1, 3), (4, 1)])
    def test_one_state_or_one_action_is_no_trouble(self, n_states: int, n_actions: int) -> None:
        mdp = random_mdp(self.agent_class.is_episodic(), 1, n_states, n_actions)
        rewards, _, policies = self.run(self.make_agent(mdp), mdp)
        assert rewards[-1] > 0
        np.testing.assert_allclose(policies[-1].sum(-1), 1)

    def test_rewards_in_another_range_are_no_trouble(self) -> None:
        mdp = self.make_mdp(rewards_range=(-1.0, 4.0))
        rewards, _, policies = self.run(self.make_agent(mdp), mdp)
        assert -self.n_steps <= rewards[-1] <= 4 * self.n_steps
        assert np.isfinite(policies[-1]).all()


class CompiledAgentConformance(AgentConformance):
    """What a `CompiledAgent` must do besides: be the same agent, to the last digit, however it is driven."""

    agent_class: ClassVar[type[CompiledAgent]]

    @pytest.mark.parametrize("stochastic", [False, True])
    def test_advance_is_the_step_by_step_loop(self, stochastic: bool) -> None:
        runs = []
        for compiled in (True, False):
            mdp = self.make_mdp(stochastic=stochastic)
            runs.append(self.run(self.make_agent(mdp), mdp, 20, compiled))
        assert_same_runs(*runs)

    def test_compiler_changes_nothing(self) -> None:
        suite = type(self)
        code = (
            "from importlib import import_module\n"
            f"suite = getattr(import_module({suite.__module__!r}), {suite.__qualname__!r})()\n"
            "print(suite.transcript())\n"
        )
        path = os.pathsep.join([str(Path(colosseum.__file__).parents[1]), *filter(None, sys.path)])
        done = subprocess.run(
            [sys.executable, "-c", code],
            env={**os.environ, "NUMBA_DISABLE_JIT": "1", "PYTHONPATH": path},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        assert done.stdout.strip() == self.transcript()

    def transcript(self) -> str:
        """Write a run to the last digit."""
        mdp = self.make_mdp()
        rewards, state, policies = self.run(self.make_agent(mdp), mdp, 50)
        return f"{rewards} {state} {[policy.tolist() for policy in policies]}"


class _Recorder:
    """A logger that asks for the agent's policy at each log point."""

    def __init__(self, agent: BaseAgent):
        self._agent = agent
        self.reset()

    def reset(self) -> None:
        self.rewards: list[float] = []
        self.policies: list[np.ndarray] = []
        self.copies: list[np.ndarray] = []

    def write(self, row: dict[str, Any]) -> None:
        self.rewards.append(row["cumulative_reward"])
        self.policies.append(self._agent.current_optimal_stochastic_policy)
        self.copies.append(self.policies[-1].copy())

    def close(self) -> None:
        """Nothing to do."""


def assert_same_runs(one: Run, other: Run) -> None:
    """Fail unless the two runs are the same to the last digit."""
    assert one[:2] == other[:2]
    for policy, of_other in zip(one[2], other[2], strict=True):
        np.testing.assert_array_equal(policy, of_other)
