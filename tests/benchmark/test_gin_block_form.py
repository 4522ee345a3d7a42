"""
A benchmark in gin's block form means the same to every command.

The case has a comment behind a value, a continued line and a scope that is commented out: two environments, of 5 and
of 7 states.
"""

import csv
import json
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

import colosseum
from colosseum.benchmark.utils import retrieve_benchmark
from colosseum.cli import main
from colosseum.experiment.experiment_instance import load_instance

CASE = Path(__file__).parents[1] / "cases" / "gin_block_form"
AGENT = "QLearningContinuous"
SIZES = {"prms_0": 5, "prms_1": 7}
STUDY = {"study": "blocks", "agents": [AGENT], "hyperopt": None, "benchmarks": ["gin_block_form"]}


def call(*arguments: str) -> None:
    assert main(list(arguments)) == 0


def rows(path: str) -> list[dict[str, str]]:
    with open(path, newline="") as file:
        return list(csv.DictReader(file))


def pickles() -> list[Path]:
    call("sample-agents", AGENT, "--packaged", "-o", f"blocks/agents_configs/{AGENT}.gin")
    call("instances", "--benchmark", "blocks", "--agent", AGENT, "-o", "pickles")
    return sorted(Path("pickles").rglob("*.pkl"))


def by_benchmark() -> dict[str, int]:
    call("benchmark", "gin_block_form", "-o", "again")
    [scopes] = retrieve_benchmark("again").mdp_scopes().values()
    return {scope: int(text.split("size = ")[1]) for scope, text in scopes.items()}


def by_instances() -> dict[str, int]:
    instances = [load_instance(path) for path in pickles()]
    return {instance.mdp_scope: instance.instantiate_mdp().n_states for instance in instances}


def by_summarise() -> dict[str, int]:
    call("run", str(pickles()[0]))
    call("summarise", "blocks", "-o", "summary.csv", "--allow-incomplete")
    found = rows("summary.csv")
    assert [row["status"] for row in found] == ["complete", "missing"]
    return {row["mdp_scope"]: int(json.loads(row["mdp_parameters"])["size"]) for row in found}


def by_status() -> dict[str, int]:
    call("run", str(pickles()[0]))
    call("status", "blocks", "-o", "status.csv")
    row = rows("status.csv")[0]
    assert (row["Done"], row["Missing"]) == ("1", "1")
    return SIZES  # it tells numbers alone


def by_select() -> dict[str, int]:
    for path in pickles():
        call("run", str(path))
    call("select", "--benchmark", "blocks", "--agent", AGENT, "-o", "best.gin", "--table", "best.csv")
    assert [row["n_logs"] for row in rows("best.csv")] == ["2"]
    return SIZES


def by_hardness() -> dict[str, int]:
    call("hardness", "blocks", "-o", "hardness.csv")
    return {row["mdp_scope"]: int(row["n_states"]) for row in rows("hardness.csv")}


def by_workflow() -> dict[str, int]:
    Path("study.yaml").write_text(yaml.safe_dump(STUDY))
    root = Path(colosseum.__file__).parents[1]
    snakemake = [sys.executable, "-m", "snakemake", "-s", str(root / "Snakefile"), "--configfile", "study.yaml"]
    plan = subprocess.run([*snakemake, "-n", "logs"], capture_output=True, text=True, check=True).stdout
    logs = re.findall(
        r"output: .*/logs/(prms_\d)-RiverSwimContinuous____prms_0-QLearningContinuous/seed0_logs.csv", plan
    )
    assert sorted(logs) == list(SIZES), plan
    return SIZES


@pytest.mark.slow
@pytest.mark.parametrize(
    "environments_seen",
    [by_benchmark, by_instances, by_summarise, by_status, by_select, by_hardness, by_workflow],
)
def test_every_command_sees_the_same_environments(
    environments_seen: Callable[[], dict[str, int]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("gin_block_form", "blocks"):
        shutil.copytree(CASE, tmp_path / name)
    assert environments_seen() == SIZES
