"""Benchmarks: the default ones, user-defined ones, and their folders."""

import os
from dataclasses import replace

import pytest

from colosseum.agent.agents.episodic import QLearningEpisodic
from colosseum.agent.agents.infinite_horizon import QLearningContinuous
from colosseum.benchmark import ColosseumBenchmark, ColosseumDefaultBenchmark
from colosseum.benchmark.folders import list_mdp_scopes
from colosseum.benchmark.utils import (
    get_mdps_configs_from_mdps,
    instantiate_agent_configs,
    instantiate_benchmark_folder,
    retrieve_agent_configs,
    retrieve_benchmark,
    retrieve_experiment_config,
    retrieve_mdp_configs,
)
from colosseum.errors import ConfigurationError
from colosseum.experiment import ExperimentConfig
from colosseum.mdp.deep_sea import DeepSeaEpisodic
from colosseum.mdp.river_swim import RiverSwimContinuous, RiverSwimEpisodic

SETTINGS = ExperimentConfig(n_seeds=2, n_steps=1_000, max_interaction_time_s=30, log_every=100)
SWIMS = "prms_0/RiverSwimEpisodic.size = 5\nprms_1/RiverSwimEpisodic.size = 6\n"
SEAS = "prms_0/DeepSeaEpisodic.size = 4\n"


def small_benchmark(name="mine", swims=SWIMS, settings=SETTINGS):
    return ColosseumBenchmark(name, {RiverSwimEpisodic: swims, DeepSeaEpisodic: SEAS}, settings)


def files_of(folder):
    return {
        os.path.relpath(os.path.join(where, name), folder): open(os.path.join(where, name), "rb").read()
        for where, _, names in os.walk(folder)
        for name in names
    }


# ------------------------------------------------------------------------------------------------ the default ones


@pytest.mark.parametrize("member", ColosseumDefaultBenchmark)
def test_default_benchmarks_have_the_published_environments_and_settings(member):
    benchmark = member.get_benchmark()
    quick = member.name.endswith("QUICK_TEST")
    assert benchmark.name == f"benchmark_{member.name.lower()}"
    assert benchmark.is_episodic() == member.name.startswith("EPISODIC")
    assert len(benchmark.mdps_gin_configs) == 7
    assert sum(map(len, benchmark.mdp_scopes().values())) == (7 if quick else 20)
    settings = benchmark.experiment_config
    assert (settings.n_seeds, settings.n_steps) == ((2, 50_000) if quick else (20, 500_000))
    every = {"EPISODIC_QUICK_TEST": 1_000, "CONTINUOUS_QUICK_TEST": 500}.get(member.name, 100)
    assert settings.log_every == every
    seconds = {"EPISODIC_QUICK_TEST": 45, "CONTINUOUS_QUICK_TEST": 30}.get(member.name, 600)
    assert settings.max_interaction_time_s == seconds


@pytest.mark.parametrize("member", ColosseumDefaultBenchmark)
def test_environments_of_default_benchmarks_can_be_made(member):
    for cls, scopes in member.get_benchmark().mdp_scopes().items():
        assert list(scopes) == [f"prms_{i}" for i in range(len(scopes))]
        for text in scopes.values():
            lines = [line.split(".", 1)[1].split(" = ") for line in text.splitlines()]
            parameters = {name: eval(value, {"__builtins__": {}}) for name, value in lines}  # noqa: S307
            mdp = cls(seed=0, **parameters)
            assert {name: mdp.parameters[name] for name in parameters} == parameters


def test_figures_of_default_benchmarks():
    taxi = ColosseumDefaultBenchmark.EPISODIC_ERGODIC.folder / "mdp_configs" / "TaxiEpisodic.gin"
    lines = taxi.read_text().splitlines()
    assert "prms_1/TaxiEpisodic.default_r = ('beta', (0.8, 6.0))" in lines
    assert "prms_1/TaxiEpisodic.p_rand = 0.2" in lines
    swim = ColosseumDefaultBenchmark.CONTINUOUS_COMMUNICATING.folder / "mdp_configs" / "RiverSwimContinuous.gin"
    assert swim.read_text().splitlines() == [
        "prms_0/RiverSwimContinuous.make_reward_stochastic = True",
        "prms_0/RiverSwimContinuous.p_lazy = 0.1",
        "prms_0/RiverSwimContinuous.p_rand = None",
        "prms_0/RiverSwimContinuous.randomize_actions = False",
        "prms_0/RiverSwimContinuous.size = 25",
        "prms_1/RiverSwimContinuous.make_reward_stochastic = True",
        "prms_1/RiverSwimContinuous.p_lazy = 0.03",
        "prms_1/RiverSwimContinuous.p_rand = None",
        "prms_1/RiverSwimContinuous.randomize_actions = False",
        "prms_1/RiverSwimContinuous.size = 90",
    ]


def test_a_default_benchmark_with_other_settings_and_name():
    benchmark = ColosseumDefaultBenchmark.EPISODIC_QUICK_TEST.get_benchmark("mine", SETTINGS)
    assert benchmark.name == "benchmark_episodic_quick_test_mine"
    assert benchmark.experiment_config == SETTINGS
    assert ColosseumDefaultBenchmark.get_default_experiment_config().n_steps == 500_000


