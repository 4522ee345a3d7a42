"""What a configuration asks for, the names that follow, and one line about each mistake."""

import copy
import re
import subprocess
import sys

import pytest
import yaml
from user_project import OWN_AGENTS, RIVER_SWIM, ROOT, TINY

from colosseum.errors import ConfigurationError
from colosseum.study import Study
from colosseum.study.contestants import labels_of
from colosseum.study.identity import first_difference
from colosseum.study.interactions import MOST_OUTPUTS
from colosseum.study.keys import make_schema
from colosseum.study.names import check_benchmark_name
from colosseum.study.schema import read_schema


@pytest.fixture
def in_project(tmp_path, monkeypatch):
    """Work in a user's folder, with modules of its own."""
    (tmp_path / "my_rivers/mdp_configs").mkdir(parents=True)
    (tmp_path / "my_rivers/mdp_configs/RiverSwimContinuous.gin").write_text(RIVER_SWIM)
    # gin knows classes by their names in all of this process: those that other tests run keep theirs to themselves
    others = "|".join(name for name in re.findall(r"^class (\w+)", OWN_AGENTS, re.MULTILINE) if name != "Slow")
    (tmp_path / "study_agents.py").write_text(re.sub(rf"\b({others})\b", r"Study\1", OWN_AGENTS))
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(tmp_path)
    return tmp_path


def study(**keys):
    made = copy.deepcopy(TINY)
    for key, value in keys.items():
        if isinstance(value, dict) and isinstance(made.get(key), dict):
            made[key].update(value)
        else:
            made[key] = value
    return Study(made)


def described(schema, path=""):
    for key, of_key in schema["properties"].items():
        yield f"{path}{key}", of_key
        within = of_key.get("items", of_key)
        if "properties" in within:
            yield from described(within, f"{path}{key}{'[]' if within is not of_key else ''}.")


def test_every_key_has_a_type_a_default_and_one_sentence():
    for key, of_key in described(make_schema()):
        assert "type" in of_key, key
        sentence = of_key["description"]
        assert sentence.endswith("."), key
        assert "\n" not in sentence, key
        needed = ("agents", "hyperopt.rungs[].", "selection.confirm.")  # the last two with the mapping that they are in
        assert "default" in of_key or key.startswith(needed), key


def test_the_schema_and_the_reference_page_are_those_of_the_keys(load_script):
    generate = load_script(ROOT / "docs/generate/study.py")
    assert read_schema() == make_schema()
    assert generate.SCHEMA_FILE.read_text() == generate.schema_text()
    assert generate.PAGE.read_text() == generate.page_text()
    rows = [line for line in generate.page_text().splitlines() if line.startswith("| ")]
    assert len(rows) == len(list(described(make_schema()))) + 4  # and the heads


def test_limits_are_those_of_the_settings_they_become(in_project):
    """Settings that are made in Python are checked by their own classes, which load no pydantic."""
    properties = make_schema()["properties"]
    limits = [
        (section, key, of_key["minimum"])
        for section in ("hyperopt", "experiment")
        for key, of_key in properties[section]["properties"].items()
        if "minimum" in of_key
    ]
    assert len(limits) == 10
    for section, key, limit in limits:
        study(**{section: {"log_every": 1, key: limit}}).check()
        too_small = study(**{section: {"log_every": 1, key: limit - 1}})
        with pytest.raises(ConfigurationError, match="is too small"):
            too_small.check()
        with pytest.raises(ConfigurationError, match=f"= {limit - 1}: it must be a whole number of at least {limit}"):
            too_small.interactions()


@pytest.mark.parametrize(
    "file",
    sorted({ROOT / "config.yaml", *ROOT.glob("studies/*.yaml")} - {ROOT / "studies/search_spaces.yaml"}),
    ids=lambda path: path.name,
)
def test_our_own_studies_are_right(file, monkeypatch):
    monkeypatch.chdir(ROOT)
    made = Study(yaml.safe_load(file.read_text()), file.name)
    made.check()
    assert made.n_instances() > 0
    if file.name != "published.yaml":  # which is as it was published
        chosen_on = {seed for i in made.hyperopt_benchmarks.values() for seed in i.experiment.seeds}
        assert chosen_on.isdisjoint(seed for i in made.benchmarks.values() for seed in i.experiment.seeds)


