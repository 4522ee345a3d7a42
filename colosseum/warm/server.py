"""A warm process: numba and the kernels are loaded once; each `python -m colosseum run` is a forked child of it.

So are the other commands that `colosseum.warm.client` names. A Python that imports numba and loads its kernels takes
about a second of CPU before the first step of an instance, one that imports pandas and matplotlib three before it draws
a plot; a fork takes milliseconds. The server listens on a Unix socket. A client (`colosseum.warm.client`) sends its
arguments, working directory and standard streams; the child that the server forks for it joins the client's process
group, so whoever stops the client stops the child, and its memory counts as the client's.

What a child runs is handed over by `colosseum.serve`: the commands themselves look for compiled kernels here.
"""

from __future__ import annotations

import contextlib
import ctypes
import json
import os
import signal
import socket
import sys
import threading
import time
import traceback
from collections.abc import Callable
from pathlib import Path

from colosseum.warm.client import PATIENCE_S


def serve(
    path: str,
    run: Callable[[list[str]], int],
    prepare: Callable[[str], None],
    publish_to: str | None = None,
    claim: str | None = None,
) -> None:
    """
    Answer clients, each in a forked child, for ever.

    Parameters
    ----------
    path : str
        Where to listen; at most about 100 characters long.
    run : callable
        Takes the arguments of a command and returns its exit status.
    prepare : callable
        Loads what a command needs, from its name, into this process and so for all that come after it.
    publish_to : str, optional
        Where to keep the kernels that had to be compiled here (see `colosseum.warm.numba_cache`).
    claim : str, optional
        The inherited descriptor of the parent's claim to compile, which this process takes over.
    """
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # the children are nobody's zombies
    server = socket.socket(socket.AF_UNIX)
    server.bind(path)
    server.listen(256)
    from colosseum.warm import numba_cache

    if publish_to is None:
        numba_cache.load()
    else:
        if claim is not None:
            numba_cache.take_over(Path(publish_to), int(claim))
        numba_cache.compile_and_publish(Path(os.environ["NUMBA_CACHE_DIR"]), Path(publish_to))
    while True:
        connection, _ = server.accept()
        try:
            connection.settimeout(PATIENCE_S)
            request, streams = _read_request(connection)
        except (OSError, EOFError, ValueError):
            connection.close()
            continue
        connection.settimeout(None)
        prepare(request["argv"][0])
        sys.stdout.flush()
        sys.stderr.flush()
        if os.fork() == 0:
            server.close()
            _child(connection, request, streams, run)
        for stream in streams:
            os.close(stream)
        connection.close()


def _read_request(connection: socket.socket) -> tuple[dict, list[int]]:
    head, streams, _, _ = socket.recv_fds(connection, 4, 3)
    length = int.from_bytes(head, "big")
    text = b""
    while len(text) < length:
        part = connection.recv(length - len(text))
        if not part:
            raise EOFError("the client left")
        text += part
    return json.loads(text), streams


def _child(connection: socket.socket, request: dict, streams: list[int], run: Callable[[list[str]], int]) -> None:
    """Run the command in this forked process and tell the client its exit status."""
    status: int | None = 1
    try:
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        os.setpgid(0, request["group"])
        for target, source in enumerate(streams):
            os.dup2(source, target)
        _open_streams()
        os.chdir(request["cwd"])
        connection.send(b"!")
        status = run(request["argv"])
    except SystemExit as stop:
        status = stop.code if isinstance(stop.code, int) else 0 if stop.code is None else 1
    except BaseException:
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        connection.send(bytes([(status or 0) & 255]))
        os._exit(0)


def _open_streams() -> None:
    """Open the standard streams anew: the server's own remember whether they could seek, and were at their end."""
    errors = {"stdin": "strict", "stdout": "strict", "stderr": "backslashreplace"}
    for descriptor, (name, on_error) in enumerate(errors.items()):
        mode = "r" if name == "stdin" else "w"
        buffering = 1 if name == "stderr" else -1  # by line, as where Python starts
        stream = open(descriptor, mode, buffering, getattr(sys, name).encoding, on_error, closefd=False)  # noqa: SIM115
        setattr(sys, name, stream)


def die_with_parent() -> None:
    """Ask for SIGKILL when the parent is gone, however it went: Linux has a call for it, others are watched."""
    parent_death_signal = 1
    parent = os.getppid()
    with contextlib.suppress(AttributeError, OSError):
        if ctypes.CDLL(None).prctl(parent_death_signal, signal.SIGKILL) == 0:
            return

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(1)
        os.kill(os.getpid(), signal.SIGKILL)

    threading.Thread(target=watch, daemon=True).start()
