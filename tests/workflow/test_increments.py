"""After a complete run only what is new, or what was lost, is run: counted in instances that were executed."""

import copy
import csv
import os
import signal
import time

import pytest
from user_project import TINY, end_of_group, jobs

pytestmark = pytest.mark.slow

HYPEROPT = "hyperopt/prms_0-RiverSwimContinuous____prms_{}-QLearningContinuous/seed{}_logs.csv"
BENCHMARK = "benchmarking/prms_{}-RiverSwimContinuous____prms_0-QLearningContinuous/seed{}_logs.csv"


def changed(**keys):
    study = copy.deepcopy(TINY)
    for key, value in keys.items():
        if isinstance(value, dict):
            study[key].update(value)
        else:
            study[key] = value
    return study


def benchmark_configuration(project):
    return (project.folder / "results/benchmarking/tiny/my_rivers/agents_configs/QLearningContinuous.gin").read_text()


def test_first_run_is_complete_and_a_second_does_nothing(complete):
    results = complete.folder / "results"
    for name in (
        "hyperopt/tiny/hyperopt_continuous/mdp_configs/RiverSwimContinuous.gin",
        "hyperopt/tiny/hyperopt_continuous/agents_configs/QLearningContinuous.gin",
        "hyperopt/tiny/hyperopt_continuous/experiment_config.yml",
        "hyperopt/tiny/hyperopt_continuous/selection/QLearningContinuous.csv",
        "hyperopt/tiny/experiment_instances/hyperopt_continuous/"
        "prms_0-RiverSwimContinuous____prms_1-QLearningContinuous/seed0.pkl",
        "benchmarking/tiny/my_rivers/agents_configs/QLearningContinuous.gin",
        "analysis/tiny/my_rivers/summary.csv",
        "analysis/tiny/my_rivers/tables/average.tex",
        "analysis/tiny/my_rivers/plots/regret_curves.svg",
    ):
        assert (results / name).is_file(), name
    assert list(complete.logs()) == [
        BENCHMARK.format(0, 0),
        BENCHMARK.format(1, 0),
        HYPEROPT.format(0, 0),
        HYPEROPT.format(1, 0),
    ]
    assert "Nothing to be done" in complete.run()


def test_one_more_seed(complete):
    complete.write(changed(experiment={"n_seeds": 2}))
    planned = complete.run("-n")
    assert jobs(planned)["run_benchmark"] == 2
    assert "To be run: 2 instances, about " in planned and "QLearningContinuous by finished instances" in planned
    assert complete.executed() == [BENCHMARK.format(0, 1), BENCHMARK.format(1, 1)]
    assert complete.executed() == []
    complete.run()  # the analysis, too
    with open(complete.folder / "results/analysis/tiny/my_rivers/hardness.csv") as table:
        assert [(row["mdp_scope"], row["seed"]) for row in csv.DictReader(table)] == [
            (f"prms_{i}", str(seed)) for i in (0, 1) for seed in (0, 1)
        ]


def test_one_more_sample_of_the_hyperparameters(complete):
    before = benchmark_configuration(complete)
    complete.write(changed(hyperopt={"n_samples_agents": 3}))
    executed = complete.executed()
    rerun = [BENCHMARK.format(0, 0), BENCHMARK.format(1, 0)] if benchmark_configuration(complete) != before else []
    assert sorted(executed) == sorted([HYPEROPT.format(2, 0), *rerun])
    assert complete.executed() == []


def test_one_more_agent(complete):
    complete.write(changed(agents=["QLearningContinuous", "RandomAgentContinuous"]))
    assert complete.executed() == [
        "benchmarking/prms_0-RiverSwimContinuous____prms_0-RandomAgentContinuous/seed0_logs.csv",
        "benchmarking/prms_1-RiverSwimContinuous____prms_0-RandomAgentContinuous/seed0_logs.csv",
        "hyperopt/prms_0-RiverSwimContinuous____prms_0-RandomAgentContinuous/seed0_logs.csv",
    ], "an agent without hyperparameters has one sample"


def test_a_changed_choice_reruns_the_benchmark_of_that_agent(complete):
    before = benchmark_configuration(complete)
    folder = complete.folder / "results/hyperopt/tiny/hyperopt_continuous"
    with open(folder / "selection/QLearningContinuous.csv") as table:
        scopes = {row["selected"]: row["scope"] for row in csv.DictReader(table)}
    loser = folder / f"logs/prms_0-RiverSwimContinuous____{scopes['0']}-QLearningContinuous/seed0_logs.csv"
    header, *rows, last = loser.read_text().splitlines()
    values = dict(zip(header.split(","), last.split(","), strict=True)) | {"normalized_cumulative_regret": "0"}
    loser.write_text("\n".join([header, *rows, ",".join(values.values())]) + "\n")
    assert complete.executed() == [BENCHMARK.format(0, 0), BENCHMARK.format(1, 0)]
    assert benchmark_configuration(complete) != before
    assert complete.executed() == []


