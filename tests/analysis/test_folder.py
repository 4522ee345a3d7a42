"""What a benchmark's folder asks for and holds."""

from pathlib import Path

import pytest
import synthetic

from colosseum import cli
from colosseum.analysis.folder import Configured, find_benchmark_folders, read_benchmark_folder
from colosseum.analysis.names import label
from colosseum.analysis.results import Results
from colosseum.analysis.status import study_status
from colosseum.errors import ConfigurationError


def test_configuration_in_natural_order(search: Path) -> None:
    benchmark = read_benchmark_folder(search)
    assert [mdp.class_name for mdp in benchmark.mdps][:2] == ["DeepSeaEpisodic", "FrozenLakeEpisodic"]
    assert [agent.scope for agent in benchmark.agents] == [f"prms_{i}" for i in range(6)] * 2
    assert (benchmark.n_seeds, benchmark.n_steps) == (2, 20_000)
    assert len(list(benchmark.instances())) == len(benchmark.logs) == 4 * 12 * 2
    assert benchmark.strangers() == []


def test_scope_ten_comes_after_scope_nine(tmp_path: Path) -> None:
    synthetic.write_benchmark(tmp_path / "b", ("QLearningEpisodic",), (1,), n_seeds=1, agent_scopes=11)
    scopes = [agent.scope for agent in read_benchmark_folder(tmp_path / "b").agents]
    assert scopes == [f"prms_{i}" for i in range(11)]


def test_logs_that_nobody_asked_for_are_strangers(small: Path, tmp_path: Path) -> None:
    folder = synthetic.write_benchmark(tmp_path / "b", ("QLearningEpisodic",), (1,), n_seeds=3)
    text = (folder / "experiment_config.yml").read_text()
    (folder / "experiment_config.yml").write_text(text.replace("n_seeds: 3", "n_seeds: 2"))
    strangers = read_benchmark_folder(folder).strangers()
    assert [stranger.seed for stranger in strangers] == [2]


def test_seeds_begin_where_the_settings_say(tmp_path: Path) -> None:
    folder = synthetic.write_benchmark(tmp_path / "b", ("QLearningEpisodic",), (1,), n_seeds=3)
    settings = folder / "experiment_config.yml"
    settings.write_text(settings.read_text().replace("n_seeds: 3", "n_seeds: 2\nfirst_seed: 1"))
    benchmark = read_benchmark_folder(folder)
    assert {instance.seed for instance in benchmark.instances()} == {1, 2}
    assert {stranger.seed for stranger in benchmark.strangers()} == {0}
    settings.write_text(settings.read_text().replace("first_seed: 1", "first_seed: -1"))
    with pytest.raises(ConfigurationError, match="first_seed is -1; a whole number of at least 0 is expected"):
        read_benchmark_folder(folder)


def test_folder_of_another_program_with_logs_alone(tmp_path: Path) -> None:
    logs = tmp_path / "b" / "logs" / "prms_0-TaxiEpisodic____prms_2-TheirAgent"
    logs.mkdir(parents=True)
    (logs / "seed1_logs.csv").write_text("steps,cumulative_regret\n10,1.5\n")
    benchmark = read_benchmark_folder(tmp_path / "b")
    assert list(benchmark.agents) == [Configured("TheirAgent", "prms_2")]
    assert benchmark.n_seeds == 2 and benchmark.n_steps is None


def test_agent_without_hyperparameters_has_the_scope_of_its_logs(tmp_path: Path) -> None:
    folder = synthetic.write_benchmark(tmp_path / "b", ("RandomAgentEpisodic",), (1,), n_seeds=1)
    (folder / "agents_configs" / "RandomAgentEpisodic.gin").write_text("# prms_0: no hyperparameters\n")
    assert list(read_benchmark_folder(folder).agents) == [Configured("RandomAgentEpisodic", "prms_0")]


