"""Slurm's commands answer oddly: noise, silence, lies and refusals."""

import subprocess
import sys
import time
from pathlib import Path

import fake_slurm
import pytest
from snakemake_executor_plugin_slurm_packed import jobs, recovery, run_notes, slurm, submitter
from snakemake_executor_plugin_slurm_packed.submission import Entry, Submission
from snakemake_executor_plugin_slurm_packed.submitter import Answer, Submitter

POLICY = "Job violates accounting/QOS policy (job submit limit, user's size and/or time limits)"


@pytest.fixture
def fake(tmp_path, monkeypatch):
    environment = fake_slurm.install(tmp_path / "fake")
    monkeypatch.setenv("PATH", environment["PATH"])
    monkeypatch.setattr(slurm, "_PAUSE_S", 0.01)
    return tmp_path / "fake"


def answer_with(fake: Path, command: str, text: str, status: int = 0) -> None:
    """A command that always says the same."""
    (fake / "said").write_text(text)
    (fake / "bin" / command).write_text(f"#!/bin/sh\ncat >/dev/null\ncat {fake}/said\nexit {status}\n")


class Log:
    def __init__(self):
        self.warnings: list[str] = []

    def warning(self, text):
        self.warnings.append(text)

    info = error = warning


# --- noise ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        "42\n",
        "42;cluster\n",
        "Dear user, 3 jobs per minute please\nsee https://hpc.example\n42\n",
        "42\nsbatch: note: billing 7\n",
        "Submitted batch job 42\n",
        "Submitted batch job 42 on cluster c1\n",
    ],
)
def test_the_line_that_is_an_id(fake, text):
    answer_with(fake, "sbatch", text)
    assert slurm.submit("#!/bin/sh\n", []) == "42"


def test_no_line_that_is_an_id(fake):
    answer_with(fake, "sbatch", "Dear user\n")
    with pytest.raises(slurm.UnclearAnswer, match="sbatch printed no job id but 'Dear user'"):
        slurm.submit("#!/bin/sh\n", [])


def test_lines_of_squeue_that_are_no_jobs_are_skipped(fake):
    answer_with(
        fake,
        "squeue",
        "squeue: note: new site policy\n\n42|RUNNING|n1|None|wd;1 a|b\na|b|c|d|e\n43|PENDING||Priority|(null)\n",
    )
    assert slurm.job_states("x") == {
        "42": slurm.JobState("RUNNING", "n1", "None", "wd;1 a|b"),
        "43": slurm.JobState("PENDING", "", "Priority", ""),
    }


def test_an_empty_queue_is_an_answer_and_silence_is_none(fake):
    answer_with(fake, "squeue", "a notice\nJOBID|STATE|NODELIST|REASON|COMMENT\n")
    assert slurm.job_states("x") == {}
    for text in ("", "a notice\n"):
        answer_with(fake, "squeue", text)
        with pytest.raises(slurm.UnclearAnswer, match="squeue gave no table but"):
            slurm.job_states("x")


def test_an_answer_that_makes_no_sense_is_asked_again(fake):
    (fake / "bin" / "squeue").write_text(
        f"#!/bin/sh\nif [ -e {fake}/once ]; then echo '42|RUNNING|n1|None|w'; else touch {fake}/once; echo what; fi\n"
    )
    assert list(slurm.job_states("x")) == ["42"]


def test_noise_around_every_command(fake):
    fake_slurm.make_odd(fake, notice=True)
    (fake / "7.name").write_text("run")
    (fake / "7.comment").write_text("rw")
    assert slurm.job_states("run") == {"7": slurm.JobState("RUNNING", "n1", "None", "rw")}
    assert slurm.job_state("7") == slurm.JobState("RUNNING", "n1", "None", "rw")
    assert slurm.time_limits() == {"main": 60, "": 60, "long": 7 * 1440, "short": 10, "free": None}
    (fake / "7.state").write_text("CANCELLED")
    assert slurm.accounted_state("7") == "CANCELLED"
    assert slurm.accounted_state("8") is None and slurm.job_state("8") is None
    assert not slurm.cancel_job("8")
    slurm.cancel("run")


def test_a_silent_scontrol_denies_nothing(fake):
    fake_slurm.make_odd(fake, silent=["scontrol", "sinfo"])
    with pytest.raises(slurm.UnclearAnswer, match="nothing of job 7"):
        slurm.job_state("7")
    with pytest.raises(slurm.UnclearAnswer, match="sinfo"):
        slurm.time_limits()
    answer_with(fake, "scontrol", "slurm_load_jobs error: Unable to contact slurm controller\n", 1)
    with pytest.raises(slurm.SlurmError, match="Unable to contact"):
        slurm.job_state("7")


