"""Odd texts in a study: each works, or one line names its key; and YAML that says something else than it looks."""

import os
import shutil
from pathlib import Path

import pytest
import yaml
from test_study import in_project, study  # noqa: F401  # a fixture
from user_project import ROOT, TINY, jobs

from colosseum.errors import ConfigurationError
from colosseum.study.text import check_study_files, inspect_study_file, read_study_files

WORKS = [
    "a b",
    "a&b",
    "a;b",
    "it's",
    'say "x"',
    "x`touch X`",
    "é",
    "日本",
    "a#b",
    "a%j",
    "(a)",
    "a*b",
    "a|b",
    "!a",
    "n" * 255,
]
REFUSED = [
    "r$(touch X)",
    "${HOME_OF_NOBODY}/r",
    "r{x}",
    "a}",
    "-r",
    "tiny\n",
    "a\tb",
    "a\\b",
    "n" * 256,
    "é" * 200,
    "\x00",
]


@pytest.mark.parametrize("text", WORKS + REFUSED, ids=lambda text: ascii(text[:15]))
@pytest.mark.parametrize("key", ["results", "benchmarks", "study", "agents", "mdps", "indicator"])
def test_each_text_works_or_its_key_is_named(in_project, key, text):  # noqa: F811
    if key == "indicator":
        made = study(selection={"indicator": text})
    elif key == "benchmarks":
        if not {"\x00", "/"} & set(text) and len(os.fsencode(text)) < 256:
            (in_project / "my_rivers").rename(in_project / text)
        made = study(benchmarks=[text])
    else:
        made = study(**{key: text if key in ("results", "study") else [f"{text}:Agent"]})
    long_name = len(text) == 255  # of a folder, but no longer of the files that are named after it
    if text in WORKS and (
        key == "results" or (key == "benchmarks" and not long_name) or (key == "study" and long_name)
    ):
        made.check()
        assert made.benchmarks
        return
    with pytest.raises(ConfigurationError) as caught:
        made.check()
    assert str(caught.value).startswith(f"config.yaml: {'selection.indicator' if key == 'indicator' else key}")
    assert "\n" not in str(caught.value)


def test_home_and_variables_are_expanded(in_project, monkeypatch):  # noqa: F811
    monkeypatch.setenv("HOME", str(in_project))
    monkeypatch.setenv("WHERE", str(in_project))
    made = study(results="~/there/", benchmarks=["$WHERE/my_rivers"])
    made.check()
    assert made.root("analysis") == f"{in_project}/there/analysis/tiny"
    assert made.benchmarks["my_rivers"].given == f"{in_project}/my_rivers"


@pytest.mark.parametrize("name", ["hyperopt_continuous", "hyperopt_episodic", "experiment_instances", "job_logs", " a"])
def test_a_benchmark_folder_whose_name_is_taken(in_project, name):  # noqa: F811
    (in_project / "my_rivers").rename(in_project / name)
    with pytest.raises(ConfigurationError, match=f"benchmarks: .*{name!r}.*rename the folder"):
        study(benchmarks=[name]).check()


def test_a_benchmark_named_like_a_part_of_another(in_project):  # noqa: F811
    (in_project / "my_rivers_2/mdp_configs").mkdir(parents=True)
    gin = (in_project / "my_rivers/mdp_configs/RiverSwimContinuous.gin").read_text()
    (in_project / "my_rivers_2/mdp_configs/RiverSwimContinuous.gin").write_text(gin)
    both = ["my_rivers", "my_rivers_2"]
    study(benchmarks=both).check()
    with pytest.raises(ConfigurationError, match="'my_rivers_2' is also what a part of the benchmark 'my_rivers' is"):
        study(benchmarks=both, experiment={"n_seeds": 150}).check()


