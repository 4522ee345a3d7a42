"""A scratch folder on a node that is gone when its submission is, however that ended."""

from __future__ import annotations

import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_PREFIX = f"slurm-packed-{os.getuid()}-"


@contextmanager
def folder(base: str | None = None) -> Iterator[Path]:
    """
    Make a scratch folder; the block's processes find it in SLURM_PACKED_SCRATCH and TMPDIR.

    On a node that does not see the home, or cannot write there, it holds their caches, too (XDG_CACHE_HOME): without
    one for its sources Snakemake does not start.

    A submission whose node lost power, or that was killed outright, cannot clean up; the next one of the same user on
    that node does. A lock that its process holds tells a folder in use from one left behind.

    Parameters
    ----------
    base : str, optional
        The node-local folder in which to make it; environment variables are expanded on the node. Default: TMPDIR, or
        /tmp.

    Yields
    ------
    Path
        The folder.

    Raises
    ------
    OSError
        If the base is missing, full or read-only; the text names it and the node.
    """
    root = Path(os.path.expandvars(base) if base else tempfile.gettempdir())
    try:
        _sweep(root)
        path, lock = _make(root)
        # a disk may let one make a file but have no room for its first byte
        os.write(lock, bytes(1 << 20))
        os.fsync(lock)
        os.ftruncate(lock, 0)
        (path / "tmp").mkdir()
    except OSError as error:
        raise OSError(
            f"the scratch folder {root} of node {os.uname().nodename} cannot be used: {error.strerror}"
        ) from error
    before = {name: os.environ.get(name) for name in ("SLURM_PACKED_SCRATCH", "TMPDIR", "XDG_CACHE_HOME")}
    os.environ.update(SLURM_PACKED_SCRATCH=str(path), TMPDIR=str(path / "tmp"))
    if not _caches_can_be_kept():
        os.environ["XDG_CACHE_HOME"] = str(path / "cache")
    tempfile.tempdir = None
    try:
        yield path
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value
        tempfile.tempdir = None
        os.close(lock)
        shutil.rmtree(path, ignore_errors=True)


def _caches_can_be_kept() -> bool:
    """Whether the user's folder of caches can be written on this node."""
    try:
        caches = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
        caches.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=caches) as file:
            file.write(b"1")
    except (OSError, RuntimeError):  # there is no home at all
        return False
    return True


def _make(root: Path) -> tuple[Path, int]:
    """A new folder and the descriptor of its lock, held."""
    while True:
        path = Path(tempfile.mkdtemp(prefix=_PREFIX, dir=root))
        lock = os.open(path / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        fcntl.flock(lock, fcntl.LOCK_EX)
        if (path / "lock").exists():
            return path, lock
        os.close(lock)  # another submission's sweep came between the folder and its lock


def _sweep(root: Path) -> None:
    """Remove the folders that no living process of this node holds."""
    for path in root.glob(f"{_PREFIX}*"):
        try:
            lock = os.open(path / "lock", os.O_RDWR)
        except OSError:
            continue  # being made, or being removed
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            shutil.rmtree(path, ignore_errors=True)
        except OSError:
            pass  # in use
        finally:
            os.close(lock)
