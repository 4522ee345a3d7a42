"""Each statement of the page on the analysis about a method is shown by a test, whose name stands beside it."""

import ast
import json
import re
from pathlib import Path
from typing import Any

import pytest
import synthetic

from colosseum.analysis.registry import available_kinds
from colosseum.analysis.summary import summarise
from colosseum.analysis.table_model import Number
from colosseum.analysis.tables import leaderboard

HERE = Path(__file__).parent
PAGE = HERE.parents[1] / "docs" / "analysis.md"


HEADER = "| statement | test |"
STATING = [
    *(
        "For a paper",
        "What is measured",
        "Estimates",
        "Intervals",
        "Comparisons",
        "How many seeds",
        "Where the two regrets disagree",
    ),
    "Unfinished benchmarks",
]
"""Headings of what the page promises of methods: below each is a table of statements."""


def sections() -> dict[str, str]:
    parts = re.split(r"^#+ (.*)$", PAGE.read_text(), flags=re.MULTILINE)
    return dict(zip(parts[1::2], parts[2::2], strict=True))


def test_every_statement_about_a_method_has_a_test() -> None:
    found = sections()
    assert [name for name, text in found.items() if HEADER in text] == STATING
    tests: dict[Path, set[str]] = {}
    for heading in STATING:
        rows = found[heading].partition(HEADER)[2].splitlines()[2:]
        statements = [line for line in rows if line.startswith("|")]
        assert len(statements) >= 3
        for line in statements:
            named = re.search(r"\| `([\w/]+\.py)::(test_\w+)` \|$", line)
            assert named, f"{heading}: no test is named: {line}"
            file = HERE / named[1] if "/" not in named[1] else HERE.parent / named[1]
            if file not in tests:
                tree = ast.parse(file.read_text())
                tests[file] = {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}
            assert named[2] in tests[file], f"{PAGE.name} names {named[1]}::{named[2]}, which is not there"


@pytest.fixture
def study(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The working directory of a finished study of two environments, two agents and two seeds."""
    monkeypatch.chdir(tmp_path)
    logs = synthetic.write_benchmark(
        tmp_path / "results/benchmarking/default/benchmark_continuous_ergodic",
        ("QLearningContinuous", "PSRLContinuous"),
        (1, 0, 0, 0, 1),
        n_seeds=2,
    )
    made, folder = summarise(logs), tmp_path / "results/analysis/default/benchmark_continuous_ergodic"
    folder.mkdir(parents=True)
    (folder / "summary.csv").write_text(made.instances)
    (folder / "curves.csv").write_text(made.curves)
    return tmp_path


def test_the_notebook_runs_and_its_numbers_are_those_of_the_leaderboard(study: Path) -> None:
    notebook = json.loads((PAGE.parent / "results.ipynb").read_text())
    cells = ["".join(cell["source"]) for cell in notebook["cells"] if cell["cell_type"] == "code"]
    assert len(cells) == 5 and not any(cell.get("outputs") for cell in notebook["cells"])
    names: dict[str, Any] = {}
    for cell in cells:
        exec(cell, names)
    results = names["benchmark"]
    board = leaderboard.build(results)
    for row in board.rows:
        label = row.labels[1]
        mean = row.cells[0]
        assert isinstance(mean, Number)
        if label == "Random policy":
            assert names["board"]["random policy"].to_list() == pytest.approx([mean.value] * 2)
        else:
            assert names["board"].loc[(results.name, f"{label}Continuous"), "mean"] == pytest.approx(mean.value)
    assert names["figure"].get_figwidth() == 3.25 and (study / "curves.pdf").stat().st_size > 1000


def test_the_code_of_the_page_runs(study: Path, capsys: pytest.CaptureFixture[str]) -> None:
    blocks = re.findall(r"^```python\n(.*?)^```", PAGE.read_text(), re.DOTALL | re.MULTILINE)
    assert len(blocks) == 5
    names: dict[str, Any] = {}
    for block in blocks:
        exec(block, names)
    out = capsys.readouterr().out
    for text in ("random_normalized_cumulative_learning_regret", "complete    8", "RiverSwim"):
        assert text in out
    assert len(names["done"]) == 8 and set(names["hyperparameters"]) == {"UCB_type", "c_1", "min_at"}
    assert list(names["curves"].columns) == ["PSRLContinuous", "QLearningContinuous"]
    assert (study / "my/normalized_cumulative_regret-for-benchmark_continuous_ergodic.pdf").is_file()


def test_every_caption_exists_and_names_what_bold_means() -> None:
    report = PAGE.parents[1] / "workflow" / "report"
    rules = (PAGE.parents[1] / "workflow" / "rules" / "common.smk").read_text()
    for what in ("table", "plot"):
        listed = re.search(rf"^{what.upper()}S = {{\n(.*?)^}}", rules, re.DOTALL | re.MULTILINE)
        assert listed is not None
        kinds = re.findall(r'^    "(\w+)":', listed.group(1), re.MULTILINE)
        assert kinds and set(kinds) <= set(available_kinds(what))
        for kind in kinds:
            assert (report / f"{what}_{kind}.rst").is_file()
    for kind in ("average", "indicators"):
        assert "at 5 % for" in (report / f"table_{kind}.rst").read_text()