def test_the_published_study_has_the_published_size():
    made = Study(yaml.safe_load((ROOT / "studies/published.yaml").read_text()))
    two_q_learners = ["QLearningContinuous", "QLearningEpisodic"]
    assert set(two_q_learners) <= set(made.agents)
    hyperopt, benchmarks = made.hyperopt_benchmarks, made.benchmarks
    assert {name: (len(i.mdps), i.experiment.n_seeds, i.experiment.n_steps) for name, i in hyperopt.items()} == {
        "hyperopt_continuous": (35, 3, 250_000),
        "hyperopt_episodic": (35, 3, 250_000),
    }
    assert all(len(scopes) == 50 for i in hyperopt.values() for scopes in i.agents.values())
    assert [(len(i.mdps), i.experiment.n_seeds, i.experiment.n_steps) for i in benchmarks.values()] == [
        (20, 20, 500_000)
    ] * 4
    for interactions in made.interactions():
        for part in interactions.parts():
            assert len(part) * interactions.experiment.n_seeds <= MOST_OUTPUTS
        assert [mdp for part in interactions.parts() for mdp in part] == list(interactions.mdps)


def test_each_rung_and_the_confirmation_is_a_benchmark_of_its_own(in_project):
    rungs = [{"keep": 5, "runs": 2}, {"keep": 3, "runs": 4}, {"keep": 2, "runs": 12}]
    made = study(
        agents=["QLearningContinuous", "RandomAgentContinuous", "QLearningEpisodic"],
        hyperopt={
            "n_samples_agents": 5,
            "n_samples_mdps": 2,
            "n_seeds": 3,
            "mdp_classes": ["RiverSwimContinuous", "TaxiContinuous", "TaxiEpisodic", "DeepSeaEpisodic"],
            "rungs": rungs,
        },
        selection={"confirm": {"top": 2, "n_seeds": 4}},
        benchmarks=[],
    )
    made.check()
    stages = made.hyperopt_benchmarks
    names = [f"hyperopt_continuous{suffix}" for suffix in ("", "_rung_1", "_rung_2", "_confirm")]
    assert list(stages) == names + [name.replace("continuous", "episodic") for name in names]
    continuous = [stages[name] for name in names]
    first = ("prms_0-RiverSwimContinuous", "prms_0-TaxiContinuous")
    second = ("prms_1-RiverSwimContinuous", "prms_1-TaxiContinuous")
    both = (first[0], second[0], first[1], second[1])
    assert [one.mdps for one in continuous] == [first, second, both, both]
    assert [one.experiment.seeds for one in continuous] == [range(1), range(1), range(1, 3), range(3, 7)]
    assert [one.below for one in continuous] == [tuple(names[:k]) for k in range(4)]
    # an agent without hyperparameters has one sample
    slots = [
        [len(one.agents[agent]) for agent in ("QLearningContinuous", "RandomAgentContinuous")] for one in continuous
    ]
    assert slots == [[5, 1], [3, 1], [2, 1], [2, 1]]
    assert continuous[3].logs("QLearningContinuous")[-1] == (
        "results/hyperopt/tiny/hyperopt_continuous_confirm/logs/"
        "prms_1-TaxiContinuous____prms_1-QLearningContinuous/seed6_logs.csv"
    )
    with pytest.raises(ConfigurationError, match="cannot be named 'hyperopt_continuous_rung_2'"):
        check_benchmark_name("hyperopt_continuous_rung_2")


def test_names_follow_from_the_configuration(in_project):
    made = study(experiment={"n_seeds": 2})
    rivers = made.benchmarks["my_rivers"]
    assert rivers.pickles("QLearningContinuous") == [
        f"results/benchmarking/tiny/experiment_instances/my_rivers/"
        f"prms_{i}-RiverSwimContinuous____prms_0-QLearningContinuous/seed{k}.pkl"
        for i in (0, 1)
        for k in (0, 1)
    ]
    assert rivers.logs("QLearningContinuous")[-1] == (
        "results/benchmarking/tiny/my_rivers/logs/"
        "prms_1-RiverSwimContinuous____prms_0-QLearningContinuous/seed1_logs.csv"
    )
    assert made.n_instances() == 4 + 2
    later = study(experiment={"n_seeds": 2, "first_seed": 5}).benchmarks["my_rivers"]
    assert [path[-9:] for path in later.pickles("QLearningContinuous")] == ["seed5.pkl", "seed6.pkl"] * 2
    assert later.experiment.stop_when_optimal is rivers.experiment.stop_when_optimal
    assert study(hyperopt=None).hyperopt_benchmarks == {}
    preset = study(hyperopt="SMALL_HYPEROPT_CONF").hyperopt_benchmarks["hyperopt_continuous"]
    assert len(preset.mdps) == 14
    assert preset.experiment.n_steps == 30_000


