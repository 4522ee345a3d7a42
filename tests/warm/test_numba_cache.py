"""The cache of compiled kernels."""

import multiprocessing
import os
import signal
import subprocess
import sys
import threading
import time

import pytest

import colosseum
from colosseum.utils import file_locks
from colosseum.warm import claim, session
from colosseum.warm import numba_cache as kernels


def test_fifty_that_start_at_once_compile_once(tmp_path, monkeypatch):
    """Each gets a whole cache of its own; one fills it, the others wait for it."""
    base, compiled = tmp_path / "base", tmp_path / "compiled"
    compiled.mkdir()
    monkeypatch.setenv(kernels.VARIABLE, str(base))

    def start(number: int) -> None:
        folder = tmp_path / f"node{number}"
        target = kernels.prepare(folder)
        assert os.environ["NUMBA_CACHE_DIR"] == str(folder)
        if target is not None:
            (compiled / str(number)).touch()
            time.sleep(0.5)
            (folder / "a").write_text("kernel")
            (folder / "b").write_text("kernel")
            kernels.publish(folder, target)
            kernels.release(target)
        assert sorted(path.name for path in folder.iterdir()) == ["a", "b"]

    fork = multiprocessing.get_context("fork")
    children = [fork.Process(target=start, args=(number,)) for number in range(50)]
    for child in children:
        child.start()
    for child in children:
        child.join(60)
    assert {child.exitcode for child in children} == {0}
    assert len(list(compiled.iterdir())) == 1
    [published] = base.iterdir()
    assert published.name == kernels.fingerprint()


def test_a_cache_that_cannot_be_kept(tmp_path, monkeypatch):
    monkeypatch.setenv("NUMBA_CACHE_DIR", "")  # put back afterwards
    monkeypatch.setenv(kernels.VARIABLE, "none")
    assert kernels.prepare(tmp_path / "a") is None
    (tmp_path / "file").touch()
    monkeypatch.setenv(kernels.VARIABLE, str(tmp_path / "file" / "base"))
    target = kernels.prepare(tmp_path / "b")
    kernels.publish(tmp_path / "b", target)  # nothing is kept, and nothing fails


def test_every_way_of_running_uses_the_published_cache(tmp_path, monkeypatch):
    monkeypatch.setenv(kernels.VARIABLE, str(tmp_path / "base"))
    monkeypatch.setenv("NUMBA_CACHE_DIR", "")  # put back afterwards
    # nobody filled it: numba keeps what it compiles where it does by itself
    kernels.attach(fill=False)
    assert os.environ["NUMBA_CACHE_DIR"] == ""
    # a session fills it, in a folder of its own
    target = kernels.prepare(tmp_path / "session", copy=False)
    (tmp_path / "session" / "a").write_text("kernel")
    kernels.publish(tmp_path / "session", target)
    kernels.release(target)
    # the next session and a run by hand read it where it is, a submission on a node reads a copy
    assert kernels.prepare(tmp_path / "later", copy=False) is None
    assert os.environ["NUMBA_CACHE_DIR"] == str(kernels.published_folder())
    monkeypatch.setenv("NUMBA_CACHE_DIR", "")
    kernels.attach()
    assert os.environ["NUMBA_CACHE_DIR"] == str(kernels.published_folder())
    assert kernels.prepare(tmp_path / "node") is None
    assert os.environ["NUMBA_CACHE_DIR"] == str(tmp_path / "node") and (tmp_path / "node" / "a").exists()
    # within them nothing changes
    kernels.attach()
    assert os.environ["NUMBA_CACHE_DIR"] == str(tmp_path / "node")


def test_caches_that_nobody_uses_are_removed(tmp_path, monkeypatch):
    monkeypatch.setenv(kernels.VARIABLE, str(tmp_path))
    folders = [tmp_path / f"{colosseum.__version__}-{name}" for name in ("old", "recent")]
    for folder, days in zip(folders, (31, 29), strict=True):
        folder.mkdir()
        os.utime(folder, (time.time() - days * 86400,) * 2)
    (tmp_path / "filled").mkdir()
    kernels.publish(tmp_path / "filled", kernels.published_folder())
    assert [folder.exists() for folder in folders] == [False, True]
    assert kernels.published_folder().is_dir()


