"""Makes the helpers of these tests importable, and keeps what they register to themselves."""

import os
import sys
from pathlib import Path

import pytest

from colosseum import registry, settings

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))


@pytest.fixture(autouse=True)
def _in_a_folder_of_its_own(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PYTHONPATH", str(HERE.parents[1]), prepend=os.pathsep)  # of processes that tests start
    with settings.temporary_settings(), registry.temporary_registrations():
        yield
