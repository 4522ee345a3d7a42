"""What a reader copies from examples/ runs: the suites, the study in a folder of its own, and short enough to read."""

import os
import shutil
import sys
from pathlib import Path

import pytest
from programs import said_by, told

import colosseum

ROOT = Path(__file__).parents[2]


@pytest.fixture
def examples(tmp_path):
    """A copy of the folder, as a reader makes it."""
    ignored = shutil.ignore_patterns("__pycache__", "results", ".snakemake")
    return Path(shutil.copytree(ROOT / "examples", tmp_path / "mine", ignore=ignored))


def run(folder, *command):
    environment = os.environ | {"PYTHONPATH": str(ROOT), "PYTEST_ADDOPTS": "-n 0 -p no:cacheprovider"}
    return said_by(*command, folder=folder, environment=environment)


@pytest.mark.slow
def test_agent_and_family_pass_the_suites(examples):
    said = run(examples, "pytest", "-q", "-rA", "test_my_lab.py")
    for test in (
        "TestSarsa::test_log_is_whole",
        "TestCliffEpisodic::test_specs[lazy]",
        "TestCliffContinuous::test_specs",
    ):
        assert test in said


@pytest.mark.slow
def test_study_tunes_and_compares(examples):
    """Up to the logs: tables and plots of a study are drawn by tests/workflow."""
    workflow = str(ROOT / "Snakefile")
    run(examples, "snakemake", "logs", "-s", workflow, "--configfile", "study.yaml", "--cores", "2", "--quiet")
    cliffs = examples / "results/benchmarking/example/cliffs"
    summary = colosseum.load_results(cliffs).summary
    assert len(summary) == 2 * 3 * 2  # environments x agents x seeds
    assert set(summary["status"]) == {"complete"}
    assert set(summary["agent_class"]) == {"Sarsa", "QLearningEpisodic", "RandomAgentEpisodic"}
    tuned = (cliffs / "agents_configs/Sarsa.gin").read_text()
    assert "Sarsa.learning_rate = 0." in tuned and "Sarsa.epsilon = 0.0" in tuned
    regret = summary.groupby("agent_class")["normalized_cumulative_regret"].mean()
    assert regret["Sarsa"] < regret["RandomAgentEpisodic"]


def typed_in(folder, code):
    """Run Python in a process of its own, which alone knows the classes of the folder; return what it prints."""
    paths = os.pathsep.join([str(folder), str(ROOT)])
    return told(folder, os.environ | {"PYTHONPATH": paths}, sys.executable, "-c", code).strip()


def test_sarsa_learns_to_walk_along_the_cliff(examples):
    code = (
        "import colosseum\n"
        "from colosseum.utils import make_mdp_spec\n"
        "from my_lab.cliff import CliffEpisodic\n"
        "mdp = CliffEpisodic(seed=0, width=5, height=2)\n"
        "n = 20_000\n"
        "agent = colosseum.make_agent('my_lab.sarsa:Sarsa', mdp, 0, n, learning_rate=0.2, epsilon=0.05)\n"
        "_, last = colosseum.MDPLoop(mdp, agent).run(n, 200)\n"
        "print(last['normalized_cumulative_regret'] / n)\n"
    )
    assert 0 <= float(typed_in(examples, code)) < 0.2  # the random policy: 0.5


def test_study_is_checked_in_the_examples_folder(examples):
    code = (
        "import yaml\n"
        "from colosseum.study import Study\n"
        "study = Study(yaml.safe_load(open('study.yaml')), 'study.yaml')\n"
        "study.check()\n"
        "print(*study.benchmarks)\n"
    )
    assert typed_in(examples, code) == "cliffs"


@pytest.mark.parametrize("file", ["my_lab/sarsa.py", "my_lab/cliff.py", "test_my_lab.py", "study.yaml"])
def test_examples_are_short(file):
    assert len((ROOT / "examples" / file).read_text().splitlines()) <= 115
