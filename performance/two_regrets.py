"""
Draw policy regret against learning regret: a point for each cell of a table that ``performance/cells.py`` measured.

Usage: ``python performance/two_regrets.py [CELLS.csv] [-o PICTURE.png]``. The defaults are the table
performance/two_regrets.csv, which came from ``python performance/cells.py --agents QLearningContinuous UCRL2Continuous
--benchmarks CONTINUOUS_ERGODIC CONTINUOUS_COMMUNICATING --steps 50000 --results performance/two_regrets.csv``, and the
picture of docs/two_regrets.md.
"""

import argparse
import csv
from pathlib import Path

import matplotlib

matplotlib.use("Agg")
from matplotlib.figure import Figure

HERE = Path(__file__).resolve().parent
STYLES = {
    "QLearningContinuous": ("o", "#0072b2"),
    "UCRL2Continuous": ("^", "#d55e00"),
    "PSRLContinuous": ("s", "#009e73"),
}


def draw(cells: list[dict[str, str]]) -> Figure:
    """Return the figure: policy regret on the x axis, learning regret on the y axis, RiverSwim filled."""
    figure = Figure(figsize=(5.2, 5.6), layout="constrained")
    axis = figure.subplots()
    axis.axline((0, 0), slope=1, color="0.7", linewidth=1, zorder=0)
    for agent, (marker, colour) in STYLES.items():
        for river in (False, True):
            of_agent = [c for c in cells if c["agent"] == agent and c["mdp"].startswith("RiverSwim") == river]
            axis.scatter(
                [float(c["policy_regret_per_step"]) for c in of_agent],
                [float(c["learning_regret_per_step"]) for c in of_agent],
                s=32,
                marker=marker,
                facecolor=colour if river else "none",
                edgecolor=colour,
                label=f"{agent}{', RiverSwim' if river else ''}" if of_agent else None,
            )
    axis.set_xlabel("policy regret a step, of what is recommended (worst policy: 1)")
    axis.set_ylabel("learning regret a step, of what is done (worst policy: 1)")
    axis.set_aspect("equal")
    figure.legend(fontsize="small", loc="outside lower center", ncols=2)
    return figure


def main() -> None:
    """Read the table and write the picture."""
    parser = argparse.ArgumentParser(description=__doc__.strip().splitlines()[0])
    parser.add_argument("cells", nargs="?", type=Path, default=HERE / "two_regrets.csv")
    parser.add_argument("-o", "--output", type=Path, default=HERE.parent / "docs" / "pictures" / "two_regrets.png")
    args = parser.parse_args()
    with args.cells.open(newline="") as file:
        cells = [row for row in csv.DictReader(file) if row["agent"] in STYLES]
    # no version of the program that wrote it: the same table gives the same bytes
    draw(cells).savefig(args.output, dpi=120, metadata={"Software": None})
    print(f"{args.output}: {len(cells)} cells")


if __name__ == "__main__":
    main()
