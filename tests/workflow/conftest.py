"""Running the workflow itself, on studies that take seconds, in folders of their own."""

import shutil
from pathlib import Path

import pytest
from user_project import Project, make_project


@pytest.fixture
def project(tmp_path) -> Project:
    """A folder with a configuration, a benchmark and agents, in which nothing was run."""
    return make_project(tmp_path / "project")


@pytest.fixture(scope="session")
def complete_project(tmp_path_factory) -> Path:
    """A folder in which the tiny study was run to its end; not to be changed."""
    made = make_project(tmp_path_factory.mktemp("complete") / "project")
    made.run()
    return made.folder


@pytest.fixture
def complete(complete_project, tmp_path) -> Project:
    """A copy of it, to be changed."""
    shutil.copytree(complete_project, tmp_path / "project", symlinks=True)  # copy2 keeps the times, which matter here
    return Project(tmp_path / "project")
