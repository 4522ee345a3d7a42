"""Running programs in tests."""

import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path


def said_by(module: str, *options: str, folder: Path, environment: Mapping[str, str], status: int = 0) -> str:
    """Run ``python -m module``, check its exit status, and return what it says on either stream."""
    done = subprocess.run(
        [sys.executable, "-m", module, *options],
        cwd=folder,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=900,
        check=False,
    )
    assert done.returncode == status, done.stdout[-6000:]
    return done.stdout
