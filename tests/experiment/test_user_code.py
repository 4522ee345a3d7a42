"""The code of user-defined classes determines their logs: its digest is a part of their instances."""

import os
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from making import make_instance

from colosseum import registry
from colosseum.errors import InstanceError, LogError
from colosseum.experiment.experiment_instance import load_instance
from colosseum.experiment.experiment_instances import run_experiment_instance
from colosseum.experiment.instance_file import instance_digest
from colosseum.experiment.user_code import code_digest
from colosseum.logs.read import read_log

AGENT = """
import gin
import numpy as np
from colosseum.agent.agents.random import RandomAgentContinuous
from my_lab import steps
from .helpers.tables import COUNT

@gin.configurable
class MyAgent(RandomAgentContinuous):
    def __init__(self, seed, mdp_specs, optimization_horizon, bonus=0.0):
        super().__init__(seed, mdp_specs, optimization_horizon)

    @staticmethod
    def get_hyperparameters_search_spaces():
        return {"bonus": None}
"""


@pytest.fixture
def lab():
    for name in [name for name in sys.modules if name.partition(".")[0] in ("my_lab", "plugin")]:
        del sys.modules[name]  # another test's
    files = {
        "my_lab/__init__.py": "",
        "my_lab/agents.py": AGENT,
        "my_lab/steps.py": "def f():\n    from my_lab import late\n",
        "my_lab/late.py": "import importlib\nimportlib.import_module('plugin')\n",
        "my_lab/helpers/__init__.py": "",
        "my_lab/helpers/tables.py": "from .. import steps\nfrom ..sibling import *\nCOUNT = 1\n",
        "my_lab/sibling.py": "try:\n    import missing_everywhere, json\nexcept ImportError:\n    pass\n",
        "my_lab/unused.py": "",
        "plugin.py": "",
        "other.py": "",
    }
    for name, text in files.items():
        Path(name).parent.mkdir(parents=True, exist_ok=True)
        Path(name).write_text(text)
    return files


def test_whatever_is_imported_below_the_working_directory_counts(lab):
    imported = set(sys.modules)
    before = code_digest("my_lab.agents:MyAgent")
    assert len(before) == 32 and code_digest("my_lab.agents") == before
    for name, text in lab.items():
        Path(name).write_text(text + "# changed\n")
        is_imported = name not in ("my_lab/unused.py", "other.py")
        assert (code_digest("my_lab.agents:MyAgent") != before) == is_imported, name
        Path(name).write_text(text)
        assert code_digest("my_lab.agents:MyAgent") == before
    assert set(sys.modules) <= imported, "nothing is imported for it"


def test_the_same_wherever_the_folder_is(lab, monkeypatch):
    before = code_digest("my_lab.agents:MyAgent")
    here = os.getcwd()
    os.mkdir("elsewhere")
    for name in ("my_lab", "plugin.py"):
        os.rename(name, f"elsewhere/{name}")
    monkeypatch.chdir("elsewhere")
    assert code_digest("my_lab.agents:MyAgent") == before
    os.mkdir("deeper")
    monkeypatch.chdir("deeper")
    assert code_digest("my_lab.agents:MyAgent") == "", "no file"
    monkeypatch.syspath_prepend(f"{here}/elsewhere")
    assert code_digest("my_lab.agents:MyAgent") == before


def test_the_package_has_its_version_instead_and_a_notebook_nothing():
    assert code_digest("colosseum.agent.agents.random:RandomAgentContinuous") == ""
    assert code_digest("__main__:MyAgent") == code_digest("nowhere.at_all:MyAgent") == ""


def test_what_cannot_be_parsed_counts_as_it_is():
    Path("odd.py").write_text("def (:\n")
    first = code_digest("odd:Agent")
    Path("odd.py").write_bytes(b"\xff\x00")
    assert "" != first != code_digest("odd:Agent") != ""


@pytest.fixture
def my_agent(lab, monkeypatch):
    monkeypatch.syspath_prepend(os.getcwd())
    with registry.temporary_registrations():
        yield registry.register_from_path("my_lab.agents:MyAgent")
    for name in [name for name in sys.modules if name.partition(".")[0] in ("my_lab", "plugin")]:
        del sys.modules[name]


def test_changed_code_is_told_and_makes_another_instance(my_agent):
    instance = make_instance(my_agent, n_steps=200, agents_gin_config="prms_0/MyAgent.bonus = 0.5\n")
    assert instance.save("mine.pkl") and not instance.save("mine.pkl")
    before = instance_digest("mine.pkl")
    assert load_instance("mine.pkl") == instance and instance.digest == before
    assert read_log(run_experiment_instance("mine.pkl", "log.csv")).instance == before[:16]
    Path("my_lab/sibling.py").write_text("X = 1\n")
    with pytest.raises(InstanceError) as caught:
        run_experiment_instance("mine.pkl", "log.csv", overwrite=True)
    assert str(caught.value) == (
        "mine.pkl: the code of my_lab.agents:MyAgent changed since this instance was made; make the instance again "
        "(repeat the snakemake command, or use python -m colosseum instances)."
    )
    changed = replace(instance)
    assert not changed.is_saved_in("mine.pkl") and changed.save("mine.pkl")
    after = instance_digest("mine.pkl")
    assert after == load_instance("mine.pkl").digest != before
    with pytest.raises(LogError, match=rf"^log\.csv: of another instance: {before[:16]} made it and not {after[:16]}"):
        read_log("log.csv", 200, after)
    run_experiment_instance("mine.pkl", "log.csv")
    assert read_log("log.csv", 200, after).instance == after[:16]
