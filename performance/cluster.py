"""Instances a second through an emulated Slurm cluster, for several ways to submit them.

    python performance/cluster.py                          100 instances of 1,000 steps each way, some minutes
    python performance/cluster.py --instances 1000 --ways 50      the load test

Needs the packages of `make test-slurm`. All nodes share this host's cores, so the figures say what the ways cost, not
what a cluster can do. A way is a number k (k instances in a submission of profiles/slurm), `slurm` (Snakemake's own
executor, an instance a job), `groups` (its job groups of 10), or `allocation` (the whole workflow in one Slurm job).
"""

import argparse
import json
import os
import platform
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from datetime import datetime
from pathlib import Path

import yaml

sys.path.insert(0, str(Path(__file__).parents[1] / "tests" / "slurm"))
from conftest import Cluster, Workspace  # noqa: E402

CPUS = 2


def study(cluster: Cluster, way: str, n: int) -> Workspace:
    """A study of `n` instances of 1,000 steps."""
    workspace = Workspace(cluster, cluster.shared / way, way, samples=1, seeds=n // 2)
    settings = yaml.safe_load((workspace.folder / workspace.config).read_text())
    settings["agents"] = ["QLearningContinuous"]
    (workspace.folder / workspace.config).write_text(yaml.safe_dump(settings))
    return workspace


def command(workspace: Workspace, way: str) -> list[str]:
    """The command line of a way."""
    common = {
        "slurm-packed-cpus-per-submission": CPUS,
        "slurm-packed-keep-logs": True,
        "seconds-between-status-checks": 2,
    }
    if way.isdigit():
        profile = workspace.profile("slurm", **common, **{"slurm-packed-jobs-per-submission": int(way)})
        return workspace.command("--profile", profile)
    if way == "allocation":
        script = Path(__file__).parents[1] / "profiles" / "slurm" / "whole-workflow.sbatch"
        options = ["--wait", f"--cpus-per-task={CPUS}", "--time=60", "--output=allocation.log"]
        return ["sbatch", *options, str(script), "--configfile", workspace.config]
    settings = yaml.safe_load((Path(__file__).parents[1] / "profiles" / "slurm" / "config.yaml").read_text())
    settings = {key: value for key, value in settings.items() if not key.startswith("slurm-packed")}
    settings |= {
        "executor": "slurm",
        "slurm-no-account": True,
        "slurm-status-command": "squeue",
        "slurm-init-seconds-before-status-checks": 2,
        "slurm-no-requeue": True,
        "jobs": 100,
        "latency-wait": 10,
    }
    if way == "groups":
        settings |= {"groups": ["run_hyperopt=run"], "group-components": ["run=10"], "cores": CPUS}
    folder = workspace.folder / "profiles" / way
    folder.mkdir(parents=True)
    (folder / "config.yaml").write_text(yaml.safe_dump(settings))
    return workspace.command("--profile", str(folder))


def node_seconds(workspace: Workspace) -> dict[str, float]:
    """Seconds of an instance on its node, its Snakemake included, as the submissions wrote; {} for other ways."""
    logs = (workspace.folder / ".snakemake" / "slurm-packed" / "logs").rglob("*.log")
    seconds = [float(s) for log in logs for s in re.findall(r"^=== .*\((\d+\.\d) s\)$", log.read_text(), re.MULTILINE)]
    return {"median_seconds_of_an_instance": statistics.median(seconds)} if seconds else {}


def wait_seconds(cluster: Cluster, known: set[str]) -> dict[str, float]:
    """Median seconds of the Slurm jobs after `known` from submission to start, and from start to end."""
    rows = [row.split() for row in cluster.call("squeue", "-h", "--states=all", "-o", "%i %V %S %e").splitlines()]
    times = [[datetime.fromisoformat(text) for text in row[1:]] for row in rows if row[0] not in known]
    return {
        "median_seconds_queued": statistics.median(
            (start - submitted).total_seconds() for submitted, start, _ in times
        ),
        "median_seconds_of_a_submission": statistics.median((end - start).total_seconds() for _, start, end in times),
    }


def measure(cluster: Cluster, way: str, n: int) -> dict:
    """Run a study one way."""
    workspace = study(cluster, way, n)
    before = set(cluster.jobs("all"))
    begun = time.monotonic()
    with open(workspace.folder / "out", "w") as output:
        main = subprocess.Popen(
            command(workspace, way), cwd=workspace.folder, env=workspace.environment, stdout=output, stderr=output
        )
        _, status, usage = os.wait4(main.pid, 0)
    seconds = time.monotonic() - begun
    logs = len(list(workspace.results.glob("*/logs/*/*.csv")))
    if status or logs != n:
        raise SystemExit(f"{way}: {logs} of {n} logs, status {status}; see {workspace.folder}/out")
    return {
        "way": way,
        "instances": n,
        "submissions": len(set(cluster.jobs("all")) - before),
        "seconds": round(seconds, 1),
        "instances_per_second": round(n / seconds, 2),
        "head_cpu_seconds": round(usage.ru_utime + usage.ru_stime, 1),
        "head_peak_mib": usage.ru_maxrss >> 10,
        **wait_seconds(cluster, before),
        **node_seconds(workspace),
    }


def main() -> None:
    """Measure and write performance/results/cluster.json."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--instances", type=int, default=100, metavar="N", help="instances of each way (default: 100)")
    parser.add_argument("--ways", nargs="+", default=["1", "10", "50", "slurm", "groups", "allocation"])
    args = parser.parse_args()
    base = Path(tempfile.mkdtemp(prefix="cls-", dir="/tmp"))
    base.chmod(0o755)
    cluster = Cluster(base)
    results = []
    try:
        cluster.start()
        measure(cluster, "2", 4)  # compiles what there is to compile
        shutil.rmtree(cluster.shared / "2")
        for way in args.ways:
            results.append(measure(cluster, way, args.instances))
            print(json.dumps(results[-1]), flush=True)
    finally:
        cluster.stop()
        shutil.rmtree(base, ignore_errors=True)
    target = Path(__file__).parent / "results" / f"cluster-{args.instances}.json"
    target.parent.mkdir(exist_ok=True)
    facts = {"host": platform.machine(), "cores": os.cpu_count(), "python": platform.python_version()}
    target.write_text(json.dumps({**facts, "results": results}, indent=1) + "\n")


if __name__ == "__main__":
    main()