def test_class_names_that_are_too_long_for_files(in_project):  # noqa: F811
    for n, fits in ((190, True), (219, False), (230, False)):
        name = f"A{'g' * (n - 1)}"
        agents = in_project / "study_agents.py"
        agents.write_text(agents.read_text() + f"\n\n@gin.configurable\nclass {name}(Slow):\n    pass\n")
        (in_project / f"long_{n}.py").write_text(agents.read_text())
        made = study(agents=[f"long_{n}:{name}"], hyperopt=None)
        if fits:
            made.check()
            continue
        with pytest.raises(ConfigurationError, match="config.yaml: agents: the files of Aggg.* 255 at most") as caught:
            made.check()
        assert len(str(caught.value)) < 400


@pytest.mark.parametrize(
    ("keys", "message"),
    [
        ({"experiment": {"n_seeds": 100_000_000}}, "experiment.n_seeds: 100000000 is too large; .* at most 100,000"),
        ({"hyperopt": {"n_samples_agents": 10**30}}, "hyperopt.n_samples_agents: 10+ is too large"),
        ({"hyperopt": {"seed": 2**32}}, "hyperopt.seed: 4294967296 is too large"),
        ({"experiment": {"n_steps": 10**13}}, "experiment.n_steps: 10+ is too large"),
        (
            {"hyperopt": {"n_samples_agents": 100_000, "n_samples_mdps": 1000}},
            "hyperopt: the study has 100,000,002 instances, 100,000,000 of them in hyperopt_continuous",
        ),
    ],
    ids=str,
)
def test_numbers_have_limits(in_project, keys, message):  # noqa: F811
    with pytest.raises(ConfigurationError, match=message):
        study(**keys).check()


def test_seeds_of_a_benchmark_s_own_settings_are_counted(in_project):  # noqa: F811
    settings = {"n_seeds": 10**9, "n_steps": 400, "max_interaction_time_s": 9, "log_performance_indicators_every": 100}
    (in_project / "my_rivers/experiment_config.yml").write_text(yaml.safe_dump(settings))
    with pytest.raises(ConfigurationError, match=r"config.yaml: experiment.n_seeds: the study has 2,000,000,002 inst"):
        study(experiment={"n_seeds": None}).check()


SURPRISES = """\
study: 0x10
hyperopt:
experiment: {n_seeds: 0400, n_steps: 6:40, log_every: 1_000, max_interaction_time_s: .inf}
barrier: yes
agents: [1.5, -3, '0400', "6:40", 1e3, true, null, ~]
"""


def test_what_yaml_reads_otherwise_is_told(tmp_path):
    path = tmp_path / "s.yaml"
    path.write_text(SURPRISES)
    assert [note.removeprefix(f"{path}, ") for note in inspect_study_file(path)] == [
        "line 1: study is '0x10', which YAML reads as 16.",
        "line 2: hyperopt is blank, which YAML reads as null.",
        "line 3: experiment.n_seeds is '0400', which YAML reads as 256.",
        "line 3: experiment.n_steps is '6:40', which YAML reads as 400.",
        "line 4: barrier is 'yes', which YAML reads as true.",
    ]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (b"study: a\nagents: [x]\nstudy: b\n", r"s.yaml, line 3: the key 'study' was given on line 1 too"),
        (b"experiment: {n_seeds: 1,\n  n_seeds: 2}\n", r"line 2: the key 'experiment.n_seeds' was given on line 1"),
        (b"study: t\xe9ny\n", r"s.yaml: this is not a text file"),
        (b"- a\n", "s.yaml: this is no mapping"),
        (b"a: [\n", "s.yaml, line 2: this is not YAML"),
        (b"a: 2024-99-99\n", "s.yaml: this is not YAML: month must be in 1..12"),
        (b"a: &x [*x]\n", "s.yaml: this is not YAML"),
        (b"a: !!python/object:os.system {}\n", "s.yaml, line 1: this is not YAML"),
        (b"\tx: 1\n", "s.yaml, line 1: this is not YAML"),
        (b"", "s.yaml: this is no mapping"),
        (None, "s.yaml: No such file"),
    ],
    ids=str,
)
def test_files_that_are_no_study(tmp_path, text, message):
    path = tmp_path / "s.yaml"
    if text is not None:
        path.write_bytes(text)
    for read in (inspect_study_file, lambda path: read_study_files([path])):
        with pytest.raises(ConfigurationError, match=message) as caught:
            read(path)
        assert "\n" not in str(caught.value)
    with pytest.raises(SystemExit) as ended:
        check_study_files(["logs", "-n", "--configfile", str(path), "--config", "a=1"])
    assert str(ended.value) == f"colosseum: error: {caught.value}"


