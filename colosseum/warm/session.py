"""`python -m colosseum.warm.session COMMAND ...`: a command whose instances are run by a warm process.

For a whole workflow on one machine or inside one allocation. Every `python -m colosseum run` below it, and every other
command that needs numba, is a fork of the warm process (see `colosseum.warm.server`) instead of a Python that imports
numba.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from colosseum.errors import ColosseumError
from colosseum.warm import client, numba_cache


@contextmanager
def warm_process(folder: Path, always: bool = True, copy: bool = True) -> Iterator[None]:
    """
    Run a warm process for the block, which loads every compiled kernel; the block's processes find it by themselves.

    Parameters
    ----------
    folder : Path
        Scratch folder for the cache and the socket.
    always : bool
        False: only if there are kernels to compile.
    copy : bool
        Whether to work on a copy of the published cache (see `numba_cache.prepare`).
    """
    unpublished = numba_cache.prepare(folder / "numba", copy)
    if not always and unpublished is None:
        yield
        return
    with _short_folder(folder) as short:
        yield from _serve(str(short / "warm"), unpublished)


@contextmanager
def _short_folder(folder: Path) -> Iterator[Path]:
    """Give the folder, or one whose path leaves room for a socket's name: that has at most 107 bytes (104 on a Mac)."""
    if len(os.fsencode(folder)) <= 90:
        yield folder
        return
    roots = [root for root in ("/tmp", "/var/tmp", "/dev/shm") if os.access(root, os.W_OK | os.X_OK)]
    if not roots:
        raise ColosseumError(f"{folder}: too long for a socket; set TMPDIR to a folder of at most 60 characters.")
    with tempfile.TemporaryDirectory(prefix="colosseum-", dir=roots[0]) as short:
        yield Path(short)


def _serve(socket: str, unpublished: Path | None) -> Iterator[None]:
    """Run the warm process as long as the generator is suspended; beside it, one that compiles what must be."""
    processes = []
    try:
        if unpublished is None:
            processes.append(_start("colosseum.serve", socket))
        else:
            end, compiled = os.pipe()
            try:
                with numba_cache.handed_over(unpublished) as claim:
                    inherited = (compiled, *claim)
                    processes.append(_start("colosseum.warm.compiler", str(unpublished), descriptors=inherited))
                processes.append(_start("colosseum.serve", socket, str(unpublished), descriptors=(end,)))
            finally:
                os.close(end)
                os.close(compiled)
        os.environ[client.VARIABLE] = socket
        yield
    finally:
        os.environ.pop(client.VARIABLE, None)
        for process in processes:
            process.kill()
        for process in processes:
            process.wait()
        if unpublished is not None:
            numba_cache.release(unpublished)  # the block may have ended before the kernels were compiled


def _start(module: str, *arguments: str, descriptors: tuple[int, ...] = ()) -> subprocess.Popen[bytes]:
    """Start a process that ends with this one, and inherits descriptors, whose numbers follow its arguments."""
    return subprocess.Popen(
        [sys.executable, "-m", module, str(os.getpid()), *arguments, *map(str, descriptors)],
        stdin=subprocess.DEVNULL,
        process_group=0,  # of its own: Ctrl-C is for the command, which tells its children
        pass_fds=descriptors,
    )


def main(command: list[str]) -> int:
    """Run a command in a session; returns its exit status."""
    try:
        with tempfile.TemporaryDirectory(prefix="colosseum-") as folder, warm_process(Path(folder), copy=False):
            child = subprocess.Popen(command)
            # whoever stops this process means the command
            for signum in (signal.SIGINT, signal.SIGTERM):
                signal.signal(signum, lambda received, _: child.send_signal(received))
            status = child.wait()
    except (ColosseumError, OSError) as error:  # no room, no right, no such command
        print(f"colosseum session: error: {error}", file=sys.stderr)
        return 2
    return status if status >= 0 else 128 - status


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
