"""How jobs are packed, and how an order travels."""

import shlex
import subprocess
from pathlib import Path

import pytest
from snakemake.exceptions import CliException
from snakemake_executor_plugin_slurm_packed.settings import ExecutorSettings
from snakemake_executor_plugin_slurm_packed.submission import (
    RUNNER_MB,
    STARTUP_S,
    Entry,
    Submission,
    archive,
    batch_script,
    makespan,
    pack,
    read_order,
    unpack,
)


def entry(number: int = 0, seconds: int = 60, mem_mb: int = 500, threads: int = 1, options=("--partition=main",)):
    return Entry(None, ["--target-jobs", f"run:i={number}"], "", f"run {number}", threads, mem_mb, seconds, options)


def packed(entries, size=10, cpus=1, longest_s=10**6, limit=10**9, partial=True):
    return list(pack(entries, size, cpus, longest_s, lambda entry: limit, partial))


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
    script = batch_script(submission, "/opt/python", "module load python", {"versions": {"python": "3"}})
    assert script.startswith("#!/bin/bash\nmodule load python\nexec /opt/python -m ")
    order = read_order(script.split("<<'END_OF_SUBMISSION'\n")[1].split("END_OF_SUBMISSION")[0])
    assert [job["argv"][1] for job in order["jobs"]] == ["run:i=0", "run:i=1"]
    assert order["versions"] == {"python": "3"} and order["workers"] == 1


def test_sources_travel(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("workflow").mkdir()
    Path("workflow/common.smk").write_text("x = 1\n")
    Path("node").mkdir()
    unpack(archive([Path("workflow/common.smk")]), Path("node"))
    assert Path("node/workflow/common.smk").read_text() == "x = 1\n"


@pytest.mark.parametrize("name", ["jobs_per_submission", "cpus_per_submission", "submissions"])
def test_settings_that_make_no_sense(name, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(CliException, match=f"slurm-packed-{name.replace('_', '-')} is 0"):
        ExecutorSettings(**{name: 0})


def test_the_head_s_own_python_may_lie_in_a_folder_with_blanks(tmp_path: Path) -> None:
    folder = tmp_path / "a b & 'c' $HOME"
    folder.mkdir()
    (folder / "python").write_text('#!/bin/sh\necho "$@"\n')
    (folder / "python").chmod(0o755)
    submission = Submission([entry()], 1, 60)
    script = batch_script(submission, shlex.quote(str(folder / "python")), "", {})
    done = subprocess.run(["bash"], input=script, capture_output=True, text=True, check=True)
    assert done.stdout == "-m snakemake_executor_plugin_slurm_packed.runner\n"
