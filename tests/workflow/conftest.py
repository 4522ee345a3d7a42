"""Running the workflow itself, on studies that take seconds, in folders of their own."""

import fcntl
import shutil
from pathlib import Path

import pytest
from user_project import Project, make_project


@pytest.fixture
def project(tmp_path) -> Project:
    """A folder with a configuration, a benchmark and agents, in which nothing was run."""
    return make_project(tmp_path / "project")


@pytest.fixture(scope="session")
def complete_project(tmp_path_factory, worker_id) -> Path:
    """A folder in which the tiny study was run to its end; not to be changed."""
    base = tmp_path_factory.getbasetemp()
    if worker_id != "master":
        base = base.parent  # one for all workers
    with open(base / "complete.lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        folder = base / "complete"
        if not (base / "complete.done").exists():
            make_project(folder).run()
            (base / "complete.done").touch()
    return folder


@pytest.fixture
def complete(complete_project, tmp_path) -> Project:
    """A copy of it, to be changed."""
    shutil.copytree(complete_project, tmp_path / "project", symlinks=True)  # copy2 keeps the times, which matter here
    return Project(tmp_path / "project")
