"""The parts that need no cluster."""

import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest
from snakemake.exceptions import CliException

from colosseum.cluster import kernels, recovery, report, runs, scratch, slurm, warm
from colosseum.cluster.processes import fork
from colosseum.experiment.logs import COLUMNS
from snakemake_executor_plugin_colosseum_slurm.runner import _last_error
from snakemake_executor_plugin_colosseum_slurm.settings import ExecutorSettings
from snakemake_executor_plugin_colosseum_slurm.staging import Ledger, Storage, Store, storage_of
from snakemake_executor_plugin_colosseum_slurm.submission import (
    RUNNER_MB,
    STARTUP_S,
    Entry,
    Submission,
    archive,
    batch_script,
    differing_versions,
    makespan,
    pack,
    read_order,
    unpack,
    versions,
)


def entry(number: int = 0, seconds: int = 60, mem_mb: int = 500, threads: int = 1, options=("--partition=main",)):
    return Entry(None, ["--target-jobs", f"run:i={number}"], "", f"run {number}", threads, mem_mb, seconds, options)


def packed(entries, size=10, cpus=1, longest_s=10**6, limit=10**9, partial=True):
    return list(pack(entries, size, cpus, longest_s, lambda entry: limit, partial))


# ------------------------------------------------------------------------------------------------------------ reports


def test_report_survives_its_way_through_a_comment():
    told = report.Report(list("drfw"), {2: 'a "b" | c;\nd = 1', report.HERE: "no room"})
    read = report.Report.decode(told.encode(), 4)
    assert read.letters == list("drfw")
    assert read.texts[report.HERE] == "no room"
    assert not set(read.texts[2]) & set("|;\"'\n=") and "a" in read.texts[2]


def test_report_stays_short():
    told = report.Report(["f"] * 50, dict.fromkeys(range(50), "x" * 1000))
    assert len(told.encode()) <= 1500
    assert report.Report.decode(told.encode(), 50).letters == ["f"] * 50


@pytest.mark.parametrize("line", ["", "(null)", "dd", "ddxd", "nightly run"])
def test_other_comments_are_no_reports(line):
    assert report.Report.decode(line, 4) is None


def test_outcomes_are_found_among_other_output():
    lines = [
        "=== d 3 of 4: nobody wrote this number",
        report.outcome_line("d", 1, 4, "run x: done"),
        "    === d 2 of 5: x",
    ]
    assert report.read_outcomes("\n".join(lines), 4) == {3: "d", 1: "d"}
    assert report.read_outcomes("\n".join(lines), 3) == {}


# ------------------------------------------------------------------------------------------------------------ packing


def test_pack_shares_alike_jobs_only():
    entries = [entry(0), entry(1, options=("--partition=other",)), entry(2), entry(3, threads=2)]
    submissions = packed(entries)
    assert [[e.name for e in s.entries] for s in submissions] == [["run 0", "run 2"], ["run 1"], ["run 3"]]
    assert submissions[2].options()[0] == "--cpus-per-task=2"
    assert entries == []


def test_pack_waits_for_more_unless_told():
    entries = [entry(number) for number in range(7)]
    assert [len(s.entries) for s in packed(entries, size=3, partial=False)] == [3, 3]
    assert [e.name for e in entries] == ["run 6"]
    assert [len(s.entries) for s in packed(entries, size=3)] == [1]


def test_pack_keeps_within_the_time_of_a_submission():
    submissions = packed([entry(n, seconds=600) for n in range(6)], longest_s=STARTUP_S + 2 * 600)
    assert [len(s.entries) for s in submissions] == [2, 2, 2]
    # a job that alone asks for more than the partition allows gets what that allows, and waits for ever else
    [submission] = packed([entry(seconds=10_000)], limit=3600)
    assert "--time=60" in submission.options()


