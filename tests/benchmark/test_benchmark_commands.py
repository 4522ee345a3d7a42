"""The commands that sample, write benchmarks and pickle instances, each called as the command line calls it."""

import argparse
import os
from pathlib import Path

import pytest

from colosseum.agent.agents.infinite_horizon import QLearningContinuous, UCRL2Continuous
from colosseum.agent.hyperparameters import get_default_gin_config, get_published_gin_config
from colosseum.analysis.folder import read_benchmark_folder
from colosseum.benchmark.folders import list_mdp_scopes
from colosseum.benchmark.utils import retrieve_benchmark
from colosseum.commands import benchmark, instances, sample_agents, sample_mdps
from colosseum.errors import ConfigurationError
from colosseum.experiment.experiment_instance import load_instance
from colosseum.gin_config import parse_gin_text

SIZES = ["--n-seeds", "2", "--n-steps", "400", "--log-every", "100", "--max-time", "20"]


def call(command, *argv):
    parser = argparse.ArgumentParser()
    command.add_arguments(parser)
    return command.main(parser.parse_args([str(a) for a in argv]))


@pytest.fixture(autouse=True)
def _in_a_folder_of_its_own(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


def make_benchmark(folder="small"):
    """Write a benchmark of two RiverSwims by hand and complete it by the command."""
    mdps = Path(folder, "mdp_configs")
    mdps.mkdir(parents=True)
    (mdps / "RiverSwimEpisodic.gin").write_text(
        "prms_0/RiverSwimEpisodic.size = 5\nprms_1/RiverSwimEpisodic.size = 6\n"
    )
    call(benchmark, folder, "-o", folder, *SIZES)
    return folder


@pytest.mark.parametrize(
    ("command", "name"), [(sample_agents, "QLearningContinuous"), (sample_mdps, "RiverSwimContinuous")]
)
def test_samples_are_the_same_again_and_more_of_them_leave_the_first_alone(command, name):
    call(command, name, "--n", 2, "--seed", 7, "-o", "first.gin")
    call(command, name, "--n", 2, "--seed", 7, "-o", "again.gin")
    call(command, name, "--n", 4, "--seed", 7, "-o", "more.gin")
    first, again, more = (Path(f"{f}.gin").read_text() for f in ("first", "again", "more"))
    assert first == again
    assert more.startswith(first)
    assert "prms_3/" in more and "prms_4/" not in more


def test_the_packaged_hyperparameters():
    call(sample_agents, "QLearningEpisodic", "--packaged", "-o", "agents/q.gin")
    assert "prms_0/QLearningEpisodic.UCB_type = 'bernstein'" in Path("agents/q.gin").read_text()


@pytest.mark.parametrize(
    ("command", "argv", "message"),
    [
        (sample_agents, ["QLearningEpisdic", "--n", "2"], "did you mean 'QLearningEpisodic'"),
        (sample_agents, ["RiverSwimEpisodic", "--n", "2"], "agent class: there is no 'RiverSwimEpisodic'"),
        (sample_agents, ["QLearningEpisodic", "--n", "0"], "--n 0: there must be at least 1"),
        (sample_mdps, ["RiverSwimEpisodic", "--n", "-2"], "--n -2: there must be at least 1"),
        (sample_mdps, ["RiverSwimEpisodic", "--n", "1", "--seed", "-1"], "--seed -1: a seed is 0 or more"),
        (sample_mdps, ["RiverSwimEpisodc", "--n", "1"], "did you mean 'RiverSwimEpisodic'"),
    ],
)
def test_samples_of_nothing(command, argv, message):
    with pytest.raises(ConfigurationError, match=message):
        call(command, *argv, "-o", "x.gin")
    assert not os.path.exists("x.gin")


def test_a_default_benchmark_with_other_sizes():
    call(benchmark, "episodic_quick_test", "-o", "results/quick", "--n-seeds", 1, "--first-seed", 4)
    written = retrieve_benchmark("results/quick")
    assert written.name == "quick"
    assert list(written.experiment_config.seeds) == [4]
    assert written.experiment_config.n_seeds == 1
    assert written.experiment_config.n_steps == 50_000
    assert len(written.mdps_gin_configs) == 7


def test_a_benchmark_in_a_user_defined_folder():
    make_benchmark("mine")
    call(benchmark, "mine", "-o", "results/mine", "--n-seeds", 3)
    written = retrieve_benchmark("results/mine")
    assert written.experiment_config.n_seeds == 3
    assert written.mdp_scopes() == retrieve_benchmark("mine").mdp_scopes()


def test_another_benchmark_is_replaced_only_when_forced():
    make_benchmark("mine")
    call(benchmark, "episodic_quick_test", "-o", "out")
    os.makedirs("out/logs")
    with pytest.raises(ConfigurationError, match="out: the folder holds another benchmark"):
        call(benchmark, "mine", "-o", "out")
    call(benchmark, "mine", "-o", "out", "--force")
    assert os.listdir("out/mdp_configs") == ["RiverSwimEpisodic.gin"]
    assert os.path.isdir("out/logs")


def test_a_benchmark_of_some_classes_of_another():
    call(benchmark, "episodic_quick_test", "-o", "out", "--mdp", "TaxiEpisodic", "--mdp", "DeepSeaEpisodic")
    assert sorted(os.listdir("out/mdp_configs")) == ["DeepSeaEpisodic.gin", "TaxiEpisodic.gin"]
    call(benchmark, "out", "-o", "out", "--mdp", "my_lab.mdps:TaxiEpisodic")
    assert os.listdir("out/mdp_configs") == ["TaxiEpisodic.gin"]
    with pytest.raises(ConfigurationError, match="no 'DeepSeaEpisodic'; .*Valid: 'TaxiEpisodic'"):
        call(benchmark, "out", "-o", "out", "--mdp", "DeepSeaEpisodic")


def test_completing_a_folder_leaves_its_environments_untouched():
    make_benchmark("mine")
    path = Path("mine/mdp_configs/RiverSwimEpisodic.gin")
    os.utime(path, (1, 1))
    call(benchmark, "mine", "-o", "mine", "--n-seeds", 4)
    assert path.stat().st_mtime == 1
    assert retrieve_benchmark("mine").experiment_config.n_seeds == 4


@pytest.mark.parametrize(
    ("argv", "message"),
    [
        (["episodic_ergodyc"], "did you mean 'episodic_ergodic'"),
        (["./nowhere"], "nowhere: there is no such folder"),
        (["episodic_ergodic", "--n-seeds", "0"], "n_seeds"),
        (["episodic_ergodic", "--first-seed", "-1"], "first_seed"),
        (["episodic_ergodic", "--n-steps", "-5"], "n_steps"),
        (["episodic_ergodic", "--log-every", "0"], "log_every = "),
        (["episodic_ergodic", "--log-every", "500001"], "log_every = "),
        (["episodic_ergodic", "--max-time", "0"], "max_interaction_time_s"),
        (["episodic_ergodic", "--max-time", "nan"], "max_interaction_time_s"),
    ],
)
def test_benchmarks_that_make_no_sense(argv, message):
    with pytest.raises(ConfigurationError, match=message):
        call(benchmark, *argv, "-o", "out")
    assert not os.path.exists("out")


def test_an_empty_gin_file_is_told_by_its_name_and_never_stands_for_the_defaults():
    make_benchmark("mine")
    common = ["--benchmark", "mine", "--agent", "QLearningEpisodic", "-o", "pickles"]
    Path("mine/agents_configs").mkdir()
    Path("mine/agents_configs/QLearningEpisodic.gin").write_text("\ufeff\n")
    for read in (lambda: call(instances, *common), lambda: read_benchmark_folder("mine")):
        with pytest.raises(ConfigurationError, match="^mine/agents_configs/QLearningEpisodic.gin: no configuration of"):
            read()
    call(sample_agents, "QLearningEpisodic", "--packaged", "-o", "mine/agents_configs/QLearningEpisodic.gin")
    Path("mine/mdp_configs/RiverSwimEpisodic.gin").write_text("# prms_0/RiverSwimEpisodic.size = 5\n")
    for command, arguments in ((instances, common), (benchmark, ["mine", "-o", "out"])):
        with pytest.raises(ConfigurationError, match="mdp_configs/RiverSwimEpisodic.gin: no configuration of RiverSwi"):
            call(command, *arguments)
    for read in (list_mdp_scopes, read_benchmark_folder):  # what `check` and the workflow's start ask, and `status`
        with pytest.raises(ConfigurationError, match="^mine/mdp_configs/RiverSwimEpisodic.gin: no configuration of"):
            read("mine")
    assert not os.path.exists("out") and not os.path.exists("pickles")


def test_instances_of_all_scopes_environments_and_seeds():
    make_benchmark()
    call(sample_agents, "QLearningEpisodic", "--n", 3, "-o", "small/agents_configs/QLearningEpisodic.gin")
    call(instances, "--benchmark", "small", "--agent", "QLearningEpisodic", "-o", "pickles")
    paths = {p.relative_to("pickles").as_posix() for p in Path("pickles").rglob("*.pkl")}
    assert paths == {
        f"small/prms_{mdp}-RiverSwimEpisodic____prms_{agent}-QLearningEpisodic/seed{seed}.pkl"
        for mdp in range(2)
        for agent in range(3)
        for seed in range(2)
    }
    before = {p: p.read_bytes() for p in Path("pickles").rglob("*.pkl")}
    call(instances, "--benchmark", "small", "--agent", "QLearningEpisodic", "-o", "again")
    assert all((Path("again") / p.relative_to("pickles")).read_bytes() == content for p, content in before.items())


def test_instances_of_chosen_scopes():
    make_benchmark()
    call(sample_agents, "QLearningEpisodic", "--n", 3, "-o", "q.gin")
    scopes = ["--agent-scope", "prms_2", "--agent-scope", "prms_0"]
    options = ["--agent-config", "q.gin", "--result-folder", "elsewhere/small", "-o", "pickles"]
    call(instances, "--benchmark", "small", "--agent", "QLearningEpisodic", *scopes, *options)
    folders = {p.name for p in Path("pickles/small").iterdir()}
    assert folders == {
        f"prms_{mdp}-RiverSwimEpisodic____prms_{agent}-QLearningEpisodic" for mdp in (0, 1) for agent in (0, 2)
    }
    loaded = load_instance("pickles/small/prms_0-RiverSwimEpisodic____prms_2-QLearningEpisodic/seed1.pkl")
    assert (loaded.result_folder, loaded.seed, loaded.agent_scope) == ("elsewhere/small", 1, "prms_2")
    with pytest.raises(ConfigurationError, match="q.gin: there is no scope 'prms_3'"):
        call(instances, "--benchmark", "small", "--agent", "QLearningEpisodic", "--agent-scope", "prms_3", *options)


def test_instances_of_chosen_environments():
    make_benchmark()
    call(sample_agents, "QLearningEpisodic", "--n", 1, "-o", "small/agents_configs/QLearningEpisodic.gin")
    common = ["--benchmark", "small", "--agent", "QLearningEpisodic", "-o", "pickles"]
    call(instances, *common, "--mdp", "prms_1-RiverSwimEpisodic")
    assert [p.name for p in Path("pickles/small").iterdir()] == ["prms_1-RiverSwimEpisodic____prms_0-QLearningEpisodic"]
    with pytest.raises(ConfigurationError, match="no environment 'prms_2-RiverSwimEpisodic'; did you mean 'prms_"):
        call(instances, *common, "--mdp", "prms_2-RiverSwimEpisodic")


def test_instances_that_make_no_sense():
    make_benchmark()
    Path("q.gin").write_text("prms_0/QLearningEpisodic.p = 0.05\nprms_0/QLearningEpisodic.c1 = 1.0\n")
    common = ["--benchmark", "small", "-o", "pickles", "--agent-config", "q.gin"]
    with pytest.raises(ConfigurationError, match="q.gin, line 2: QLearningEpisodic has no parameter 'c1'"):
        call(instances, "--agent", "QLearningEpisodic", *common)
    with pytest.raises(ConfigurationError, match="QLearningContinuous on benchmark 'small': mixes episodic"):
        call(instances, "--agent", "QLearningContinuous", *common)
    with pytest.raises(ConfigurationError, match="nowhere.gin: No such file"):
        call(instances, "--agent", "QLearningEpisodic", *common[:-1], "nowhere.gin")
    with pytest.raises(ConfigurationError, match="nowhere.mdp_configs: there is no such folder"):
        call(instances, "--agent", "QLearningEpisodic", "--benchmark", "nowhere", "-o", "pickles")
    assert not os.path.exists("pickles")


def test_several_configurations_of_an_agent_are_written_to_one_file():
    Path("mine.gin").write_text("prms_1/UCRL2Continuous.alpha_r = 3\nprms_0/UCRL2Continuous.alpha_r = 0.5\n")
    call(sample_agents, "UCRL2Continuous", "--configs", "mine.gin", "published", "packaged", "-o", "all.gin")
    scopes = parse_gin_text(UCRL2Continuous, Path("all.gin").read_text(), "all.gin")
    [published] = parse_gin_text(UCRL2Continuous, get_published_gin_config(UCRL2Continuous), "published").values()
    [packaged] = parse_gin_text(UCRL2Continuous, get_default_gin_config(UCRL2Continuous), "packaged").values()
    assert scopes == {"prms_0": {"alpha_r": 0.5}, "prms_1": published, "prms_2": packaged}
    Path("mine.gin").write_text("prms_1/UCRL2Continuous.alpha_r = 3\n")
    with pytest.raises(ConfigurationError, match="mine.gin: has no scope prms_0, which is the one that is taken"):
        call(sample_agents, "UCRL2Continuous", "--configs", "mine.gin", "-o", "all.gin")


def test_published_hyperparameters_have_a_name():
    call(sample_agents, "QLearningContinuous", "--published", "-o", "q.gin")
    [values] = parse_gin_text(QLearningContinuous, Path("q.gin").read_text(), "q.gin").values()
    assert values == {"h_weight": 0.942, "span_approx_weight": 0.014, "min_at": 0.073}
    with pytest.raises(ConfigurationError, match="--spaces: search spaces are for sampling: give --n as well"):
        call(sample_agents, "QLearningContinuous", "--published", "--spaces", "{}", "-o", "q.gin")


def test_search_spaces_of_the_command_line():
    given = '{"min_at": {"log_uniform": ["1e-5", 1e-4]}, "confidence": {"fixed": 0.9}}'
    Path("spaces.yaml").write_text(
        "QLearningContinuous: {min_at: {log_uniform: [1e-5, 1e-4]}, confidence: {fixed: 0.9}}"
    )
    for i, spaces in enumerate((given, "spaces.yaml")):
        call(sample_agents, "QLearningContinuous", "--n", 3, "--spaces", spaces, "-o", f"{i}.gin")
        scopes = parse_gin_text(QLearningContinuous, Path(f"{i}.gin").read_text(), "0.gin")
        assert all(1e-5 <= one["min_at"] < 1e-4 and one["confidence"] == 0.9 for one in scopes.values())
    assert Path("0.gin").read_text() == Path("1.gin").read_text()
    for bad, message in (
        ('{"min_att": {"fixed": 1}}', "--spaces.min_att: QLearningContinuous has no hyperparameter 'min_att'; did you"),
        ('{"min_at": ', "this is no JSON"),
        ('{"min_at": {"normal": 1}}', "--spaces.min_at: there is no kind 'normal'"),
        ("nowhere.yaml", "nowhere.yaml: No such file"),
    ):
        with pytest.raises(ConfigurationError, match=message):
            call(sample_agents, "QLearningContinuous", "--n", 3, "--spaces", bad, "-o", "0.gin")