def test_parameters_are_gin_texts_whatever_the_file_looks_like(tmp_path: Path) -> None:
    folder = synthetic.write_benchmark(tmp_path / "b", ("QLearningEpisodic",), (1,), n_seeds=1)
    text = """\ufeff# a comment = with equals
prms_0/TaxiEpisodic.default_r = ('beta',
    (0.7, 30.0))
prms_0/TaxiEpisodic.size = 5  # small
prms_1/my.module.TaxiEpisodic:
    size = 6
    p_lazy = %lazy.LITTLE
"""
    (folder / "mdp_configs" / "TaxiEpisodic.gin").write_text(text, encoding="utf-8")
    mdps = read_benchmark_folder(folder).mdps
    assert mdps[Configured("TaxiEpisodic", "prms_0")] == {"default_r": "('beta', (0.7, 30.0))", "size": "5"}
    assert mdps[Configured("TaxiEpisodic", "prms_1")] == {"p_lazy": "%lazy.LITTLE", "size": "6"}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("n_seeds: -1\n", "n_seeds is -1"),
        ("n_steps: many\n", "n_steps is 'many'"),
        ("- 1\n", "a mapping"),
        ("a: [", "YAML"),
    ],
)
def test_bad_settings_name_the_file_and_the_value(tmp_path: Path, text: str, message: str) -> None:
    folder = synthetic.write_benchmark(tmp_path / "b", ("QLearningEpisodic",), (1,), n_seeds=1)
    (folder / "experiment_config.yml").write_text(text)
    with pytest.raises(ConfigurationError, match=message) as error:
        read_benchmark_folder(folder)
    assert "experiment_config.yml" in str(error.value)


def test_no_benchmark_folder(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="not a benchmark's folder"):
        read_benchmark_folder(tmp_path)
    (tmp_path / "logs").mkdir()
    with pytest.raises(ConfigurationError, match="nothing to analyse"):
        read_benchmark_folder(tmp_path)


def test_benchmark_folders_are_found_but_not_searched(tmp_path: Path) -> None:
    for name in ("b", "a"):
        (tmp_path / "study" / name / "logs").mkdir(parents=True)
    (tmp_path / "study" / "a" / "inner" / "logs").mkdir(parents=True)
    assert [path.name for path in find_benchmark_folders(tmp_path)] == ["a", "b"]


def test_labels_are_short_and_unambiguous() -> None:
    rooms = [Configured("MiniGridRoomsEpisodic", "prms_0"), Configured("MiniGridRoomsEpisodic", "prms_1")]
    taxi = Configured("TaxiEpisodic", "prms_0")
    assert list(label([*rooms, taxi]).values()) == ["MG-Rooms (0)", "MG-Rooms (1)", "Taxi"]
    both = [Configured("QLearningEpisodic", "prms_0"), Configured("QLearningContinuous", "prms_0")]
    assert list(label(both).values()) == ["QLearningEpisodic", "QLearningContinuous"]
    assert label([taxi], show_scope=True)[taxi] == "Taxi (0)"


def test_agents_are_in_the_order_of_the_study_or_counted(tmp_path: Path) -> None:
    names = [f"My_Agent_{i}" for i in range(11)]
    folder = synthetic.write_benchmark(tmp_path / "b", names, (1,), n_seeds=1)
    assert [agent.class_name for agent in read_benchmark_folder(folder).agents] == names
    asked = ["My_Agent_7", "My_Agent_10", "My_Agent_0"]
    rest = [name for name in names if name not in asked]
    ordered = read_benchmark_folder(folder).with_agents(asked)
    assert [agent.class_name for agent in ordered.agents] == [*asked, *rest]
    for arguments, order in (([], names), (asked, [*asked, *rest])):
        options = ["--agents", *arguments] if arguments else []
        assert cli.main(["summarise", str(folder), "-o", str(tmp_path / "summary.csv"), *options]) == 0
        assert [agent.class_name for agent in Results.load(tmp_path / "summary.csv").agents_as_given] == order
    assert [one.agent for one in study_status([ordered])] == [*asked, *rest]
