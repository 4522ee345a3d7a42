"""What is tried again, and what a failed run says last."""

import csv

import pytest
from user_project import TINY

from colosseum.errors import KILLED

pytestmark = pytest.mark.slow


def errors_of(said, rule):
    return said.count(f"Error in rule {rule}:")


def test_a_mistake_is_not_tried_again_and_told_last(project):
    (project.folder / "my_rivers/mdp_configs/RiverSwimContinuous.gin").write_text(
        "prms_0/RiverSwimContinuous.sizes = 4\n"
    )
    project.write({**TINY, "hyperopt": None})
    said = project.run("logs", "--retries", "2", "--keep-going", "--jobs", "2", status=1)
    assert errors_of(said, "prepare_my_rivers") == 1
    assert "Trying to restart" not in said
    last = said[said.index("1 job failed:") :].splitlines()
    assert last[1].startswith("prepare_my_rivers: results/benchmarking/tiny/my_rivers/")
    assert "RiverSwimContinuous has no parameter 'sizes'; did you mean 'size'?" in last[2]
    assert last[3] == "    log: results/benchmarking/tiny/job_logs/prepare_my_rivers.log"
    assert len(last) <= 8


def test_a_failure_is_tried_again_and_told_once(project):
    (project.folder / "broken").touch()
    project.write(
        {
            **TINY,
            "agents": ["my_lab.agents:Faulty"],
            "hyperopt": None,
            "experiment": {**TINY["experiment"], "n_seeds": 2},
        }
    )
    said = project.run("logs", "--retries", "1", "--keep-going", status=1)
    assert errors_of(said, "run_benchmark") == 4  # 2 environments, 2 attempts
    last = said[said.index("2 jobs failed:") :]
    assert last.count("run_benchmark: results/") == 2
    assert last.count("RuntimeError: the agent is broken") == 2
    assert last.count("log: results/benchmarking/tiny/my_rivers/errors/") == 2


def test_what_went_well_at_last_is_not_told(project):
    (project.folder / "broken").touch()
    agents = project.folder / "my_lab/agents.py"
    agents.write_text(
        agents.read_text().replace('RuntimeError("the agent is broken")', '(os.remove("broken"), 1 / 0)[1]')
    )
    project.write(
        {
            **TINY,
            "agents": ["my_lab.agents:Faulty"],
            "hyperopt": None,
            "experiment": {**TINY["experiment"], "n_seeds": 2},
        }
    )
    said = project.run("logs", "--retries", "1", "--keep-going")
    assert "Trying to restart" in said
    assert "failed:" not in said.replace("failed attempts", "")


def test_what_was_killed_is_tried_again(project):
    """With more memory, for example: a warm process says of it what looks like a mistake."""
    (project.folder / "broken").touch()
    agents = project.folder / "my_lab/agents.py"
    dies = f"(os.remove('broken'), os.write(2, b'colosseum run: error: {KILLED}\\n'), os._exit(137))[1]"
    agents.write_text(agents.read_text().replace('RuntimeError("the agent is broken")', dies))
    experiment = {**TINY["experiment"], "n_seeds": 2}
    project.write({**TINY, "agents": ["my_lab.agents:Faulty"], "hyperopt": None, "experiment": experiment})
    said = project.run("logs", "--retries", "1", "--keep-going")
    assert errors_of(said, "run_benchmark") == 1 and "Trying to restart" in said and KILLED in said
    assert "failed:" not in said.replace("failed attempts", "").replace("run_benchmark: failed", "")


FRAGILE = """

from colosseum.agent.spaces import Choice


@gin.configurable
class Fragile(RandomAgentContinuous):
    def __init__(self, seed, mdp_specs, n_steps, breaks=False):
        super().__init__(seed, mdp_specs, n_steps)
        self.breaks, self.taken = breaks, 0

    @staticmethod
    def get_hyperparameters_search_spaces():
        return {"breaks": Choice(False, True)}

    def advance(self, tables, rng, position, n, totals):
        self.taken += n
        if self.breaks and self.taken > 200:
            raise RuntimeError("it broke")
        super().advance(tables, rng, position, n, totals)
"""


def test_a_sample_that_fails_counts_as_the_worst_policy_if_the_study_says_so(project):
    agents = project.folder / "my_lab/agents.py"
    agents.write_text(agents.read_text() + FRAGILE)
    hyperopt = {**TINY["hyperopt"], "n_samples_agents": 4}
    study = {**TINY, "agents": ["my_lab.agents:Fragile"], "hyperopt": hyperopt, "benchmarks": []}
    project.write(study)
    said = project.run("--keep-going", status=1)
    n_failed = said[said.rindex("failed:") :].count("RuntimeError: it broke")
    assert n_failed in (1, 2, 3)
    project.write({**study, "selection": {"failed": "worst"}})
    folder = project.folder / "results/hyperopt/tiny/hyperopt_continuous"
    before = {log: log.stat().st_mtime_ns for log in folder.glob("logs/*/*.csv")}
    said = project.run()
    assert len(before) == 4 - n_failed and all(log.stat().st_mtime_ns == then for log, then in before.items())
    with open(folder / "selection/Fragile.csv", newline="") as file:
        rows = list(csv.DictReader(file))
    failed = [row for row in rows if row["n_failed"] == "1"]
    assert len(failed) == n_failed and all(row["breaks"] == "True" and float(row["score"]) == 1 for row in failed)
    assert all(0 < float(row["score"]) < 1 and row["breaks"] == "False" for row in rows if row not in failed)
    assert f"warning: Fragile: {n_failed} of 4 runs failed and count as the worst policy, those of " in said
    # their logs are still there when they are to be refused
    project.write(study)
    assert "failed, and the worst policy stands in for them" in project.run(status=1)
