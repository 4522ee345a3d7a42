"""
Every tabular agent on every environment of the default benchmark: seconds, steps a second, memory, regret.

Usage: ``python performance/cells.py [--agents A ...] [--benchmarks B ...] [--match TEXT] [--published] [--table]``.
Each of the 200 cells is a process of its own: 500,000 steps with a log point every 100, seed 0 and the packaged
hyperparameters (or the published ones), as the benchmark runs it but without its limit of time. What was measured is
in ``performance/cells.csv`` (``cells_published.csv``) and is not measured again: so it can be interrupted, and run for
some cells at a time. ``--table`` only prints.

``--against REVISION`` runs each cell with the published hyperparameters, which are the same everywhere, in this tree
and in that revision of it, ``--repetitions`` times in turn, and prints both times, their ratio and the peak memory
(``performance/cells_against.py``).

Seconds are those of the processor: on a machine that does other things too, about what the cell takes on an idle core.
"""

import argparse
import csv
import json
import math
import os
import resource
import subprocess
import sys
import time
from pathlib import Path

from cells_against import compare

HERE = Path(__file__).resolve().parent
AGENTS = ("QLearningEpisodic", "PSRLEpisodic", "QLearningContinuous", "UCRL2Continuous", "PSRLContinuous")
BENCHMARKS = ("CONTINUOUS_ERGODIC", "CONTINUOUS_COMMUNICATING", "EPISODIC_ERGODIC", "EPISODIC_COMMUNICATING")
KEYS = ("benchmark", "mdp", "scope", "agent", "steps")
FIGURES = (
    *("n_states", "n_actions", "horizon", "seconds", "wall_seconds", "acting", "planning", "policy", "evaluating"),
    *("n_plans", "memory_mb", "policy_regret_per_step", "learning_regret_per_step", "reward_per_step"),
)
LIMIT = 600
PUBLISHED = HERE.parent / "colosseum/agent/hyperparameters/published"  # of this tree, whatever package is imported


def measure(benchmark: str, mdp: str, scope: str, agent: str, steps: int, published: bool) -> dict[str, object]:
    """Run one cell in this process."""
    import gin

    import colosseum
    from colosseum import registry
    from colosseum.agent.hyperparameters import get_default_gin_config
    from colosseum.benchmark import ColosseumDefaultBenchmark
    from colosseum.experiment.agent_mdp_interaction import MDPLoop
    from colosseum.utils import make_mdp_spec

    mdp_class, agent_class = registry.resolve_mdp_class(mdp), registry.resolve_agent_class(agent)
    gin.parse_config(ColosseumDefaultBenchmark[benchmark].get_benchmark().mdps_gin_configs[mdp_class])
    gin.parse_config((PUBLISHED / f"{agent}.gin").read_text() if published else get_default_gin_config(agent_class))

    def run(n: int) -> tuple[MDPLoop, dict, float, float]:
        with gin.config_scope(scope):
            environment = mdp_class(seed=0)
        with gin.config_scope("prms_0"):
            learner = agent_class(0, make_mdp_spec(environment), steps)
        loop = MDPLoop(environment, learner)
        cpu, wall = time.process_time(), time.perf_counter()
        loop.run(n, 100)
        return loop, loop.logger.data[-1], time.process_time() - cpu, time.perf_counter() - wall

    run(200)  # loads or compiles what there is to compile
    loop, last, cpu, wall = run(steps)
    learner, environment = loop._agent, loop._mdp
    to_cpu = cpu / wall
    planning = getattr(learner, "planning_seconds", 0.0)
    return {
        "package": str(Path(colosseum.__file__).parent),
        "n_states": environment.n_states,
        "n_actions": environment.n_actions,
        "horizon": environment.H or "",
        "seconds": round(cpu, 2),
        "wall_seconds": round(wall, 2),
        "acting": round((loop.seconds["acting"] - planning) * to_cpu, 2),
        "planning": round(planning * to_cpu, 2),
        "policy": round(loop.seconds["policy"] * to_cpu, 2),
        "evaluating": round(loop.seconds["evaluation"] * to_cpu, 2),
        "n_plans": getattr(learner, "n_plans", 0),
        "memory_mb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024),
        "policy_regret_per_step": f"{last['normalized_cumulative_regret'] / steps:.4f}",
        "learning_regret_per_step": f"{last.get('normalized_cumulative_learning_regret', math.nan) / steps:.4f}",
        "reward_per_step": f"{last['normalized_cumulative_reward'] / steps:.4f}",
    }


def all_cells() -> list[tuple[str, str, str, str]]:
    """Benchmark, environment class, scope and agent of all 200 cells."""
    from colosseum.benchmark import ColosseumDefaultBenchmark

    cells = []
    for benchmark in BENCHMARKS:
        for cls, text in ColosseumDefaultBenchmark[benchmark].get_benchmark().mdps_gin_configs.items():
            scopes = sorted({line.partition("/")[0].strip() for line in text.splitlines() if "/" in line}, key=_number)
            for agent in AGENTS:
                if agent.endswith("Episodic") == benchmark.startswith("EPISODIC"):
                    cells += [(benchmark, cls.__name__, scope, agent) for scope in scopes]
    return cells


