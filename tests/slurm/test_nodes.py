"""The cluster fails: a node, a scratch disk, the controller, an installation."""

import subprocess
import sys
import sysconfig
import time

import pytest
from conftest import NODES, PROJECT, wait_for
from test_runs import leftovers

RUNNING_LONG = {"*": {"seconds": 3}}


def test_node_killed(workspace, reference):
    cluster = workspace.cluster
    workspace.set_plan(RUNNING_LONG)
    workspace.start("--profile", workspace.profile("slurm"))
    # in the middle of a submission: something finished, something runs
    found = []

    def busy_node():
        finished = set(workspace.logs())
        busy = [node for node in NODES if workspace.begun_on(node) - finished]
        found[:] = [*busy[:1], finished]
        return len(finished) >= 3 and busy

    wait_for(busy_node, 60)
    victim, finished = found
    cluster.stop(victim)
    there = workspace.begun_on(victim)
    assert workspace.wait() == 0, workspace.output
    assert workspace.logs() == reference
    executions = workspace.executions()
    again = {name for name, count in executions.items() if count > 1}
    # what was in its middle on that node and nothing else; it has two processors
    assert again and again <= there - finished and len(again) <= 2
    assert max(executions.values()) == 2 and set(executions) == set(reference)


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
    finished = set(workspace.logs())
    for node in NODES:
        cluster.on_node(node, f"rm -rf {cluster.scratch}/slurm-packed-*; true")  # what is in use resists
    assert workspace.wait() == 0, workspace.output
    assert workspace.logs() == reference
    # none but those in whose middle it happened, if any: they go on without a warm process and a kernel cache
    executions = workspace.executions()
    assert sum(executions.values()) <= 15 and max(executions.values()) <= 2
    assert all(executions[name] == 1 for name in finished)
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
    profile = workspace.profile("slurm", **{"slurm-packed-prologue": prologue, "retries": 0})
    assert workspace.run("--profile", profile) == 1
    assert "colosseum is 0.0.9 here but" in workspace.output and "on the head" in workspace.output
    assert workspace.executions() == {} and workspace.logs() == {}


def test_no_installation_on_the_node(workspace):
    profile = workspace.profile("slurm", **{"slurm-packed-python": "/usr/bin/python3 -I", "retries": 0})
    assert workspace.run("--profile", profile) == 1
    assert "the installation does not start on this node" in workspace.output
    assert "No module named" in workspace.output
    assert workspace.executions() == {}


def test_installation_on_the_node(workspace, reference):
    """Another environment than the head's, of the same versions, as one has in /opt on every node."""
    there = workspace.folder / "installation"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", there], check=True)
    packages = next(there.glob("lib/python*/site-packages"))
    (packages / "the_same_versions.pth").write_text(
        f"{sysconfig.get_path('purelib')}\n{PROJECT}\n{PROJECT / 'executor'}\n"
    )
    record = "from pathlib import Path; import sys; Path('pythons').open('a').write(sys.executable + chr(10))"
    prologue = f'cd {workspace.folder} && {there}/bin/python -c "{record}"'
    changes = {"slurm-packed-python": f"{there}/bin/python", "slurm-packed-prologue": prologue}
    assert workspace.run("--profile", workspace.profile("slurm", **changes)) == 0, workspace.output
    assert workspace.logs() == reference
    assert set(workspace.executions().values()) == {1}
    assert set((workspace.folder / "pythons").read_text().split()) == {f"{there}/bin/python"}


def test_module_or_container(workspace, reference):
    """A prologue that sets up the node, and a command of several words that starts Python in what it set up."""
    container = workspace.folder / "container"
    container.write_text('#!/bin/sh\n[ "$1" = exec ] && [ "$LOADED" = yes ] || exit 9\nshift 2\nexec "$@"\n')
    container.chmod(0o755)
    changes = {
        "slurm-packed-prologue": "export LOADED=yes",
        "slurm-packed-python": f"{container} exec image.sif {sys.executable}",
    }
    assert workspace.run("--profile", workspace.profile("slurm", **changes)) == 0, workspace.output
    assert workspace.logs() == reference
    assert set(workspace.executions().values()) == {1}
