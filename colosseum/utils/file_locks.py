"""
Locks of open files, which the system releases with the process that holds them, however that ends.

The executor, a distribution of its own that imports nothing of this one, has the few lines that it needs itself.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path

try:
    import fcntl
except ImportError:  # Windows has none
    fcntl = None  # type: ignore[assignment]


def lock(descriptor: int, shared: bool = False, wait: bool = False) -> bool | None:
    """
    Lock an open file.

    Parameters
    ----------
    descriptor : int
    shared : bool
        Whether others may share the lock: who gets such a one knows that nobody holds the other kind.
    wait : bool
        Whether to wait until it is free.

    Returns
    -------
    bool or None
        Whether it was free; None where there are no locks.
    """
    if fcntl is None:
        return None
    try:
        fcntl.flock(descriptor, (fcntl.LOCK_SH if shared else fcntl.LOCK_EX) | (0 if wait else fcntl.LOCK_NB))
    except BlockingIOError:
        return False
    except OSError:
        return None
    return True


def is_at(descriptor: int, path: Path) -> bool:
    """Tell whether an open file is still the one of that name: its holder may have removed it meanwhile."""
    try:
        return os.path.samestat(os.fstat(descriptor), os.stat(path))
    except FileNotFoundError:
        return False


@contextlib.contextmanager
def locked(folder: str | Path) -> Iterator[None]:
    """Let one process at a time change a folder; without a lock where the file system has none."""
    try:
        descriptor = os.open(folder, os.O_RDONLY)
    except OSError:
        yield
        return
    try:
        lock(descriptor, wait=True)
        yield
    finally:
        os.close(descriptor)
