"""An environment with the wheels, for the session."""

import os
from pathlib import Path

import pytest
from wheel_environment import build_wheels, make_environment, variables_of


@pytest.fixture(scope="session")
def wheels(tmp_path_factory) -> list[Path]:
    """Both distributions, built from this tree."""
    return build_wheels(tmp_path_factory.mktemp("wheels"))


@pytest.fixture(scope="session")
def installed(wheels, tmp_path_factory) -> Path:
    """The folder of the programs of a fresh environment with the wheels."""
    return make_environment(tmp_path_factory.mktemp("venv"), wheels)


@pytest.fixture
def outside(installed, tmp_path) -> dict[str, str]:
    """The environment variables of somebody who has activated that environment."""
    return variables_of(installed, os.environ, tmp_path / "cache")
