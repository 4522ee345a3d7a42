"""What the distribution says of itself, and what it says where it was mixed with another one."""

import importlib.util
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
import yaml

import colosseum
from colosseum import about, registry
from colosseum.analysis.registry import available_kinds

ROOT = Path(__file__).parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
CITATION = yaml.safe_load((ROOT / "CITATION.cff").read_text())


def test_version_is_the_same_everywhere():
    assert CITATION["version"] == colosseum.__version__
    assert re.search(r"^## ([\d.]+)", (ROOT / "CHANGELOG.md").read_text(), re.MULTILINE)[1] == colosseum.__version__
    assert about.versions()["colosseum"] == colosseum.__version__


def test_licence_is_named_and_shipped():
    assert PROJECT["license"] == CITATION["license"] == "MIT"
    for folder in (ROOT, ROOT / "executor"):
        assert (folder / "LICENSE").read_text().startswith("MIT License")
        assert tomllib.loads((folder / "pyproject.toml").read_text())["project"]["license-files"] == ["LICENSE"]


def test_paper_is_cited():
    [paper] = CITATION["references"]
    assert paper["title"] == "Hardness in Markov Decision Processes: Theory and Practice"
    assert [author["family-names"] for author in paper["authors"]] == ["Conserva", "Rauber"]
    assert PROJECT["urls"]["Paper"] == paper["url"]
    assert CITATION["authors"] == [{"name": "The Colosseum developers"}] == PROJECT["authors"]


def test_hosts_call_the_script_that_everybody_can_run():
    jobs = yaml.safe_load((ROOT / ".github/workflows/ci.yml").read_text())["jobs"]
    assert "bash .ci/run" in [step.get("run") for step in jobs["everything"]["steps"]]
    others = jobs["other-pythons"]["strategy"]["matrix"]["python"]
    tried = ["3.11", *others]
    assert [f"Programming Language :: Python :: {version}" for version in tried] == [
        text for text in PROJECT["classifiers"] if re.search(r":: 3\.", text)
    ]
    elsewhere = yaml.safe_load((ROOT / ".gitlab-ci.yml").read_text())
    assert elsewhere["everything"]["script"] == ["bash .ci/run"]
    assert elsewhere["other-pythons"]["parallel"]["matrix"] == [{"PYTHON": others}]


def test_contributing_names_what_is_there():
    page = (ROOT / "CONTRIBUTING.md").read_text()
    for link in re.findall(r"\]\(([^)#:]+)\)", page):
        assert (ROOT / link).exists(), link
    for text in re.findall(r"`((?:colosseum|tests|workflow)/[\w/.]*)`", page):
        assert (ROOT / text).exists(), text
    targets = re.findall(r"`make ([a-z-]+)`", page)
    makefile = (ROOT / "Makefile").read_text()
    assert len(targets) > 5 and not [target for target in targets if f"\n{target}:" not in makefile]
    assert registry.PACKAGED_AGENTS and registry._FAMILIES and "timing" in available_kinds("plot")
    assert "PLOTS = {" in (ROOT / "workflow/rules/common.smk").read_text()


@pytest.mark.parametrize(
    ("beside", "inside", "named"),
    [
        ("rl_colosseum-1.2.5.dist-info", None, "rl-colosseum"),
        ("colosseum-0.2.0.dist-info", None, "colosseum"),
        (None, "_metadata.py", "rl-colosseum"),
        ("colosseum_benchmark-0.2.0.dist-info", None, None),
    ],
)
def test_another_distribution_in_the_same_folder_is_told_in_one_line(beside, inside, named, tmp_path):
    package = tmp_path / "colosseum"
    package.mkdir()
    for name in ("__init__.py", "neighbours.py"):
        shutil.copy(ROOT / "colosseum" / name, package)
    if beside:
        (tmp_path / beside).mkdir()
    if inside:
        (package / inside).touch()
    done = subprocess.run(
        [sys.executable, "-c", "import colosseum; print(colosseum.__file__)"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.strip() == str(package / "__init__.py")
    if named is None:
        assert done.stderr == ""
    else:
        [line] = done.stderr.splitlines()
        assert f"type `pip uninstall {named} colosseum-benchmark`, then install colosseum-benchmark again." in line


def test_a_folder_that_is_no_repository_has_no_commit(tmp_path, monkeypatch):
    spec = importlib.util.spec_from_file_location("about_elsewhere", about.__file__)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    subprocess.run(["git", "init", "-q", tmp_path], check=True)  # the user's
    site = tmp_path / ".venv/site-packages"
    (site / "colosseum").mkdir(parents=True)
    monkeypatch.setattr(module, "_PACKAGE", site / "colosseum")
    assert module.shipped() == site
    assert module.commit() == "unknown"
    (site / "colosseum/shipped").mkdir()
    assert module.commit() == "unknown"
    (site / "colosseum/shipped/COMMIT").write_text("0123456789ab\n")
    assert module.commit() == "0123456789ab"
