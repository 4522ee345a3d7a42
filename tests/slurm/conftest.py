"""A throw-away Slurm cluster for the session, and studies to run on it.

The tests run only where COLOSSEUM_TEST_SLURM is set: `make test-slurm` installs what they need and sets it.
"""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

import pytest
import yaml

HERE = Path(__file__).parent
PROJECT = HERE.parent.parent
NODES = ("n1", "n2", "n3")


def pytest_configure(config):
    config.addinivalue_line("markers", "quick: the part of tests/slurm that every change must pass")


def pytest_collection_modifyitems(items):
    if os.environ.get("COLOSSEUM_TEST_SLURM"):
        return
    for item in items:
        if HERE in item.path.parents and "cluster" in item.fixturenames:
            item.add_marker(pytest.mark.skip(reason="needs a cluster: make test-slurm"))


def free_ports(n: int) -> int:
    """The first of n ports in a row that nobody listens on."""
    for first in range(16817, 30000, n):
        sockets = [socket.socket() for _ in range(n)]
        try:
            for offset, candidate in enumerate(sockets):
                candidate.bind(("", first + offset))
            return first
        except OSError:
            continue
        finally:
            for candidate in sockets:
                candidate.close()
    raise RuntimeError("no free ports")


class Cluster:
    """The cluster and the folders that its nodes see, do not see (`hidden`), and have each for itself (`scratch`)."""

    def __init__(self, base: Path):
        self.base = base
        self.folder = base / "slurm"
        self.hidden, self.shared, self.scratch = base / "head", base / "shared", base / "scratch"
        for path in (self.hidden, self.shared, self.scratch):
            path.mkdir()
        self.isolated = os.getuid() == 0 and subprocess.run(["unshare", "--mount", "true"], check=False).returncode == 0
        self.port = free_ports(len(NODES) + 1)
        self.environment = {
            **os.environ,
            "SLURM_CONF": str(self.folder / "slurm.conf"),
            "PATH": f"{self.folder / 'bin'}:{Path(sys.executable).parent}:{os.environ['PATH']}:/usr/sbin",
            "PYTHONPATH": f"{PROJECT / 'tests'}:{PROJECT}:{PROJECT / 'executor'}",
            "XDG_CACHE_HOME": str(base / "cache"),
        }

    def start(self) -> None:
        settings = {"PORT": str(self.port), "MEM": "4000", "SLURMD_TIMEOUT": "10"}
        if self.isolated:
            settings |= {"HIDE": str(self.hidden), "SCRATCH": str(self.scratch), "SCRATCH_MB": "100"}
        subprocess.run(
            ["bash", HERE / "start_slurm.sh", self.folder], env=self.environment | settings, check=True, timeout=120
        )

    def stop(self, node: str = "") -> None:
        subprocess.run(
            ["bash", HERE / "stop_slurm.sh", self.folder, *([node] if node else [])], check=True, timeout=120
        )

    def call(self, *command: str) -> str:
        return subprocess.run(
            command, env=self.environment, check=True, capture_output=True, text=True, timeout=60
        ).stdout

    def jobs(self, *states: str) -> list[str]:
        """The ids of the jobs in some states; of all that wait or run by default."""
        wanted = f"--states={','.join(states)}" if states else "--states=PENDING,RUNNING,COMPLETING"
        return self.call("squeue", "-h", wanted, "-o", "%i").split()

    def on_node(self, node: str, command: str) -> str:
        """Run a command in a node's own view of the file system; not through Slurm, which may have no CPU left."""
        if not self.isolated:
            return self.call("bash", "-c", command)
        pid = (self.folder / "run" / f"slurmd.{node}.pid").read_text().strip()
        return self.call("nsenter", f"--mount=/proc/{pid}/ns/mnt", "bash", "-c", command)

    def clean(self) -> None:
        """Nothing of an earlier test runs, and every node is up."""
        self.call("scancel", "--user", str(os.getuid()))
        wait_for(lambda: not self.jobs(), 60)
        self.start()


