"""The package alone, without Snakemake or the executor, takes an agent from its sampling to tables and plots."""

import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
REFUSING = """
import sys


class Refuse:
    def find_spec(self, name, path=None, target=None):
        if name.startswith("snakemake"):
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)


sys.meta_path.insert(0, Refuse())
from colosseum.cli import main

for line in sys.stdin.read().splitlines():
    status = main(line.split())
    if status:
        sys.exit(f"{line}: exit status {status}")
"""
AGENT = "QLearningContinuous"
CONFIG = f"my/quick/agents_configs/{AGENT}.gin"
LOGS = f"my/quick/logs/prms_0-RiverSwimContinuous____prms_0-{AGENT}"
ONE = f"my/instances/quick/prms_0-RiverSwimContinuous____prms_0-{AGENT}/seed0.pkl"
COMMANDS = f"""\
sample-agents {AGENT} --n 1 --seed 42 -o {CONFIG}
sample-mdps RiverSwimContinuous --n 1 --seed 42 -o my/quick/mdp_configs/RiverSwimContinuous.gin
benchmark my/quick -o my/quick --n-seeds 2 --n-steps 200 --log-every 100 --max-time 60
instances --benchmark my/quick --agent {AGENT} --agent-config {CONFIG} --agent-scope prms_0 -o my/instances
run {ONE} --log {LOGS}/seed0_logs.csv
run {ONE.replace("seed0", "seed1")} --log {LOGS}/seed1_logs.csv
status my/quick
select --benchmark my/quick --agent {AGENT} --indicator normalized_cumulative_regret --reduce-seeds mean -o my/best.gin
hardness my/quick/mdp_configs/RiverSwimContinuous.gin --seeds 0 -o my/hardness.csv
summarise my/quick -o my/summary.csv --curves my/curves.csv
table my/summary.csv --kind average -o my/average.html my/average.csv
plot my/summary.csv --curves my/curves.csv --kind regret_curves -o my/regret_curves.png
"""


@pytest.mark.slow
def test_by_hand_from_sampling_to_a_plot(tmp_path):
    done = subprocess.run(
        [sys.executable, "-c", REFUSING],
        input=COMMANDS,
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=500,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    assert "RiverSwim" in (tmp_path / "my/average.csv").read_text()
    assert (tmp_path / "my/regret_curves.png").stat().st_size > 1000
    assert "quick" in done.stdout


def test_a_run_that_was_killed_needs_the_executor_and_says_so(tmp_path):
    done = subprocess.run(
        [sys.executable, "-c", REFUSING], input="recover\n", cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert "is not installed" in done.stderr
    assert len(done.stderr.splitlines()) == 2


def test_the_packages_dependencies_are_none_of_snakemake():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert len(project["dependencies"]) > 5
    assert [name for name in project["dependencies"] if "snakemake" in name] == []
