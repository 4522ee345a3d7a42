"""What a workflow adds to the executor."""

import os
from pathlib import Path

import pytest
from snakemake.exceptions import CliException
from snakemake_executor_plugin_slurm_packed import hooks
from snakemake_executor_plugin_slurm_packed.settings import ExecutorSettings

MODULE = """
import contextlib, os

@contextlib.contextmanager
def session(folder, n_jobs):
    os.environ["PREPARED"] = f"{folder} {n_jobs}"
    yield
    del os.environ["PREPARED"]

def versions():
    return {"tool": "2.1"}

def whole(path):
    return path.suffix == ".done"

number = 3
"""


@pytest.fixture
def own_module(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(tmp_path / "nothing")  # its path is put back as it was
    Path("hooks_of_a_test.py").write_text(MODULE)
    return "hooks_of_a_test"


def test_hooks_of_the_working_directory(own_module, tmp_path):
    with hooks.enter_session(f"{own_module}:session", tmp_path, 3):
        assert os.environ["PREPARED"] == f"{tmp_path} 3"
    assert "PREPARED" not in os.environ
    assert hooks.versions(f"{own_module}:versions")["tool"] == "2.1"
    assert hooks.whole(f"{own_module}:whole")(Path("a.done"))


def test_without_hooks(tmp_path):
    with hooks.enter_session("", tmp_path, 3):
        pass
    assert set(hooks.versions("")) == {"python", "snakemake"}
    assert not hooks.whole("")(tmp_path)


def test_versions_that_differ_are_named(own_module):
    name = f"{own_module}:versions"
    assert hooks.differing_versions(hooks.versions(name), name) == ""
    told = hooks.differing_versions(hooks.versions(name) | {"tool": "9.9"}, name)
    assert told == "tool is 2.1 here but 9.9 on the head"
    assert "tool is None here" in hooks.differing_versions(hooks.versions(name), "")


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("nothing", "'nothing' is no hook: write module:function"),
        ("no_such_module:f", "the hook no_such_module:f cannot be loaded on "),
        ("hooks_of_a_test:missing", "has no attribute 'missing'"),
        ("hooks_of_a_test:number", "the hook hooks_of_a_test:number is not a function"),
    ],
)
def test_hooks_that_cannot_be_used(own_module, name, said):
    with pytest.raises(hooks.HookError, match=said):
        hooks.resolve(name)


def test_a_profile_with_a_misspelt_hook(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(CliException, match="slurm-packed-session: 'a.b.c' is no hook"):
        ExecutorSettings(session="a.b.c")
