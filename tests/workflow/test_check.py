"""`python -m colosseum check`, and what the workflow asks it before the first job."""

import re
import shutil
from pathlib import Path

import pytest
import yaml
from user_project import OWN_AGENTS, ROOT, TINY

from colosseum import cli
from colosseum.registry import temporary_registrations

CLASSES = (
    OWN_AGENTS.replace("FailingAgent", "FailingHere")  # gin knows classes by name in all of a process
    + '''
import abc
import scipy.stats
from colosseum.agent.agents.infinite_horizon import QLearningContinuous
from colosseum.mdp.river_swim import RiverSwimContinuous


class Undecorated(UniformContinuous):
    pass


@gin.configurable
class Abstract(UniformContinuous):
    @abc.abstractmethod
    def remembers(self):
        """Left out."""


@gin.configurable
class WrongText(UniformContinuous):
    @staticmethod
    def get_hyperparameters_search_spaces():
        return {"rate": scipy.stats.uniform(0.1, 0.8)}

    @classmethod
    def produce_gin_file_from_parameters(cls, parameters, index=0):
        return f"prms_{index}/WrongText.rat = 0.1"


@gin.configurable
class Tuned(QLearningContinuous):
    pass


@gin.configurable
class Creek(RiverSwimContinuous):
    pass


@gin.configurable
class DryCreek(RiverSwimContinuous):
    def __init__(self, seed, size=4):
        raise ValueError("no water")

'''
)


@pytest.fixture
def check(tmp_path, monkeypatch, capsys):
    (tmp_path / "checked.py").write_text(CLASSES)
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(tmp_path)

    def run(*arguments):
        with temporary_registrations():
            status = cli.main(["check", *arguments])
        said = capsys.readouterr()
        assert "Traceback" not in said.err and said.err.count("\n") <= 1
        return status, said.out, said.err

    return run


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("UniformContinuous", ""),
        ("UniformEpisodic", ""),
        ("Tuned", ""),
        ("Creek", ""),
        ("Undecorated", "is not known to gin; decorate the class with @gin.configurable"),
        ("Abstract", "the class lacks remembers"),
        ("WrongText", "failed when its gin text is read: .*has no parameter 'rat'"),
        ("FailingHere", r"failed when it does 50 steps .*RuntimeError: the model exploded \(.*checked.py, line \d+\)"),
        ("DryCreek", r"failed when it is made of its gin text: ValueError: no water"),
        ("Nowhere", "has no class 'Nowhere'"),
    ],
)
def test_classes(check, name, message):
    status, out, err = check(f"checked:{name}")
    assert (status, out) == ((2, "") if message else (0, f"checked:{name}: right\n")), err
    assert re.search(message, err)
    assert err.startswith(f"colosseum check: error: checked:{name}") or not message


def test_packaged_classes_and_studies(check, tmp_path):
    assert check("QLearningContinuous", "RiverSwimEpisodic")[0] == 0
    study = {**TINY, "agents": ["checked:Tuned"], "hyperopt": None, "benchmarks": ["continuous_quick_test"]}
    Path("study.yaml").write_text(yaml.safe_dump(study))
    status, _, err = check("study.yaml")
    assert status == 2
    assert "study.yaml: agents: checked:Tuned has hyperparameters, and hyperopt is null: name a gin file" in err
    shutil.copy(ROOT / "colosseum/agent/hyperparameters/QLearningContinuous.gin", "tuned.gin")
    Path("study.yaml").write_text(yaml.safe_dump({**study, "hyperparameters": {"Tuned": "tuned.gin"}}))
    assert "binds the class 'QLearningContinuous' where 'Tuned' is configured" in check("study.yaml")[2]
    Path("tuned.gin").write_text(Path("tuned.gin").read_text().replace("QLearningContinuous", "Tuned"))
    status, out, err = check("study.yaml")
    assert (status, out.endswith("study.yaml: right, 7 instances\n")) == (0, True), (out, err)
    for wrong, message in (
        ({"Tuned": "none.gin"}, "hyperparameters: none.gin: No such file"),
        ({"Tunde": "tuned.gin"}, "hyperparameters: there is no agent 'Tunde'; did you mean 'Tuned'"),
        ({"Tuned": 3}, "hyperparameters.Tuned: 3 is not a text"),
    ):
        Path("study.yaml").write_text(yaml.safe_dump({**study, "hyperparameters": wrong}))
        assert message in check("study.yaml")[2]
    Path("study.yaml").write_text(yaml.safe_dump({**TINY, "hyperparameters": {"Tuned": "tuned.gin"}}))
    assert "hyperparameters: hyperopt chooses them" in check("study.yaml")[2]
    assert "missing.yaml: No such file" in check("missing.yaml")[2]


@pytest.mark.slow
def test_the_workflow_asks_before_the_first_job(project):
    (project.folder / "my_lab/checked.py").write_text(CLASSES)
    for agent, message in (
        ("Undecorated", "not known to gin"),
        ("Abstract", "the class lacks remembers"),
        ("DyingAgent", "ended with status 9"),
        ("Tuned", "has hyperparameters, and hyperopt is null: name a gin file"),
    ):
        project.write({**TINY, "agents": [f"my_lab.checked:{agent}"], "hyperopt": None})
        last = project.run("logs", status=1).rstrip().splitlines()[-1]
        key = "agents: " if agent == "Tuned" else ""
        assert last.startswith(f"colosseum: error: config.yaml: {key}my_lab.checked:{agent}")
        assert message in last
    assert not (project.folder / "results").exists()
    gin = (ROOT / "colosseum/agent/hyperparameters/QLearningContinuous.gin").read_text()
    (project.folder / "my tuned.gin").write_text(gin.replace("QLearningContinuous", "Tuned"))
    study = {**TINY, "agents": ["my_lab.checked:Tuned"], "hyperopt": None, "hyperparameters": {"Tuned": "my tuned.gin"}}
    project.write(study)
    made = "results/benchmarking/tiny/my_rivers/agents_configs/Tuned.gin"
    project.run(made)
    assert "prms_0/Tuned." in (project.folder / made).read_text()
