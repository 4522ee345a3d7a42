"""One instance fails, in one of many ways: it alone is lost and retried, and a person learns which it was."""

import re

import pytest
from test_runs import leftovers

VICTIM = "prms_0-RiverSwimContinuous____prms_0-FaultyContinuous/seed1"


def others_once(workspace) -> bool:
    executions = workspace.executions()
    return all(count == 1 for name, count in executions.items() if name != VICTIM) and len(executions) == 12


@pytest.mark.quick
def test_failing_once(workspace, reference):
    workspace.set_plan({VICTIM: {"fault": "raise", "times": 1}})
    assert workspace.run("--profile", workspace.profile("slurm")) == 0, workspace.output
    assert workspace.logs() == reference
    assert workspace.executions()[VICTIM] == 2 and others_once(workspace)
    # instance, Slurm job, log and reason, in one message
    message = next(line for line in workspace.output.splitlines() if "message: run_hyperopt" in line)
    assert VICTIM in message and re.search(r"Slurm job \d+ on node n\d", message)
    assert "RuntimeError: the plan says so" in message
    log = re.search(r"its output: (\S+\.log)", message)[1]
    assert "the plan says so" in open(log).read()


def test_failing_always(workspace, reference):
    workspace.set_plan({VICTIM: {"fault": "raise"}})
    assert workspace.run("--profile", workspace.profile("slurm")) == 1
    assert workspace.logs() == {name: log for name, log in reference.items() if name != VICTIM}
    assert workspace.executions()[VICTIM] == 3 and others_once(workspace)
    # the next run runs it alone
    workspace.set_plan({})
    workspace.forget_executions()
    assert workspace.run("--profile", workspace.profile("slurm")) == 0, workspace.output
    assert workspace.executions() == {VICTIM: 1}
    assert workspace.logs() == reference


def test_crashing_process(workspace, reference):
    workspace.set_plan({VICTIM: {"fault": "crash", "times": 1}})
    assert workspace.run("--profile", workspace.profile("slurm")) == 0, workspace.output
    assert workspace.logs() == reference
    assert workspace.executions()[VICTIM] == 2 and others_once(workspace)


def test_time_limit(workspace, reference):
    workspace.set_plan({VICTIM: {"seconds": 60, "times": 1}})
    limits = {"set-resources": {"run_hyperopt": {"runtime": "attempt", "runtime_s": "40 * attempt"}}}
    assert workspace.run("--profile", workspace.profile("slurm", **limits)) == 0, workspace.output
    assert workspace.logs() == reference
    assert workspace.executions()[VICTIM] == 2 and others_once(workspace)
    assert "ran longer than its time limit (limit 40 s)" in workspace.output
    assert leftovers(workspace.cluster) == {"n1": "", "n2": "", "n3": ""}


def test_time_limit_of_slurm(workspace, reference):
    """Slurm itself ends a job: what it had finished is kept, what it had not begun is no failure."""
    workspace.set_plan({"*": {"seconds": 25, "times": 1}})
    limits = {"slurm_partition": "main", "slurm_extra": "'--time=1'", "slurm_account": "''"}
    profile = workspace.profile("slurm", **{"default-resources": limits, "retries": 4})
    assert workspace.run("--profile", profile, seconds=400) == 0, workspace.output
    assert workspace.logs() == reference
    assert "stopped with its Slurm job, which ended as TIMEOUT" in workspace.output
    assert max(workspace.executions().values()) == 2  # the interrupted ones
    assert sorted(workspace.executions().values())[:6] == [1] * 6


def test_memory(workspace, reference):
    workspace.set_plan({VICTIM: {"fault": "memory", "mb": 700, "times": 1}})
    limits = {"set-resources": {"run_hyperopt": {"mem_mb": "500 * attempt"}}}
    assert workspace.run("--profile", workspace.profile("slurm", **limits)) == 0, workspace.output
    assert workspace.logs() == reference
    assert workspace.executions()[VICTIM] == 2 and others_once(workspace)
    assert re.search(r"used more memory than it asked for \(used \d+ MiB, limit 500 MiB\)", workspace.output)
