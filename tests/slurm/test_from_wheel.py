"""A fresh environment with the wheels alone: from `init` to a report, an agent of one's own on the cluster."""

import re

import pytest
from programs import told
from wheel_environment import build_wheels, make_environment, shorten, variables_of

import colosseum


@pytest.fixture
def outside(calm):
    """The variables of a user in an environment that the nodes see, where the repository is not known."""
    folder = calm.shared / "from_wheel"
    folder.mkdir()
    (folder / "wheels").mkdir()
    programs = make_environment(folder / "venv", build_wheels(folder / "wheels"))
    return variables_of(programs, calm.environment, folder / "cache")


def test_from_init_to_a_report_on_the_cluster(calm, outside):
    folder = calm.shared / "from_wheel"
    where = told(folder, outside, "python", "-c", "import colosseum; print(colosseum.__file__)").strip()
    assert where.startswith(str(folder / "venv")) and where != colosseum.__file__
    told(folder, outside, "python", "-m", "colosseum", "init", "my_study")
    study = folder / "my_study"
    shorten(study)
    assert "my_lab.sarsa:Sarsa" in (study / "config.yaml").read_text()
    told(study, outside, "python", "-m", "colosseum.warm.numba_cache")  # as the session does for the other tests
    said = told(study, outside, "snakemake", "--profile", "profiles/slurm")
    submitted = [int(n) for n in re.findall(r"Submitted (\d+) jobs? as Slurm job", said)]
    assert sum(submitted) == 4, said[-3000:]  # two agents, tuned and compared, in one river each
    logs = sorted(path.relative_to(study / "results") for path in (study / "results").rglob("seed*_logs.csv"))
    assert sum("-Sarsa" in str(path) for path in logs) == 2 and len(logs) == 4
    selected = study / "results/hyperopt/my_study/hyperopt_episodic/selection/Sarsa.gin"
    assert "prms_0/Sarsa.epsilon = " in selected.read_text()
    status = told(study, outside, "python", "-m", "colosseum", "status")
    [total] = [line.split() for line in status.splitlines() if line.startswith("Sum")]
    assert total[1:6] == ["4", "0", "0", "0", "4"]
    told(study, outside, "snakemake", "--report", "report.html")
    assert f"colosseum {colosseum.__version__}" in (study / "report.html").read_text()
    assert "Submitted" not in told(study, outside, "snakemake", "--profile", "profiles/slurm")
