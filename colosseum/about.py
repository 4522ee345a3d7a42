"""What made a result: versions, and the commit of the source; and what the distribution holds beside the package."""

import os
import platform
import subprocess
from importlib import metadata
from pathlib import Path

import colosseum

PACKAGES = ("snakemake", "numpy", "numba", "scipy", "pandas", "matplotlib", "gin-config", "dm-env")

_PACKAGE = Path(__file__).parent


def versions() -> dict[str, str]:
    """Return the versions of Python and of the packages that a log or a plot depends on, by name."""
    found = {"Python": platform.python_version(), "colosseum": colosseum.__version__}
    for package in PACKAGES:
        try:
            found[package] = metadata.version(package)
        except metadata.PackageNotFoundError:
            found[package] = "not installed"
    return found


def shipped() -> Path:
    """
    Return the folder of Snakefile, workflow, profiles, studies and examples.

    Returns
    -------
    Path
        ``colosseum/shipped`` where a wheel was installed, the repository otherwise.
    """
    of_wheel = _PACKAGE / "shipped"
    return of_wheel if of_wheel.is_dir() else _PACKAGE.parent


def commit() -> str:
    """
    Return the commit of the package's source, never that of a repository in which it is merely used.

    Returns
    -------
    str
        Its abbreviated hash, with ``-dirty`` if files were changed since; "unknown" where neither the wheel nor a
        repository says it.
    """
    folder = shipped()
    if folder.parent == _PACKAGE:
        try:
            return (folder / "COMMIT").read_text(encoding="utf-8").strip()
        except FileNotFoundError:
            return "unknown"
    if not (folder / ".git").exists():  # a copy of the source in somebody's repository
        return "unknown"
    command = ["git", "-C", os.fspath(folder), "describe", "--always", "--dirty", "--abbrev=12", "--exclude=*"]
    try:
        return subprocess.run(command, capture_output=True, text=True, check=True, timeout=10).stdout.strip()
    except (OSError, subprocess.SubprocessError):
        return "unknown"
