"""`performance/cells.py --against`: pairs of runs in turn, kept in a table, and how they compare."""

import csv
import importlib.util
from contextlib import contextmanager
from pathlib import Path

import pytest

FOLDER = Path(__file__).resolve().parents[1] / "performance"
CELLS = [("CONTINUOUS_ERGODIC", "RiverSwimContinuous", f"prms_{i}", agent) for agent in ("A", "B") for i in range(2)]


@pytest.fixture
def against(monkeypatch, tmp_path):
    spec = importlib.util.spec_from_file_location("cells_against", FOLDER / "cells_against.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)

    @contextmanager
    def checked_out(revision):
        yield tmp_path / revision

    answers = {"rev-parse": lambda *a: {"HEAD": "newer", "v1": "older"}[a[-1]], "status": lambda *a: ""}
    monkeypatch.setattr(module, "checked_out", checked_out)
    monkeypatch.setattr(module, "git", lambda *a: answers[a[0]](*a))
    return module


def fake_run(module, calls, seconds):
    def run(tree, cell, steps):
        calls.append(("now" if tree == module.ROOT else tree.name, cell, steps))
        figures = dict.fromkeys(module.FIGURES, 0.0)
        return figures | {"seconds": seconds["now" if tree == module.ROOT else "before"], "memory_mb": 150}

    return run


def test_both_trees_run_each_cell_in_turn(against, tmp_path, capsys):
    calls, results = [], tmp_path / "table.csv"
    against.compare(CELLS, 1000, "v1", 2, results, fake_run(against, calls, {"before": 3.0, "now": 1.5}))
    assert len(calls) == 2 * 2 * len(CELLS)
    assert [tree for tree, *_ in calls] == ["now", "older"] * 4 + ["older", "now"] * 4
    assert {cell for _, cell, _ in calls} == set(CELLS) and {steps for *_, steps in calls} == {1000}
    out = capsys.readouterr().out
    assert out.count("2.00") >= len(CELLS)
    assert "A: 2 cells, 6.0 s before, 3.0 s now: 2.00 times as fast; a cell 2.00 to 2.00, median 2.00" in out
    with results.open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 8 and {(row["revision"], row["against"]) for row in rows} == {("newer", "older")}


def test_what_is_there_is_not_run_again(against, tmp_path, capsys):
    calls, results = [], tmp_path / "table.csv"
    run = fake_run(against, calls, {"before": 3.0, "now": 1.0})
    against.compare(CELLS[:1], 1000, "v1", 1, results, run)
    against.compare(CELLS[:2], 1000, "v1", 1, results, run)
    assert len(calls) == 4
    against.compare(CELLS[:2], 1000, "v1", 1, results, run)
    assert len(calls) == 4
    assert "A: 2 cells, 6.0 s before, 2.0 s now: 3.00 times as fast" in capsys.readouterr().out
    # other numbers of steps are other cells
    against.compare(CELLS[:1], 2000, "v1", 1, results, run)
    assert len(calls) == 6


def test_medians_over_the_repetitions(against, tmp_path, capsys):
    seconds = iter([1.0, 2.0, 8.0, 2.0, 1.0, 2.0])  # now, before; before, now; now, before

    def run(tree, cell, steps):
        return dict.fromkeys(against.FIGURES, 0.0) | {"seconds": next(seconds)}

    against.compare(CELLS[:1], 10, "v1", 3, tmp_path / "table.csv", run)
    assert "A: 1 cells, 2.0 s before, 1.0 s now: 2.00 times as fast" in capsys.readouterr().out


def test_a_package_of_another_tree_is_an_error(against, tmp_path, monkeypatch):
    """Nothing is compared when the interpreter finds the same package for both trees."""
    program = tmp_path / "cells.py"
    program.write_text("import json\nprint(json.dumps({'package': '/somewhere/colosseum'}))\n")
    monkeypatch.setattr(against, "HERE", tmp_path)
    with pytest.raises(RuntimeError, match="/somewhere/colosseum was imported in place of"):
        against.run_cell(tmp_path, CELLS[0], 10)
    program.write_text("import sys\nsys.exit('no such agent')\n")
    with pytest.raises(RuntimeError, match="no such agent"):
        against.run_cell(tmp_path, CELLS[0], 10)
