"""The cluster fails: a node, a scratch disk, the controller, an installation."""

import subprocess
import time

import pytest
from conftest import NODES, wait_for
from test_runs import leftovers

RUNNING_LONG = {"*": {"seconds": 3}}


def test_node_killed(workspace, reference):
    cluster = workspace.cluster
    workspace.set_plan(RUNNING_LONG)
    workspace.start("--profile", workspace.profile("slurm"))
    # in the middle of a submission: something finished, something runs
    wait_for(lambda: len(workspace.logs()) >= 3, 60)
    used = {line.split()[2] for line in (workspace.plan / "executions").read_text().splitlines()}
    cluster.stop(used.pop())
    assert workspace.wait() == 0, workspace.output
    assert workspace.logs() == reference
    executions = workspace.executions()
    # one instance ran on that node, one submission of at most 4 was there
    assert sum(executions.values()) == 13 and max(executions.values()) == 2


def test_scratch_full(workspace, reference):
    cluster = workspace.cluster
    if not cluster.isolated:
        pytest.skip("needs a scratch disk for each node")
    fill = f"dd if=/dev/zero of={cluster.scratch}/filler bs=1M 2>/dev/null; true"
    cluster.on_node("n1", fill)
    try:
        assert workspace.run("--profile", workspace.profile("slurm")) == 0, workspace.output
    finally:
        cluster.on_node("n1", f"rm {cluster.scratch}/filler")
    assert workspace.logs() == reference
    assert set(workspace.executions().values()) == {1}
    assert f"scratch folder {cluster.scratch} of node" in workspace.output
    assert "No space left on device" in workspace.output


def test_scratch_vanished(workspace, reference):
    cluster = workspace.cluster
    workspace.set_plan(RUNNING_LONG)
    workspace.start("--profile", workspace.profile("slurm"))
    wait_for(lambda: len(workspace.logs()) >= 2, 60)
    for node in NODES:
        cluster.on_node(node, f"rm -rf {cluster.scratch}/colosseum-*; true")  # what is in use resists
    assert workspace.wait() == 0, workspace.output
    assert workspace.logs() == reference
    # none but those in whose middle it happened, if any: they go on without a warm process and a kernel cache
    assert sum(workspace.executions().values()) <= 15 and max(workspace.executions().values()) <= 2
    assert leftovers(cluster) == dict.fromkeys(NODES, "")


def test_controller_restarted(workspace, reference):
    cluster = workspace.cluster
    workspace.set_plan(RUNNING_LONG)
    workspace.start("--profile", workspace.profile("slurm"))
    wait_for(lambda: len(workspace.logs()) >= 1, 60)
    pid = int((cluster.folder / "run" / "slurmctld.pid").read_text())
    subprocess.run(["kill", str(pid)], check=True)
    time.sleep(25)  # longer than Slurm's commands wait by themselves
    cluster.start()
    assert workspace.wait() == 0, workspace.output
    assert workspace.logs() == reference
    assert set(workspace.executions().values()) == {1}
    assert "Slurm does not answer" in workspace.output and "Slurm answers again" in workspace.output


def test_other_version_on_the_node(workspace):
    other = workspace.folder / "other" / "colosseum"
    other.mkdir(parents=True)
    # a node whose installation is older: the same package under another version
    (other / "__init__.py").write_text(
        "import importlib.util, sys\n"
        "__version__ = '0.0.9'\n"
        "from pathlib import Path\n"
        "for entry in sys.path:\n"
        "    real = Path(entry) / 'colosseum'\n"
        "    if (real / 'cli.py').exists():\n"
        "        __path__.append(str(real))\n"
        "        break\n"
    )
    prologue = f"export PYTHONPATH={other.parent}:$PYTHONPATH"
    profile = workspace.profile("slurm", **{"colosseum-slurm-prologue": prologue, "retries": 0})
    assert workspace.run("--profile", profile) == 1
    assert "colosseum is 0.0.9 here but" in workspace.output and "on the head" in workspace.output
    assert workspace.executions() == {} and workspace.logs() == {}


def test_no_installation_on_the_node(workspace):
    profile = workspace.profile("slurm", **{"colosseum-slurm-python": "/usr/bin/python3 -I", "retries": 0})
    assert workspace.run("--profile", profile) == 1
    assert "the installation does not start on this node" in workspace.output
    assert "No module named" in workspace.output
    assert workspace.executions() == {}