@pytest.mark.parametrize(
    "name",
    [
        "SQUEUE_FORMAT",
        "SQUEUE_STATES",
        "SACCT_FORMAT",
        "SINFO_FORMAT",
        "SCANCEL_INTERACTIVE",
        "SLURM_TIME_FORMAT",
        "SBATCH_PARTITION",
    ],
)
def test_settings_of_a_person_do_not_reach_the_commands(fake, monkeypatch, name):
    (fake / "bin" / "squeue").write_text("#!/bin/sh\necho 'JOBID|STATE|'\nenv > \"${0%/*}/../seen\"\n")
    monkeypatch.setenv(name, "odd")
    monkeypatch.setenv("SLURM_CONF", "/etc/slurm.conf")
    slurm.job_states("x")
    seen = (fake / "seen").read_text()
    assert f"\n{name}=" not in f"\n{seen}" and "SLURM_CONF=/etc/slurm.conf" in seen


# --- partitions ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("options", "seconds"),
    [
        ((), 3600),
        (("--partition=short",), 600),
        (("--partition=short,main",), 3600),
        (("--partition=main", "-p", "short,long"), 7 * 86400),
        (("-pshort",), 600),
        (("--partition", "short,free"), sys.maxsize),
        (("--partition=short,unknown",), 600),
        (("--partition=unknown",), sys.maxsize),
    ],
)
def test_of_several_partitions_the_longest_limit_counts(fake, options, seconds):
    entry = Entry(None, [], "", "a", 1, 500, 60, options)
    assert jobs.TimeLimits().seconds(entry) == seconds


# --- refusals ------------------------------------------------------------------------------


def submission() -> Submission:
    return Submission([Entry(None, [], "", "a", 1, 500, 60)], 1, 3600)


def a_submitter() -> tuple[Submitter, Log]:
    log = Log()
    return Submitter("run", ["--output=/dev/null"], "true #", "", log), log


def test_a_limit_with_nothing_queued_is_a_failure_after_one_warning(fake):
    fake_slurm.make_odd(fake, refuses=POLICY)
    one, log = a_submitter()
    answers = []
    while not answers or answers[-1] == Answer.UNKNOWN:
        answers.append(one.send(submission(), {}, queued=False))
        assert answers[-1] == Answer.REFUSED or one.resolve({}) is False
    assert answers == [Answer.UNKNOWN] * submitter._MOST_LIMITED + [Answer.REFUSED]
    assert len(log.warnings) == 1 and POLICY in log.warnings[0]
    assert one.refusal.startswith("refused by Slurm: sbatch") and POLICY in one.refusal
    # what is tried again is refused at once
    assert one.send(submission(), {}, queued=False) == Answer.REFUSED and len(log.warnings) == 1


def test_a_limit_waits_for_what_is_queued(fake):
    fake_slurm.make_odd(fake, refuses=POLICY)
    one, log = a_submitter()
    for _ in range(40):
        assert one.send(submission(), {}, queued=True) == Answer.UNKNOWN
        assert one.resolve({}) is False
    assert len(log.warnings) == 1
    fake_slurm.make_odd(fake)
    assert one.send(submission(), {}, queued=True) == Answer.TAKEN


def test_a_limit_of_the_job_itself_is_refused_at_once(fake):
    fake_slurm.make_odd(fake, refuses=f"QOSMaxWallDurationPerJobLimit {POLICY}")
    one, log = a_submitter()
    assert one.send(submission(), {}, queued=True) == Answer.REFUSED and log.warnings == []


def test_an_unclear_submission_is_looked_for_more_than_once(fake):
    """It may have been taken, and appear late; what appears when it was given up is cancelled, not believed."""
    answer_with(fake, "sbatch", "Dear user\n")
    one, _ = a_submitter()
    running = slurm.JobState("RUNNING")
    assert one.send(submission(), {}, queued=False) == Answer.UNKNOWN
    assert one.resolve({}) is None and one.resolve({}) is None
    assert one.resolve({"5": running}) is True and one.uncertain is None
    assert one.strays({"5": running}) == []
    assert one.send(submission(), {}, queued=True) == Answer.UNKNOWN
    assert [one.resolve({"5": running}) for _ in range(3)] == [None, None, False]
    assert one.strays({"5": running, "6": running}) == ["6"]
    assert one.send(submission(), {}, queued=True) == Answer.UNKNOWN
    assert one.strays({"5": running, "6": running}) == ["6"] and one.resolve({"6": running}) is None


