"""The suite of agents finds faults: each of these agents is the example's SARSA, which passes it, but for one fault."""

import os
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]

HEAD = """
import random

import gin
import numpy as np

import colosseum.testing
from my_lab.sarsa import Sarsa
"""

AGENT = """

@gin.configurable
class {name}(Sarsa):
{fault}

class Test{name}(colosseum.testing.AgentConformance):
    agent_class = {name}
"""

#: By the test that finds it.
FAULTS = {
    "test_same_seed_is_the_same_run": """
        def _choose(self, state, time):
            return random.randrange(self._n_actions)
        """,
    "test_agents_share_nothing": """
        seen = []

        def _choose(self, state, time):
            self.seen.append(state)
            return len(self.seen) % self._n_actions
        """,
    "test_policies_are_distributions_and_stay_as_they_were_given_out": """
        @property
        def current_optimal_stochastic_policy(self):
            if not hasattr(self, "_policy"):
                self._policy = np.zeros_like(self._Q)
            self._policy[:] = super().current_optimal_stochastic_policy
            return self._policy
        """,
    "test_log_interval_only_measures": """
        @property
        def current_optimal_stochastic_policy(self):
            self._rng_fast.random()
            return super().current_optimal_stochastic_policy
        """,
    "test_samples_of_hyperparameters_depend_on_the_seed_alone": """
        @staticmethod
        def get_hyperparameters_search_spaces():
            class Drawn:
                def rvs(self, random_state=None):
                    return np.random.random()

            return {"learning_rate": Drawn(), "epsilon": Drawn()}
        """,
    "test_agent_of_the_gin_text_is_the_agent_of_the_hyperparameters": """
        @classmethod
        def get_agent_instance_from_parameters(cls, seed, n_steps, mdp_specs, parameters):
            return cls(seed, mdp_specs, n_steps, parameters["learning_rate"], 0.5)
        """,
    "test_one_state_or_one_action_is_no_trouble": """
        def _choose(self, state, time):
            return super()._choose(state, time) if self._rng_fast.random() < 0.5 else 1
        """,
    "test_other_setting_is_refused": """
        is_asked = 0

        @classmethod
        def is_episodic(cls):
            cls.is_asked += 1
            return cls.is_asked % 2 == 1
        """,
}


def name_of(test: str) -> str:
    return test.removeprefix("test_").title().replace("_", "")


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Give what pytest says of all of them, each put through the test that finds its fault."""
    folder = tmp_path_factory.mktemp("lab")
    faults = {test: textwrap.indent(textwrap.dedent(fault), "    ") for test, fault in FAULTS.items()}
    agents = [AGENT.format(name=name_of(test), fault=fault) for test, fault in faults.items()]
    (folder / "test_lab.py").write_text(HEAD + "".join(agents))
    wanted = [f"test_lab.py::Test{name_of(test)}::{test}" for test in FAULTS]
    path = os.pathsep.join([str(ROOT), str(ROOT / "examples")])
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-rfEp", *wanted],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": path},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 1, done.stdout[-3000:] + done.stderr
    return done.stdout


@pytest.mark.slow
@pytest.mark.parametrize("test", FAULTS)
def test_a_faulty_agent_fails_the_suite(report: str, test: str) -> None:
    assert f"\nFAILED test_lab.py::Test{name_of(test)}::{test}" in report, report[-3000:]
    assert f"\nERROR test_lab.py::Test{name_of(test)}" not in report, report[-3000:]
