"""The commands of the pages on the analysis are typed, on a benchmark that was written for it."""

import os
import shlex
from pathlib import Path

import pytest
import synthetic
import yaml
from pages import ROOT, blocks_of
from programs import said_by

from colosseum.analysis.summary import summarise
from colosseum.cli import main

pytestmark = pytest.mark.slow

STUDY = {"study": "mine", "agents": ["QLearningContinuous"], "hyperopt": None, "benchmarks": ["continuous_quick_test"]}


@pytest.mark.parametrize("page", ["docs/analysis.md", "docs/page.md", "docs/two_regrets.md"])
def test_commands_of_a_page_run(page: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Those of Snakemake are planned: tests/workflow runs it."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    Path("config.yaml").write_text(yaml.safe_dump(STUDY))
    Path("studies").symlink_to(ROOT / "studies")
    folder = synthetic.write_benchmark(
        tmp_path / "benchmark_continuous_ergodic", ("QLearningContinuous", "PSRLContinuous"), (1, 0, 0, 0, 1), n_seeds=3
    )
    analyses = ("two_regrets/benchmark_a", "two_regrets/benchmark_b", "tiny/benchmark_a")
    for name in (*(f"results/analysis/{one}" for one in analyses), "before/tiny/benchmark_a"):
        summary = tmp_path / name / "summary.csv"
        summary.parent.mkdir(parents=True)
        summary.write_text(summarise(folder).instances.replace("benchmark_continuous_ergodic", summary.parent.name))
    lines = [line for block in blocks_of(page) if block.language == "sh" for line in block.text.splitlines()]
    commands = [words for line in lines if (words := shlex.split(line, comments=True))]
    assert commands
    for words in commands:
        found = [sorted(map(str, Path().glob(word))) if "*" in word else [word] for word in words]
        words = [str(folder) if word == "FOLDER" else word for several in found for word in several]
        if "allow_incomplete=True" in words:  # of a study that has begun
            assert "allow_incomplete=True" in (ROOT / "tests/workflow/test_increments.py").read_text()
        elif words[0] == "snakemake":
            plan = ["-s", str(ROOT / "Snakefile"), *words[1:], "-n", "--quiet", "all"]
            said_by("snakemake", *plan, folder=tmp_path, environment=os.environ)
        else:
            assert words[:3] == ["python", "-m", "colosseum"]
            assert main(words[3:]) == 0, words
