"""A failure on a full disk, where its own message has no room, is told on the terminal with the disk's name."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from colosseum.utils import files

ROOT = Path(__file__).parents[2]


class Room:
    """What statvfs tells of a disk."""

    def __init__(self, blocks=100, free=10, inodes=100, free_inodes=10):
        self.f_frsize, self.f_blocks, self.f_bavail, self.f_files, self.f_favail = (
            65536,
            blocks,
            free,
            inodes,
            free_inodes,
        )


@pytest.mark.parametrize(
    "room, full",
    [
        (Room(), False),
        (Room(free=0), True),
        (Room(free_inodes=0), True),
        (Room(inodes=0, free_inodes=0), False),  # file systems that do not count files
        (Room(blocks=0, free=0), False),  # such as /proc, which has no size
    ],
)
def test_a_full_disk_is_known_by_its_room(tmp_path, monkeypatch, room, full):
    monkeypatch.setattr(os, "statvfs", lambda _: room)
    monkeypatch.setattr(os.path, "ismount", lambda path: path == str(tmp_path))
    assert files.full_disk(tmp_path / "not" / "there.csv") == (str(tmp_path) if full else None)


@pytest.mark.slow
@pytest.mark.skipif(
    os.geteuid() != 0 or subprocess.run(["unshare", "-m", "true"], capture_output=True).returncode != 0,
    reason="needs the right to mount a disk: the test above has its parts",
)
@pytest.mark.parametrize("room_kb", [0, 160])  # full at the start; full in the middle
def test_a_run_names_the_full_disk(tmp_path, room_kb):
    """The results lie on a disk of a few pages, in a namespace of its own."""
    (tmp_path / "small").mkdir()
    study = (ROOT / "studies" / "tiny.yaml").read_text()
    (tmp_path / "study.yaml").write_text(study + f"\nresults: {tmp_path / 'small' / 'results'}\n")
    mount = f"mount -t tmpfs -o size={64 + room_kb}k none small && head -c 64k /dev/zero > small/fill"
    script = f'{mount} && mkdir -p small/results && exec "$@"'
    snakemake = [sys.executable, "-m", "snakemake", "-s", str(ROOT / "Snakefile"), "--configfile", "study.yaml"]
    done = subprocess.run(
        ["unshare", "-m", "sh", "-c", script, "sh", *snakemake, "--cores", "1", "--directory", str(tmp_path)],
        cwd=tmp_path,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert done.returncode != 0
    assert f"the disk of {tmp_path / 'small'} is full" in done.stderr, done.stderr[-3000:]
