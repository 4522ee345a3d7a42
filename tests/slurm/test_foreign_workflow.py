"""A workflow that knows nothing of Colosseum, with hooks of its own: the executor needs neither."""

import subprocess
import sys
from collections import Counter

import pytest
import yaml
from conftest import NODES, PROJECT
from test_runs import leftovers

SNAKEFILE = """
rule total:
    input: expand("squares/{n}.txt", n=range(12))
    output: "total.txt"
    shell: "total=0; for file in {input}; do total=$((total + $(cat $file))); done; echo $total > {output}"

rule square:
    input: "numbers/{n}.txt"
    output: "squares/{n}.txt"
    shell:
        '''
        echo square {wildcards.n} $SLURM_JOB_ID $PREPARED >> begun
        if [ {wildcards.n} = 7 ] && [ ! -e failed ]; then
            touch failed
            echo "squarer: error: sevens are hard" >&2
            exit 3
        fi
        echo $(( $(cat {input}) ** 2 )) > {output}
        '''

rule number:
    output: "numbers/{n}.txt"
    shell: "echo number {wildcards.n} $SLURM_JOB_ID $PREPARED >> begun; echo {wildcards.n} > {output}"
"""

HOOKS = """
import contextlib, os, sys

@contextlib.contextmanager
def session(folder, n_jobs):
    assert folder.is_dir() and str(folder) == os.environ["SLURM_PACKED_SCRATCH"]
    os.environ["PREPARED"] = f"for-{n_jobs}"
    yield
    foreign = sorted(name for name in sys.modules if name.split(".")[0] in ("colosseum", "numba"))
    with open("sessions", "a") as file:
        file.write(f"{n_jobs} {foreign}\\n")

def versions():
    return {"squarer": os.environ.get("SQUARER", "1.0")}
"""


@pytest.fixture
def foreign(calm, request):
    """Runs Snakemake in a folder with that workflow, which the nodes see."""
    folder = calm.shared / f"foreign-{request.node.name}"
    (folder / "profile").mkdir(parents=True)
    (folder / "Snakefile").write_text(SNAKEFILE)
    (folder / "squaring.py").write_text(HOOKS)
    profile = {
        "executor": "slurm-packed",
        "jobs": 100,
        "default-resources": {"mem_mb": 200, "runtime": 2},
        "slurm-packed-jobs-per-submission": 6,
        "slurm-packed-linger": 1,
        "slurm-packed-scratch": str(calm.scratch),
        "slurm-packed-session": "squaring:session",
        "slurm-packed-versions": "squaring:versions",
        "seconds-between-status-checks": 1,
        "keep-going": True,
        "retries": 1,
    }
    (folder / "profile" / "config.yaml").write_text(yaml.safe_dump(profile))
    environment = calm.environment | {"PYTHONPATH": str(PROJECT / "executor")}

    def run(*arguments: str) -> tuple[int, str]:
        command = [sys.executable, "-m", "snakemake", "--profile", "profile", *arguments]
        done = subprocess.run(
            command,
            cwd=folder,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=240,
        )
        return done.returncode, done.stdout

    return folder, run


@pytest.mark.quick
def test_three_rules(calm, foreign):
    folder, run = foreign
    status, said = run()
    assert status == 0, said
    assert (folder / "total.txt").read_text() == f"{sum(n * n for n in range(12))}\n"
    begun = [line.split() for line in (folder / "begun").read_text().splitlines()]
    # the one that failed was tried again, and its neighbours were not
    assert Counter((rule, n) for rule, n, *_ in begun) == {
        **{("number", str(n)): 1 for n in range(12)},
        **{("square", str(n)): 1 + (n == 7) for n in range(12)},
    }
    assert "square squares/7.txt: failed (exit status 1: squarer: error: sevens are hard). Slurm job" in said
    # packed, prepared by the hook, and without what this workflow does not use
    assert Counter(prepared for rule, _, _, prepared in begun if rule == "number") == {"for-6": 12}
    assert len({job for rule, _, job, _ in begun if rule == "number"}) == 2
    assert all(line.endswith(" []") for line in (folder / "sessions").read_text().splitlines())
    assert leftovers(calm) == dict.fromkeys(NODES, "")


def test_versions_of_a_foreign_workflow(foreign):
    folder, run = foreign
    status, said = run("--slurm-packed-prologue", "export SQUARER=0.9")
    assert status == 1
    assert "squarer is 0.9 here but 1.0 on the head" in said
    assert not (folder / "begun").exists()


def test_a_hook_that_is_not_there(foreign):
    folder, run = foreign
    status, said = run("--slurm-packed-session", "no_such_module:session")
    assert status == 1
    assert "the hook no_such_module:session cannot be loaded on " in said
    status, said = run("--slurm-packed-versions", "squaring:no_such_function")
    assert status == 1
    assert "the hook squaring:no_such_function cannot be loaded on" in said
    assert not (folder / "begun").exists()
