"""A user's folder, and running the workflow in it."""

import os
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import yaml
from programs import said_by

from colosseum import config

ROOT = Path(config.__file__).parents[1]

RIVER_SWIM = """\
prms_0/RiverSwimContinuous.size = 4
prms_1/RiverSwimContinuous.size = 6
"""

OWN_AGENTS = (ROOT / "tests" / "user_agents.py").read_text()

TINY = {
    "study": "tiny",
    "agents": ["QLearningContinuous"],
    "hyperopt": {
        "n_steps": 400,
        "n_samples_agents": 2,
        "n_samples_mdps": 1,
        "n_seeds": 1,
        "log_every": 100,
        "max_interaction_time_s": 30,
        "mdp_classes": ["RiverSwimContinuous"],
    },
    "benchmarks": ["my_rivers"],
    "experiment": {"n_seeds": 1, "n_steps": 400, "log_every": 100, "max_interaction_time_s": 30},
}
"""2 instances of the hyperparameter optimisation, 2 of the benchmark."""


class Project:
    """A user's folder: a configuration, a benchmark, user-defined agents, results."""

    def __init__(self, folder: Path):
        self.folder = folder
        self.environment = {
            **os.environ,
            "PYTHONPATH": str(ROOT),
            "XDG_CACHE_HOME": str(folder / "cache"),
            "OMP_NUM_THREADS": "1",
        }

    def write(self, study: dict[str, Any]) -> None:
        (self.folder / "config.yaml").write_text(yaml.safe_dump(study))

    def command(self, *options: str) -> list[str]:
        return [sys.executable, "-m", "snakemake", "-s", str(ROOT / "Snakefile"), "--cores", "2", *options]

    def start(self, *options: str, before: tuple[str, ...] = ()) -> subprocess.Popen[bytes]:
        """Start Snakemake in a process group of its own."""
        return subprocess.Popen(
            [*before, *self.command(*options)],
            cwd=self.folder,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            process_group=0,
        )

    def run(self, *options: str, status: int = 0) -> str:
        """Run Snakemake, check its exit status, return what it says."""
        _, _, *words = self.command(*options)
        return said_by(*words, folder=self.folder, environment=self.environment, status=status)

    def colosseum(self, *arguments: str) -> str:
        command = [sys.executable, "-m", "colosseum", *arguments]
        done = subprocess.run(
            command, cwd=self.folder, env=self.environment, capture_output=True, text=True, timeout=100, check=False
        )
        assert done.returncode == 0, done.stderr
        return done.stdout + done.stderr

    def logs(self) -> dict[str, int]:
        """The logs that are there, by name, and the number of the file: a log that is made anew gets another one."""
        found = sorted(self.folder.glob("results/*/*/*/logs/*/*.csv"))
        results = self.folder / "results"
        # <stage>/<study>/<benchmark>/logs/<interaction>/<log>
        names = [path.relative_to(results).parts for path in found]
        return {f"{name[0]}/{name[4]}/{name[5]}": path.stat().st_ino for name, path in zip(names, found, strict=True)}

    def executed(self, *options: str, status: int = 0) -> list[str]:
        """Run the workflow up to the logs; return the instances whose log was made, by the name of the log."""
        # a file number could be given to another file once its own is gone: the copy holds on to it
        kept = self.folder / "kept"
        shutil.rmtree(kept, ignore_errors=True)
        kept.mkdir()
        for i, path in enumerate(self.folder.glob("results/*/*/*/logs/*/*.csv")):
            os.link(path, kept / str(i))
        before = self.logs()
        self.run("logs", *options, status=status)
        return [name for name, number in self.logs().items() if before.get(name) != number]


def end_of_group(process: subprocess.Popen) -> None:
    """Wait for what `Project.start` started, and for all that it has started: what runs goes on to its end."""
    process.wait()
    while subprocess.run(["pgrep", "-g", str(process.pid)], stdout=subprocess.DEVNULL, check=False).returncode == 0:
        time.sleep(0.1)


def jobs(text: str) -> dict[str, int]:
    """Read the table of jobs of a dry run."""
    rows = re.search(r"Job stats:\njob +count\n[- ]+\n(.*?)\ntotal ", text, re.DOTALL)
    return {name: int(count) for name, count in (row.rsplit(None, 1) for row in rows[1].splitlines())} if rows else {}


def make_project(folder: Path) -> Project:
    (folder / "my_rivers" / "mdp_configs").mkdir(parents=True)
    (folder / "my_rivers" / "mdp_configs" / "RiverSwimContinuous.gin").write_text(RIVER_SWIM)
    (folder / "my_lab").mkdir()
    (folder / "my_lab" / "agents.py").write_text(OWN_AGENTS)
    made = Project(folder)
    made.write(TINY)
    return made
