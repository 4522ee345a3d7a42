"""Which study is being run, by real processes that end in order or are killed."""

import errno
import json
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest
from snakemake_executor_plugin_slurm_packed import snakemake_state
from user_project import ROOT, TINY, Project, end_of_group

from colosseum import layout
from colosseum.errors import ColosseumError
from colosseum.study import run_lock

pytestmark = pytest.mark.slow

HOLD = """
import sys, time
from pathlib import Path
from colosseum.study import run_lock
try:
    held = run_lock.take(Path(sys.argv[1]), "tiny", Path(), begun=False)
    if len(sys.argv) == 3:
        held.begin()
except run_lock.RunError as error:
    sys.exit(str(error))
print("held", flush=True)
time.sleep(float(sys.argv[2]))
"""


def holder(folder: Path, path: Path, seconds: float = 60, *options: str) -> subprocess.Popen[str]:
    """A process that runs the study."""
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    process = subprocess.Popen(
        [sys.executable, "-c", HOLD, path, str(seconds), *options],
        cwd=folder,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    process.first = process.stdout.readline()
    return process


def kill(process: subprocess.Popen) -> None:
    process.send_signal(signal.SIGKILL)
    process.communicate()


def recover(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "colosseum", "recover", *arguments],
        cwd=folder,
        env=os.environ | {"PYTHONPATH": f"{ROOT}:{ROOT / 'executor'}"},
        capture_output=True,
        text=True,
        timeout=60,
    )


