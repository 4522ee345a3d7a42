"""
By how much learning regret is more exact than regret from rewards: standard errors over seeds, by family.

Usage: ``python performance/standard_errors.py [--seeds N] [--steps N]``. In the first environment of each family of the
four default benchmarks a Q-learning agent with the packaged hyperparameters runs with several seeds. Printed are the
standard errors, over the seeds, of the normalized regret a step by two estimates of the same thing: optimal average
reward minus the rewards that were received, and the sum of the optimality gaps of what was done; and their ratio.
"""

import argparse
import statistics

import gin

from colosseum import benchmark_ids, make_mdp
from colosseum.agent.agents.episodic import QLearningEpisodic
from colosseum.agent.agents.infinite_horizon import QLearningContinuous
from colosseum.agent.hyperparameters import get_default_gin_config
from colosseum.experiment.agent_mdp_interaction import MDPLoop
from colosseum.utils import make_mdp_spec


def regrets(name: str, seed: int, steps: int) -> tuple[float, float]:
    """Return the normalized regret a step from the rewards, and from the gaps."""
    mdp = make_mdp(name, seed=seed)
    cls = QLearningEpisodic if mdp.is_episodic() else QLearningContinuous
    gin.clear_config()
    gin.parse_config(get_default_gin_config(cls))
    with gin.config_scope("prms_0"):
        agent = cls(seed, make_mdp_spec(mdp), steps)
    last = MDPLoop(mdp, agent).run(steps)[1]
    return 1 - last["normalized_cumulative_reward"] / steps, last["normalized_cumulative_learning_regret"] / steps


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.strip().splitlines()[0])
    parser.add_argument("--seeds", type=int, default=20)
    parser.add_argument("--steps", type=int, default=50_000)
    args = parser.parse_args()
    print(f"{'environment':42s}{'from rewards':>14s}{'from gaps':>12s}{'ratio':>8s}")
    for name in benchmark_ids():
        if not name.endswith("/0") or "quick_test" in name:
            continue
        pairs = [regrets(name, seed, args.steps) for seed in range(args.seeds)]
        errors = [statistics.stdev(values) / args.seeds**0.5 for values in zip(*pairs, strict=True)]
        ratio = errors[0] / errors[1] if errors[1] else float("inf")
        print(f"{name:42s}{errors[0]:14.5f}{errors[1]:12.5f}{ratio:8.1f}", flush=True)


if __name__ == "__main__":
    main()