def test_texts_of_the_command_line_are_read(in_project):
    made = study(experiment={"n_seeds": "3", "max_interaction_time_s": "2.5"}, barrier="false")
    made.check()
    assert made.benchmarks["my_rivers"].experiment.n_seeds == 3
    assert made.benchmarks["my_rivers"].experiment.max_interaction_time_s == 2.5
    assert made.configuration["barrier"] is False


def test_user_defined_classes(in_project):
    (in_project / "study_mdps.py").write_text(
        "import gin\nfrom colosseum.mdp.river_swim import RiverSwimContinuous\n\n"
        "@gin.configurable\nclass Creek(RiverSwimContinuous):\n    '''A small one.'''\n"
    )
    (in_project / "my_rivers/mdp_configs/Creek.gin").write_text("prms_0/Creek.size = 3\n")
    made = study(agents=["study_agents:Slow", "QLearningContinuous"], mdps=["study_mdps:Creek"], hyperopt=None)
    made.check()
    assert made.agents == {"Slow": "study_agents:Slow", "QLearningContinuous": "QLearningContinuous"}
    assert "prms_0-Creek" in made.benchmarks["my_rivers"].mdps
    assert made.registrations("Creek", "QLearningContinuous", "Slow") == (
        "--register study_mdps:Creek --register study_agents:Slow"
    )
    assert made.has_user_classes
    sampled = study(mdps=["study_mdps:Creek"], hyperopt={"mdp_classes": None})
    assert "prms_0-Creek" in sampled.hyperopt_benchmarks["hyperopt_continuous"].mdps


