"""A warm process: numba and the kernels are loaded once; each `python -m colosseum run` is a forked child of it.

So are the other commands that `colosseum.warm.client` names. A Python that imports numba and loads its kernels takes
about a second of CPU before the first step of an instance, one that imports pandas and matplotlib three before it draws
a plot; a fork takes milliseconds. The server listens on a Unix socket. A client (`colosseum.warm.client`) sends its
arguments, working directory and standard streams; the child that the server forks for it joins the client's process
group, so whoever stops the client stops the child, and its memory counts as the client's.

Where the kernels are still being compiled, by another process, the commands that need them wait; the others are run.

What a child runs is handed over by `colosseum.serve`: the commands themselves look for compiled kernels here.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import selectors
import signal
import socket
import sys
import threading
import time
import traceback
from collections.abc import Callable
from pathlib import Path

from colosseum.warm.client import KERNELS, PATIENCE_S

#: How many clients may wait for kernels before the others are left in the queue of the socket: each has four open
#: files, of which a process may have 256 on a Mac, and 1,024 elsewhere.
_MOST_HELD = 50


def serve(
    path: str,
    run: Callable[[list[str]], int],
    prepare: Callable[[str], None],
    publish_to: str | None = None,
    compiling: str | None = None,
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
        Where to keep the kernels if they must be compiled here (see `colosseum.warm.numba_cache`).
    compiling : str, optional
        The inherited descriptor of a pipe from the process that compiles (`colosseum.warm.compiler`): its end, after a
        byte if it went well. If it did not, this process compiles.
    """
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # the children are nobody's zombies
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(path)
    listener.listen(256)
    from colosseum.warm import numba_cache

    clients = _Clients(listener, run, prepare)
    if publish_to is None or (compiling is not None and clients.answer_while_compiling(int(compiling))):
        numba_cache.load()
    else:
        numba_cache.compile_and_publish(Path(os.environ["NUMBA_CACHE_DIR"]), Path(publish_to))
    clients.answer_held()
    while True:
        clients.answer_next()


class _Request:
    """A command that a client has sent, and what the client lent for it: a connection and its standard streams."""

    def __init__(self, connection: socket.socket, text: str, streams: list[int]) -> None:
        group, self.cwd, *self.argv = text.split("\0")
        self.group = int(group)
        self.connection = connection
        self.streams = streams

    def is_wanted(self) -> bool:
        """Whether the client still waits; it says nothing more, so all that can be read of it is its end."""
        try:
            self.connection.recv(1, socket.MSG_DONTWAIT)
        except BlockingIOError:
            return True
        except OSError:
            return False
        return False

    def close(self) -> None:
        """Give back what the client lent, in this process."""
        self.connection.close()
        for stream in self.streams:
            os.close(stream)


