"""Running programs in tests."""

import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path


def said_by(module: str, *options: str, folder: Path, environment: Mapping[str, str], status: int = 0) -> str:
    """Run ``python -m module``, check its exit status, and return what it says on either stream."""
    return told(folder, environment, sys.executable, "-m", module, *options, status=status)


def told(folder: Path, environment: Mapping[str, str], *command: str, status: int = 0) -> str:
    """Run a program as a person would type it, check its exit status, and return what it says on either stream."""
    done = subprocess.run(
        command,
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
