"""What a warm process does while another process compiles."""

import contextlib
import os
import select
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

from colosseum.warm import claim, client, compiler, session
from colosseum.warm import numba_cache as kernels

SERVER = """
import sys
from colosseum.warm import numba_cache, server

def note(*words):
    with open("events", "a") as file:
        print(*words, file=file, flush=True)

numba_cache.load = lambda: note("load")
numba_cache.publish = lambda folder, published: note("publish")
server.serve("socket", lambda argv: len(argv), lambda command: note("prepare", command), sys.argv[1], sys.argv[2])
"""


def wait_for(condition) -> None:
    end = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.02)


class Warm:
    """A warm process with commands that do nothing, and the end of the pipe that a compiling process would have."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        end, self._compiler = os.pipe()
        self.process = subprocess.Popen(
            [sys.executable, "-c", SERVER, str(folder / "caches" / "one"), str(end)],
            cwd=folder,
            env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2]), "NUMBA_CACHE_DIR": str(folder)},
            pass_fds=(end,),
        )
        os.close(end)

    def ask(self, *argv: str, stdout: int = 1) -> socket.socket:
        """Send a command as a client does."""
        connection = socket.socket(socket.AF_UNIX)
        connection.settimeout(60)

        def connect() -> bool:
            with contextlib.suppress(FileNotFoundError, ConnectionRefusedError):
                connection.connect(str(self.folder / "socket"))
                return True
            return False

        wait_for(connect)
        request = "\0".join([str(os.getpgrp()), str(self.folder), *argv]).encode()
        socket.send_fds(connection, [len(request).to_bytes(4, "big")], [0, stdout, 2])
        connection.sendall(request)
        return connection

    def events(self) -> list[str]:
        """What the server has done so far."""
        return (self.folder / "events").read_text().splitlines()

    def compiled(self, well: bool = True) -> None:
        """End the compiling process."""
        if well:
            os.write(self._compiler, b"!")
        os.close(self._compiler)


@pytest.fixture
def warm(tmp_path):
    started = Warm(tmp_path)
    yield started
    started.process.kill()
    started.process.wait()


def answer(connection: socket.socket) -> bytes:
    """The sign that the command begins, and its exit status: here the number of its words."""
    with connection:
        return connection.recv(1) + connection.recv(1)


def test_commands_without_kernels_do_not_wait_and_the_others_keep_their_order(warm):
    held = [warm.ask("run"), warm.ask("hardness", "a"), warm.ask("run", "a", "b")]
    assert answer(warm.ask("instances", "a")) == b"!\2"
    assert answer(warm.ask("plot")) == b"!\1"
    assert warm.events() == ["prepare instances", "prepare plot"]
    assert select.select(held, [], [], 0)[0] == []
    warm.compiled()
    assert [answer(connection) for connection in held] == [b"!\1", b"!\2", b"!\3"]
    assert warm.events()[2:] == ["load", "prepare run", "prepare hardness", "prepare run"]
    assert answer(warm.ask("run")) == b"!\1"


@pytest.mark.parametrize("well", [True, False])
def test_what_is_held_runs_although_the_compiling_process_was_killed(warm, well):
    held = warm.ask("run")
    assert answer(warm.ask("instances")) == b"!\1"
    warm.compiled(well)
    assert answer(held) == b"!\1"
    assert warm.events()[1:] == ["load", *["publish"] * (not well), "prepare run"]


def test_the_command_of_a_client_that_left_is_not_run(warm):
    reader, writer = os.pipe()
    leaving, staying = warm.ask("run", "left", stdout=writer), warm.ask("hardness")
    os.close(writer)
    assert answer(warm.ask("instances")) == b"!\1"  # both are held by now
    leaving.close()
    # whoever reads what the client would have written learns at once that nothing comes
    assert select.select([reader], [], [], 60)[0] == [reader] and os.read(reader, 1) == b""
    os.close(reader)
    warm.compiled()
    assert answer(staying) == b"!\1"
    assert warm.events() == ["prepare instances", "load", "prepare hardness"]


def test_one_that_leaves_when_the_kernels_are_there_is_not_run_either(warm):
    """The server finds all of it at once: the end of the compiling, and that of the client."""
    leaving, staying = warm.ask("run", "left"), warm.ask("hardness")
    assert answer(warm.ask("instances")) == b"!\1"
    os.kill(warm.process.pid, signal.SIGSTOP)
    warm.compiled()
    leaving.close()
    os.kill(warm.process.pid, signal.SIGCONT)
    assert answer(staying) == b"!\1"
    assert warm.events() == ["prepare instances", "load", "prepare hardness"]


def test_more_clients_than_can_be_held_wait_in_the_queue(warm):
    held = [warm.ask("run") for _ in range(50)]
    queued = [warm.ask("instances", str(number)) for number in range(2)]
    assert select.select(queued, [], [], 0.2)[0] == []
    held.pop().close()  # there is room for another
    assert [answer(connection) for connection in queued] == [b"!\2"] * 2
    warm.compiled()
    assert {answer(connection) for connection in held} == {b"!\1"}
    assert warm.events().count("prepare run") == 49


def holder(path: Path) -> int:
    """The process that holds a claim; 0 for a moment while the next one writes itself down."""
    words = path.read_text().split() if path.exists() else []
    return int(words[1]) if len(words) == 2 else 0


@pytest.fixture
def compiling(tmp_path, monkeypatch):
    """A session that has everything to compile: the file of its claim, and the process that compiles."""
    monkeypatch.setenv(kernels.VARIABLE, str(tmp_path / "base"))
    monkeypatch.setenv("NUMBA_CACHE_DIR", "")  # put back afterwards
    path = kernels._claim_of(kernels.published_folder())
    (tmp_path / "scratch").mkdir()
    with session.warm_process(tmp_path / "scratch"):
        wait_for(lambda: holder(path) not in (0, os.getpid()))
        yield path, holder(path)
    assert not path.exists()  # no process of the session is left: others need not wait until it is quiet


def test_the_claim_goes_with_the_process_that_compiles(compiling):
    """First to the warm process, which compiles by itself then; and with that one to others."""
    path, compiler = compiling
    assert claim.Queue(path).ask() is None
    os.kill(compiler, signal.SIGKILL)
    wait_for(lambda: holder(path) not in (0, compiler))
    assert holder(path) != os.getpid() and claim.Queue(path).ask() is None
    os.kill(holder(path), signal.SIGKILL)
    taken = []
    wait_for(lambda: taken.append(claim.Queue(path).ask()) or taken[-1])
    taken[-1].release()


def test_the_process_that_compiles_goes_with_a_session_that_is_killed(tmp_path, monkeypatch):
    monkeypatch.setenv(kernels.VARIABLE, str(tmp_path / "base"))
    monkeypatch.delenv("NUMBA_CACHE_DIR", raising=False)
    path = kernels._claim_of(kernels.published_folder())
    command = [sys.executable, "-c", "import sys; print(flush=True); sys.stdin.read()"]
    process = subprocess.Popen(
        [sys.executable, "-m", "colosseum.warm.session", *command], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert process.stdout.readline() == b"\n"
    wait_for(lambda: holder(path) not in (0, process.pid))
    process.kill()
    process.communicate(timeout=60)  # which a process that stays would keep open
    taken = []
    wait_for(lambda: taken.append(claim.Queue(path).ask()) or taken[-1])
    taken[-1].release()


def test_only_what_a_warm_process_runs_needs_its_kernels():
    assert client.KERNELS < client.DELEGATED and not client.KERNELS & client.ANALYSIS


def test_the_warm_process_is_told_when_all_is_published_and_not_before(tmp_path, monkeypatch):
    published, private = tmp_path / "published", tmp_path / "private"
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(private))
    end, told = os.pipe()
    os.set_blocking(end, False)

    def compile_and_publish(*folders):
        assert folders == (private, published)
        with pytest.raises(BlockingIOError):
            os.read(end, 1)
        private.mkdir()

    monkeypatch.setattr(compiler.numba_cache, "compile_and_publish", compile_and_publish)
    try:
        compiler.main(published, told)
        assert private.is_dir() and os.read(end, 2) == b"!"
        with pytest.raises(FileExistsError):
            compiler.main(published, told)
        with pytest.raises(BlockingIOError):
            os.read(end, 1)
    finally:
        os.close(end)
        os.close(told)
