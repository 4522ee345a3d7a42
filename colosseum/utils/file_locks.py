"""
Locks of open files, which the system releases with the process that holds them, however that ends.

The executor, a distribution of its own that imports nothing of this one, has the few lines that it needs itself.
"""

from __future__ import annotations

import os
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