def test_resources_are_those_of_what_runs_at_a_time():
    entries = [entry(n, seconds=60 * (n + 1), mem_mb=100 * (n + 1)) for n in range(4)]
    [submission] = packed(entries, cpus=2)
    assert submission.workers == 2
    assert submission.mem_mb == RUNNER_MB + 400 + 300
    assert submission.seconds == STARTUP_S + 360  # 1 and 2 min side by side, then 3 and 4
    assert submission.options() == ["--cpus-per-task=2", "--mem=1100", "--time=8", "--partition=main"]
    [alone] = packed([entry()], cpus=4)
    assert alone.workers == 1


@pytest.mark.parametrize(
    ("seconds", "workers", "end"), [([5], 3, 5), ([1, 1, 1], 1, 3), ([3, 1, 1, 1], 2, 3), ([], 1, 0)]
)
def test_makespan(seconds, workers, end):
    assert makespan(seconds, workers) == end


def test_order_travels_in_the_script():
    submission = Submission([entry(0), entry(1)], 1, 10**9)
    script = batch_script(submission, "/opt/python", "module load colosseum", {"versions": versions()})
    assert script.startswith("#!/bin/bash\nmodule load colosseum\nexec /opt/python -m ")
    order = read_order(script.split("<<'END_OF_SUBMISSION'\n")[1].split("END_OF_SUBMISSION")[0])
    assert [job["argv"][1] for job in order["jobs"]] == ["run:i=0", "run:i=1"]
    assert order["versions"] == versions() and order["workers"] == 1


