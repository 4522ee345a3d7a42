"""
How long the analysis takes to read a benchmark: its logs once, its tables whenever something is made of them.

    python performance/analysis.py [--seeds 50] [--repeat 3]

A made-up benchmark of 20 environments, 4 agents and 50 seeds (4,000 instances of 40 log points). The baseline of
`summarise` and of `python -m colosseum status` is pandas reading every log, in the same process. The aim is a second
for the table of 4,000 instances, and for the status of 10,000 (--seeds 125).
"""

import argparse
import io
import statistics
import sys
import tempfile
import time
from pathlib import Path

import pandas as pd

from colosseum.analysis.results import Results
from colosseum.analysis.status import study_status
from colosseum.analysis.summary import summarise

sys.path.insert(0, str(Path(__file__).parents[1] / "tests" / "analysis"))
from synthetic import write_benchmark  # noqa: E402

AGENTS = ("QLearningContinuous", "UCRL2Continuous", "PSRLContinuous", "RandomAgentContinuous")


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=int, default=50, metavar="N")
    parser.add_argument("--repeat", type=int, default=3, metavar="N")
    args = parser.parse_args()

    def median(action) -> float:
        seconds = []
        for _ in range(args.repeat):
            start = time.perf_counter()
            action()
            seconds.append(time.perf_counter() - start)
        return statistics.median(seconds)

    with tempfile.TemporaryDirectory() as base:
        folder = write_benchmark(Path(base) / "benchmark", AGENTS, n_seeds=args.seeds)
        logs = list(folder.glob("logs/*/*.csv"))
        baseline = median(lambda: [pd.read_csv(log) for log in logs])
        summary = summarise(folder)
        table = Path(base) / "tables"
        table.mkdir()
        (table / "summary.csv").write_text(summary.instances)
        (table / "curves.csv").write_text(summary.curves)
        print(f"{len(logs)} instances; medians of {args.repeat}")
        for name, action in {
            "pandas, every log (baseline)": None,
            "summarise": lambda: summarise(folder),
            "status": lambda: study_status([folder]),
            "pandas, the table of instances": lambda: pd.read_csv(io.StringIO(summary.instances)),
            "pandas, the table of curves": lambda: pd.read_csv(io.StringIO(summary.curves)),
            "both tables with all checks": lambda: Results.load(table),
        }.items():
            seconds = median(action) if action else baseline
            print(f"{name:32} {seconds:8.3f} s  {seconds / baseline:6.3f} of the baseline")


if __name__ == "__main__":
    main()
