"""Makes the helpers of other tests importable, and keeps what tests configure to themselves."""

import sys
from pathlib import Path

import gin
import pytest

from colosseum import settings

TESTS = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(TESTS / "dynamic_programming"), str(TESTS / "mdp")]


@pytest.fixture(autouse=True)
def _as_it_was():
    gin.clear_config()
    with settings.temporary_settings():
        yield
    gin.clear_config()
