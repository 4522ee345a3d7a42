"""An optimisation by rungs, run: what is new is run and nothing else, whatever was added, or killed between rungs."""

import copy
import csv
import fcntl
import os
import shutil
import signal
import subprocess
import time

import pytest
from user_project import TINY, Project, jobs, make_project

pytestmark = pytest.mark.slow

AGENT = "QLearningContinuous"
STUDY = {
    **TINY,
    "hyperopt": {
        **TINY["hyperopt"],
        "n_samples_agents": 4,
        "n_samples_mdps": 2,
        "n_seeds": 2,
        "rungs": [{"keep": 4, "runs": 1}, {"keep": 3, "runs": 2}, {"keep": 2, "runs": 4}],
    },
    "selection": {"indicator": "normalized_cumulative_learning_regret", "confirm": {"top": 2, "n_seeds": 2}},
    "benchmarks": [],
}
"""4 + 3 + 2 * 2 runs of the rungs, and 2 * 4 that confirm."""


def changed(hyperopt=(), **confirm):
    study = copy.deepcopy(STUDY)
    study["hyperopt"].update(hyperopt)
    study["selection"]["confirm"].update(confirm)
    return study


def logs(project):
    """The logs that are there, as (stage, environment, slot, seed), and the number of each file."""
    found = {}
    for path in project.folder.glob("results/hyperopt/tiny/*/logs/*/*.csv"):
        mdp, slot = (name.partition("-")[0] for name in path.parent.name.split("____"))
        stage = path.parents[2].name.removeprefix("hyperopt_continuous").removeprefix("_")
        found[stage, mdp, slot, int(path.name.removeprefix("seed").removesuffix("_logs.csv"))] = path.stat().st_ino
    return found


def executed(project, *options):
    """Run the workflow, and return the logs that it made, anew or for the first time."""
    kept = project.folder / "kept"  # holds on to the files, whose numbers are not given again meanwhile
    shutil.rmtree(kept, ignore_errors=True)
    shutil.copytree(project.folder / "results", kept, copy_function=os.link)
    before = logs(project)
    project.run(*options)
    return {name for name, number in logs(project).items() if before.get(name) != number}


def samples(project, stage):
    """The sample in each slot of a stage."""
    table = project.folder / f"results/hyperopt/tiny/hyperopt_continuous_{stage}/promotion/{AGENT}.csv"
    with open(table) as file:
        return {row["slot"]: row["sample"] for row in csv.DictReader(file) if row["slot"]}


def rows(project, stage=""):
    with open(project.folder / f"results/hyperopt/tiny/hyperopt_continuous{stage}/selection/{AGENT}.csv") as file:
        return list(csv.DictReader(file))


def runs(stage, slots, mdps, seeds):
    return {(stage, f"prms_{mdp}", slot, seed) for slot in slots for mdp in mdps for seed in seeds}


