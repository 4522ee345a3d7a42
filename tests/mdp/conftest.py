"""Makes the helpers of these tests importable, and leaves gin's global configuration empty."""

import sys
from pathlib import Path

import gin
import pytest

sys.path.insert(0, str(Path(__file__).resolve().parent))


@pytest.fixture(autouse=True)
def _no_gin_left():
    gin.clear_config()
    yield
    gin.clear_config()
