"""
How long a process for one instance takes, from nothing to its log, and how much memory.

    PYTHONPATH=. python performance/startup.py [--repeat 5] [--imports]

30,000 steps of QLearningContinuous on RiverSwimContinuous(size=15, p_rand=0.1), log every 500, by
``python -m colosseum run``. The first process fills numba's cache and does not count. The aim is 1.5 seconds in all and
300 MB.
"""

import argparse
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import colosseum
from colosseum.agent.agents.infinite_horizon import QLearningContinuous
from colosseum.agent.hyperparameters import get_default_gin_config
from colosseum.experiment import ExperimentConfig
from colosseum.experiment.experiment_instance import ExperimentInstance
from colosseum.mdp.river_swim import RiverSwimContinuous

LIMIT_S, LIMIT_MB = 1.5, 300


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--repeat", type=int, default=5, metavar="N")
    parser.add_argument("--imports", action="store_true", help="print the dearest imports, too")
    args = parser.parse_args()
    instance = ExperimentInstance(
        seed=0,
        benchmark_name="performance",
        mdp_class=RiverSwimContinuous,
        mdp_scope="prms_0",
        mdps_gin_config="prms_0/RiverSwimContinuous.size = 15\nprms_0/RiverSwimContinuous.p_rand = 0.1\n",
        agent_class=QLearningContinuous,
        agent_scope="prms_0",
        agents_gin_config=get_default_gin_config(QLearningContinuous),
        experiment_config=ExperimentConfig(1, 30_000, 600, 500),
        result_folder="results",
    )
    package = str(Path(colosseum.__file__).resolve().parents[1])
    environment = os.environ | {"PYTHONPATH": os.pathsep.join([package, os.environ.get("PYTHONPATH", "")])}
    with tempfile.TemporaryDirectory() as folder:
        instance.save(Path(folder) / "instance.pkl")
        command = ["-m", "colosseum", "run", "instance.pkl", "--log", "log.csv"]

        def run(*options: str) -> tuple[float, float, str]:
            before = resource.getrusage(resource.RUSAGE_CHILDREN)
            start = time.perf_counter()
            done = subprocess.run(
                [sys.executable, *options, *command],
                cwd=folder,
                env=environment,
                check=True,
                stderr=subprocess.PIPE,
                text=True,
            )
            seconds = time.perf_counter() - start
            after = resource.getrusage(resource.RUSAGE_CHILDREN)
            cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
            return seconds, cpu, done.stderr

        run()
        walls, cpus, _ = zip(*(run() for _ in range(args.repeat)), strict=True)
        peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
        print(
            f"from start to log   median {statistics.median(walls):.2f} s, least {min(walls):.2f} s (aim {LIMIT_S} s)"
        )
        print(f"processor time      median {statistics.median(cpus):.2f} s")
        print(f"peak memory         {peak:.0f} MB (aim {LIMIT_MB} MB), that of compiling kernels included if any were")
        if args.imports:
            print_imports(run("-X", "importtime")[2])


def print_imports(text: str) -> None:
    """Print the packages that took longest to import, what they import themselves included."""
    found = []
    for line in text.splitlines():
        fields = line.removeprefix("import time:").split("|")
        if len(fields) == 3 and fields[1].strip().isdigit():
            found.append((int(fields[1]), fields[2].strip()))
    print("\nimports, cumulative:")
    for microseconds, name in sorted(found, reverse=True)[:15]:
        print(f"{microseconds / 1e6:8.3f} s  {name}")


if __name__ == "__main__":
    main()
