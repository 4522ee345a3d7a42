"""How far a study is."""

import math
import os
import shutil
import signal
import subprocess
import sys
import textwrap
import time
from base64 import urlsafe_b64encode
from pathlib import Path

import pytest
import synthetic

from colosseum.analysis.job_records import JobRecords
from colosseum.analysis.logs import read_last_line
from colosseum.analysis.status import status_table, study_status
from colosseum.analysis.table_model import to_text


def test_counts_and_time_left(incomplete: Path) -> None:
    psrl, q_learning = study_status([incomplete])
    assert (psrl.agent, q_learning.agent) == ("PSRLEpisodic", "QLearningEpisodic")
    assert psrl.counts == {"done": 3, "running": 0, "failed": 2, "missing": 1}
    assert q_learning.counts == {"done": 4, "running": 0, "failed": 2, "missing": 0}
    river = incomplete / "logs" / "prms_{}-RiverSwimEpisodic____prms_0-PSRLEpisodic" / "seed{}_logs.csv"
    done = [str(river).format(mdp, seed) for mdp, seed in ((0, 2), (1, 1), (1, 2))]
    seconds = [read_last_line(log, 20_000).seconds for log in done]
    assert psrl.seconds == pytest.approx(sum(seconds))
    assert psrl.seconds_left == pytest.approx(3 * sum(seconds) / 3)


def test_time_left_of_an_agent_without_logs_is_taken_from_others(tmp_path: Path) -> None:
    one = synthetic.write_benchmark(tmp_path / "hyperopt" / "one", ("QLearningEpisodic",), (1,))
    two = synthetic.write_benchmark(tmp_path / "two", ("QLearningEpisodic", "PSRLEpisodic"), (1,))
    shutil.rmtree(two / "logs")
    longer = synthetic.write_benchmark(tmp_path / "longer", ("QLearningEpisodic",), (1,), n_steps=40_000)
    shutil.rmtree(longer / "logs")
    by_key = {(s.stage, s.benchmark, s.agent): s for s in study_status([two, one, longer])}
    assert [key[:2] for key in by_key][0] == ("hyperopt", "one")
    mean = by_key["hyperopt", "one", "QLearningEpisodic"].seconds / 3
    assert by_key["benchmark", "two", "QLearningEpisodic"].seconds_left == pytest.approx(3 * mean)
    assert by_key["benchmark", "two", "PSRLEpisodic"].seconds_left == pytest.approx(3 * mean)
    assert math.isnan(by_key["benchmark", "longer", "QLearningEpisodic"].seconds_left)
    text = to_text(status_table(list(by_key.values())))
    assert "Not in the sum: 1 agents" in text
    assert next(line for line in text.splitlines() if line.startswith("Sum")).split()[:6] == [
        "Sum", "3", "0", "0", "9", "12",
    ]  # fmt: skip


def test_states_from_the_records_of_a_real_workflow(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("snakemake")
    folder = synthetic.write_benchmark(tmp_path / "results" / "b", ("QLearningEpisodic",), (1,), n_seeds=4)
    logs = sorted(folder.glob("logs/*/*.csv"))
    for log in logs[1:]:
        log.unlink()
    names = [str(log.relative_to(tmp_path)) for log in logs]
    (tmp_path / "Snakefile").write_text(
        textwrap.dedent(f"""
            rule all:
                input: {names[1]!r}, {names[2]!r}
            rule fails:
                output: {names[1]!r}
                log: "fails.txt"
                shell: "(echo no >&2; exit 1) 2> {{log}}"
            rule runs:
                output: {names[2]!r}
                log: "runs.txt"
                shell: "sleep 60 2> {{log}}"
        """)
    )
    monkeypatch.chdir(tmp_path)
    command = [sys.executable, "-m", "snakemake", "--cores", "2", "--keep-going", "--quiet", "all"]
    workflow = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True)
    try:
        expected = {"done": 1, "running": 1, "failed": 1, "missing": 1}
        deadline = time.monotonic() + 60
        while True:
            (status,) = study_status(["results/b"], JobRecords())
            if status.counts == expected or time.monotonic() > deadline:
                break
            time.sleep(0.2)
    finally:
        os.killpg(workflow.pid, signal.SIGKILL)
        workflow.wait(30)
    assert status.counts == expected
    (absolute,) = study_status([tmp_path / "results" / "b"], JobRecords(tmp_path))
    assert absolute.counts["failed"] >= 1


def test_a_deleted_log_is_missing_not_failed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = synthetic.write_benchmark(tmp_path / "results" / "b", ("QLearningEpisodic",), (1,), n_seeds=2)
    log = sorted(folder.glob("logs/*/*.csv"))[0]
    monkeypatch.chdir(tmp_path)
    metadata = tmp_path / ".snakemake" / "metadata"
    code = urlsafe_b64encode(str(log.relative_to(tmp_path)).encode()).decode()
    metadata.mkdir(parents=True)
    (metadata / code).write_text('{"log": ["job.txt"]}')
    log.unlink()
    (tmp_path / "job.txt").write_text("")
    assert not JobRecords().has_failed(log)
    (tmp_path / "job.txt").write_text("Traceback")
    assert JobRecords().has_failed(log) and not JobRecords().is_running(log)
    (metadata / code).write_text("{")
    assert not JobRecords().has_failed(log)


def test_ten_thousand_instances_in_a_second(tmp_path: Path) -> None:
    folder = synthetic.write_benchmark(
        tmp_path / "hyperopt_episodic",
        ("QLearningEpisodic",),
        (2, 2, 2, 2),
        agent_scopes=50,
        n_seeds=5,
        log_every=10_000,
    )
    start = time.perf_counter()
    (status,) = study_status([folder])
    seconds = time.perf_counter() - start
    assert status.counts["done"] == 2000
    assert seconds * 5 < 3  # 0.2 s for 10,000 on an idle machine