@pytest.fixture
def path(tmp_path, monkeypatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path / layout.run_lock_file("results", "tiny")


def test_a_run_that_ends_in_order_leaves_nothing(tmp_path, path):
    process = holder(tmp_path, path, 0)
    process.communicate()
    assert process.first == "held\n" and process.returncode == 0
    assert not path.parent.exists() and run_lock.find(tmp_path) == []
    run_lock.refuse(path)


def test_a_second_run_is_refused_and_told_who_runs(tmp_path, path):
    first = holder(tmp_path, path)
    try:
        [run] = run_lock.find(tmp_path)
        assert run.state == run_lock.RUNNING and run.note.pid == first.pid and run.note.host == socket.gethostname()
        assert abs(run.note.began - time.time()) < 60
        second = holder(tmp_path, path)
        _, said = second.communicate()
        assert second.returncode == 1 and f"process {first.pid} on {socket.gethostname()}, since" in said
        assert said.count("\n") == 1
        run_lock.refuse(path, harmless=True)
        done = recover(tmp_path)
        assert done.returncode == 1 and "still runs, left alone" in done.stderr
        assert run_lock.find(tmp_path) == [run]
    finally:
        kill(first)


def test_two_starts_at_once_are_one(tmp_path, path):
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-c", HOLD, path, "60"]
    processes = [
        subprocess.Popen(command, cwd=tmp_path, env=environment, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        for _ in range(6)
    ]
    try:
        # however slowly they start: one holds it for a minute, the others must be refused by then
        wait_for(lambda: sum(process.poll() is None for process in processes) <= 1, 50)
        [holding] = [process for process in processes if process.poll() is None]
        assert holding.stdout.readline() == b"held\n"
        refused = [process for process in processes if process is not holding]
        assert [(process.stdout.read(), process.returncode) for process in refused] == [(b"", 1)] * 5
    finally:
        for process in processes:
            kill(process)


def test_a_folder_that_another_run_removes_at_its_end_is_made_again(path, monkeypatch):
    """A run that ends removes the empty folder, perhaps just after the next one saw that it is there."""
    remove, open_file = [path.parent.rmdir, path.parent.rmdir], os.open

    def open_too_late(*arguments):
        if remove:
            remove.pop()()
        return open_file(*arguments)

    monkeypatch.setattr(os, "open", open_too_late)
    held = run_lock.take(path, "tiny", Path())
    assert not remove and path.exists() and held.note.study == "tiny"


def test_killed(tmp_path, path):
    kill(holder(tmp_path, path))
    [run] = run_lock.find(tmp_path)
    assert run.state == run_lock.KILLED
    with pytest.raises(run_lock.RunError, match="was killed .*\n    python -m colosseum recover\n"):
        run_lock.refuse(path)
    _, said = holder(tmp_path, path).communicate()
    assert "python -m colosseum recover" in said
    done = recover(tmp_path)
    assert done.returncode == 0 and "was killed" in done.stderr and "repeat the command" in done.stderr
    assert run_lock.find(tmp_path) == [] and not path.parent.exists()
    assert "nothing to recover" in recover(tmp_path).stderr


def test_killed_before_its_first_job(tmp_path, path):
    """Another start is refused while it plans; nothing is to be recovered when it is gone."""
    process = holder(tmp_path, path, 60, "plans")
    _, said = holder(tmp_path, path).communicate()
    assert f"process {process.pid} on {socket.gethostname()}, since" in said and "is being run" in said
    kill(process)
    assert path.exists() and run_lock.find(tmp_path) == []
    run_lock.refuse(path)
    kill(holder(tmp_path, path))
    [run] = run_lock.find(tmp_path)
    assert run.state == run_lock.KILLED


def test_killed_with_results_elsewhere(tmp_path, monkeypatch):
    work, results = tmp_path / "work", tmp_path / "disk" / "results"
    work.mkdir()
    kill(holder(work, Path(layout.run_lock_file(results, "tiny"))))
    monkeypatch.chdir(work)
    with pytest.raises(run_lock.RunError, match=f"    python -m colosseum recover --results {results}\n"):
        run_lock.refuse(Path(layout.run_lock_file(results, "tiny")))
    assert "nothing to recover" in recover(work).stderr
    other = tmp_path / "other"
    other.mkdir()
    assert "was not started in this folder" in recover(other, "--results", str(results)).stderr
    assert recover(work, "--results", str(results)).returncode == 0
    assert run_lock.find(work, [results]) == []


def test_another_machine_says_what_it_cannot_see(tmp_path, path):
    """Its lock is not seen here, its heartbeat is."""
    kill(holder(tmp_path, path))
    note = json.loads(path.read_text())
    path.write_text(json.dumps(note | {"host": "elsewhere", "boot": "another"}))
    [run] = run_lock.find(tmp_path)
    assert run.state == run_lock.UNSEEN
    with pytest.raises(run_lock.RunError, match="cannot see more"):
        run_lock.refuse(path)
    done = recover(tmp_path)
    assert done.returncode == 1 and "cannot see whether it runs" in done.stderr and path.exists()
    # a container of this very machine: another name, the same system
    path.write_text(json.dumps(note | {"host": "elsewhere"}))
    assert run_lock.find(tmp_path)[0].state == (run_lock.KILLED if note["boot"] else run_lock.UNSEEN)
    path.write_text(json.dumps(note | {"host": "elsewhere", "boot": "another"}))
    os.utime(path, (time.time() - 2 * run_lock.SILENCE_S,) * 2)
    assert run_lock.find(tmp_path)[0].state == run_lock.KILLED
    assert recover(tmp_path).returncode == 0 and not path.exists()


def test_a_folder_that_is_not_there(tmp_path):
    done = recover(tmp_path, "-d", "nowhere")
    assert done.returncode == 2 and done.stderr.startswith("colosseum recover: error: nowhere: no such folder")
    assert done.stderr.count("\n") == 1


@pytest.mark.parametrize(
    ("words", "is_one"),
    [
        ("/venv/bin/python /venv/bin/snakemake --cores 2", True),
        ("python3.11 -m snakemake --cores 2", True),
        ("snakemake --cores 2", True),
        ("/venv/bin/python -m colosseum.warm.session /venv/bin/snakemake --cores 2", False),
        ("vim docs/snakemake", False),
        ("less snakemake", False),
        ("", False),
    ],
)
def test_what_starts_or_edits_a_snakemake_is_none(words, is_one):
    assert snakemake_state.is_snakemake(words.split()) == is_one


# --- the workflow itself -------------------------------------------------------------------


def wait_for(condition, seconds: float = 400) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.05)


def slow_study(name: str, n_seeds: int) -> dict:
    experiment = TINY["experiment"] | {"n_seeds": n_seeds}
    return TINY | {"study": name, "agents": ["my_lab.agents:Slow"], "hyperopt": None, "experiment": experiment}


def logs_of(project: Project, study: str) -> set[str]:
    return {path.parent.name + path.name for path in project.folder.glob(f"results/*/{study}/*/logs/*/*.csv")}


def test_killed_below_a_session_that_lives(complete):
    """`make run`: the session process goes on for a moment, and its command line ends like a Snakemake's."""
    complete.write(slow_study("slow", 4))
    session = complete.start("logs", before=(sys.executable, "-m", "colosseum.warm.session"))
    wait_for(lambda: len(logs_of(complete, "slow")) >= 2)
    [run] = run_lock.find(complete.folder)
    assert run.state == run_lock.RUNNING
    session.send_signal(signal.SIGSTOP)  # it cannot end before the next start
    os.kill(run.note.pid, signal.SIGKILL)
    try:
        wait_for(lambda: run_lock.find(complete.folder)[0].state == run_lock.KILLED)
        said = complete.run("logs", status=1)
        assert "    python -m colosseum recover\n" in said and "--unlock" not in said
    finally:
        session.send_signal(signal.SIGCONT)
    end_of_group(session)
    finished = logs_of(complete, "slow")
    assert "unlocked" in complete.colosseum("recover")
    times = {path: path.stat().st_ino for path in complete.folder.glob("results/*/slow/*/logs/*/*.csv")}
    complete.run("logs")
    assert len(finished) < len(logs_of(complete, "slow")) == 8
    assert all(path.stat().st_ino == number for path, number in times.items())


PLANS = """
import os, time

module colosseum:
    snakefile: {snakefile!r}
    config: {study!r}

use rule * from colosseum

def once_it_may(wildcards):
    open("planning", "w").close()
    while not os.path.exists("go"):
        time.sleep(0.05)
    return []

rule second:
    input: once_it_may
    output: "second.txt"
    shell: "touch {{output}}"
"""


def test_a_study_ends_while_another_one_is_planned(complete):
    """Snakemake's end removes all locks, and their folder, in which the other one is about to write its own."""
    snakefile = PLANS.format(snakefile=str(ROOT / "Snakefile"), study=TINY | {"study": "second"})
    (complete.folder / "second.smk").write_text(snakefile)
    second = complete.start("-s", "second.smk", "second.txt")
    wait_for((complete.folder / "planning").exists)
    complete.run("logs")
    (complete.folder / "go").touch()
    assert second.wait(300) == 0 and (complete.folder / "second.txt").exists()
    assert snakemake_state.locks(complete.folder) == [] == run_lock.find(complete.folder)


def test_two_studies_in_a_folder(complete):
    """The end of one leaves Snakemake's locks of the other, and ours."""
    complete.write(slow_study("slow", 100))
    slow = complete.start("logs")
    wait_for(lambda: len(logs_of(complete, "slow")) >= 1)
    before = snakemake_state.locks(complete.folder)
    assert before
    complete.write(TINY)
    complete.run("logs")
    assert snakemake_state.locks(complete.folder) == before
    complete.write(slow_study("slow", 100))
    said = complete.run("logs", status=1)
    assert "the study slow" in said and "is being run" in said and f"process {slow.pid} on" in said
    complete.run("-n", "logs")
    assert slow.poll() is None
    slow.send_signal(signal.SIGKILL)
    end_of_group(slow)
    assert "python -m colosseum recover" in complete.run("logs", status=1)
    assert "finished outputs are kept" in complete.colosseum("recover")
    assert run_lock.find(complete.folder) == [] and list(snakemake_state.marks(complete.folder)) == []


def test_a_full_disk_is_named_and_leaves_no_lock(tmp_path, monkeypatch):
    path = tmp_path / "locks" / "study.json"

    def full(descriptor, data, offset):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "pwrite", full)
    with pytest.raises(
        ColosseumError, match=r"study\.json: cannot be written: No space left on device \(the disk of /"
    ):
        run_lock.take(path, "study", tmp_path)
    monkeypatch.undo()
    assert not path.exists()
    run_lock.refuse(path)  # nobody's: it does not raise
