"""An undisturbed study gives the same logs however it is run, each instance once."""

import re
import subprocess
from pathlib import Path

import pytest
from conftest import NODES, PROJECT, Workspace

ONCE = {1}


def leftovers(cluster) -> dict[str, str]:
    """What lies in the nodes' own scratch folders."""
    return {node: cluster.on_node(node, f"ls -A {cluster.scratch}").strip() for node in NODES}


@pytest.mark.quick
def test_shared_file_system(workspace, reference):
    assert workspace.run("--profile", workspace.profile("slurm")) == 0, workspace.output
    assert workspace.logs() == reference
    assert set(workspace.executions().values()) == ONCE
    # 12 instances, 4 of which share a Slurm job
    assert workspace.output.count("Submitted 4 jobs as Slurm job") == 3
    assert leftovers(workspace.cluster) == dict.fromkeys(NODES, "")
    # a second run has nothing to do
    assert workspace.run("--profile", workspace.profile("slurm")) == 0
    assert set(workspace.executions().values()) == ONCE


def test_as_typed(workspace, reference):
    """The commands of the README, with the profile as it is shipped."""
    home = workspace.folder / "home"
    environment = workspace.environment | {"XDG_CONFIG_HOME": str(home)}

    def typed(command, folder):
        done = subprocess.run(
            command, shell=True, cwd=folder, env=environment, capture_output=True, text=True, timeout=240
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stderr

    typed("make profiles", PROJECT)
    assert {link.name for link in (home / "snakemake").iterdir()} == {"slurm", "slurm-staged", "cluster-generic"}
    said = typed(f"snakemake --profile slurm --configfile {workspace.config}", workspace.folder)
    assert workspace.logs() == reference
    assert set(workspace.executions().values()) == ONCE
    assert "Submitted 10 jobs as Slurm job" in said and "Submitted 2 jobs as Slurm job" in said


def test_one_instance_for_each_submission(workspace, reference):
    profile = workspace.profile("slurm", **{"slurm-packed-jobs-per-submission": 1})
    assert workspace.run("--profile", profile) == 0, workspace.output
    assert workspace.logs() == reference
    assert set(workspace.executions().values()) == ONCE
    used = {line.split()[1] for line in (workspace.plan / "executions").read_text().splitlines()}
    assert len(used) == 12


@pytest.mark.quick
def test_staged(calm, reference):
    """The nodes do not see the folder in which the workflow is started, and their scratch is empty afterwards."""
    workspace = Workspace(calm, calm.hidden / "staged")
    if calm.isolated:
        seen = calm.on_node("n1", f"ls -A {calm.hidden}")
        assert seen == "" and (workspace.folder / "Snakefile").exists()
    assert workspace.run("--profile", workspace.profile("slurm-staged")) == 0, workspace.output
    assert workspace.logs() == reference
    assert set(workspace.executions().values()) == ONCE
    assert leftovers(calm) == dict.fromkeys(NODES, "")
    # nor does the storage keep anything
    assert [path for path in workspace.storage.rglob("*") if path.is_file()] == []
    assert workspace.run("--profile", workspace.profile("slurm-staged")) == 0, workspace.output
    assert set(workspace.executions().values()) == ONCE


def test_another_batch_system(workspace, reference):
    profile = workspace.profile("cluster-generic")
    assert workspace.run("--profile", profile) == 0, workspace.output
    assert workspace.logs() == reference
    assert set(workspace.executions().values()) == ONCE


def test_whole_workflow_in_one_allocation(workspace, reference):
    script = Path(__file__).parents[2] / "profiles" / "slurm" / "whole-workflow.sbatch"
    submit = ["sbatch", "--wait", "--cpus-per-task=2", "--time=10", "--output=allocation.log", str(script)]
    arguments = ["--configfile", workspace.config]
    done = subprocess.run(
        [*submit, *arguments],
        cwd=workspace.folder,
        env=workspace.environment,
        capture_output=True,
        text=True,
        timeout=240,
    )
    assert done.returncode == 0, done.stderr + (workspace.folder / "allocation.log").read_text()
    assert workspace.logs() == reference
    assert set(workspace.executions().values()) == ONCE


def test_two_studies_side_by_side(calm, reference):
    folder = calm.shared / "side-by-side"
    first, second = Workspace(calm, folder, "first"), Workspace(calm, folder, "second")
    profile = first.profile("slurm")
    first.start("--profile", profile)
    second.start("--profile", profile)
    assert first.wait() == 0, first.output
    assert second.wait() == 0, second.output
    for workspace in (first, second):
        assert without_digests(workspace.logs()) == without_digests(reference)
        assert set(workspace.executions().values()) == ONCE


def without_digests(logs: dict[str, str]) -> dict[str, str]:
    """Logs without the column that says which instance made them: those of a study of another name are others."""
    return {name: re.sub(r"\b[0-9a-f]{16}(?=,)", "", text) for name, text in logs.items()}
