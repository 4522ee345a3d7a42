"""A function in a forked child: its own process group, its own output file, its memory and time in view."""

from __future__ import annotations

import atexit
import os
import signal
import sys
import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import psutil


@dataclass
class Child:
    """A forked child and all processes of its group.

    Attributes
    ----------
    pid : int
        The child, and the number of its process group.
    status : int or None
        None while it runs, then its exit status, or minus the signal that killed it.
    """

    pid: int
    status: int | None = None

    def ended(self) -> bool:
        """Whether the child has ended; then what it left running in its group is killed."""
        if self.status is None:
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            if pid == 0:
                return False
            self.status = os.waitstatus_to_exitcode(status)
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


def fork(function: Callable[[], int | None], output: Path | None = None) -> Child:
    """
    Call a function in a forked child.

    Parameters
    ----------
    function : callable
        Returns the exit status (None: 0). An exception prints its traceback and gives 1.
    output : Path, optional
        The file for what the child and its children print.

    Returns
    -------
    Child
        To be waited for by `Child.ended`.
    """
    sys.stdout.flush()
    sys.stderr.flush()
    pid = os.fork()
    if pid:
        try:
            os.setpgid(pid, pid)
        except OSError:
            pass  # the child was faster, and may have ended
        return Child(pid)
    status: int | str | None = 1
    try:
        os.setpgid(0, 0)
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        null = os.open(os.devnull, os.O_RDONLY)
        os.dup2(null, 0)
        if output is not None:
            target = os.open(output, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
            os.dup2(target, 1)
            os.dup2(target, 2)
        atexit._clear()  # the parent's business
        status = function()
    except SystemExit as stop:
        status = stop.code
        if isinstance(status, str):
            print(status, file=sys.stderr)
    except BaseException:
        traceback.print_exc()
    finally:
        try:
            atexit._run_exitfuncs()
            sys.stdout.flush()
            sys.stderr.flush()
        finally:
            # not sys.exit: the frames above belong to the parent's work
            os._exit(status if isinstance(status, int) else 0 if status is None else 1)


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
