"""Runs that were killed."""

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest
from snakemake.exceptions import CliException

from colosseum.cluster import recovery, runs
from colosseum.logs.columns import COLUMNS
from snakemake_executor_plugin_colosseum_slurm.settings import ExecutorSettings


def killed_run(folder: Path) -> runs.Run:
    child = subprocess.Popen(
        [sys.executable, "-c", f"from colosseum.cluster import runs; runs.Run.begin({str(folder)!r})"]
    )
    child.wait()
    [run] = runs.find(folder)
    return run


def test_a_run_knows_whether_it_lives(tmp_path):
    mine = runs.Run.begin(tmp_path)
    assert [run.alive for run in runs.find(tmp_path)] == [True]
    mine.end()
    assert runs.find(tmp_path) == []
    assert not killed_run(tmp_path).alive


def test_a_run_of_another_host_lives_while_it_beats(tmp_path):
    run = runs.Run.begin(tmp_path)
    run.host = "elsewhere"
    assert run.alive
    os.utime(run.path, (time.time() - 2 * runs.HEARTBEAT_S,) * 2)
    assert not run.alive


def test_a_run_removes_its_own_locks_only(tmp_path):
    locks = tmp_path / ".snakemake" / "locks"
    locks.mkdir(parents=True)
    for name in ("0.input.lock", "0.output.lock"):
        (locks / name).write_text("a\n")
    first = runs.Run.begin(tmp_path)
    (locks / "1.output.lock").write_text("b\n")
    second = runs.Run.begin(tmp_path)
    assert second.locks == ["1.output.lock"] and runs.unclaimed_locks(tmp_path) == []
    assert first.unlock()
    assert [path.name for path in locks.iterdir()] == ["1.output.lock"]


def test_a_killed_run_is_refused(tmp_path, monkeypatch):
    (tmp_path / ".snakemake" / "locks").mkdir(parents=True)
    (tmp_path / ".snakemake" / "locks" / "0.output.lock").write_text("a\n")
    killed_run(tmp_path)
    monkeypatch.chdir(tmp_path)
    with pytest.raises(CliException, match="python -m colosseum recover"):
        ExecutorSettings()


def test_whole_logs_are_kept_and_halves_are_not(tmp_path):
    import base64

    marks = tmp_path / ".snakemake" / "incomplete"
    (tmp_path / "logs").mkdir()
    marks.mkdir(parents=True)
    row = ",".join(["100", *["0.5"] * (len(COLUMNS) - 2), "running"])
    (tmp_path / "logs" / "whole.csv").write_text(f"{','.join(COLUMNS)}\n{row}\n")
    (tmp_path / "logs" / "half.csv").write_text(f"{','.join(COLUMNS)}\n{row[:20]}")
    (tmp_path / "logs" / "other.txt").write_text("x")
    names = ("logs/whole.csv", "logs/half.csv", "logs/missing.csv", "logs/other.txt")
    for name in names:
        (marks / base64.urlsafe_b64encode(name.encode()).decode()).write_text("{}")
    assert recovery.keep_finished(tmp_path) == [Path("logs/whole.csv")]
    assert len(list(marks.iterdir())) == 3