@pytest.fixture(scope="module")
def finished(tmp_path_factory, worker_id):
    """A folder in which the study was run to its end; not to be changed."""
    base = tmp_path_factory.getbasetemp()
    if worker_id != "master":
        base = base.parent
    with open(base / "rungs.lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        folder = base / "rungs"
        if not (base / "rungs.done").exists():
            project = make_project(folder)
            project.write(STUDY)
            planned = jobs(project.run("-n"))
            assert (planned["run_hyperopt"], planned["promote"], planned["select"]) == (19, 3, 1)
            project.run()
            (base / "rungs.done").touch()
    return folder


@pytest.fixture
def complete(finished, tmp_path):
    shutil.copytree(finished, tmp_path / "project", symlinks=True)
    return Project(tmp_path / "project")


def test_each_stage_ran_its_pairs_and_the_winner_is_the_one_that_was_confirmed(complete):
    assert set(logs(complete)) == (
        runs("", [f"prms_{i}" for i in range(4)], [0], [0])
        | runs("rung_1", [f"prms_{i}" for i in range(3)], [1], [0])
        | runs("rung_2", [f"prms_{i}" for i in range(2)], [0, 1], [1])
        | runs("confirm", [f"prms_{i}" for i in range(2)], [0, 1], [2, 3])
    )
    chosen, confirmed = rows(complete), rows(complete, "_confirm")
    assert sorted(row["rung"] for row in chosen) == ["0", "1", "2", "2"]
    assert {row["scope"]: row["n_logs"] for row in chosen if row["rung"] == "2"} == dict.fromkeys(
        samples(complete, "rung_2").values(), "4"
    )
    winner = min(confirmed, key=lambda row: float(row["score_when_confirmed"]))
    assert [row["selected"] for row in confirmed if row is winner] == ["1"]
    assert [row["scope"] for row in chosen if row["selected"] == "1"] == [winner["sample"]]
    assert {row["sample"]: row["score_when_chosen"] for row in confirmed} == {
        row["scope"]: row["score"] for row in chosen if row["rung"] == "2"
    }
    assert "Nothing to be done" in complete.run()


def test_one_more_sample_runs_itself_and_what_is_new_in_the_slots(complete):
    before = {stage: samples(complete, stage) for stage in ("rung_1", "rung_2", "confirm")}
    rungs = [{"keep": 5, "runs": 1}, *STUDY["hyperopt"]["rungs"][1:]]
    complete.write(changed({"n_samples_agents": 5, "rungs": rungs}))
    made = executed(complete)
    after = {stage: samples(complete, stage) for stage in before}
    new = {stage: [slot for slot in of if of[slot] != before[stage][slot]] for stage, of in after.items()}
    assert len(new["rung_1"]) <= 1
    assert made == (
        runs("", ["prms_4"], [0], [0])
        | runs("rung_1", new["rung_1"], [1], [0])
        | runs("rung_2", new["rung_2"], [0, 1], [1])
        | runs("confirm", new["confirm"], [0, 1], [2, 3])
    )
    assert executed(complete) == set()


def test_one_more_confirmed_seed_runs_it_alone(complete):
    complete.write(changed(n_seeds=3))
    assert jobs(complete.run("-n"))["run_hyperopt"] == 4
    assert executed(complete) == runs("confirm", ["prms_0", "prms_1"], [0, 1], [4])
    assert [row["n_logs"] for row in rows(complete, "_confirm")] == ["6", "6"]


def test_one_more_rung_runs_it_and_the_seeds_that_are_fresh_then(complete):
    before = samples(complete, "confirm")
    complete.write(changed({"n_seeds": 3, "rungs": [*STUDY["hyperopt"]["rungs"], {"keep": 1, "runs": 6}]}, top=1))
    made = executed(complete)
    stayed = samples(complete, "confirm")["prms_0"] == before["prms_0"]
    assert made == (
        runs("rung_3", ["prms_0"], [0, 1], [2]) | runs("confirm", ["prms_0"], [0, 1], [4] if stayed else [3, 4])
    )


def test_a_log_of_the_first_rung_that_changes_who_goes_on_runs_the_new_one_alone(complete):
    """The worst sample becomes the best: it takes the slot of the worst one that went on."""
    before = samples(complete, "rung_1")
    (out,) = {f"prms_{i}" for i in range(4)} - set(before.values())
    log = complete.folder / (
        f"results/hyperopt/tiny/hyperopt_continuous/logs/prms_0-RiverSwimContinuous____{out}-{AGENT}/seed0_logs.csv"
    )
    header, *lines, last = log.read_text().splitlines()
    values = dict(zip(header.split(","), last.split(","), strict=True))
    values["normalized_cumulative_learning_regret"] = "0"
    log.write_text("\n".join([header, *lines, ",".join(values.values())]) + "\n")
    made = executed(complete)
    after = samples(complete, "rung_1")
    new = [slot for slot in after if after[slot] != before[slot]]
    assert out in after.values()
    assert {name for name in made if name[0] in ("", "rung_1")} == runs("rung_1", new, [1], [0])
    assert executed(complete) == set()


def test_what_is_made_anew_as_it_was_leaves_nothing_that_waits_for_it(complete):
    """A configuration that was edited by hand comes out as it was, and so does all that follows, but for a lost log."""
    folder = complete.folder / "results/hyperopt/tiny"
    with open(folder / f"hyperopt_continuous/agents_configs/{AGENT}.gin", "a") as file:
        file.write("# edited by hand\n")
    (lost,) = folder.glob("hyperopt_continuous_rung_2/logs/prms_1-*____prms_0-*/seed1_logs.csv")
    lost.unlink()
    assert executed(complete) == {("rung_2", "prms_1", "prms_0", 1)}
    assert executed(complete) == set()
    assert "Nothing to be done" in complete.run()


def test_a_kill_between_two_rungs_loses_nothing(project):
    project.write(STUDY)
    main = subprocess.Popen(
        project.command(),
        cwd=project.folder,
        env=project.environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        process_group=0,
    )
    table = project.folder / f"results/hyperopt/tiny/hyperopt_continuous_rung_1/promotion/{AGENT}.csv"
    end = time.monotonic() + 600
    while not table.exists():
        assert main.poll() is None
        assert time.monotonic() < end
        time.sleep(0.02)
    main.send_signal(signal.SIGKILL)
    main.wait()
    while subprocess.run(["pgrep", "-g", str(main.pid)], stdout=subprocess.DEVNULL, check=False).returncode == 0:
        time.sleep(0.1)
    there = logs(project)
    assert {name for name in there if not name[0]} == runs("", [f"prms_{i}" for i in range(4)], [0], [0])
    project.colosseum("recover")
    made = executed(project)
    assert made == set(logs(project)) - set(there)
    assert len(logs(project)) == 19


def test_what_was_confirmed_is_told_by_the_log_of_the_choice(complete):
    (told,) = (complete.folder / "results/hyperopt/tiny/job_logs").glob("select_continuous_*.log")
    assert f"{AGENT}: of 2 on fresh seeds prms_" in told.read_text()
