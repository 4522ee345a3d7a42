"""What made a result: versions of the software, and the commit of the source."""

import os
import platform
import subprocess
from importlib import metadata

PACKAGES = ("colosseum", "snakemake", "numpy", "numba", "scipy", "pandas", "matplotlib", "gin-config", "dm-env")


def versions() -> dict[str, str]:
    """Return the versions of Python and of the packages that a log or a plot depends on, by name."""
    found = {"Python": platform.python_version()}
    for package in PACKAGES:
        try:
            found[package] = metadata.version(package)
        except metadata.PackageNotFoundError:  # a source tree that was never installed
            found[package] = "not installed"
    return found


def commit(folder: str | os.PathLike) -> str:
    """
    Return the commit of the source in a folder.

    Parameters
    ----------
    folder : str or path

    Returns
    -------
    str
        Its abbreviated hash, with ``-dirty`` if files were changed since; "unknown" where there is no repository or
        no git.
    """
    command = ["git", "-C", os.fspath(folder), "describe", "--always", "--dirty", "--abbrev=12", "--exclude=*"]
    try:
        return subprocess.run(command, capture_output=True, text=True, check=True, timeout=10).stdout.strip()
    except (OSError, subprocess.SubprocessError):
        return "unknown"
