"""The Makefile: its help, and what it says where something is missing."""

import os
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
MAKEFILES = ("Makefile", "tools.mk", "cluster.mk")

# as typed by a person, whether or not the tests were started by make
ENVIRONMENT = {name: value for name, value in os.environ.items() if not name.startswith(("MAKE", "MFLAGS"))}


@pytest.mark.skipif(shutil.which("make") is None, reason="needs make")
def test_help_lists_every_target():
    done = subprocess.run(
        ["make", "--no-print-directory"], cwd=ROOT, env=ENVIRONMENT, capture_output=True, text=True, check=True
    )
    listed = dict(line.split(maxsplit=1) for line in done.stdout.splitlines())
    text = "".join((ROOT / name).read_text() for name in MAKEFILES)
    declared = [name for names in re.findall(r"^\.PHONY: (.*)", text, re.MULTILINE) for name in names.split()]
    assert sorted(listed) == sorted(declared)
    assert all(len(sentence) > 5 for sentence in listed.values())
    targets = re.findall(r"^([a-z][a-z-]*):(?!=)", text, re.MULTILINE)
    assert sorted(targets) == sorted(declared)


@pytest.mark.skipif(shutil.which("make") is None, reason="needs make")
@pytest.mark.parametrize("program", ["python9.99", "/dev/null", "false"])
def test_without_python_it_names_the_variable_to_set(program, tmp_path):
    make = ["make", "--no-print-directory", "venv", f"PYTHON={program}", f"VENV={tmp_path / 'venv'}"]
    done = subprocess.run(make, cwd=ROOT, env=ENVIRONMENT, capture_output=True, text=True)
    said, ended = done.stderr.splitlines()
    assert done.returncode != 0 and ended.startswith("make: ***")
    assert said == f"{program} is no Python 3.11 or newer: name one, make PYTHON=/usr/bin/python3.12 venv"
    assert not any(tmp_path.iterdir())


@pytest.mark.skipif(shutil.which("make") is None, reason="needs make")
def test_a_make_within_make_reads_each_file_once():
    """`run` calls make for the report; a variable of make's own name had it warn of each target there."""
    done = subprocess.run(["make", "-n", "run"], cwd=ROOT, env=ENVIRONMENT, capture_output=True, text=True, check=True)
    assert "--report" in done.stdout and not done.stderr


@pytest.mark.skipif(shutil.which("make") is None, reason="needs make")
def test_it_says_what_it_installs_and_where_before_it_does(tmp_path):
    shutil.copy(ROOT / "requirements.lock", tmp_path)
    for name in (*MAKEFILES, "pyproject.toml", "executor/pyproject.toml"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        shutil.copy(ROOT / name, tmp_path / name)
    python = tmp_path / "new_enough"
    python.write_text('#!/bin/sh\n[ "$1" = -c ] || { echo it begins; exit 1; }\n')
    python.chmod(0o755)
    make = ["make", "--no-print-directory", "venv", f"PYTHON={python}"]
    done = subprocess.run(make, cwd=tmp_path, env=ENVIRONMENT, capture_output=True, text=True)
    n_packages = len(re.findall(r"^[a-z].*==", (ROOT / "requirements.lock").read_text(), re.MULTILINE))
    assert done.returncode != 0 and done.stdout.splitlines() == [
        f"{tmp_path}/.venv: made with {python}, for the {n_packages} packages of requirements.lock",
        f"{python} -m venv --clear .venv",
        "it begins",
    ]


@pytest.mark.skipif(shutil.which("make") is None, reason="needs make")
def test_lint_judges_the_project_and_not_what_a_user_keeps_in_the_checkout(tmp_path):
    for name in (*MAKEFILES, "pyproject.toml"):
        shutil.copy(ROOT / name, tmp_path)
    for folder in ("colosseum", "executor", "tests"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "__init__.py").touch()
    (tmp_path / "my_lab").mkdir()
    (tmp_path / "my_lab/agents.py").write_text("import os,sys\nx=1\n")
    make = ["make", "--no-print-directory", "-n", "-o", ".venv/.ready", "lint"]
    plan = subprocess.run(make, cwd=tmp_path, env=ENVIRONMENT, capture_output=True, text=True, check=True)
    commands = [line.split()[1:] for line in plan.stdout.splitlines() if line.startswith(".venv/bin/ruff ")]
    assert [command[0] for command in commands] == ["format", "check"]

    def statuses():
        ruff = [sys.executable, "-m", "ruff"]
        return [subprocess.run([*ruff, *one], cwd=tmp_path, capture_output=True).returncode for one in commands]

    assert statuses() == [0, 0]
    shutil.copy(tmp_path / "my_lab/agents.py", tmp_path / "colosseum")
    assert statuses() == [1, 1]
    checked = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["mypy"]["packages"]
    assert checked == ["colosseum", "snakemake_executor_plugin_slurm_packed"]
