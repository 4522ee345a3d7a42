"""What the tutorials share: a folder and settings of their own, and the command line in another process."""

import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from colosseum import registry, settings

ROOT = Path(settings.__file__).parents[1]


@pytest.fixture
def own_folder(tmp_path, monkeypatch):
    """Work in an empty folder, and leave the package-wide settings as they were."""
    folder = tmp_path / "local"
    folder.mkdir()
    monkeypatch.chdir(folder)
    with settings.temporary_settings(), registry.temporary_registrations():
        yield folder


@pytest.fixture
def colosseum_command():
    """``python -m colosseum ...`` in a process that finds this package, and modules in other folders if asked."""

    def run(arguments: Sequence[str], cwd: Path, *folders: Path) -> subprocess.CompletedProcess:
        path = os.pathsep.join([*map(str, folders), str(ROOT), *os.environ.get("PYTHONPATH", "").split(os.pathsep)])
        return subprocess.run(
            [sys.executable, "-m", "colosseum", *map(str, arguments)],
            cwd=cwd,
            env={**os.environ, "PYTHONPATH": path.rstrip(os.pathsep)},
            capture_output=True,
            text=True,
        )

    return run
