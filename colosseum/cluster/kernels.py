"""The compiled kernels on a node: loaded before the first fork, their cache private to a submission.

Numba's cache on disk is not made for many writers: two processes that compile different signatures of one function at once
can leave an index that names the wrong code. So each submission works on a copy of its own in its scratch folder. The
copy comes from a published cache, a folder that appears whole, by one `rename`, and is never written again; which
also is what a shared file system can do.
"""

from __future__ import annotations

import hashlib
import os
import platform
import shutil
import sys
import tempfile
from pathlib import Path

import colosseum

_PACKAGE = Path(colosseum.__file__).parent


def fingerprint() -> str:
    """What a compiled kernel depends on: the sources with their times (numba compares them), versions, and the CPU."""
    from importlib.metadata import version

    import llvmlite.binding

    digest = hashlib.sha256()
    facts = [platform.python_version(), version("numba"), version("numpy"), version("llvmlite")]
    facts += [llvmlite.binding.get_host_cpu_name(), llvmlite.binding.get_host_cpu_features().flatten()]
    for path in sorted(_PACKAGE.rglob("*.py")):
        state = path.stat()
        facts.append(f"{path} {state.st_mtime_ns} {state.st_size}")
    for fact in facts:
        digest.update(fact.encode() + b"\0")
    return f"{colosseum.__version__}-{digest.hexdigest()[:16]}"


def default_base() -> Path:
    """Where published caches lie if nothing else is said: the user's cache folder, usually on a file system that nodes share."""
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "colosseum" / "numba"


def prepare(folder: Path, base: Path) -> Path | None:
    """
    Give this process and its children a numba cache of their own.

    Parameters
    ----------
    folder : Path
        A new folder on the node.
    base : Path
        Where published caches lie.

    Returns
    -------
    Path or None
        Where `publish` shall put the cache once it is filled; None if it came filled.
    """
    os.environ["NUMBA_CACHE_DIR"] = str(folder)
    published = base / fingerprint()
    try:
        shutil.copytree(published, folder)
        return None
    except FileNotFoundError:
        folder.mkdir(exist_ok=True)
        return published


def publish(folder: Path, target: Path) -> None:
    """Copy a filled cache so that others find it, whole or not at all; of several at once the first wins."""
    target.parent.mkdir(parents=True, exist_ok=True)
    temporary = Path(tempfile.mkdtemp(prefix=".new-", dir=target.parent))
    try:
        shutil.copytree(folder, temporary, dirs_exist_ok=True, ignore=shutil.ignore_patterns("tmp*"))
        temporary.chmod(0o755)
        temporary.rename(target)
    except OSError:
        # another one was first, or there is no room: nothing is lost but time
        shutil.rmtree(temporary, ignore_errors=True)