def test_one_more_environment(complete):
    gin = complete.folder / "my_rivers/mdp_configs/RiverSwimContinuous.gin"
    gin.write_text(gin.read_text() + "prms_2/RiverSwimContinuous.size = 5\n")
    assert complete.executed() == [BENCHMARK.format(2, 0)]
    assert complete.executed() == []


@pytest.mark.parametrize("damage", ["deleted", "truncated", "shortened", "emptied", "replaced"])
def test_one_lost_log(complete, damage):
    log = complete.folder / "results/benchmarking/tiny/my_rivers/logs" / BENCHMARK.format(1, 0).partition("/")[2]
    text = log.read_text()
    match damage:
        case "deleted":
            log.unlink()
        case "truncated":
            log.write_text(text[: len(text) // 2])
        case "shortened":
            log.write_text(text[: text.rstrip("\n").rindex("\n") + 1])  # whole rows, but the last is missing
        case "emptied":
            log.write_text("")
        case "replaced":
            log.write_text("something else\n")
    assert jobs(complete.run("-n"))["run_benchmark"] == 1
    assert complete.executed() == [BENCHMARK.format(1, 0)]
    assert log.read_text().splitlines()[-1].startswith("400,")
    assert complete.executed() == []


def test_an_incomplete_study_is_shown_on_request_and_runs_nothing(complete):
    """One log is lost, and an agent was not begun at all."""
    analysis = complete.folder / "results/analysis/tiny/my_rivers"
    complete.write(changed(agents=[*TINY["agents"], "RandomAgentContinuous"]))
    (complete.folder / "results/benchmarking/tiny/my_rivers/logs" / BENCHMARK.format(1, 0).partition("/")[2]).unlink()
    before = complete.logs()
    complete.run("--config", "allow_incomplete=True")
    assert complete.logs() == before
    note = "Incomplete: 1 of 4 instances (3 missing)."
    of_study = [analysis.parent / "overview.html", analysis.parent / "index.html"]
    pages = [*analysis.glob("tables/*.html"), *of_study, *analysis.glob("plots/*.svg")]
    assert len(pages) == 14
    for page in pages:
        assert note in page.read_text(), page
    assert "Nothing to be done" in complete.run("--config", "allow_incomplete=True")
    complete.run("--config", "allow_incomplete=True", "--report", "so_far.html")
    assert "Not finished:" in (complete.folder / "so_far.html").read_text()
    # the same command as ever completes it, and nothing says so any longer
    executed = complete.executed()
    assert BENCHMARK.format(1, 0) in executed and set(executed).isdisjoint(before)
    complete.run()
    assert len(complete.logs()) == 7
    assert not [page for page in pages if "Incomplete" in page.read_text()]
    complete.run("--report", "whole.html")
    assert "Not finished:" not in (complete.folder / "whole.html").read_text()


def test_an_incomplete_study_without_any_log_has_nothing_to_show(project):
    said = project.run("--config", "allow_incomplete=True", status=1)
    assert "colosseum: error: allow_incomplete: no run of this study is finished" in said


def test_pickles_made_anew_with_the_same_bytes_rerun_nothing(complete):
    folder = complete.folder / "results/hyperopt/tiny/experiment_instances/hyperopt_continuous"
    pickle, other = sorted(folder.rglob("*.pkl"))
    other_bytes = other.read_bytes()
    os.utime(other)  # newer, with the same bytes
    pickle.unlink()
    assert complete.executed() == []  # made anew with the same bytes
    assert other.read_bytes() == other_bytes


def test_a_failing_instance_stops_no_other_and_runs_alone_afterwards(project):
    project.write(changed(agents=["my_lab.agents:Faulty"], hyperopt=None, experiment={"n_seeds": 2}))
    (project.folder / "broken").touch()
    name = "benchmarking/prms_{}-RiverSwimContinuous____prms_0-Faulty/seed{}_logs.csv"
    assert project.executed("--retries", "0", status=1) == [name.format(0, 0), name.format(1, 0)]
    said = project.run("--retries", "0", status=1)
    assert "the agent is broken" in said
    assert "prms_0-RiverSwimContinuous____prms_0-Faulty/seed1" in said
    (project.folder / "broken").unlink()
    assert project.executed() == [name.format(0, 1), name.format(1, 1)]
    assert project.executed() == []


def test_a_killed_run_loses_no_finished_log(project):
    project.write(changed(agents=["my_lab.agents:Slow"], hyperopt=None, experiment={"n_seeds": 6}))
    main = project.start("logs")
    end = time.monotonic() + 120
    while len(project.logs()) < 4:
        assert main.poll() is None
        assert time.monotonic() < end
        time.sleep(0.02)
    main.send_signal(signal.SIGKILL)
    end_of_group(main)
    finished = project.logs()
    assert 4 <= len(finished) < 12
    assert "python -m colosseum recover" in project.run(status=1)
    assert "unlocked" in project.colosseum("recover")
    executed = project.executed()
    assert not set(executed) & set(finished)
    assert len(executed) == 12 - len(finished)
