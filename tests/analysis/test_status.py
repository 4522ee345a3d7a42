"""How far a study is."""

import math
import os
import re
import shutil
import signal
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import pytest
import synthetic
from snakemake_executor_plugin_slurm_packed.snakemake_state import RunningJobs

from colosseum.analysis.status import planned_folder, status_table, study_status
from colosseum.analysis.summary import summarise
from colosseum.analysis.table_writers import to_text
from colosseum.experiment import ExperimentConfig
from colosseum.logs.read import read_log
from colosseum.study import Interactions


def test_counts_and_time_left(incomplete: Path) -> None:
    psrl, q_learning = study_status([incomplete])
    assert (psrl.agent, q_learning.agent) == ("PSRLEpisodic", "QLearningEpisodic")
    assert psrl.counts == {"done": 3, "running": 0, "failed": 2, "missing": 1}
    assert q_learning.counts == {"done": 4, "running": 0, "failed": 2, "missing": 0}
    river = incomplete / "logs" / "prms_{}-RiverSwimEpisodic____prms_0-PSRLEpisodic" / "seed{}_logs.csv"
    done = [str(river).format(mdp, seed) for mdp, seed in ((0, 2), (1, 1), (1, 2))]
    seconds = [read_log(log, 20_000).seconds for log in done]
    assert psrl.seconds == pytest.approx(sum(seconds))
    assert psrl.seconds_left == pytest.approx(3 * sum(seconds) / 3)


def test_time_left_of_an_agent_without_logs_is_taken_from_others(tmp_path: Path) -> None:
    one = synthetic.write_benchmark(tmp_path / "hyperopt" / "study" / "one", ("QLearningEpisodic",), (1,))
    two = synthetic.write_benchmark(tmp_path / "two", ("QLearningEpisodic", "PSRLEpisodic"), (1,))
    shutil.rmtree(two / "logs")
    longer = synthetic.write_benchmark(tmp_path / "longer", ("QLearningEpisodic",), (1,), n_steps=40_000)
    shutil.rmtree(longer / "logs")
    by_key = {(s.stage, s.benchmark, s.agent): s for s in study_status([two, one, longer])}
    assert [key[:2] for key in by_key][0] == ("hyperopt", "one")
    mean = by_key["hyperopt", "one", "QLearningEpisodic"].seconds / 3
    assert by_key["benchmark", "two", "QLearningEpisodic"].seconds_left == pytest.approx(3 * mean)
    assert by_key["benchmark", "two", "PSRLEpisodic"].seconds_left == pytest.approx(3 * mean)
    assert by_key["benchmark", "longer", "QLearningEpisodic"].seconds_left == pytest.approx(3 * 2 * mean)
    text = to_text(status_table(list(by_key.values())))
    assert "Not in the sum" not in text
    assert next(line for line in text.splitlines() if line.startswith("Sum")).split()[:6] == [
        "Sum", "3", "0", "0", "9", "12",
    ]  # fmt: skip


def test_time_left_is_unknown_before_anything_is_done(tmp_path: Path) -> None:
    folder = synthetic.write_benchmark(tmp_path / "b", ("QLearningEpisodic",), (1,))
    shutil.rmtree(folder / "logs")
    (status,) = study_status([folder])
    assert status.counts["missing"] == 3 and math.isnan(status.seconds_left)
    assert "Not in the sum: 1 agents" in to_text(status_table([status]))


