"""Names and folders: what is built is parsed again, and nothing else is; and they have one owner."""

import re
from pathlib import Path

import pytest

import colosseum
from colosseum import layout
from colosseum.layout import Configured, Instance

ROOT = Path(colosseum.__file__).parents[1]
MDP, AGENT = Configured("TaxiEpisodic", "prms_3"), Configured("QLearningEpisodic", "prms_10")


def test_where_everything_of_an_instance_lies():
    instance = Instance(MDP, AGENT, 7)
    name = "prms_3-TaxiEpisodic____prms_10-QLearningEpisodic"
    assert instance.interaction == name
    assert (instance.log, instance.error) == (f"logs/{name}/seed7_logs.csv", f"errors/{name}/seed7.log")
    assert layout.log_file("results/b", name, 7) == f"results/b/{instance.log}"
    pickle = layout.pickle_file(layout.instances_folder("results", "b"), name, 7)
    assert pickle == f"results/experiment_instances/b/{name}/seed7.pkl"
    assert layout.pickle_of_log(f"results/b/{instance.log}") == pickle
    with pytest.raises(ValueError, match="summary.csv: this is not the path of a log"):
        layout.pickle_of_log("results/b/x/summary.csv")


@pytest.mark.parametrize("folder", ["a/b", "a/b/", Path("a/b"), "/", "", "."])
def test_folders_may_be_given_in_any_form(folder):
    path = layout.mdp_config_file(folder, "TaxiEpisodic")
    assert Path(path) == Path(folder, "mdp_configs", "TaxiEpisodic.gin")
    assert "//" not in path and not path.startswith("./")


@pytest.mark.parametrize("mdp", [MDP, Configured("Long____Name", "prms_0"), Configured("Trailing_", "theirs")])
@pytest.mark.parametrize("agent", [AGENT, Configured("Other____prms_1", "prms_0"), Configured("_Leading", "prms_2")])
def test_interactions_are_parsed_as_they_are_built(mdp, agent):
    assert layout.parse_interaction(layout.interaction_name(mdp.name, agent.name)) == (mdp, agent)
    assert Configured.parse(mdp.name) == mdp


@pytest.mark.parametrize(
    "name", ["", "prms_0-A", "prms_0-A____B", "A____B", "prms_0-A___prms_0-B", "a-b____c-d____e-f "]
)
def test_other_names_are_no_interactions(name):
    assert layout.parse_interaction(name) is None


def test_other_names_are_nothing_else_either():
    assert [layout.parse_log_name(name) for name in ("seed0_logs.csv", "seed12_logs.csv")] == [0, 12]
    for name in (
        "seed_logs.csv",
        "seed01_logs.csv",
        "seed1_logs.csv.bak",
        "seed-1_logs.csv",
        "seed1.csv",
        "Seed1_logs.csv",
    ):
        assert layout.parse_log_name(name) is None
    assert layout.is_scope(layout.scope_name(12)) and layout.scope_index("prms_12") == 12
    for name in ("prms_", "prms_01", "prms_-1", "prm_1", "prms_1 ", "Prms_1"):
        assert not layout.is_scope(name)
    with pytest.raises(ValueError, match="'TaxiEpisodic' is not <scope>-<class>"):
        Configured.parse("TaxiEpisodic")


def test_the_natural_order_counts():
    scopes = [Configured("A", f"prms_{i}") for i in (10, 9, 0)]
    assert [one.scope for one in sorted(scopes, key=Configured.natural_key)] == ["prms_0", "prms_9", "prms_10"]
    logs = [Instance(mdp, AGENT, seed) for mdp in scopes for seed in (10, 2)]
    assert [(i.mdp.scope, i.seed) for i in sorted(logs, key=Instance.natural_key)][:3] == [
        ("prms_0", 2),
        ("prms_0", 10),
        ("prms_9", 2),
    ]


def test_patterns_of_rules_match_what_is_built():
    name = layout.interaction_name(MDP.name, AGENT.name)
    assert re.fullmatch(layout.INTERACTION_PATTERN, name) and re.fullmatch(layout.SCOPE_PATTERN, MDP.scope)
    pattern = layout.log_file("{root}/{benchmark}", "{interaction}", "{seed}")
    assert pattern.format(root="r", benchmark="b", interaction=name, seed=1) == layout.log_file("r/b", name, 1)


LITERAL = re.compile(
    r"""
    \}____\{ | ["']____["'] | seed\{[\w.]+\}(_logs\.csv|\.pkl|\.log) | f["']prms_\{ | _logs\.csv["']
    | /(mdp_configs|agents_configs|experiment_instances|job_logs|experiment_config\.yml)\b
    | \bgin\.(clear_config|parse_config|config_scope|bind_parameter)\b | \bconfig_parser\.
    """,
    re.VERBOSE,
)


def test_nobody_else_composes_names_or_speaks_to_gin():
    """A name that is spelled a second time is one that will disagree."""
    files = [*ROOT.glob("colosseum/**/*.py"), *ROOT.glob("workflow/**/*.smk"), ROOT / "Snakefile"]
    owners = {"layout.py", "gin_config.py"}
    tests_users_run = ROOT / "colosseum" / "testing"
    found = [
        f"{path.relative_to(ROOT)}:{number}: {line.strip()}"
        for path in files
        if path.name not in owners and tests_users_run not in path.parents
        for number, line in enumerate(path.read_text().splitlines(), 1)
        if LITERAL.search(line) and not line.lstrip().startswith(("#", '"', "help=", "The ", "Read ", "FOLDER"))
    ]
    assert found == []
