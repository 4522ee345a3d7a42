"""A claim on work that one process at a time shall do, which goes with the process that holds it, however that ends.

The claim is a lock of the system (`flock`) on a file that names the holder. The system drops the lock with the process,
so a killed one keeps nobody waiting. Not every shared file system carries locks from one host to another: towards other
hosts the holder keeps the file fresh, and they take it over once they saw it unchanged for `QUIET_S` by their clock.
"""

from __future__ import annotations

import contextlib
import os
import platform
import threading
import time
from collections.abc import Iterator
from pathlib import Path

from colosseum.utils.file_locks import is_at, lock

#: Seconds between two signs of life of a holder.
BEAT_S = 5.0

#: Seconds without a sign of life after which the holder on another host counts as gone.
QUIET_S = 60.0


class Claim:
    """A claim that this process holds."""

    def __init__(self, path: Path, descriptor: int) -> None:
        self.path = path
        self.descriptor = descriptor
        os.truncate(descriptor, 0)
        os.pwrite(descriptor, f"{platform.node()} {os.getpid()}\n".encode(), 0)

    @contextlib.contextmanager
    def kept_fresh(self) -> Iterator[None]:
        """Show other hosts for the block that the holder lives."""
        ended = threading.Event()

        def beat() -> None:
            while not ended.wait(BEAT_S):
                with contextlib.suppress(OSError):
                    os.utime(self.path)

        thread = threading.Thread(target=beat, daemon=True)
        thread.start()
        try:
            yield
        finally:
            ended.set()
            thread.join()

    def release(self) -> None:
        """Let others have it."""
        with contextlib.suppress(OSError):
            if is_at(self.descriptor, self.path):
                self.path.unlink()
        os.close(self.descriptor)


class Queue:
    """One that asks for a claim until it has it, or needs it no more."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._seen: tuple[int, int] | None = None
        self._seen_at = 0.0

    def ask(self) -> Claim | None:
        """
        Take the claim unless another process holds it.

        Raises
        ------
        OSError
            If the file of the claim cannot be made.
        """
        try:
            descriptor, made = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o644), True
        except FileExistsError:
            try:
                descriptor, made = os.open(self.path, os.O_RDWR), False
            except FileNotFoundError:  # released just now
                return None
        # None where there are no locks: there a claim ends by not being kept fresh
        locked = lock(descriptor, wait=made)
        # who locked a file that its holder has removed meanwhile has nothing
        if locked is not False and is_at(descriptor, self.path):
            if made or (locked and self._is_of_this_host(descriptor)) or self._is_quiet(descriptor):
                return Claim(self.path, descriptor)
        os.close(descriptor)
        return None

    def _is_of_this_host(self, descriptor: int) -> bool:
        return os.pread(descriptor, 1000, 0).decode(errors="replace").split()[:1] == [platform.node()]

    def _is_quiet(self, descriptor: int) -> bool:
        state = os.fstat(descriptor)
        now, seen = time.monotonic(), (state.st_ino, state.st_mtime_ns)
        if seen != self._seen:
            self._seen, self._seen_at = seen, now
        return now - self._seen_at > QUIET_S
