"""The locks: every package with hashes, no host named, nothing forgotten; and what is not pinned is listed."""

import re
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[1]
LOCKS = ("requirements.lock", "tests/analysis/rliable.lock")


def entries(lock: str) -> list[str]:
    """Return the entries of a lock, each in one line."""
    return (ROOT / lock).read_text().replace("\\\n", " ").splitlines()


def requirement(entry: str) -> Requirement:
    """Return what an entry asks for, without its hashes."""
    return Requirement(entry.split("--hash")[0].strip())


@pytest.mark.parametrize("lock", LOCKS)
def test_every_package_is_pinned_with_hashes(lock):
    assert len(entries(lock)) > 20
    for entry in entries(lock):
        assert re.fullmatch(r"==[\w.+]+", str(requirement(entry).specifier)), entry
        assert re.search(r"--hash=sha256:[0-9a-f]{64}(\s|$)", entry), entry


@pytest.mark.parametrize("lock", LOCKS)
def test_a_lock_names_no_host(lock):
    text = (ROOT / lock).read_text()
    assert "://" not in text and "--index" not in text and "--extra-index" not in text and "--find-links" not in text


@pytest.mark.parametrize("project", ["pyproject.toml", "executor/pyproject.toml"])
def test_the_lock_has_what_a_project_needs(project):
    tables = tomllib.loads((ROOT / project).read_text())
    metadata = tables["project"]
    optional = [text for texts in metadata.get("optional-dependencies", {}).values() for text in texts]
    optional = [
        text for text in optional if not text.startswith("snakemake-executor-plugin-slurm-packed")
    ]  # in this repository
    pinned = {canonicalize_name(needed.name): needed for needed in map(requirement, entries("requirements.lock"))}
    for needed in map(Requirement, [*metadata["dependencies"], *optional, *tables["build-system"]["requires"]]):
        found = pinned[canonicalize_name(needed.name)]
        assert needed.specifier.contains(str(found.specifier).removeprefix("==")), needed


def test_what_make_installs_from_locks_is_checked():
    text = "".join((ROOT / name).read_text() for name in ("Makefile", "tools.mk", "cluster.mk")).replace("\\\n", " ")
    installs = [line for line in text.splitlines() if re.match(r"\t.*INSTALL\)", line)]
    assert len(installs) == 4
    for line in installs:
        for part in line.split("||"):
            assert "--require-hashes -r " in part or "--no-deps --no-build-isolation -e . -e executor" in part, part


def test_what_make_does_not_pin_is_listed():
    text = (ROOT / "tools.mk").read_text() + (ROOT / "cluster.mk").read_text()
    page = (ROOT / "docs/development.md").read_text()
    lists = re.findall(r"^\w+_PACKAGES := (.*)", text, re.MULTILINE)
    debian = [names.split() for names in lists if "==" not in names]
    assert len(debian) == 2
    for names in debian:
        assert [name for name in names if f"`{name}`" not in page] == []