@pytest.mark.parametrize("cancel", [False, True])
def test_recover_asks_for_noted_jobs_by_their_ids(tmp_path, fake, cancel):
    """`squeue` lists nothing, and the killed run had noted a job."""
    code = (
        "from snakemake_executor_plugin_slurm_packed import run_notes\n"
        f"run_notes.Run.begin({str(tmp_path)!r}).note_job('7')"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
    [run] = run_notes.find(tmp_path)
    child = subprocess.Popen(["sleep", "60"], start_new_session=True)
    (fake / "7.pid").write_text(str(child.pid))
    (fake / "7.name").write_text(run.run_id)
    fake_slurm.make_odd(fake, unlisted_s=60)
    said: list[str] = []

    def say(line: str) -> None:
        said.append(line)
        if "waiting" in line:
            (fake / "7.state").write_text("COMPLETED")

    try:
        assert recovery.recover(tmp_path, cancel, say, poll_s=0.1) == 0
        assert any("waiting for 1 Slurm job (7)" in line for line in said) != cancel
        assert (fake / "7.state").read_text() == ("CANCELLED" if cancel else "COMPLETED")
        assert (child.poll() is None) != cancel or child.wait(5)
    finally:
        child.kill()
        child.wait()


# --- whole runs ----------------------------------------------------------------------------

SNAKEFILE = """
rule all:
    input: expand("out/{i}", i=range(2))

rule one:
    output: "out/{i}"
    shell: "echo begin {wildcards.i} >> lines; sleep 5; echo end {wildcards.i} >> lines; touch {output}"
"""


def run_workflow(folder: Path, fake: Path, *arguments: str, seconds: float = 120) -> subprocess.CompletedProcess:
    (folder / "Snakefile").write_text(SNAKEFILE)
    words = "--executor slurm-packed --jobs 9 --seconds-between-status-checks 1 --slurm-packed-linger 0".split()
    return subprocess.run(
        [sys.executable, "-m", "snakemake", *words, "--slurm-packed-jobs-per-submission", "2", *arguments],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=seconds,
    )


def lines(folder: Path) -> list[str]:
    path = folder / "lines"
    return path.read_text().splitlines() if path.exists() else []


def test_a_squeue_that_lists_nothing_makes_no_second_copy(tmp_path, fake):
    fake_slurm.make_odd(fake, unlisted_s=60)
    done = run_workflow(tmp_path, fake)
    assert done.returncode == 0, done.stderr
    assert sorted(lines(tmp_path)) == ["begin 0", "begin 1", "end 0", "end 1"]
    assert len(fake_slurm.calls(fake, "sbatch")) == 1
    assert done.stderr.count("is not listed by squeue, but it is there (RUNNING)") == 1


def test_what_all_deny_is_cancelled_before_it_is_submitted_again(tmp_path, fake):
    fake_slurm.make_odd(fake, unlisted_s=20, denies=True)
    done = run_workflow(tmp_path, fake, "--retries", "3")
    assert done.returncode == 0, done.stderr
    calls = (fake / "calls").read_text().splitlines()
    again = [number for number, line in enumerate(calls) if line.startswith("sbatch")]
    assert len(again) >= 2
    assert any(line.startswith("scancel 1") for line in calls[again[0] : again[1]])
    # no instance begins while another copy of it runs
    for i in "01":
        own = [line.split()[0] for line in lines(tmp_path) if line.endswith(i)]
        assert own[-1] == "end" and own.count("end") == 1


def test_noise_in_a_whole_run(tmp_path, fake):
    fake_slurm.make_odd(fake, notice=True)
    done = run_workflow(tmp_path, fake)
    assert done.returncode == 0, done.stderr
    assert len(fake_slurm.calls(fake, "sbatch")) == 1 and len(lines(tmp_path)) == 4


def test_a_lost_answer_is_found_again(tmp_path, fake):
    fake_slurm.make_odd(fake, lost=1)
    done = run_workflow(tmp_path, fake)
    assert done.returncode == 0, done.stderr
    assert len(fake_slurm.calls(fake, "sbatch")) == 1 and len(lines(tmp_path)) == 4


def test_a_refusal_that_never_changes_ends_the_run(tmp_path, fake):
    fake_slurm.make_odd(fake, refuses=POLICY)
    begun = time.monotonic()
    done = run_workflow(tmp_path, fake, "--retries", "2", "--keep-going")
    assert done.returncode == 1 and time.monotonic() - begun < 60
    assert done.stderr.count("Slurm takes no job now") == 1
    assert "refused by Slurm: sbatch" in done.stderr and POLICY in done.stderr.split("refused by Slurm")[1]
    assert lines(tmp_path) == []


@pytest.mark.parametrize("name", ['it\'s "it"', "a\\b"])
def test_a_folder_that_snakemake_cannot_name_is_refused(tmp_path, fake, name):
    folder = tmp_path / name
    folder.mkdir()
    done = run_workflow(folder, fake)
    assert done.returncode == 1 and f"{folder}: Snakemake cannot hand this name to a job" in done.stderr
    assert "Traceback" not in done.stderr and fake_slurm.calls(fake, "sbatch") == []
