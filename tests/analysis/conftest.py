"""Benchmark folders that many tests read; those that change one make their own."""

from pathlib import Path

import page_study
import pytest
import synthetic


@pytest.fixture(scope="session")
def small(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Five environments, three agents, three seeds, complete, with measures of hardness."""
    scopes = (1, 0, 2, 0, 1, 1)
    folder = synthetic.write_benchmark(tmp_path_factory.mktemp("small") / "benchmark_episodic_ergodic", scopes=scopes)
    synthetic.write_hardness(folder, scopes)
    return folder


@pytest.fixture(scope="session")
def five(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same with five seeds, enough to compare with the best, and logs from before learning regret was logged."""
    folder = tmp_path_factory.mktemp("five") / "benchmark_episodic_ergodic"
    return synthetic.write_benchmark(folder, scopes=(1, 0, 2, 0, 1, 1), n_seeds=5, learning=False)


@pytest.fixture(scope="session")
def learning(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same with logs that hold learning regret."""
    folder = tmp_path_factory.mktemp("learning") / "benchmark_episodic_ergodic"
    synthetic.write_benchmark(folder, scopes=(1, 0, 2, 0, 1, 1), n_seeds=5, learning=True)
    synthetic.write_hardness(folder, (1, 0, 2, 0, 1, 1))
    return folder


@pytest.fixture(scope="session")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One environment, one agent, one seed."""
    folder = tmp_path_factory.mktemp("tiny") / "one"
    synthetic.write_benchmark(folder, ("QLearningEpisodic",), (0, 0, 0, 0, 1), n_seeds=1)
    synthetic.write_hardness(folder, (0, 0, 0, 0, 1))
    return folder


@pytest.fixture(scope="session")
def search(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A hyperparameter search: six configurations of two agents."""
    folder = tmp_path_factory.mktemp("search") / "hyperopt_episodic"
    agents = ("QLearningEpisodic", "PSRLEpisodic")
    return synthetic.write_benchmark(folder, agents, (1, 1, 0, 0, 2), n_seeds=2, agent_scopes=6)


@pytest.fixture(scope="session")
def demo_study(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The analysis of a study with all that a results page shows; nobody may change it."""
    return page_study.make_study(tmp_path_factory.mktemp("study"))


@pytest.fixture(scope="session")
def demo_page(demo_study: Path) -> str:
    """Its results page, which takes seconds."""
    return page_study.write_page(demo_study)


@pytest.fixture
def incomplete(tmp_path: Path) -> Path:
    """Of 12 instances one is missing, one truncated, one too short, one foreign and one empty."""
    folder = tmp_path / "incomplete"
    synthetic.write_benchmark(folder, ("QLearningEpisodic", "PSRLEpisodic"), (0, 0, 0, 0, 2))
    synthetic.write_hardness(folder, (0, 0, 0, 0, 2))
    logs = sorted(folder.glob("logs/*/*.csv"))
    logs[0].unlink()
    logs[1].write_text(logs[1].read_text()[:-30])
    logs[4].write_text("".join(logs[4].read_text().splitlines(keepends=True)[:10]))
    logs[6].write_text("a,b\n1,2\n")
    logs[9].write_text("")
    return folder