def test_sources_travel(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("workflow").mkdir()
    Path("workflow/common.smk").write_text("x = 1\n")
    Path("node").mkdir()
    unpack(archive([Path("workflow/common.smk")]), Path("node"))
    assert Path("node/workflow/common.smk").read_text() == "x = 1\n"


def test_versions_that_differ_are_named():
    assert differing_versions(versions()) == ""
    told = differing_versions(versions() | {"colosseum": "9.9"})
    assert "colosseum is" in told and "9.9 on the head" in told


@pytest.mark.parametrize("name", ["instances_per_submission", "cpus_per_submission", "submissions"])
def test_settings_that_make_no_sense(name, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(CliException, match=f"colosseum-slurm-{name.replace('_', '-')} is 0"):
        ExecutorSettings(**{name: 0})


# -------------------------------------------------------------------------------------------------------------- Slurm


@pytest.mark.parametrize(
    ("limit", "minutes"),
    [("infinite", None), ("30:00", 30), ("1:00:00", 60), ("2-00:00:00", 2880), ("1-12:30:00", 2190), ("45", 0)],
)
def test_time_limits(limit, minutes):
    assert slurm._minutes(limit) == minutes


def test_a_missing_command_is_explained(monkeypatch):
    monkeypatch.setenv("PATH", "/nowhere")
    with pytest.raises(slurm.SlurmError, match="squeue is not on the PATH"):
        slurm.job_states("x")


def test_settings_of_an_allocation_are_not_handed_on(monkeypatch):
    monkeypatch.setenv("SLURM_MEM_PER_CPU", "1")
    monkeypatch.setenv("SLURM_CONF", "/etc/slurm.conf")
    assert slurm.environment()["SLURM_CONF"] == "/etc/slurm.conf"
    assert "SLURM_MEM_PER_CPU" not in slurm.environment()


# ---------------------------------------------------------------------------------------------------------- processes


def end_of(child, seconds=10.0):
    end = time.monotonic() + seconds
    while not child.ended():
        assert time.monotonic() < end
        time.sleep(0.01)
    return child.status


def test_a_child_reports_how_it_ended(tmp_path, capfd):
    assert end_of(fork(lambda: 0)) == 0
    assert end_of(fork(lambda: 7)) == 7
    with capfd.disabled():
        assert end_of(fork(lambda: sys.exit("said"), tmp_path / "out")) == 1
        assert end_of(fork(lambda: 1 / 0, tmp_path / "error")) == 1
    assert (tmp_path / "out").read_text() == "said\n"
    assert "ZeroDivisionError" in (tmp_path / "error").read_text()
    assert end_of(fork(lambda: os.kill(os.getpid(), signal.SIGKILL))) == -signal.SIGKILL


def test_a_child_is_killed_with_all_it_started(tmp_path):
    def start():
        subprocess.run(["bash", "-c", f"trap '' TERM; echo $$ > {tmp_path / 'pid'}; while :; do sleep 0.1; done"])

    child = fork(start)
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
    child = fork(use)
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


# ------------------------------------------------------------------------------------------------------------ scratch


def test_scratch_is_gone_afterwards(tmp_path):
    with scratch.folder(str(tmp_path)) as path:
        assert os.environ["COLOSSEUM_SCRATCH"] == str(path) and Path(os.environ["TMPDIR"]).is_dir()
        (path / "file").write_text("x")
    assert list(tmp_path.iterdir()) == [] and "COLOSSEUM_SCRATCH" not in os.environ


def test_what_a_killed_submission_left_is_swept(tmp_path):
    def leave():
        with scratch.folder(str(tmp_path)):
            os.kill(os.getpid(), signal.SIGKILL)

    end_of(fork(leave))
    [left] = tmp_path.iterdir()
    with scratch.folder(str(tmp_path)) as first:
        assert not left.exists()
        with scratch.folder(str(tmp_path)):
            assert first.exists()  # in use


def test_a_missing_scratch_is_named(tmp_path):
    with pytest.raises(OSError, match=f"scratch folder {tmp_path}/none of node .* cannot be used: No such file"):
        with scratch.folder(str(tmp_path / "none")):
            pass


# ------------------------------------------------------------------------------------------------------------ kernels


def test_fifty_that_start_at_once_compile_once(tmp_path):
    """Each gets a whole cache of its own; one fills it, the others wait for it."""
    base, compiled = tmp_path / "base", tmp_path / "compiled"
    compiled.mkdir()

    def start(number: int) -> int:
        folder = tmp_path / f"node{number}"
        target = kernels.prepare(folder, str(base))
        assert os.environ["NUMBA_CACHE_DIR"] == str(folder)
        if target is not None:
            (compiled / str(number)).touch()
            time.sleep(0.5)
            (folder / "a").write_text("kernel")
            (folder / "b").write_text("kernel")
            kernels.publish(folder, target)
            kernels.release(target)
        return 0 if sorted(path.name for path in folder.iterdir()) == ["a", "b"] else 1

    children = [fork(lambda number=number: start(number)) for number in range(50)]
    assert {end_of(child, 60) for child in children} == {0}
    assert len(list(compiled.iterdir())) == 1
    [published] = base.iterdir()
    assert published.name == kernels.fingerprint()


def test_a_cache_that_cannot_be_kept(tmp_path):
    assert kernels.prepare(tmp_path / "a", "none") is None
    (tmp_path / "file").touch()
    target = kernels.prepare(tmp_path / "b", str(tmp_path / "file" / "base"))
    kernels.publish(tmp_path / "b", target)  # nothing is kept, and nothing fails


# --------------------------------------------------------------------------------------------------------------- warm


def test_only_runs_are_delegated(monkeypatch, tmp_path):
    monkeypatch.delenv(warm.VARIABLE, raising=False)
    assert warm.delegate(["run", "x.pkl"]) is None
    monkeypatch.setenv(warm.VARIABLE, str(tmp_path / "nobody"))
    assert warm.delegate(["run", "x.pkl"]) is None
    assert warm.delegate(["select"]) is None


def test_a_warm_process_runs_as_the_client_would(tmp_path):
    """Same working directory, streams, exit status and process group; and it survives its clients."""
    path = str(tmp_path / "socket")
    server = subprocess.Popen(
        [sys.executable, "-c", f"from colosseum.cluster import kernels, warm; kernels.load = int; warm.serve({path!r})"]
    )
    try:
        while not os.path.exists(path):
            time.sleep(0.02)
        plainly = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])}
        environment = {**plainly, warm.VARIABLE: path}
        for arguments, status, words in (
            (["run", "missing.pkl"], 2, "colosseum run: error: missing.pkl"),
            (["run"], 2, "the following arguments are required"),
            (["run", "--help"], 0, "usage"),
        ):
            command = [sys.executable, "-m", "colosseum", *arguments]
            plain = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, env=plainly)
            warmed = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, env=environment)
            assert (warmed.returncode, warmed.stdout, warmed.stderr) == (plain.returncode, plain.stdout, plain.stderr)
            assert warmed.returncode == status and words in warmed.stdout + warmed.stderr
        # one that leaves at once harms nobody
        client = socket.socket(socket.AF_UNIX)
        client.connect(path)
        client.close()
        done = subprocess.run([sys.executable, "-m", "colosseum", "run"], env=environment, capture_output=True)
        assert done.returncode == 2 and server.poll() is None
    finally:
        server.kill()
        server.wait()