@pytest.mark.parametrize(
    ("keys", "message"),
    [
        ({"agents": ["QLearningEpisodc"]}, r"agents: .*'QLearningEpisodc'.*did you mean 'QLearningEpisodic'\?"),
        ({"agents": []}, r"agents: \[\] is empty"),
        ({"agents": "QLearningEpisodic"}, r"agents: 'QLearningEpisodic' is not a list"),
        ({"agents": ["nowhere:Agent"]}, r"agents: nowhere:Agent: there is no module 'nowhere'"),
        ({"agents": ["study_agents:Slwo"]}, r"agents: study_agents:Slwo: .*did you mean 'Slow'\?"),
        ({"agents": ["QLearningContinuous"] * 2}, r"agents: 'QLearningContinuous' is listed twice"),
        ({"agents": ["QLearningContinuous", "lab:QLearningContinuous"]}, r"agents: .*have the same class name"),
        ({"bnchmarks": []}, r"there is no key 'bnchmarks'; did you mean 'benchmarks'\?"),
        ({"hyperopt": "SMAL_HYPEROPT_CONF"}, r"there is no preset 'SMAL_HYPEROPT_CONF'; did you mean 'SMALL_"),
        ({"hyperopt": {"preset": "TINY"}}, r"there is no preset 'TINY'"),
        ({"hyperopt": {"n_samples": 3}}, r"hyperopt: there is no key 'n_samples'; did you mean 'n_samples_"),
        ({"hyperopt": {"n_steps": 0}}, r"hyperopt.n_steps: 0 is too small; it must be at least 1"),
        ({"hyperopt": {"mdp_classes": ["RiverSwimContinous"]}}, r"did you mean 'RiverSwimContinuous'\?"),
        ({"hyperopt": {"mdp_classes": ["TaxiEpisodic"]}}, r"hyperopt.mdp_classes: has no continuous environment"),
        (
            {"benchmarks": ["continuous_ergodc"]},
            r"'continuous_ergodc'; did you mean 'continuous_ergodic'\?",
        ),
        ({"benchmarks": ["./rivers"]}, r"benchmarks: \./rivers: there is no such folder"),
        ({"benchmarks": ["episodic_ergodic", "my_rivers"]}, r"benchmark_episodic_ergodic is episodic, but none"),
        (
            {"hyperopt": None, "agents": ["QLearningContinuous", "QLearningEpisodic"]},
            r"none is episodic, as QLearn",
        ),
        ({"benchmarks": ["my_rivers", "../{here}/my_rivers"]}, r"a second one is named 'my_rivers'"),
        ({"experiment": {"n_steps": 0}}, r"experiment.n_steps: 0 is too small"),
        ({"experiment": {"n_seeds": "many"}}, r"experiment.n_seeds: 'many' is not a whole number or null"),
        ({"experiment": {"log_every": 500, "n_steps": 400}}, r"experiment: .*500"),
        (
            {"experiment": {"max_interaction_time_s": 0}},
            r"max_interaction_time_s: 0 is too small; .* more than 0",
        ),
        (
            {"selection": {"indicator": "cumulative_regrets"}},
            r"selection.indicator: .*did you mean 'cumulative_re",
        ),
        ({"selection": {"reduce_seeds": "average"}}, r"selection.reduce_seeds: there is no 'average'; .*'mean'"),
        ({"study": "a/b"}, r"study: 'a/b' is not a plain name"),
        ({"mdps": ["Creek"]}, r"mdps\[0\]: 'Creek' is not an import path"),
        ({"barrier": "perhaps"}, r"barrier: 'perhaps' is not true or false"),
        ({"barrier": 1}, r"barrier: 1 is not true or false"),
        ({"hyperopt": 3}, r"hyperopt: 3 is not a text or a mapping or null"),
        ({"hyperopt": {"seed": True}}, r"hyperopt.seed: True is not a whole number or null"),
        ({"experiment": {"n_steps": 400.0}}, r"experiment.n_steps: 400.0 is not a whole number or null"),
        ({"experiment": {"max_interaction_time_s": True}}, r"max_interaction_time_s: True is not a number or null"),
        ({"experiment": None}, r"experiment: None is not a mapping"),
        ({"agents": ["RandomAgentContinuous", 3]}, r"agents\[1\]: 3 is not a text"),
        ({"results": ""}, r"results: '' is empty"),
        ({"hyperopt": {"rungs": []}}, r"hyperopt.rungs: \[\] is empty"),
        ({"hyperopt": {"rungs": [{"keep": 2}]}}, r"the key 'hyperopt.rungs\[0\].runs' is missing"),
        ({"hyperopt": {"rungs": [{"keep": 0, "runs": 1}]}}, r"hyperopt.rungs\[0\].keep: 0 is too small"),
        ({"hyperopt": {"rungs": [{"keep": 2, "run": 1}]}}, r"rungs\[0\]: there is no key 'run'; did you mean 'runs'\?"),
        (
            {"hyperopt": {"rungs": [{"keep": 3, "runs": 1}]}},
            r"hyperopt.rungs\[0\].keep: 3 is not the number of samples",
        ),
        ({"hyperopt": {"rungs": [{"keep": 2, "runs": 2}]}}, r"hyperopt.rungs\[0\].runs: 2 are not all .* has all 1 "),
        (
            {"hyperopt": {"n_seeds": 2, "rungs": [{"keep": 2, "runs": 1}, {"keep": 2, "runs": 2}]}},
            r"hyperopt.rungs\[1\].keep: 2 does not fall",
        ),
        ({"selection": {"confirm": {"top": 3, "n_seeds": 2}}}, r"selection.confirm.top: 3 samples cannot be .* with 2"),
        ({"selection": {"confirm": {"top": 1}}}, r"the key 'selection.confirm.n_seeds' is missing"),
        (
            {"hyperopt": None, "selection": {"confirm": {"top": 1, "n_seeds": 1}}},
            r"selection.confirm: .*hyperopt is null",
        ),
    ],
    ids=lambda value: str(value)[:50],
)
def test_one_line_about_each_mistake(in_project, keys, message):
    keys = yaml.safe_load(yaml.safe_dump(keys).replace("{here}", in_project.name))
    with pytest.raises(ConfigurationError, match=message) as caught:
        study(**keys).check()
    assert "\n" not in str(caught.value)
    assert str(caught.value).startswith("config.yaml: ")


def test_a_benchmark_folder_with_an_unknown_class(in_project):
    (in_project / "my_rivers/mdp_configs/RiverSwimContinous.gin").write_text("prms_0/RiverSwimContinous.size = 3\n")
    with pytest.raises(ConfigurationError, match=r"my_rivers: .*did you mean 'RiverSwimContinuous'\?.*goes under mdps"):
        study().check()


def test_a_benchmark_folder_with_environments_made_of_arrays(in_project):
    (in_project / "my_rivers/mdp_configs/CustomContinuous.gin").write_text("prms_0/CustomContinuous.seed = 1\n")
    benchmarks = study().benchmarks
    assert "prms_0-CustomContinuous" in benchmarks["my_rivers"].mdps
    assert not benchmarks["my_rivers"].episodic


