"""Children of a process."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from children import end_of
from snakemake_executor_plugin_slurm_packed.processes import Child


def test_a_child_reports_how_it_ended(tmp_path, capfd):
    assert end_of(Child(lambda: 0)) == 0
    assert end_of(Child(lambda: 7)) == 7
    with capfd.disabled():
        assert end_of(Child(lambda: sys.exit("said"), tmp_path / "out")) == 1
        assert end_of(Child(lambda: 1 / 0, tmp_path / "error")) == 1
    assert (tmp_path / "out").read_text() == "said\n"
    assert "ZeroDivisionError" in (tmp_path / "error").read_text()
    assert end_of(Child(lambda: os.kill(os.getpid(), signal.SIGKILL))) == -signal.SIGKILL


def test_a_child_is_killed_with_all_it_started(tmp_path):
    def start():
        subprocess.run(["bash", "-c", f"trap '' TERM; echo $$ > {tmp_path / 'pid'}; while :; do sleep 0.1; done"])

    child = Child(start)
    while not (tmp_path / "pid").exists() or not (tmp_path / "pid").read_text():
        time.sleep(0.01)
    child.kill(patience_s=0.3)
    grandchild = int((tmp_path / "pid").read_text())
    for _ in range(100):
        if not Path(f"/proc/{grandchild}").exists() or "zombie" in Path(f"/proc/{grandchild}/status").read_text():
            break
        time.sleep(0.05)
    else:
        pytest.fail("a grandchild survived")


def test_memory_of_a_child_is_its_own(tmp_path):
    written = tmp_path / "written"
    parent = bytearray(200 << 20)
    parent[:: 1 << 12] = b"x" * len(parent[:: 1 << 12])

    def use():
        block = bytearray(100 << 20)
        block[:: 1 << 12] = b"x" * len(block[:: 1 << 12])
        written.touch()
        time.sleep(20)

    resident = int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") / (1 << 20)
    assert resident > 200
    child = Child(use)
    try:
        end = time.monotonic() + 10
        while not written.exists():
            assert time.monotonic() < end
            time.sleep(0.05)
        # what it shares with the parent, however much other tests have left there, counts by half
        assert 100 <= child.memory_mb() < 100 + resident / 2 + 30
    finally:
        child.kill()
    assert len(parent) == 200 << 20