def test_a_planned_study_has_a_status_before_its_folders_exist(tmp_path: Path) -> None:
    interactions = Interactions(
        name="hyperopt_episodic", root=str(tmp_path), episodic=True,
        mdps=("prms_0-TaxiEpisodic", "prms_1-TaxiEpisodic"),
        agents={"QLearningEpisodic": ("prms_0", "prms_1", "prms_2")}, experiment=ExperimentConfig(2, 100, 60, 10),
    )  # fmt: skip
    (status,) = study_status([planned_folder(interactions)])
    assert (status.stage, status.agent, status.counts["missing"]) == ("hyperopt", "QLearningEpisodic", 12)
    logs = tmp_path / "hyperopt_episodic" / "logs"
    log = logs / "prms_1-TaxiEpisodic____prms_2-QLearningEpisodic" / "seed1_logs.csv"
    log.parent.mkdir(parents=True)
    log.write_text(synthetic.make_log("m", "a", 0, 100, 10))
    assert study_status([planned_folder(interactions)])[0].counts["done"] == 1


def test_states_while_a_real_workflow_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("snakemake")
    folder = synthetic.write_benchmark(tmp_path / "results" / "b", ("QLearningEpisodic",), (1,), n_seeds=4)
    logs = sorted(folder.glob("logs/*/*.csv"))
    for log in logs[1:]:
        log.unlink()
    error = str(folder / "errors" / logs[1].parent.name / "seed1.log")
    names = [str(log.relative_to(tmp_path)) for log in logs]
    (tmp_path / "Snakefile").write_text(
        textwrap.dedent(f"""
            rule all:
                input: {names[1]!r}, {names[2]!r}
            rule fails:
                output: {names[1]!r}
                log: {error!r}
                shell: "(echo no >&2; exit 1) 2> {{log}}"
            rule runs:
                output: {names[2]!r}
                log: "errors.txt"
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
            (status,) = study_status(["results/b"], RunningJobs())
            if status.counts == expected or time.monotonic() > deadline:
                break
            time.sleep(0.2)
    finally:
        os.killpg(workflow.pid, signal.SIGKILL)
        workflow.wait(30)
    assert status.counts == expected
    summary = summarise("results/b", allow_incomplete=True).instances
    assert f"its run ended in an error, see errors/{logs[1].parent.name}/seed1.log" in summary


def test_ten_thousand_instances_in_a_second(tmp_path: Path) -> None:
    folder = synthetic.write_benchmark(
        tmp_path / "hyperopt_episodic",
        ("QLearningEpisodic",),
        (2, 2, 2, 2),
        agent_scopes=50,
        n_seeds=5,
        log_every=10_000,
    )
    start = time.process_time()
    (status,) = study_status([folder])
    seconds = time.process_time() - start
    assert status.counts["done"] == 2000
    assert seconds * 5 < 3  # of 10,000 of 40 rows: 1.4 s on a busy machine; these have two


def test_what_rungs_save_is_told(tmp_path: Path) -> None:
    """Six samples in one environment, then two in another one: four runs of the second were saved."""
    agents = ("QLearningEpisodic",)
    first = synthetic.write_benchmark(tmp_path / "hyperopt_episodic", agents, (1,), n_seeds=1, agent_scopes=6)
    second = synthetic.write_benchmark(tmp_path / "hyperopt_episodic_rung_1", agents, (0, 1), n_seeds=1, agent_scopes=2)
    confirm = synthetic.write_benchmark(
        tmp_path / "hyperopt_episodic_confirm", agents, (1, 1), n_seeds=2, agent_scopes=2
    )
    statuses = study_status([confirm, second, first])
    assert [one.benchmark.removeprefix("hyperopt_episodic") for one in statuses] == ["", "_rung_1", "_confirm"]
    (note,) = (note for note in status_table(statuses).notes if note.startswith("Rungs of"))
    spent = statuses[0].seconds + statuses[1].seconds
    saved = 4 * statuses[1].seconds / 2
    said = re.fullmatch(
        r"Rungs of QLearningEpisodic: 8 runs in place of 12 \(67%\); core-hours: (.*) spent, 0.00 left, (.*) saved.",
        note,
    )
    assert said is not None, note
    assert [float(hours) * 3600 for hours in said.groups()] == pytest.approx([spent, saved], abs=0.5)
    assert not any(note.startswith("Rungs of") for note in status_table(study_status([first])).notes)
