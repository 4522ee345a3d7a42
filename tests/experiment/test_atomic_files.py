"""Files appear whole or not at all."""

import errno
import os
import re
import resource
import signal
import stat
import subprocess
import sys
import time
from pathlib import Path

import pytest

from colosseum.errors import ColosseumError
from colosseum.utils.files import write_atomically


def test_text_and_bytes_with_missing_folders():
    assert write_atomically("a/b/text.txt", "é\r\n") is True
    assert write_atomically(Path("a/b/raw"), b"\x00\xff") is True
    assert Path("a/b/text.txt").read_bytes() == b"\xc3\xa9\r\n"
    assert Path("a/b/raw").read_bytes() == b"\x00\xff"
    assert sorted(os.listdir("a/b")) == ["raw", "text.txt"]


def test_the_umask_rules_the_mode():
    old = os.umask(0o027)
    try:
        write_atomically("file", "x")
    finally:
        os.umask(old)
    assert stat.S_IMODE(os.stat("file").st_mode) == 0o640


def test_an_unchanged_file_can_be_kept():
    write_atomically("file", "same")
    os.utime("file", (1_000, 1_000))
    assert write_atomically("file", "same", keep_unchanged=True) is False
    assert os.stat("file").st_mtime == 1_000
    assert write_atomically("file", "else", keep_unchanged=True) is True
    assert Path("file").read_text() == "else"
    assert os.stat("file").st_mtime > 1_000


def test_a_link_goes_on_pointing_to_its_target():
    write_atomically("target", "old")
    os.symlink("target", "link")
    write_atomically("link", "new")
    assert os.path.islink("link")
    assert Path("target").read_text() == "new"


def test_a_pipe_is_written_to_and_stays_a_pipe():
    code = "from colosseum.utils.files import write_atomically as w; w('/dev/stdout', 'through\\n')"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "through\n"


def test_a_long_name():
    write_atomically("n" * 255, "x")
    assert os.listdir() == ["n" * 255]


def fails(path, content="x"):
    with pytest.raises(ColosseumError) as caught:
        write_atomically(path, content)
    assert "\n" not in str(caught.value)
    return str(caught.value)


def test_a_folder_in_the_place_of_the_file():
    os.makedirs("there")
    assert fails("there") == "there: cannot be written: Is a directory."
    assert os.listdir() == ["there"]


def test_a_file_in_the_place_of_a_folder():
    Path("there").write_text("")
    assert re.fullmatch(r"there/file: cannot be written: (File exists|Not a directory)\.", fails("there/file"))


@pytest.mark.parametrize(
    ("code", "reason"), [(errno.EROFS, "Read-only file system"), (errno.EACCES, "Permission denied")]
)
def test_a_folder_that_must_not_be_written_to(monkeypatch, code, reason):
    def refuse(path, *args, **kwargs):
        raise OSError(code, os.strerror(code), str(path))

    monkeypatch.setattr("builtins.open", refuse)
    assert fails("file") == f"file: cannot be written: {reason}."


def test_a_full_disk_keeps_the_old_file(monkeypatch):
    write_atomically("file", "old")

    def no_space(descriptor):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "fsync", no_space)
    disk = Path.cwd()
    while not disk.is_mount():
        disk = disk.parent
    assert fails("file", "new") == f"file: cannot be written: No space left on device (the disk of {disk} is full)."
    assert os.listdir() == ["file"]
    assert Path("file").read_text() == "old"


def test_a_device_that_is_full():
    disk = "/dev" if os.path.ismount("/dev") else "/"
    assert fails("/dev/full") == f"/dev/full: cannot be written: No space left on device (the disk of {disk} is full)."


@pytest.fixture
def small_disk(tmp_path):
    """A file system of its own of 64 kB, where this process may mount one."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", folder], capture_output=True)
    if mounted.returncode:
        pytest.skip("mounting takes the rights of root")
    yield folder
    subprocess.run(["umount", folder], check=True)


def test_a_disk_that_is_really_full(small_disk):
    write_atomically(small_disk / "file", "x" * 40_000)
    said = f"{small_disk}/file: cannot be written: No space left on device (the disk of {small_disk} is full)."
    assert fails(small_disk / "file", "y" * 40_000) == said
    assert os.listdir(small_disk) == ["file"]
    assert (small_disk / "file").read_text() == "x" * 40_000


def test_a_disk_that_is_really_read_only(small_disk):
    subprocess.run(["mount", "-o", "remount,ro", small_disk], check=True)
    assert fails(small_disk / "a" / "b") == f"{small_disk}/a/b: cannot be written: Read-only file system."
    assert fails(small_disk / "file") == f"{small_disk}/file: cannot be written: Read-only file system."


def test_a_file_that_is_larger_than_allowed():
    code = (
        "import resource; resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))\n"
        "from colosseum.utils.files import write_atomically\n"
        "from colosseum.errors import ColosseumError\n"
        "try: write_atomically('file', 'x' * 10_000)\n"
        "except ColosseumError as error: print(error)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "file: cannot be written: File too large.\n"
    assert os.listdir() == []
    assert resource.getrlimit(resource.RLIMIT_FSIZE)[0] != 1000


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_in_the_middle_leaves_nothing(number):
    """The process is stopped at the fsync, when the temporary file is there."""
    code = (
        "import os, sys, time\n"
        "from colosseum import cli\n"
        "from colosseum.utils.files import write_atomically\n"
        "cli._end_on_sigterm()\n"
        "os.fsync = lambda descriptor: (print('writing', flush=True), time.sleep(30))\n"
        "write_atomically('file', 'x')"
    )
    process = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert process.stdout.readline() == "writing\n"
    assert len(os.listdir()) == 1
    start = time.monotonic()
    process.send_signal(number)
    process.communicate(timeout=20)
    assert time.monotonic() - start < 10
    assert process.returncode != 0
    assert os.listdir() == []
