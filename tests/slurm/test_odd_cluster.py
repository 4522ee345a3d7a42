"""A cluster that is unlike others: noise, lies and refusals of its commands, odd names, nodes without a home."""

import os
import time

import pytest
from conftest import NODES
from test_runs import ONCE, leftovers

COMMANDS = ("sbatch", "squeue", "scancel", "scontrol", "sinfo", "sacct")

NOTICE = """
echo "*** Maintenance on 2026-12-01 | see https://hpc.example/news ***"
echo "42|RUNNING|of 100 GB"
{real} "$@"
status=$?
echo "${0##*/}: note: this command will be replaced"
exit $status
"""

SETTINGS = {
    "SQUEUE_FORMAT": "%i %j",
    "SQUEUE_STATES": "PENDING",
    "SQUEUE_USERS": "nobody",
    "SQUEUE_SORT": "-i",
    "SINFO_FORMAT": "%n",
    "SACCT_FORMAT": "User",
    "SCANCEL_INTERACTIVE": "1",
    "SLURM_TIME_FORMAT": "relative",
    "SBATCH_PARTITION": "no_such_partition",
    "SBATCH_TIMELIMIT": "1",
}
"""What a person may have set for the eyes, or for jobs of another kind."""

POLICY = "Job violates accounting/QOS policy (job submit limit, user's size and/or time limits)"


@pytest.mark.parametrize("profile", ["slurm", "cluster-generic"])
def test_notices_and_settings(workspace, reference, profile):
    for command in COMMANDS:
        workspace.wrap(command, NOTICE)
    workspace.changed |= SETTINGS
    assert workspace.run("--profile", workspace.profile(profile)) == 0, workspace.output
    assert workspace.logs() == reference
    assert set(workspace.executions().values()) == ONCE


def test_a_squeue_that_lies_for_a_minute(workspace, reference):
    """It lists nothing, while instances run: none is begun again."""
    until = time.time() + 60
    workspace.wrap(
        "squeue", f'[ "$(date +%s)" -ge {until:.0f} ] || exec {{real}} "$@" --name=lie\nexec {{real}} "$@"\n'
    )
    workspace.set_plan({"*": {"seconds": 5}})
    assert workspace.run("--profile", workspace.profile("slurm")) == 0, workspace.output
    assert workspace.logs() == reference
    assert set(workspace.executions().values()) == ONCE
    assert "is not listed by squeue, but it is there (RUNNING)" in workspace.output
    assert workspace.output.count("Submitted 4 jobs as Slurm job") == 3


@pytest.mark.parametrize("always", ["a partition that is not there", "a policy"])
def test_a_refusal_that_never_changes_ends_in_slurm_s_words(workspace, always):
    limits = {"slurm_partition": "main", "slurm_account": "''"}
    if always == "a policy":
        words = POLICY
        workspace.wrap(
            "sbatch", f'cat >/dev/null\necho "sbatch: error: Batch job submission failed: {POLICY}" >&2\nexit 1\n'
        )
    else:
        words = "invalid partition specified: no_such"
        limits["slurm_partition"] = "no_such"
    profile = workspace.profile("slurm", **{"default-resources": limits})
    assert workspace.run("--profile", profile, seconds=120) == 1
    assert workspace.executions() == {} and workspace.logs() == {}
    last = workspace.output[workspace.output.index("12 jobs failed:") :]
    assert last.count(words) == 12 and last.count("refused by Slurm: sbatch") == 12
    assert workspace.output.count("Slurm takes no job now") == (always == "a policy")


def test_values_with_odd_characters(workspace_at, reference):
    """A folder, an account, and a list of partitions of which the longest limit counts."""
    workspace = workspace_at("a b 'c' $HOME `e` & ; #")
    account = "a b 'c' \"d\" $(id) `e` & ;"  # (a variable would be expanded, by Snakemake)
    limits = {"slurm_partition": "'short,main'", "slurm_account": repr(account), "slurm_extra": "\"--nice='7'\""}
    profile = workspace.profile("slurm", **{"default-resources": limits})
    assert workspace.run("--profile", profile) == 0, workspace.output
    assert workspace.logs() == reference
    assert set(workspace.executions().values()) == ONCE
    # four instances ask for more than the five minutes of the short one
    assert workspace.output.count("Submitted 4 jobs as Slurm job") == 3
    jobs = {line.split()[0] for line in (workspace.plan / "executions").read_text().splitlines()}
    assert len(jobs) == 12
    run = workspace.output.split("Slurm run ID: ")[1].split()[0]
    told = workspace.cluster.call("squeue", "-h", "--states=all", f"--name={run}", "-o", "%l|%a").splitlines()
    assert len(told) == 3
    for line in told:
        limit, _, accounted = line.partition("|")
        assert accounted == account and 5 < int(limit.split(":")[0]) <= 60, line


def test_nodes_that_do_not_see_the_home(workspace, reference):
    """Every cache goes below the scratch, which is empty afterwards."""
    cluster = workspace.cluster
    home = cluster.hidden / "home"
    home.mkdir(exist_ok=True)
    workspace.changed |= {"HOME": str(home), "XDG_CACHE_HOME": ""}
    # else each submission compiles them
    kernels = os.environ.get("COLOSSEUM_NUMBA_CACHE", f"{cluster.environment['XDG_CACHE_HOME']}/colosseum/numba")
    workspace.changed["COLOSSEUM_NUMBA_CACHE"] = kernels
    if cluster.isolated:
        with pytest.raises(Exception, match="mkdir"):
            cluster.on_node("n1", f"mkdir -p {home}/.cache")
    record = f'env > "{workspace.plan}/environment-$SLURM_JOB_ID"'
    assert workspace.run("--profile", workspace.profile("slurm", **{"slurm-packed-prologue": record})) == 0, (
        workspace.output
    )
    assert workspace.logs() == reference
    assert set(workspace.executions().values()) == ONCE
    seen = [path.read_text() for path in workspace.plan.glob("environment-*")]
    assert len(seen) == 3 and all(f"HOME={home}\n" in text for text in seen)
    assert leftovers(cluster) == dict.fromkeys(NODES, "")
    assert os.listdir(home / ".cache")  # the head's
