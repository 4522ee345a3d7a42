"""Every command of the README and of the pages after it is run, in order, in a copy whose study is the tiny one."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[1]
PAGES = ("README.md", "docs/running.md", "docs/development.md")
README = "\n".join((ROOT / page).read_text() for page in PAGES)
BLOCKS = re.findall(r"^```(sh|python)\n(.*?)^```", README, re.DOTALL | re.MULTILINE)
COMMANDS = [block for language, block in BLOCKS if language == "sh"]
SCRIPTS = [block for language, block in BLOCKS if language == "python"]

USERS_OWN = "import os, sys\nanswer: str = 42;\n"  # what is no part of the project is judged by nobody


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    """A copy of what a newcomer has, with this interpreter's environment as its .venv."""
    folder = tmp_path_factory.mktemp("readme") / "colosseum"
    # __pycache__ comes along: compiled kernels
    ignored = shutil.ignore_patterns(".git", ".venv", ".snakemake", "results", ".pytest_cache", ".ruff_cache")
    shutil.copytree(ROOT, folder, ignore=ignored)
    tiny = (folder / "studies" / "tiny.yaml").read_text()
    (folder / "config.yaml").write_text(tiny.replace("study: tiny", "study: default"))
    (folder / "my_lab").mkdir()
    (folder / "my_lab/agents.py").write_text(USERS_OWN)
    (folder / ".venv").mkdir()
    for entry in Path(sys.prefix).iterdir():
        if entry.name != ".ready":
            (folder / ".venv" / entry.name).symlink_to(entry)
    activate = folder / ".venv" / "bin"
    activate.unlink()
    activate.mkdir()
    for entry in (Path(sys.prefix) / "bin").iterdir():
        if not entry.name.startswith("activate"):
            (activate / entry.name).symlink_to(entry)
    (activate / "activate").write_text(f'export PATH="{activate}:$PATH"\n')
    (folder / ".venv" / ".ready").touch()
    return folder


def environment(folder):
    # `make test` inside a test: collect, do not run; and nothing of a home folder is touched
    return os.environ | {
        "PYTEST_ADDOPTS": "-n 0 --collect-only",
        "HOME": str(folder.parent / "home"),
        "XDG_CONFIG_HOME": str(folder.parent / "home" / ".config"),
        "PYTHONPATH": str(folder),
    }


def as_tested(block):
    """On a cluster only the plan is made here: tests/slurm runs the profiles."""
    return re.sub(r"^(snakemake --profile slurm)$", r"\1 --executor local --cores 1 -n --quiet", block, flags=re.M)


def test_there_are_commands():
    assert len(COMMANDS) >= 5
    assert any("make run" in block for block in COMMANDS)
    assert len(SCRIPTS) == 1


def test_commands_run_in_order(project):
    for block in COMMANDS:
        result = subprocess.run(
            ["bash", "-euo", "pipefail", "-c", as_tested(block)],
            cwd=project,
            env=environment(project),
            capture_output=True,
            text=True,
            timeout=600,
        )
        assert result.returncode == 0, f"{block}\n{result.stdout[-3000:]}\n{result.stderr[-3000:]}"
    for made in (
        "results/analysis/default/report.html",
        "results/analysis/tiny/report.html",
        "docs/rulegraph.md",
        "my/log.csv",
        "my_study/config.yaml",
    ):
        assert (project / made).stat().st_size > 1000, made
    assert (project / "my_lab/agents.py").read_text() == USERS_OWN


def test_script_learns(tmp_path):
    result = subprocess.run(
        [sys.executable, "-c", SCRIPTS[0]],
        cwd=tmp_path,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert result.returncode == 0, result.stderr
    assert 0 <= float(result.stdout) < 0.2


@pytest.mark.parametrize("profile", sorted(path.name for path in (ROOT / "profiles").iterdir()))
def test_every_key_of_a_profile_is_explained(profile):
    page = (ROOT / "docs" / "cluster.md").read_text()
    settings = yaml.safe_load((ROOT / "profiles" / profile / "config.yaml").read_text())
    keys = [*settings, *settings.get("default-resources", {})]
    explained = set(re.findall(r"`(?:default-resources: )?([\w-]+)(?:: [^`]*)?`", page))
    assert not [key for key in keys if key.removeprefix("slurm-packed-") not in explained | {"default-resources"}]


@pytest.mark.parametrize("page", ["README.md", *sorted(f"docs/{path.name}" for path in (ROOT / "docs").glob("*.md"))])
def test_files_and_headings_that_a_page_names_exist(page):
    text = (ROOT / page).read_text()
    links = re.findall(r"\]\(([^)#:]+)\)", text)
    headings = {
        re.sub(r"[^\w -]", "", line).strip().lower().replace(" ", "-") for line in re.findall(r"^#+ (.*)", text, re.M)
    }
    anchors = re.findall(r"\]\(#([^)]+)\)", text)
    assert not [link for link in links if not ((ROOT / page).parent / link).exists()]
    assert not [anchor for anchor in anchors if anchor not in headings]
