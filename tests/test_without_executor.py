"""The package without the distribution in executor/: what needs it says so in one line, and the rest works."""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
WITHOUT = """
import sys
for name in ("snakemake", "psutil", "snakemake_executor_plugin_slurm_packed"):
    sys.modules[name] = None  # makes its import fail
from colosseum.cli import main
sys.exit(main(sys.argv[1:]))
"""


def colosseum(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-c", WITHOUT, *arguments]
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, timeout=120)


def test_recover_says_what_is_missing(tmp_path: Path) -> None:
    done = colosseum(tmp_path, "recover")
    assert done.returncode == 2 and done.stdout == ""
    assert done.stderr.startswith("colosseum recover: error: snakemake_executor_plugin_slurm_packed is not installed")
    assert done.stderr.count("\n") == 1


def test_status_knows_of_no_running_job(tmp_path: Path) -> None:
    made = colosseum(tmp_path, "benchmark", "continuous_quick_test", "-o", "quick")
    assert made.returncode == 0, made.stderr
    agent = "quick/agents_configs/QLearningContinuous.gin"
    sampled = colosseum(tmp_path, "sample-agents", "QLearningContinuous", "--n", "1", "-o", agent)
    assert sampled.returncode == 0, sampled.stderr
    done = colosseum(tmp_path, "status", "quick")
    assert done.returncode == 0, done.stderr
    assert "Missing" in done.stdout
