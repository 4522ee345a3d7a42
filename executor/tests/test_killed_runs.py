"""Runs that were killed."""

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest
from snakemake.exceptions import CliException
from snakemake_executor_plugin_slurm_packed import recovery, run_notes, snakemake_state
from snakemake_executor_plugin_slurm_packed.settings import ExecutorSettings

PACKAGE = Path(run_notes.__file__).parents[1]


def killed_run(folder: Path) -> run_notes.Run:
    code = (
        f"from snakemake_executor_plugin_slurm_packed import run_notes; run_notes.Run.begin({str(folder)!r}, 'm:whole')"
    )
    subprocess.run([sys.executable, "-c", code], env=os.environ | {"PYTHONPATH": str(PACKAGE)}, check=True)
    [run] = run_notes.find(folder)
    return run


def lock(folder: Path, name: str) -> Path:
    path = folder / ".snakemake" / "locks" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("a\n")
    return path


def begin_output(folder: Path, name: str) -> None:
    mark = folder / ".snakemake" / "incomplete" / snakemake_state.mark_of(name)
    mark.parent.mkdir(parents=True, exist_ok=True)
    mark.write_text("{}")


def test_a_run_knows_whether_it_lives(tmp_path):
    mine = run_notes.Run.begin(tmp_path)
    assert [run.alive for run in run_notes.find(tmp_path)] == [True]
    mine.end()
    assert run_notes.find(tmp_path) == []
    run = killed_run(tmp_path)
    assert not run.alive and run.whole == "m:whole"
    # another process that has its number by now is not it
    run.pid, run.started = os.getpid(), run.started - 3600
    assert not run.alive


def test_a_container_sees_the_lock_and_not_the_process(tmp_path):
    run = run_notes.Run.begin(tmp_path)
    run.pid = 2**22 + 1  # no process has it
    assert run.alive
    run.lock.unlink()
    assert not run.alive


def test_jobs_are_noted_until_their_end_was_seen(tmp_path):
    run = run_notes.Run.begin(tmp_path)
    for job in ("1", "2", "3"):
        run.note_job(job)
    run.note_job("2", ended=True)
    assert run.noted_jobs() == ["1", "3"]
    run.end()
    assert [path.name for path in run.path.parent.iterdir()] == ["logs"]


def test_a_folder_that_is_not_there(tmp_path):
    with pytest.raises(recovery.ExecutorError, match="nowhere: there is no such folder"):
        recovery.recover(tmp_path / "nowhere", False, print)


def test_locks_are_left_to_a_run_that_goes_on(tmp_path):
    """The caller knows of one that lives and of one that was killed."""
    lock(tmp_path, "0.output.lock")
    begin_output(tmp_path, "mine")
    begin_output(tmp_path, "its")
    said: list[str] = []
    arguments = (tmp_path, False, said.append, lambda path: path.name == "mine")
    assert recovery.recover(*arguments, busy=True) == 1 and said == []
    assert recovery.recover(*arguments, busy=True, killed_elsewhere=True) == 0
    assert said[0] == "left Snakemake's locks to the run that goes on; 1 finished outputs are kept"
    assert snakemake_state.locks(tmp_path) and [str(output) for _, output in snakemake_state.marks(tmp_path)] == ["its"]


def test_a_run_of_another_host_lives_while_it_beats(tmp_path):
    run = run_notes.Run.begin(tmp_path)
    run.host = "elsewhere"
    assert run.alive  # its lock is seen here
    run.lock.unlink()
    assert run.alive
    os.utime(run.path, (time.time() - 2 * run_notes.HEARTBEAT_S,) * 2)
    assert not run.alive


def test_a_run_removes_its_own_locks_only(tmp_path):
    for name in ("0.input.lock", "0.output.lock"):
        lock(tmp_path, name)
    first = run_notes.Run.begin(tmp_path)
    lock(tmp_path, "1.output.lock")
    second = run_notes.Run.begin(tmp_path)
    assert second.locks == ["1.output.lock"] and run_notes.unclaimed_locks(tmp_path) == []
    assert first.unlock()
    assert [path.name for path in snakemake_state.locks(tmp_path)] == ["1.output.lock"]


def test_a_killed_run_is_refused(tmp_path, monkeypatch):
    lock(tmp_path, "0.output.lock")
    killed_run(tmp_path)
    monkeypatch.chdir(tmp_path)
    with pytest.raises(CliException, match="python -m snakemake_executor_plugin_slurm_packed\n"):
        ExecutorSettings()
    with pytest.raises(CliException, match="    make recover\n"):
        ExecutorSettings(recover="make recover")


def test_a_lock_is_stale_when_no_snakemake_works_there(tmp_path):
    path = lock(tmp_path, "0.output.lock")
    assert run_notes.stale_locks(tmp_path) == [path]
    code = "print(flush=True); import time; time.sleep(60)"
    worker = subprocess.Popen(
        ["snakemake", "-c", code], executable=sys.executable, cwd=tmp_path, stdout=subprocess.PIPE
    )
    try:
        worker.stdout.readline()
        assert snakemake_state.working_snakemakes(tmp_path) == [worker.pid]
        assert run_notes.stale_locks(tmp_path) == []
    finally:
        worker.kill()
        worker.communicate()


def test_a_lock_of_a_run_that_ends_at_this_moment_is_not_stale(tmp_path, monkeypatch):
    path = lock(tmp_path, "0.output.lock")

    def ended(workdir):
        path.unlink()
        return []

    monkeypatch.setattr(snakemake_state, "working_snakemakes", ended)
    assert run_notes.stale_locks(tmp_path) == []


def test_whole_outputs_are_kept_and_others_are_not(tmp_path):
    for name in ("whole.csv", "half.csv", "missing.csv"):
        begin_output(tmp_path, name)
    (tmp_path / "whole.csv").write_text("the end\n")
    (tmp_path / "half.csv").write_text("the")

    def whole(path: Path) -> bool:
        return path.exists() and path.read_text().endswith("end\n")

    assert recovery.keep_whole(tmp_path, whole) == [Path("whole.csv")]
    assert {output.name for _, output in snakemake_state.marks(tmp_path)} == {"half.csv", "missing.csv"}


def test_a_local_run_is_recovered(tmp_path):
    """No note, a lock, marks: nobody asks Slurm."""
    said: list[str] = []
    assert recovery.recover(tmp_path, False, said.append) == 0
    assert said == ["nothing to recover: no run was killed in this folder"]
    lock(tmp_path, "0.output.lock")
    begin_output(tmp_path, "a")
    begin_output(tmp_path, "b")
    said.clear()
    assert recovery.recover(tmp_path, False, said.append, lambda path: path.name == "a") == 0
    assert said[0] == "unlocked the folder after a local run; 1 finished outputs are kept"
    assert snakemake_state.locks(tmp_path) == []


def test_what_runs_now(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    output = f"results/{'long' * 60}/out.csv"
    begin_output(tmp_path, output)
    assert output not in snakemake_state.RunningJobs()  # no locks: nobody is at work
    lock(tmp_path, "0.input.lock")
    assert output in snakemake_state.RunningJobs() and tmp_path / output in snakemake_state.RunningJobs()
    monkeypatch.chdir(tmp_path.parent)
    running = snakemake_state.RunningJobs(tmp_path)
    assert f"{tmp_path.name}/{output}" in running and f"{output}x" not in running