# ----------------------------------------------------------------------------------------------------------- recovery


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


# ------------------------------------------------------------------------------------------------------------ staging


def test_files_go_through_a_storage(tmp_path):
    head, node = tmp_path / "head", tmp_path / "node"
    for path in (head, node):
        path.mkdir()
    (head / "in.pkl").write_text("pickle")
    storage = storage_of("fs", str(tmp_path / "storage"), None)
    Store(storage, head).put("job-1", ["in.pkl", "missing"])
    Store(storage, node).get("job-1")
    assert (node / "in.pkl").read_text() == "pickle"
    ledger = Ledger(tmp_path / "ledger")
    ledger.begin(storage)
    ledger.expect("job-1", [])
    ledger.expect("job-1-0", ["logs/out.csv"])
    ledger.expect("job-1-1", ["logs/never.csv"])
    (node / "logs").mkdir()
    (node / "logs" / "out.csv").write_text("log")
    Store(storage, node).put("job-1-0", ["logs/out.csv"])
    # the head was killed: what its jobs left is fetched, and the storage is empty
    assert ledger.fetch(head) == 1
    assert (head / "logs" / "out.csv").read_text() == "log"
    assert list((tmp_path / "storage").iterdir()) == []


def test_a_storage_that_is_not_installed():
    with pytest.raises(Exception, match="colosseum-slurm-storage is 'ftp', but the installed storage plugins are"):
        storage_of("ftp", "x", None)
    with pytest.raises(Exception, match="storage-prefix"):
        storage_of("fs", "", None)
    assert Storage("fs", "/x", {}) == storage_of("fs", "/x/", None)


# -------------------------------------------------------------------------------------------------------------- words


@pytest.mark.parametrize(
    ("output", "said"),
    [
        ("Building DAG\ncolosseum run: error: a/seed1: it failed: X\nRuleException:\nmore", "a/seed1: it failed"),
        (
            "    resources: mem_mb=1\nsegmentation fault\nRuleException:\nCalledProcessError in file",
            "segmentation fault",
        ),
        ('FileNotFoundError in file "x.smk", line 3:\n[Errno 2] No such file', "[Errno 2]"),
        ("", "it printed nothing"),
    ],
)
def test_the_line_that_says_most(tmp_path, output, said):
    path = tmp_path / "output"
    path.write_text(output)
    assert said in _last_error(path)


def test_the_log_of_a_rule_is_read(tmp_path):
    (tmp_path / "rule.log").write_text("colosseum run: error: from the log\n")
    path = tmp_path / "output"
    path.write_text(f"Error in rule run:\n    log: {tmp_path}/rule.log (check log file(s) for error details)\n")
    assert _last_error(path) == "colosseum run: error: from the log"