def test_a_benchmark_folder_that_mixes_settings(in_project):
    (in_project / "my_rivers/mdp_configs/RiverSwimEpisodic.gin").write_text("prms_0/RiverSwimEpisodic.size = 3\n")
    with pytest.raises(ConfigurationError, match="my_rivers: mixes episodic and continuous"):
        study().check()


def test_results_of_another_study(in_project):
    study().check_results()  # there are none
    study().write_identity()
    study().check_results()
    study(experiment={"n_seeds": 5}, agents=["RandomAgentContinuous"], hyperopt={"n_samples_agents": 9}).check_results()
    for other, key in (
        (study(experiment={"n_steps": 500}), "my_rivers: n_steps is 400"),
        (study(hyperopt={"seed": 7}), "hyperopt.seed is 42"),
    ):
        with pytest.raises(ConfigurationError, match=f"folder of another study: its {key}.*choose another name"):
            other.check_results()
    study(study="other", experiment={"n_steps": 500}).check_results()


def test_knowing_a_study_imports_nothing_heavy():
    code = (
        "import sys; from colosseum.study import Study; import yaml;"
        "heavy = lambda: [m for m in ('pydantic', 'numba', 'pandas', 'scipy', 'matplotlib') if m in sys.modules];"
        "s = Study(yaml.safe_load(open('config.yaml')));"
        "s.n_instances(); print(heavy()); s.check(); print(heavy())"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.splitlines() == ["[]", "['pydantic']"]


def test_the_former_name_of_a_key_is_read(in_project):
    """Also where the study's folder notes it."""
    keys = copy.deepcopy(TINY)
    keys["hyperopt"]["n_timesteps"] = keys["hyperopt"].pop("n_steps")
    former = Study(keys)
    former.check()
    assert former.hyperopt == Study(TINY).hyperopt
    assert former.identity() == Study(TINY).identity()
    keys["hyperopt"]["n_steps"] = 10
    with pytest.raises(ConfigurationError, match="there is no key 'n_timesteps'; did you mean 'n_steps'"):
        Study(keys).check()


def test_a_note_with_former_names_is_compared(tmp_path):
    note = tmp_path / "study.yaml"
    note.write_text("hyperopt.n_timesteps: 5\n")
    assert first_difference(note, {"hyperopt.n_steps": 5}) is None
    assert first_difference(note, {"hyperopt.n_steps": 6}) == ("hyperopt.n_steps", 5)
    note.write_text("'b: log_performance_indicators_every': 7\n")
    assert first_difference(note, {"b: log_every": 8}) == ("b: log_every", 7)


@pytest.mark.parametrize(
    ("spaces", "message"),
    [
        (
            {"QLearningContinuous": {"min_at": {"loguniform": [1, 2]}}},
            "config.yaml: hyperopt.search_spaces.QLearningContinuous.min_at: there is no kind 'loguniform'; did",
        ),
        (
            {"QLearningContinuous": {"min_at": {"uniform": [2, 1]}}},
            r"search_spaces.QLearningContinuous.min_at: uniform: \[2, 1\]: low must be less than high",
        ),
        (
            {"QLearningContinuous": {"min_att": {"uniform": [0, 1]}}},
            "search_spaces.QLearningContinuous.min_att: QLearningContinuous has no hyperparameter 'min_att'; "
            "did you mean 'min_at'",
        ),
        ({"QLearningEpisodic": {"c_1": {"uniform": [0, 1]}}}, "search_spaces: there is no agent 'QLearningEpisodic'"),
        ({"Slow": {"spede": {"uniform": [0, 1]}}}, "search_spaces.Slow.spede: Slow has no hyperparameter 'spede'"),
        ({"QLearningContinuous": [1]}, "search_spaces.QLearningContinuous: .* is not a mapping"),
        (3, "hyperopt.search_spaces: 3 is not a text or a mapping or null"),
        ("missing.yaml", "hyperopt.search_spaces: missing.yaml: No such file"),
        ("twice.yaml", "twice.yaml, line 2: the key 'QLearningContinuous' was given on line 1 too"),
    ],
)
def test_search_spaces_are_refused_with_their_key(in_project, spaces, message):
    (in_project / "twice.yaml").write_text("QLearningContinuous: {}\nQLearningContinuous: {}\n")
    with pytest.raises(ConfigurationError, match=message):
        study(agents=["QLearningContinuous", "study_agents:Slow"], hyperopt={"search_spaces": spaces}).check()


def test_search_spaces_of_a_study(in_project):
    (in_project / "spaces.yaml").write_text("QLearningContinuous: {min_at: {log_uniform: [1e-5, 1]}}\n")
    for given in ("spaces.yaml", {"QLearningContinuous": {"min_at": {"log_uniform": ["1e-5", 1]}}}):
        made = study(hyperopt={"search_spaces": given}, agents=["QLearningContinuous", "RandomAgentContinuous"])
        made.check()
        assert made.search_spaces["QLearningContinuous"]["min_at"].spec() == {"log_uniform": [1e-5, 1]}
        assert (
            made.identity()["hyperopt.search_spaces.QLearningContinuous"] == '{"min_at": {"log_uniform": [1e-05, 1.0]}}'
        )
        scopes = made.hyperopt_benchmarks["hyperopt_continuous"].agents
        assert scopes == {"QLearningContinuous": ("prms_0", "prms_1"), "RandomAgentContinuous": ("prms_0",)}


GIN = "prms_0/QLearningContinuous.min_at = 0.1\n"


def test_a_class_with_several_configurations(in_project):
    (in_project / "tuned.gin").write_text(GIN)
    agents = [
        "QLearningContinuous",
        {"class": "QLearningContinuous", "config": "published", "label": "as published"},
        {"class": "UCRL2Continuous", "config": "packaged"},
        {"class": "QLearningContinuous", "config": "tuned.gin", "label": "of another study"},
    ]
    made = study(agents=agents)
    made.check()
    # what has its configuration is not tuned
    assert list(made.hyperopt_benchmarks["hyperopt_continuous"].agents) == ["QLearningContinuous"]
    assert made.benchmarks["my_rivers"].agents == {
        "QLearningContinuous": ("prms_0", "prms_1", "prms_2"),
        "UCRL2Continuous": ("prms_0",),
    }
    selected = "results/hyperopt/tiny/hyperopt_continuous/selection/QLearningContinuous.gin"
    assert made.configs("QLearningContinuous") == [selected, "published", "tuned.gin"]
    assert made.configs("UCRL2Continuous") == ["packaged"]
    assert labels_of(made.contestants) == {
        "prms_1-QLearningContinuous": "as published",
        "prms_2-QLearningContinuous": "of another study",
    }
    assert study(agents=agents, hyperopt=None).configs("QLearningContinuous")[0] == "packaged"
    given = study(hyperopt=None, hyperparameters={"QLearningContinuous": "published"})
    given.check()
    assert given.configs("QLearningContinuous") == ["published"]


@pytest.mark.parametrize(
    ("agents", "message"),
    [
        (
            ["QLearningContinuous", {"class": "QLearningContinuous"}],
            "agents: QLearningContinuous with config None is li",
        ),
        ([{"class": "UCRL2Continuous", "config": "missing.gin"}], "agents: missing.gin: No such file"),
        ([{"class": "UCRL2Continuous", "config": "tuned.gin"}], "tuned.gin, line 1: binds the class 'QLearningContin"),
        ([{"class": "QLearningContinuous", "config": "second.gin"}], "second.gin: has no scope prms_0"),
        ([{"class": "study_agents:Slow", "config": "published"}], "there are no published hyperparameters of it"),
        (
            [{"class": c, "config": "packaged", "label": "x"} for c in ("UCRL2Continuous", "PSRLContinuous")],
            "agents: PSRLContinuous: label 'x' is taken by UCRL2Continuous",
        ),
        ([{"class": "UCRL2Continuous", "label": " "}], "UCRL2Continuous: label ' ' is nothing that a table could show"),
        (
            [{"class": "UCRL2Continuous", "konfig": "packaged"}],
            r"agents\[0\]: there is no key 'konfig'; did you mean 'con",
        ),
        ([{"config": "packaged"}], r"the key 'agents\[0\].class' is missing"),
        ([3], r"agents\[0\]: 3 is not a text or a mapping"),
    ],
)
def test_configurations_that_cannot_be_told_apart_or_found(in_project, agents, message):
    (in_project / "tuned.gin").write_text(GIN)
    (in_project / "second.gin").write_text(GIN.replace("prms_0", "prms_1"))
    with pytest.raises(ConfigurationError, match=message):
        study(agents=agents, hyperopt=None).check()