def _number(scope: str) -> int:
    return int(scope.removeprefix("prms_"))


def read(path: Path) -> dict[tuple[str, ...], dict[str, str]]:
    """The results so far."""
    if not path.exists():
        return {}
    with path.open(newline="") as file:
        return {tuple(row[key] for key in KEYS): row for row in csv.DictReader(file)}


def add(path: Path, row: dict[str, object]) -> None:
    """Append one result."""
    new = not path.exists()
    with path.open("a", newline="") as file:
        writer = csv.DictWriter(file, (*KEYS, *FIGURES), lineterminator="\n", extrasaction="ignore")
        if new:
            writer.writeheader()
        writer.writerow(row)


def print_table(rows: list[dict[str, str]]) -> None:
    """Print the results, a line each, and what they amount to."""
    header = f"{'environment':32s}{'agent':21s}{'S':>5s}{'A':>3s}{'H':>4s}{'seconds':>9s}{'steps/s':>10s}"
    print(
        header
        + f"{'act':>7s}{'plan':>8s}{'policy':>8s}{'eval':>7s}{'plans':>7s}{'MB':>5s}"
        + f"{'policy regret':>15s}{'learning':>10s}"
    )
    for row in rows:
        speed = int(row["steps"]) / max(float(row["seconds"]), 0.01)
        name = f"{row['mdp']} {row['scope']}"
        print(
            f"{name:32s}{row['agent']:21s}{row['n_states']:>5s}{row['n_actions']:>3s}{row['horizon']:>4s}"
            f"{float(row['seconds']):9.1f}{speed:10,.0f}{float(row['acting']):7.1f}{float(row['planning']):8.1f}"
            f"{float(row['policy']):8.1f}{float(row['evaluating']):7.1f}{row['n_plans']:>7s}{row['memory_mb']:>5s}"
            f"{float(row.get('policy_regret_per_step') or row['regret_per_step']):15.3f}"
            f"{float(row.get('learning_regret_per_step') or 'nan'):10.3f}"  # older tables lack it
        )
    for agent in AGENTS:
        of_agent = [row for row in rows if row["agent"] == agent]
        if of_agent:
            seconds = sorted(float(row["seconds"]) for row in of_agent)
            memory = max(int(row["memory_mb"]) for row in of_agent)
            print(
                f"{agent}: {len(of_agent)} cells, {sum(seconds):.0f} s in all, "
                f"median {seconds[len(seconds) // 2]:.1f}, worst {seconds[-1]:.1f}; "
                f"{sum(s < 60 for s in seconds)} under 60 s, "
                f"{sum(s < LIMIT for s in seconds)} under {LIMIT} s; at most {memory} MB"
            )


def main() -> None:
    """Measure what is missing, and print the table."""
    parser = argparse.ArgumentParser(description=__doc__.strip().splitlines()[0])
    parser.add_argument("--agents", nargs="+", default=AGENTS, choices=AGENTS)
    parser.add_argument("--benchmarks", nargs="+", default=BENCHMARKS, choices=BENCHMARKS)
    parser.add_argument("--match", default="", help="only environments with this in '<class> <scope>'")
    parser.add_argument("--steps", type=int, default=500_000)
    parser.add_argument("--results", type=Path, help="by default performance/cells.csv, or another of that folder")
    parser.add_argument("--published", action="store_true", help="with the published hyperparameters")
    parser.add_argument("--against", metavar="REVISION", help="compare with another revision")
    parser.add_argument("--repetitions", type=int, default=1, help="of each cell, with --against")
    parser.add_argument("--table", action="store_true", help="measure nothing")
    parser.add_argument("--one", help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.one:
        print(json.dumps(measure(*json.loads(args.one))))
        return

    cells = [
        (benchmark, mdp, scope, agent)
        for benchmark, mdp, scope, agent in all_cells()
        if benchmark in args.benchmarks and agent in args.agents and args.match in f"{mdp} {scope}"
    ]
    if args.against:
        compare(cells, args.steps, args.against, args.repetitions, args.results or HERE / "cells_against.csv")
        return
    args.results = args.results or HERE / ("cells_published.csv" if args.published else "cells.csv")
    rows = []
    for benchmark, mdp, scope, agent in cells:
        key = (benchmark, mdp, scope, agent, str(args.steps))
        results = read(args.results)
        if key not in results and not args.table:
            cell = json.dumps([benchmark, mdp, scope, agent, args.steps, args.published])
            environment = {**os.environ, "OMP_NUM_THREADS": "1"}
            command = [sys.executable, __file__, "--one", cell]
            done = subprocess.run(command, env=environment, capture_output=True, text=True)
            if done.returncode:
                print(f"{mdp} {scope} {agent} failed:\n{done.stderr}", file=sys.stderr)
                continue
            row = dict(zip(KEYS, key, strict=True)) | json.loads(done.stdout.splitlines()[-1])
            add(args.results, row)
            results = read(args.results)
            print(f"{mdp} {scope} {agent}: {row['seconds']} s", file=sys.stderr, flush=True)
        if key in results:
            rows.append(results[key])
    print_table(rows)


if __name__ == "__main__":
    main()