def wait_for(condition, seconds: float, poll: float = 0.1):
    """Wait until something is true, and return it."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if found := condition():
            return found
        time.sleep(poll)
    raise AssertionError(f"not so after {seconds} s: {condition}")


class Workspace:
    """A folder with the workflow, a small study, a profile, and a plan of faults."""

    def __init__(self, cluster: Cluster, folder: Path, name: str = "faults", samples: int = 2, seeds: int = 3):
        self.cluster, self.folder, self.name = cluster, folder, name
        # the instances are made once; each test begins with running them
        template = cluster.base / "reference"
        if name == "faults" and template.exists() and folder != template:
            shutil.copytree(template, folder, ignore=shutil.ignore_patterns("logs", "errors", "selection", "*.out"))
        folder.mkdir(parents=True, exist_ok=True)
        for entry in ("Snakefile", "workflow"):
            if not (folder / entry).exists():
                source = PROJECT / entry
                (shutil.copytree if source.is_dir() else shutil.copy)(source, folder / entry)
        self.plan = Path(tempfile.mkdtemp(prefix=f"plan-{name}-", dir=cluster.base))
        self.set_plan({})
        self.config = f"{name}.yaml"
        study = {
            "study": name,
            "agents": ["user_agents:FaultyContinuous"],
            "hyperopt": {
                "n_steps": 1000,
                "log_every": 100,
                "max_interaction_time_s": 60,
                "n_samples_agents": 1,
                "n_samples_mdps": samples,
                "n_seeds": seeds,
                "mdp_classes": ["RiverSwimContinuous", "SimpleGridContinuous"],
            },
            "benchmarks": [],
        }
        (folder / self.config).write_text(yaml.safe_dump(study))
        self.main: subprocess.Popen | None = None
        self.changed: dict[str, str] = {}
        self.storage: Path | None = None

    def set_plan(self, plan: dict) -> None:
        (self.plan / "plan.json").write_text(json.dumps(plan))

    def forget_executions(self) -> None:
        (self.plan / "executions").unlink(missing_ok=True)

    def profile(self, name: str, **changes) -> str:
        """One of the shipped profiles, with the lines changed that its user must change, and a quicker clock."""
        target = self.folder / "profiles" / name
        shutil.copytree(PROJECT / "profiles" / name, target, dirs_exist_ok=True)
        settings = yaml.safe_load((target / "config.yaml").read_text())
        settings |= {"seconds-between-status-checks": 1, "latency-wait": 10}
        if settings["executor"] == "slurm-packed":
            settings |= {
                "slurm-packed-jobs-per-submission": 4,
                "slurm-packed-linger": 1,
                "slurm-packed-scratch": str(self.cluster.scratch),
            }
        if "slurm-packed-storage" in settings:
            self.storage = self.cluster.shared / f"storage-{self.folder.name}"
            settings["slurm-packed-storage-prefix"] = str(self.storage)
        settings |= changes
        (target / "config.yaml").write_text(yaml.safe_dump(settings))
        return f"profiles/{name}"

    def command(self, *arguments: str) -> list[str]:
        words = [sys.executable, "-m", "snakemake", "--configfile", self.config]
        return [*words, *arguments]

    @property
    def environment(self) -> dict[str, str]:
        return {**self.cluster.environment, "COLOSSEUM_TEST_PLAN": str(self.plan), **self.changed}

    def wrap(self, name: str, script: str) -> None:
        """Put a shell script before one of Slurm's commands, which is `{real}` in it."""
        commands = self.cluster.base / f"commands-{self.plan.name}"
        commands.mkdir(exist_ok=True)
        real = shutil.which(name, path=self.cluster.environment["PATH"]) or "/bin/true"
        (commands / name).write_text("#!/bin/sh\n" + script.replace("{real}", real))
        (commands / name).chmod(0o755)
        self.changed["PATH"] = f"{commands}:{self.cluster.environment['PATH']}"

    def start(self, *arguments: str, before: tuple[str, ...] = ()) -> subprocess.Popen:
        """Start Snakemake and leave it running; its output goes to `self.output`."""
        with open(self.folder / f"{self.name}.out", "w") as output:
            self.main = subprocess.Popen(
                [*before, *self.command(*arguments)],
                cwd=self.folder,
                env=self.environment,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        return self.main

    @property
    def output(self) -> str:
        return (self.folder / f"{self.name}.out").read_text()

    def wait(self, seconds: float = 240) -> int:
        try:
            return self.main.wait(seconds)
        except subprocess.TimeoutExpired:
            os.killpg(self.main.pid, signal.SIGKILL)
            raise AssertionError(f"still running after {seconds} s:\n{self.output[-3000:]}") from None

    def end(self) -> None:
        """Kill what is still running."""
        if self.main is not None and self.main.poll() is None:
            os.killpg(self.main.pid, signal.SIGKILL)
            self.main.wait()

    def run(self, *arguments: str, seconds: float = 240) -> int:
        self.start(*arguments)
        return self.wait(seconds)

    def colosseum(self, *arguments: str) -> subprocess.CompletedProcess:
        return subprocess.run(
            [sys.executable, "-m", "colosseum", *arguments],
            cwd=self.folder,
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=240,
        )

    @property
    def results(self) -> Path:
        return self.folder / "results" / "hyperopt" / self.name

    def logs(self) -> dict[str, str]:
        """Every log by instance, without the one column that is a time."""
        found = {}
        for path in self.results.glob("*/logs/*/*.csv"):
            header, *rows = path.read_text().splitlines()
            timed = header.split(",").index("steps_per_second")
            lines = [",".join(cell for i, cell in enumerate(row.split(",")) if i != timed) for row in [header, *rows]]
            found[f"{path.parent.name}/{path.name.removesuffix('_logs.csv')}"] = "\n".join(lines)
        return found

    def begun_on(self, node: str) -> set[str]:
        """The instances that were begun on a node."""
        path = self.plan / "executions"
        lines = path.read_text().splitlines() if path.exists() else []
        return {line.split()[0] for line in lines if line.split()[2] == node}

    def executions(self) -> Counter:
        """How often each instance was begun."""
        path = self.plan / "executions"
        return Counter(line.split()[0] for line in path.read_text().splitlines()) if path.exists() else Counter()


@pytest.fixture(scope="session")
def cluster():
    # short: a Unix socket's path has at most 107 characters
    base = Path(tempfile.mkdtemp(prefix="cls-", dir="/tmp"))
    base.chmod(0o755)
    cluster = Cluster(base)
    try:
        cluster.start()
        yield cluster
    finally:
        if cluster.folder.exists():
            cluster.stop()
        if not os.environ.get("COLOSSEUM_TEST_KEEP"):
            shutil.rmtree(base, ignore_errors=True)


@pytest.fixture
def calm(cluster):
    """The cluster, with nothing left of other tests."""
    cluster.clean()
    yield cluster
    cluster.clean()


@pytest.fixture(scope="session")
def reference(cluster):
    """The logs of an undisturbed local run of the study that `Workspace` makes."""
    # else the first test would wait for the compiler
    subprocess.run([sys.executable, "-m", "colosseum.warm.numba_cache"], env=cluster.environment, check=True)
    workspace = Workspace(cluster, cluster.base / "reference")
    workspace.start("--cores", "2", before=(sys.executable, "-m", "colosseum.warm.session"))
    assert workspace.wait() == 0, workspace.output
    logs = workspace.logs()
    assert len(logs) == 12 and set(workspace.executions().values()) == {1}
    return logs


@pytest.fixture
def workspace(calm, reference, request):
    """A fresh workspace that the nodes see."""
    made = Workspace(calm, calm.shared / request.node.name.replace("[", "-").replace("]", ""))
    yield made
    made.end()


@pytest.fixture
def workspace_at(calm, reference):
    """Makes a fresh workspace in a folder of the file system that the nodes see."""
    made = []

    def make(name: str) -> Workspace:
        made.append(Workspace(calm, calm.shared / name))
        return made[-1]

    yield make
    for workspace in made:
        workspace.end()
