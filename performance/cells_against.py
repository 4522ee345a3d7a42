"""
The cells of `performance/cells.py` in this tree and in another revision of it, in turn, and how their times compare.

Either tree runs them with the hyperparameters that are published in this one.

A cell is run by a process of either tree, one after the other, the other one first every second time: what else the
machine does falls on both. The other revision is checked out into a temporary worktree, where its kernels are compiled
once. Figures are appended to a table after each pair of runs, and a pair that is there is not run again.
"""

import csv
import json
import os
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent
KEYS = ("benchmark", "mdp", "scope", "agent", "steps")
FIGURES = ("seconds", "planning", "policy", "memory_mb", "policy_regret_per_step", "learning_regret_per_step")
COLUMNS = (
    *KEYS,
    "revision",
    "against",
    "repetition",
    *(f"{figure}_{tree}" for tree in ("here", "there") for figure in FIGURES),
    "load",
)


def git(*arguments: str) -> str:
    """Return what git says in this repository."""
    return subprocess.run(["git", "-C", ROOT, *arguments], check=True, capture_output=True, text=True).stdout.strip()


@contextmanager
def checked_out(revision: str) -> Iterator[Path]:
    """A temporary worktree of a revision."""
    with tempfile.TemporaryDirectory(prefix="cells-") as folder:
        tree = Path(folder) / "tree"
        git("worktree", "add", "--detach", str(tree), revision)
        try:
            yield tree
        finally:
            git("worktree", "remove", "--force", str(tree))


def run_cell(tree: Path, cell: tuple[str, ...], steps: int) -> dict[str, object]:
    """
    Run a cell with the package of a tree, in a process of its own.

    Raises
    ------
    RuntimeError
        If it fails, or another package than that of the tree was imported.
    """
    environment = {**os.environ, "OMP_NUM_THREADS": "1", "NUMBA_NUM_THREADS": "1", "PYTHONPATH": str(tree)}
    environment.pop("NUMBA_CACHE_DIR", None)
    command = [sys.executable, str(HERE / "cells.py"), "--one", json.dumps([*cell, steps, True])]
    done = subprocess.run(command, env=environment, capture_output=True, text=True)
    if done.returncode:
        raise RuntimeError(f"{' '.join(cell)} in {tree}:\n{done.stderr}")
    figures: dict[str, object] = json.loads(done.stdout.splitlines()[-1])
    if Path(str(figures["package"])) != tree / "colosseum":
        raise RuntimeError(f"{figures['package']} was imported in place of {tree / 'colosseum'}")
    return figures


def compare(
    cells: list[tuple[str, ...]],
    steps: int,
    revision: str,
    repetitions: int,
    results: Path,
    run: Callable[[Path, tuple[str, ...], int], dict[str, object]] = run_cell,
) -> None:
    """
    Run what is missing, and print the comparison.

    Parameters
    ----------
    cells : list of (benchmark, environment class, scope, agent)
    steps : int
        Of each cell.
    revision : str
        Anything that git takes for one.
    repetitions : int
        How often either tree runs each cell.
    results : Path
        The table. Runs of other trees than these two are left in it.
    run : callable (tree, cell, steps) -> dict of str to object
    """
    against = git("rev-parse", "--short=12", revision)
    here = git("rev-parse", "--short=12", "HEAD") + ("+" if git("status", "--porcelain", "--", "colosseum") else "")
    rows = [row for row in read(results) if (row["revision"], row["against"]) == (here, against)]
    known = {(*(row[key] for key in KEYS), row["repetition"]) for row in rows}
    missing = [
        (*cell, str(steps), str(i))
        for i in range(repetitions)
        for cell in cells
        if (*cell, str(steps), str(i)) not in known
    ]
    if missing:
        with checked_out(against) as tree:
            for key in missing:
                cell, repetition = key[:4], int(key[5])
                order = (ROOT, tree) if repetition % 2 == 0 else (tree, ROOT)
                figures = {folder: run(folder, cell, steps) for folder in order}
                row = dict(zip(KEYS, key[:5], strict=True)) | {
                    "revision": here,
                    "against": against,
                    "repetition": str(repetition),
                    "load": f"{os.getloadavg()[0]:.1f}",
                }
                for name, folder in (("here", ROOT), ("there", tree)):
                    row |= {f"{figure}_{name}": str(figures[folder][figure]) for figure in FIGURES}
                append(results, row)
                rows.append(row)
                ratio = float(row["seconds_there"]) / max(float(row["seconds_here"]), 0.01)
                print(f"{' '.join(cell[1:])}: {ratio:.2f} times as fast", file=sys.stderr, flush=True)
    wanted = {(*cell, str(steps)) for cell in cells}
    print_comparison([row for row in rows if tuple(row[key] for key in KEYS) in wanted])


def read(path: Path) -> list[dict[str, str]]:
    """Return the rows of a table that may not exist yet."""
    if not path.exists():
        return []
    with path.open(newline="") as file:
        return list(csv.DictReader(file))


def append(path: Path, row: dict[str, str]) -> None:
    """Append a row to a table."""
    new = not path.exists()
    with path.open("a", newline="") as file:
        writer = csv.DictWriter(file, COLUMNS, lineterminator="\n")
        if new:
            writer.writeheader()
        writer.writerow(row)


def print_comparison(rows: list[dict[str, str]]) -> None:
    """Print a line for each cell, medians over its repetitions, and one for each agent."""
    of_cell: dict[tuple[str, ...], list[dict[str, str]]] = {}
    for row in rows:
        of_cell.setdefault((row["agent"], row["benchmark"], row["mdp"], row["scope"]), []).append(row)
    print(
        f"{'environment':32s}{'agent':18s}{'before':>9s}{'now':>9s}{'ratio':>8s}{'planning':>18s}{'policy':>16s}{'MB':>10s}"
        f"{'load':>6s}"
    )
    medians = {}
    for cell, repeated in of_cell.items():
        middle = {
            name: statistics.median(float(row[name]) for row in repeated)
            for name in COLUMNS
            if name.endswith(("_here", "_there")) or name == "load"
        }
        medians[cell] = middle
        ratio = middle["seconds_there"] / max(middle["seconds_here"], 0.01)
        before, now = middle["seconds_there"], middle["seconds_here"]
        print(
            f"{f'{cell[2]} {cell[3]}':32s}{cell[0]:18s}{before:9.2f}{now:9.2f}{ratio:8.2f}"
            f"{middle['planning_there']:9.2f}{middle['planning_here']:9.2f}"
            f"{middle['policy_there']:8.2f}{middle['policy_here']:8.2f}"
            f"{middle['memory_mb_there']:5.0f}{middle['memory_mb_here']:5.0f}{middle['load']:6.1f}"
        )
    for agent in dict.fromkeys(cell[0] for cell in medians):
        mine = [middle for cell, middle in medians.items() if cell[0] == agent]
        before, now = (sum(middle[f"seconds_{tree}"] for middle in mine) for tree in ("there", "here"))
        ratios = sorted(middle["seconds_there"] / max(middle["seconds_here"], 0.01) for middle in mine)
        print(
            f"{agent}: {len(mine)} cells, {before:.1f} s before, {now:.1f} s now: "
            f"{before / max(now, 0.01):.2f} times as fast; "
            f"a cell {ratios[0]:.2f} to {ratios[-1]:.2f}, median {statistics.median(ratios):.2f}; "
            f"slowest now {max(middle['seconds_here'] for middle in mine):.1f} s; "
            f"at most {max(middle['memory_mb_here'] for middle in mine):.0f} MB"
        )