class _Clients:
    """Those who connect to a socket, and those of them who wait for kernels."""

    def __init__(
        self, listener: socket.socket, run: Callable[[list[str]], int], prepare: Callable[[str], None]
    ) -> None:
        self._listener = listener
        self._run = run
        self._prepare = prepare
        self._held: list[_Request] = []

    def answer_next(self) -> None:
        """Wait for a client, and run its command."""
        if (request := self._accept()) is not None:
            self._answer(request)

    def answer_while_compiling(self, end: int) -> bool:
        """
        Run commands until another process has compiled, and hold those that need its kernels.

        Parameters
        ----------
        end : int
            The descriptor of a pipe from that process; it is closed.

        Returns
        -------
        bool
            Whether it has compiled them.
        """
        with open(end, "rb", buffering=0) as pipe, selectors.DefaultSelector() as selector:
            selector.register(pipe, selectors.EVENT_READ)
            selector.register(self._listener, selectors.EVENT_READ)
            while True:
                for key, _ in selector.select():
                    if key.fileobj is pipe:
                        return pipe.read(1) == b"!"
                    if key.fileobj is self._listener:
                        self._answer_or_hold(selector)
                    else:
                        self._let_go(selector, key.data)

    def answer_held(self) -> None:
        """Run the commands that were held, in the order of their arrival, unless the client is gone."""
        while self._held:
            request = self._held.pop(0)
            if request.is_wanted():
                self._answer(request)
            else:
                request.close()

    def _answer_or_hold(self, selector: selectors.BaseSelector) -> None:
        request = self._accept()
        if request is None:
            return
        if request.argv[0] not in KERNELS:
            self._answer(request)
            return
        selector.register(request.connection, selectors.EVENT_READ, request)
        self._held.append(request)
        if len(self._held) == _MOST_HELD:
            selector.unregister(self._listener)

    def _let_go(self, selector: selectors.BaseSelector, request: _Request) -> None:
        """Forget a held client that is gone: whoever reads what it would have written shall not wait for us."""
        if len(self._held) == _MOST_HELD:
            selector.register(self._listener, selectors.EVENT_READ)
        selector.unregister(request.connection)
        self._held.remove(request)
        request.close()

    def _accept(self) -> _Request | None:
        connection, _ = self._listener.accept()
        try:
            connection.settimeout(PATIENCE_S)
            request = _read_request(connection)
        except (OSError, EOFError, ValueError):
            connection.close()
            return None
        connection.settimeout(None)
        return request

    def _answer(self, request: _Request) -> None:
        """Run a command in a fork of this process."""
        self._prepare(request.argv[0])
        sys.stdout.flush()
        sys.stderr.flush()
        if os.fork() == 0:
            self._listener.close()
            for other in self._held:  # they shall not stay open as long as this command takes
                other.close()
            _child(request, self._run)
        request.close()


def _read_request(connection: socket.socket) -> _Request:
    head, streams, _, _ = socket.recv_fds(connection, 4, 3)
    try:
        length = int.from_bytes(head, "big")
        text = b""
        while len(text) < length:
            part = connection.recv(length - len(text))
            if not part:
                raise EOFError("the client left")
            text += part
        return _Request(connection, text.decode(errors="surrogateescape"), streams)
    except BaseException:
        for stream in streams:
            os.close(stream)
        raise


def _child(request: _Request, run: Callable[[list[str]], int]) -> None:
    """Run the command in this forked process and tell the client its exit status."""
    status: int | None = 1
    try:
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        os.setpgid(0, request.group)
        for target, source in enumerate(request.streams):
            os.dup2(source, target)
        _open_streams()
        os.chdir(request.cwd)
        request.connection.send(b"!")
    except OSError:  # the client is gone, or will see for itself what is wrong
        os._exit(0)
    try:
        status = run(request.argv)
    except SystemExit as stop:
        status = stop.code if isinstance(stop.code, int) else 0 if stop.code is None else 1
    except BaseException:
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        with contextlib.suppress(OSError):
            request.connection.send(bytes([(status or 0) & 255]))
        os._exit(0)


def _open_streams() -> None:
    """Open the standard streams anew: the server's own remember whether they could seek, and were at their end."""
    errors = {"stdin": "strict", "stdout": "strict", "stderr": "backslashreplace"}
    for descriptor, (name, on_error) in enumerate(errors.items()):
        mode = "r" if name == "stdin" else "w"
        buffering = 1 if name == "stderr" else -1  # by line, as where Python starts
        stream = open(descriptor, mode, buffering, getattr(sys, name).encoding, on_error, closefd=False)  # noqa: SIM115
        setattr(sys, name, stream)


def die_with_parent(parent: int | None = None) -> None:
    """
    Ask for SIGKILL when the parent is gone, however it went: Linux has a call for it, others are watched.

    Parameters
    ----------
    parent : int, optional
        Its process id, so that it may be gone already.
    """
    if parent is None:
        parent = os.getppid()
    parent_death_signal = 1
    asked = False
    with contextlib.suppress(AttributeError, OSError):
        asked = ctypes.CDLL(None).prctl(parent_death_signal, signal.SIGKILL) == 0

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(1)
        os.kill(os.getpid(), signal.SIGKILL)

    if not asked:
        threading.Thread(target=watch, daemon=True).start()
    elif os.getppid() != parent:  # it was gone before we asked
        os.kill(os.getpid(), signal.SIGKILL)
