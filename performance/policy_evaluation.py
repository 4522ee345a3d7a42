"""
How long exact policy evaluations and baselines take on the environments of the default benchmark.

    PYTHONPATH=. python performance/policy_evaluation.py [--only TEXT] [--repeat 20]

For each environment (seed 0) one line: states; milliseconds of building, of the three baselines, of the evaluation of a
random, of a uniformly random deterministic and of an epsilon-optimal policy. Medians; what numba compiles or loads is
done before. The aims: at most 1 ms an evaluation, 2.5 ms where a policy reaches all of 576 to 784 states, and 200 ms
for the baselines of 948 states.
"""

import argparse
import statistics
import time
from collections.abc import Callable

import gin
import numpy as np

from colosseum.benchmark import ColosseumDefaultBenchmark
from colosseum.dynamic_programming import AveragePolicyEvaluator, EpisodicPolicyEvaluator
from colosseum.mdp.base import BaseMDP

SETTINGS = ("CONTINUOUS_ERGODIC", "CONTINUOUS_COMMUNICATING", "EPISODIC_ERGODIC", "EPISODIC_COMMUNICATING")


def default_mdps(only: str) -> list[tuple[str, str, Callable[[], BaseMDP]]]:
    """Return (setting, name, constructor) of the default environments whose name holds a text."""
    found = []
    for setting in SETTINGS:
        for cls, text in ColosseumDefaultBenchmark[setting].get_benchmark().mdps_gin_configs.items():
            for scope in sorted({line.split("/")[0] for line in text.splitlines() if "/" in line}):
                name = f"{cls.__name__} {scope}"
                if only.lower() in f"{setting} {name}".lower():
                    found.append((setting, name, lambda cls=cls, text=text, scope=scope: construct(cls, text, scope)))
    return found


def construct(cls: type[BaseMDP], text: str, scope: str) -> BaseMDP:
    """Make the environment of a gin scope, seed 0."""
    gin.clear_config()
    gin.parse_config(text)
    with gin.config_scope(scope):
        return cls(0)


def milliseconds(call: Callable[[int], object], repeat: int) -> float:
    """Return the median time of ``call(i)``."""
    times = []
    for i in range(repeat):
        start = time.perf_counter()
        call(i)
        times.append(time.perf_counter() - start)
    return 1e3 * statistics.median(times)


def baselines(mdp: BaseMDP) -> tuple[float, float, float]:
    """Return the three average rewards."""
    return mdp.optimal_average_reward, mdp.worst_average_reward, mdp.random_average_reward


def measure(make: Callable[[], BaseMDP], repeat: int) -> tuple[int, list[float]]:
    """Return the number of states and the figures of one line."""
    built = time.perf_counter()
    mdp = make()
    _ = mdp.model.R
    built = time.perf_counter() - built
    once = milliseconds(lambda i: baselines(mdp), 1)
    S, A = mdp.R.shape
    rng = np.random.default_rng(0)
    if mdp.is_episodic():
        evaluator = EpisodicPolicyEvaluator(mdp.model.arrays, mdp.H)
        evaluate, shape = evaluator.value, (mdp.H, S)
    else:
        evaluator = AveragePolicyEvaluator(mdp.model.arrays)
        evaluate, shape = evaluator.gain, (S,)
    optimal = mdp.get_optimal_policy(stochastic_form=True)
    kinds = [
        [rng.dirichlet(np.ones(A), shape) for _ in range(repeat)],
        [np.eye(A)[rng.integers(0, A, shape)] for _ in range(repeat)],
        [
            np.where((rng.random(shape) < 0.05)[..., None], np.eye(A)[rng.integers(0, A, shape)], optimal)
            for _ in range(repeat)
        ],
    ]
    evaluate(kinds[0][0], 0)
    return S, [1e3 * built, once, *(milliseconds(lambda i, p=p: evaluate(p[i], 0), repeat) for p in kinds)]


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", default="", help="part of the name of an environment or setting")
    parser.add_argument("--repeat", type=int, default=20, metavar="N")
    args = parser.parse_args()
    mdps = default_mdps(args.only)
    for episodic in (False, True):  # compile or load
        for setting, _, make in mdps:
            if setting.startswith("EPISODIC") == episodic:
                measure(make, 2)
                break
    print(f"{'milliseconds':<58}{'states':>7}{'build':>8}{'bases':>8}{'random':>8}{'determ':>8}{'eps-opt':>8}")
    worst = [0.0] * 5
    for setting, name, make in mdps:
        n_states, figures = measure(make, args.repeat)
        worst = [max(pair) for pair in zip(worst, figures, strict=True)]
        print(f"{setting:<26}{name:<32}{n_states:7d}" + "".join(f"{x:8.2f}" for x in figures), flush=True)
    print(f"{'largest':<65}" + "".join(f"{x:8.2f}" for x in worst))


if __name__ == "__main__":
    main()