def test_a_target_that_is_read_as_a_study_file(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("s.yaml").write_text("study: s\n")
    check_study_files(["logs", "--configfile", "s.yaml", "-n"])
    check_study_files(["--configfiles=s.yaml", "logs", "-n", "--config", "missing.yaml"])
    with pytest.raises(SystemExit, match=r"error: logs: No such file .*: put targets before it, or behind --\.$"):
        check_study_files(["--configfile", "s.yaml", "logs"])
    check_study_files(["--configfile", "s.yaml", "--", "logs"])


def test_our_own_studies_say_what_they_look_like():
    root = Path(__file__).parents[2]
    assert not [
        note for path in [root / "config.yaml", *root.glob("studies/*.yaml")] for note in inspect_study_file(path)
    ]


@pytest.mark.slow
def test_the_workflow_runs_in_oddly_named_folders_and_tells_what_yaml_reads(project):
    odd = """odd 'r' & "h" `touch X` é"""
    (project.folder / "my_rivers").rename(project.folder / "my 'rivers' & é")
    study = {**TINY, "hyperopt": None, "results": odd, "benchmarks": ["my 'rivers' & é"]}
    (project.folder / "config.yaml").write_text(yaml.safe_dump(study) + "barrier: yes\n")
    target = f"{odd}/analysis/tiny/my 'rivers' & é/summary.csv"
    said = project.run(target)
    assert "barrier is 'yes', which YAML reads as true." in said
    assert (project.folder / target).is_file()
    assert len(list(project.folder.glob("odd*/benchmarking/*/*/logs/*/*.csv"))) == 2
    assert not (project.folder / "X").exists()
    assert "Nothing to be done" in project.run(target)
    (project.folder / "config.yaml").write_bytes(b"study: t\xe9ny\n")
    for options in ((), ("--configfile", "config.yaml"), ("--profile", str(ROOT / "profiles/slurm"))):
        said = project.run("-n", *options, status=1).splitlines()
        assert said[-1] == "colosseum: error: config.yaml: this is not a text file."
        assert len(said) <= 2


@pytest.mark.slow
@pytest.mark.parametrize("profile", sorted(path.parent.name for path in ROOT.glob("profiles/*/config.yaml")))
def test_each_profile_plans_oddly_named_folders_or_names_the_key(project, profile):
    odd = """odd 'r' & "h" é"""
    (project.folder / "my_rivers").rename(project.folder / "my 'rivers' & é")
    study = {**TINY, "hyperopt": None, "results": odd, "benchmarks": ["my 'rivers' & é"]}
    project.write(study)
    planned = jobs(project.run("-n", "logs", "--profile", str(ROOT / "profiles" / profile)))
    assert planned["run_benchmark"] == 2
    for key, bad in (("results", "r$(touch X)"), ("results", "r{x}"), ("study", "tiny\n"), ("benchmarks", ["-x"])):
        project.write({**study, key: bad})
        said = project.run("-n", "logs", "--profile", str(ROOT / "profiles" / profile), status=1)
        assert said.rstrip().splitlines()[-1].startswith(f"colosseum: error: config.yaml: {key}: ")
    assert not (project.folder / "X").exists()


@pytest.mark.slow
def test_a_checkout_in_a_folder_with_braces(project):
    checkout = project.folder / "a{y}"
    checkout.mkdir()
    shutil.copy(ROOT / "Snakefile", checkout)
    shutil.copytree(ROOT / "workflow", checkout / "workflow")
    said = project.run("-n", "-s", str(checkout / "Snakefile"), status=1)
    assert said.splitlines()[-1] == (
        f"colosseum: error: {checkout}: Snakemake reads the braces in the name of this folder; rename it."
    )