@pytest.mark.parametrize("name", ["episodic_ergodic", "benchmark_episodic_ergodic", "EPISODIC_ERGODIC"])
def test_default_benchmarks_by_name(name):
    assert ColosseumDefaultBenchmark.from_name(name) is ColosseumDefaultBenchmark.EPISODIC_ERGODIC


def test_an_unknown_default_benchmark_gets_the_nearest():
    with pytest.raises(ConfigurationError, match="did you mean 'episodic_ergodic'"):
        ColosseumDefaultBenchmark.from_name("episodic_ergodyc")


def test_environments_are_listed_without_their_classes():
    listed = list_mdp_scopes(ColosseumDefaultBenchmark.CONTINUOUS_ERGODIC.folder)
    scopes = ColosseumDefaultBenchmark.CONTINUOUS_ERGODIC.get_benchmark().mdp_scopes()
    assert list(listed.items()) == [(cls.__name__, list(of_class)) for cls, of_class in scopes.items()]


# ------------------------------------------------------------------------------------------------ user-defined


def test_environments_become_configurations():
    mdps = [
        RiverSwimEpisodic(seed=4, size=5, p_lazy=0.1),
        DeepSeaEpisodic(seed=1, size=4),
        RiverSwimEpisodic(0, size=9),
    ]
    configs = get_mdps_configs_from_mdps(mdps)
    assert list(configs) == [RiverSwimEpisodic, DeepSeaEpisodic]
    benchmark = ColosseumBenchmark("from_objects", configs, SETTINGS)
    assert list(benchmark.mdp_scopes()[RiverSwimEpisodic]) == ["prms_0", "prms_1"]
    assert "prms_1/RiverSwimEpisodic.size = 9\n" in benchmark.mdp_scopes()[RiverSwimEpisodic]["prms_1"]
    assert "seed" not in configs[RiverSwimEpisodic]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("a/b", {RiverSwimEpisodic: SWIMS}, SETTINGS), "'a/b' is not a folder name"),
        (("", {RiverSwimEpisodic: SWIMS}, SETTINGS), "'' is not a folder name"),
        (("mine", {}, SETTINGS), "it has no environments"),
        (("mine", {RiverSwimEpisodic: SWIMS}, {"n_seeds": 2}), "give an ExperimentConfig"),
        (
            ("mine", {RiverSwimEpisodic: SWIMS, RiverSwimContinuous: SWIMS}, SETTINGS),
            r"mixes episodic \(RiverSwimEpisodic\) and continuous classes \(RiverSwimContinuous\)",
        ),
        (
            ("mine", {RiverSwimEpisodic: "prms_0/RiverSwimEpisodic.sise = 3"}, SETTINGS),
            r"benchmark 'mine', mdp_configs/RiverSwimEpisodic.gin, line 1: .*did you mean 'size'",
        ),
        (
            ("mine", {RiverSwimEpisodic: SWIMS.replace("6", "-6")}, SETTINGS),
            r"benchmark 'mine', mdp_configs/RiverSwimEpisodic.gin, prms_1: RiverSwimEpisodic.size: -6 makes no sense",
        ),
    ],
)
def test_a_benchmark_that_makes_no_sense(arguments, message):
    with pytest.raises(ConfigurationError, match=message):
        ColosseumBenchmark(*arguments)


def test_equality_is_of_content():
    assert small_benchmark() == small_benchmark("another name", "\n".join(reversed(SWIMS.split("\n"))))
    assert small_benchmark() != small_benchmark(swims=SWIMS.replace("6", "7"))
    assert small_benchmark() != small_benchmark(settings=replace(SETTINGS, n_seeds=3))
    assert small_benchmark() != "mine"


# ------------------------------------------------------------------------------------------------ folders


def test_a_benchmark_survives_its_folder(tmp_path):
    instantiate_benchmark_folder(small_benchmark(), tmp_path / "mine")
    assert retrieve_benchmark(tmp_path / "mine") == small_benchmark()
    assert retrieve_benchmark(str(tmp_path / "mine") + os.sep).name == "mine"
    other = retrieve_benchmark(tmp_path / "mine", replace(SETTINGS, n_seeds=5), "_more")
    assert (other.name, other.experiment_config.n_seeds) == ("mine_more", 5)
    assert retrieve_experiment_config(tmp_path / "mine") == SETTINGS
    assert retrieve_mdp_configs(tmp_path / "mine")[RiverSwimEpisodic] == SWIMS
    scopes = retrieve_mdp_configs(tmp_path / "mine", return_string=False)
    assert scopes[RiverSwimEpisodic]["prms_1"] == "prms_1/RiverSwimEpisodic.size = 6\n"


def test_the_same_benchmark_again_changes_nothing(tmp_path):
    instantiate_benchmark_folder(small_benchmark(), tmp_path)
    before = files_of(tmp_path)
    instantiate_benchmark_folder(small_benchmark(swims="# the same\n" + SWIMS), tmp_path)
    assert files_of(tmp_path) == before


