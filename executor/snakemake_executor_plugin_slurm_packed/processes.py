"""A function in a forked child: its own process group, its own output file, its memory and time in view."""

from __future__ import annotations

import multiprocessing
import os
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path

import psutil

_FORK = multiprocessing.get_context("fork")


class Child:
    """
    A function that runs in a forked child, and all processes of the child's group.

    Parameters
    ----------
    function : callable
        Returns the exit status (None: 0). An exception prints its traceback and gives 1.
    output : Path, optional
        The file for what the child and its children print.
    """

    def __init__(self, function: Callable[[], int | None], output: Path | None = None) -> None:
        def run() -> None:
            os.setpgid(0, 0)
            signal.signal(signal.SIGTERM, signal.SIG_DFL)
            if output is not None:
                target = os.open(output, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
                os.dup2(target, 1)
                os.dup2(target, 2)
            sys.exit(function())

        self._process = _FORK.Process(target=run)
        self._process.start()
        self._swept = False
        try:
            os.setpgid(self.pid, self.pid)
        except OSError:
            pass  # the child was faster, and may have ended

    @property
    def pid(self) -> int:
        """The child, and the number of its process group."""
        assert self._process.pid is not None
        return self._process.pid

    @property
    def status(self) -> int | None:
        """None while the child runs, then its exit status, or minus the signal that killed it."""
        return self._process.exitcode

    def ended(self) -> bool:
        """Whether the child has ended; then what it left running in its group is killed."""
        if self.status is None:
            return False
        if not self._swept:
            self._swept = True
            _kill_group(self.pid, signal.SIGKILL)
        return True

    def kill(self, patience_s: float = 2.0) -> None:
        """End the whole group: politely, then not."""
        _kill_group(self.pid, signal.SIGTERM)
        end = time.monotonic() + patience_s
        while not self.ended() and time.monotonic() < end:
            time.sleep(0.02)
        _kill_group(self.pid, signal.SIGKILL)
        while not self.ended():
            time.sleep(0.02)

    def memory_mb(self) -> float:
        """The memory of the group in MiB; pages shared with the parent or each other count in part."""
        return sum(_memory_bytes(pid) for pid in _members(self.pid)) / (1 << 20)


def _members(group: int) -> list[int]:
    """The processes of a process group."""
    found = []
    for pid in psutil.pids():
        try:
            if os.getpgid(pid) == group:
                found.append(pid)
        except OSError:
            continue  # it ended
    return found


def _memory_bytes(pid: int) -> int:
    try:
        return psutil.Process(pid).memory_full_info().pss
    except psutil.Error:
        return 0  # it ended


def _kill_group(group: int, signum: int) -> None:
    try:
        os.killpg(group, signum)
    except (ProcessLookupError, PermissionError):
        pass
