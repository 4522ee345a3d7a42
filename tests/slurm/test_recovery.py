"""The main process is stopped, politely or not; the same command again runs what is missing and nothing else."""

import os
import signal

import pytest
from conftest import wait_for

SLOW = {"*": {"seconds": 2}}


def begin(workspace) -> str:
    """Start a study and wait until some instances are finished, some run and some wait."""
    workspace.set_plan(SLOW)
    profile = workspace.profile("slurm", **{"slurm-packed-submissions": 2})
    workspace.start("--profile", profile)
    wait_for(lambda: 2 <= len(workspace.logs()) <= 6, 60)
    return profile


def test_ctrl_c(workspace, reference):
    profile = begin(workspace)
    before = set(workspace.logs())
    os.killpg(workspace.main.pid, signal.SIGINT)
    assert workspace.wait(30) == 1
    wait_for(lambda: not workspace.cluster.jobs(), 30)
    finished = set(workspace.logs())
    assert before <= finished and len(finished) < 12
    assert workspace.run("--profile", profile) == 0, workspace.output
    assert workspace.logs() == reference
    executions = workspace.executions()
    assert {name for name, count in executions.items() if count > 1}.isdisjoint(finished)


@pytest.mark.quick
@pytest.mark.parametrize("choice", ["--wait", "--cancel"])
def test_killed(workspace, reference, choice):
    profile = begin(workspace)
    os.killpg(workspace.main.pid, signal.SIGKILL)
    workspace.main.wait()
    assert workspace.cluster.jobs()
    # the same command again is refused, and says what to do
    assert workspace.run("--profile", profile, seconds=60) == 1
    assert "python -m colosseum recover" in workspace.output
    done = workspace.colosseum("recover", choice)
    assert done.returncode == 0, done.stderr
    assert not workspace.cluster.jobs()
    assert "its Slurm jobs ended" in done.stderr and "unlocked the folder" in done.stderr
    finished = set(workspace.logs())
    assert len(finished) >= (8 if choice == "--wait" else 2)  # 2 submissions of 4 were under way
    before = workspace.executions()
    assert workspace.run("--profile", profile) == 0, workspace.output
    assert workspace.logs() == reference
    again = workspace.executions() - before
    assert set(again) == set(reference) - finished and set(again.values()) == {1}
    if choice == "--wait":
        assert set(workspace.executions().values()) == {1}
    assert "nothing to recover" in workspace.colosseum("recover").stderr


def test_recover_leaves_a_living_run_alone(workspace):
    begin(workspace)
    done = workspace.colosseum("recover", "--cancel")
    assert "still runs" in done.stderr and workspace.cluster.jobs()
    assert workspace.wait() == 0, workspace.output


def test_unlocked_by_hand(workspace, reference):
    """Who unlocks without `recover` is told of the jobs that go on, and starts no second copies."""
    profile = begin(workspace)
    os.killpg(workspace.main.pid, signal.SIGKILL)
    workspace.main.wait()
    for lock in (workspace.folder / ".snakemake" / "locks").iterdir():
        lock.unlink()
    before = workspace.executions()
    assert workspace.run("--profile", profile, seconds=60) == 1
    assert "recover" in workspace.output
    assert workspace.executions().keys() - before.keys() <= set(reference)
    assert workspace.colosseum("recover").returncode == 0
    assert workspace.run("--profile", profile) == 0
    assert set(workspace.executions().values()) == {1}