@pytest.mark.parametrize(
    ("other", "difference"),
    [
        (small_benchmark(swims=SWIMS.replace("6", "7")), r"prms_1/RiverSwimEpisodic.size is 6 there and 7 here"),
        (small_benchmark(swims=SWIMS.splitlines()[0]), "prms_1 is only there"),
        (small_benchmark(settings=replace(SETTINGS, n_seeds=3)), "n_seeds is 2 there and 3 here"),
        (ColosseumBenchmark("m", {RiverSwimEpisodic: SWIMS}, SETTINGS), "it has DeepSeaEpisodic.gin, which this"),
    ],
)
def test_another_benchmark_in_the_folder_is_an_error_that_says_what_differs(tmp_path, other, difference):
    instantiate_benchmark_folder(small_benchmark(), tmp_path)
    before = files_of(tmp_path)
    with pytest.raises(ConfigurationError, match=f"holds another benchmark: {difference}.*; choose another") as caught:
        instantiate_benchmark_folder(other, tmp_path)
    assert str(tmp_path) in str(caught.value)
    assert files_of(tmp_path) == before


def test_a_folder_with_one_environment_less_is_another_benchmark(tmp_path):
    instantiate_benchmark_folder(ColosseumBenchmark("m", {RiverSwimEpisodic: SWIMS}, SETTINGS), tmp_path)
    with pytest.raises(ConfigurationError, match="it lacks DeepSeaEpisodic.gin"):
        instantiate_benchmark_folder(small_benchmark(), tmp_path)


def test_a_folder_that_was_interrupted_is_completed(tmp_path):
    instantiate_benchmark_folder(small_benchmark(), tmp_path)
    complete = files_of(tmp_path)
    (tmp_path / "experiment_config.yml").unlink()
    (tmp_path / "mdp_configs" / "DeepSeaEpisodic.gin").unlink()
    instantiate_benchmark_folder(small_benchmark(), tmp_path)
    assert files_of(tmp_path) == complete


def test_a_corrupted_folder_is_an_error_with_file_and_line(tmp_path):
    instantiate_benchmark_folder(small_benchmark(), tmp_path)
    (tmp_path / "mdp_configs" / "DeepSeaEpisodic.gin").write_text("prms_0/DeepSeaEpisodic.size = \n")
    with pytest.raises(ConfigurationError, match="DeepSeaEpisodic.gin, line 1"):
        instantiate_benchmark_folder(small_benchmark(), tmp_path)


def test_folders_that_are_no_benchmarks(tmp_path):
    with pytest.raises(ConfigurationError, match="mdp_configs: there is no such folder"):
        retrieve_benchmark(tmp_path / "nowhere")
    (tmp_path / "mdp_configs").mkdir()
    with pytest.raises(ConfigurationError, match="mdp_configs: there is no <Class>.gin file"):
        retrieve_benchmark(tmp_path)
    unknown = tmp_path / "mdp_configs" / "RiverSwinEpisodic.gin"
    unknown.write_text(SWIMS)
    with pytest.raises(ConfigurationError, match="RiverSwinEpisodic.gin: .*did you mean 'RiverSwimEpisodic'"):
        retrieve_benchmark(tmp_path)
    unknown.unlink()
    (tmp_path / "mdp_configs" / "RiverSwimEpisodic.gin").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(ConfigurationError, match=r"experiment_config.yml|this is not a text file"):
        retrieve_benchmark(tmp_path)
    (tmp_path / "mdp_configs" / "RiverSwimEpisodic.gin").write_text(SWIMS)
    with pytest.raises(ConfigurationError, match="experiment_config.yml: there is no such file"):
        retrieve_benchmark(tmp_path)


def test_agents_are_added_one_by_one_but_never_changed(tmp_path):
    instantiate_benchmark_folder(small_benchmark(), tmp_path)
    config_text = "prms_0/QLearningEpisodic.p = 0.05\nprms_0/QLearningEpisodic.c_1 = 0.5\n"
    instantiate_agent_configs({QLearningEpisodic: config_text}, tmp_path)
    instantiate_agent_configs({QLearningEpisodic: config_text + "# once more\n"}, tmp_path)
    assert retrieve_agent_configs(tmp_path) == {QLearningEpisodic: config_text}
    with pytest.raises(ConfigurationError, match="prms_0/QLearningEpisodic.c_1 is 0.5 there and 0.6 here"):
        instantiate_agent_configs({QLearningEpisodic: config_text.replace("0.5", "0.6")}, tmp_path)
    with pytest.raises(ConfigurationError, match="mixes episodic"):
        instantiate_agent_configs({QLearningEpisodic: None, QLearningContinuous: None}, tmp_path)


def test_no_configuration_means_the_packaged_one(tmp_path):
    agents = {QLearningEpisodic: None}
    instantiate_agent_configs(agents, tmp_path)
    assert agents == {QLearningEpisodic: None}
    scopes = retrieve_agent_configs(tmp_path, return_string=False)[QLearningEpisodic]
    assert list(scopes) == ["prms_0"]
    assert "prms_0/QLearningEpisodic.UCB_type = 'bernstein'\n" in scopes["prms_0"]