def test_what_others_save_meanwhile_is_published_whole_or_not_at_all(tmp_path, monkeypatch):
    """Numba writes a file under another name first; of a killed process that one stays."""
    monkeypatch.setenv(kernels.VARIABLE, str(tmp_path / "base"))
    folder, published = tmp_path / "private", kernels.published_folder()
    (folder / "module").mkdir(parents=True)
    published.parent.mkdir()
    (folder / "module" / "index.nbi.tmp.0123456789abcdef").write_text("half")
    publishing = threading.Thread(target=kernels.publish, args=(folder, published))
    with file_locks.locked(folder / "module"):
        publishing.start()
        publishing.join(0.1)
        assert not published.exists()
        (folder / "module" / "code.nbc").write_text("kernel")
    publishing.join(60)
    assert [path.name for path in published.rglob("*.*")] == ["code.nbc"]


def test_a_session_that_ends_early_lets_others_compile(tmp_path, monkeypatch):
    monkeypatch.setenv(kernels.VARIABLE, str(tmp_path / "base"))
    monkeypatch.setenv("NUMBA_CACHE_DIR", "")  # put back afterwards
    (tmp_path / "scratch").mkdir()
    with session.warm_process(tmp_path / "scratch"):
        assert [path.name for path in (tmp_path / "base").iterdir()] == [f".compiling-{kernels.fingerprint()}"]
    assert kernels.prepare(tmp_path / "next") == kernels.published_folder()  # at once, not after the other's patience


COMPILES = "import time; from colosseum.warm import numba_cache as k; k.load = lambda: time.sleep(600); k.main()"


def wait_for(condition) -> None:
    end = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.02)


def test_the_claim_of_a_killed_process_keeps_nobody_waiting(tmp_path, monkeypatch):
    monkeypatch.setenv(kernels.VARIABLE, str(tmp_path / "base"))
    monkeypatch.setenv("NUMBA_CACHE_DIR", "")  # put back afterwards
    path = kernels._claim_of(kernels.published_folder())
    process = subprocess.Popen([sys.executable, "-c", COMPILES], cwd=tmp_path)
    wait_for(lambda: path.exists() and path.read_text().endswith(f" {process.pid}\n"))
    assert claim.Queue(path).ask() is None
    process.send_signal(signal.SIGKILL)
    process.wait()
    assert path.exists()
    monkeypatch.setattr(kernels.time, "sleep", lambda _: pytest.fail("it waits"))
    published = kernels.prepare(tmp_path / "next")  # at once
    assert published == kernels.published_folder()
    kernels.release(published)
    assert not path.exists()


def test_the_claim_of_another_host_ends_when_it_is_quiet(tmp_path, monkeypatch):
    """As on a file system whose locks do not reach other hosts."""
    path = tmp_path / "claim"
    path.write_text("elsewhere 1\n")
    queue = claim.Queue(path)
    now = time.monotonic()
    monkeypatch.setattr(claim.time, "monotonic", lambda: now)
    assert queue.ask() is None
    now += claim.QUIET_S - 1
    os.utime(path, (1, 1))  # a sign of life, whatever the clock of the other host says
    assert queue.ask() is None
    now += claim.QUIET_S - 1
    assert queue.ask() is None
    now += 2
    mine = queue.ask()
    assert mine is not None and path.read_text().split()[1] == str(os.getpid())
    mine.release()
    assert not path.exists()


def test_a_holder_shows_that_it_lives(tmp_path, monkeypatch):
    monkeypatch.setattr(claim, "BEAT_S", 0.01)
    held = claim.Queue(tmp_path / "claim").ask()
    assert held is not None
    os.utime(held.path, (1, 1))
    with held.kept_fresh():
        wait_for(lambda: held.path.stat().st_mtime > 1)
    held.release()


def test_where_the_system_has_no_locks_a_claim_holds_as_well(tmp_path, monkeypatch):
    monkeypatch.setattr(file_locks, "fcntl", None)
    held = claim.Queue(tmp_path / "claim").ask()
    assert held is not None
    assert claim.Queue(tmp_path / "claim").ask() is None
    held.release()
    assert claim.Queue(tmp_path / "claim").ask() is not None
