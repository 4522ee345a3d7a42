"""
Learning regret of many samples of QLearningContinuous in many environments with many seeds: what tuning is replayed on.

Usage: ``python performance/tuning_scores.py [-o FILE.npz] [--steps N] [--samples N] [--seeds N]``. It makes
``tests/hyperopt/tuning_scores.npz``: ``scores`` (samples x environments x seeds, to six digits) is the last normalised
cumulative learning regret a step, as a log of that instance has it; ``hyperparameters`` (samples x 3) are log-uniform
draws from `RANGES`; ``environments`` are the families' samples 0 to 4 in the order of `fidelity` (sample 0 of each
family first). Everything is run in one process, so that 250,000 steps take a few hundredths of a second. What is there
is kept: the file is written after each seed, and a second start goes on.
"""

import argparse
import os
from pathlib import Path

import numpy as np

from colosseum.agent.agents.infinite_horizon import QLearningContinuous
from colosseum.experiment.acting import CompiledActing
from colosseum.utils import make_mdp_spec
from colosseum.utils.miscellanea import get_colosseum_mdp_classes, sample_mdp_parameters

FILE = Path(__file__).parents[1] / "tests/hyperopt/tuning_scores.npz"
RANGES = {"h_weight": (1e-3, 1e1), "span_approx_weight": (1e-5, 1e0), "min_at": (1e-4, 5e-1)}
PER_FAMILY = 5


def draw_hyperparameters(n: int) -> np.ndarray:
    """Return `n` samples, of shape (n, 3)."""
    low, high = np.log(np.array(list(RANGES.values()))).T
    return np.exp(np.random.default_rng(13).uniform(low, high, (n, len(RANGES))))


def environments() -> list[tuple[type, int, dict]]:
    """Return class, index and parameters of each environment, the first sample of each family first."""
    classes = get_colosseum_mdp_classes(episodic=False)
    sampled = {cls: sample_mdp_parameters(cls, PER_FAMILY, 42) for cls in classes}
    return [(cls, i, sampled[cls][i]) for i in range(PER_FAMILY) for cls in classes]


def learning_regrets(cls: type, parameters: dict, seed: int, samples: np.ndarray, n_steps: int) -> list[float]:
    """Return the score of each sample in an environment, which is built once and started anew for each."""
    mdp = cls(seed=seed, **parameters)
    spec, start = make_mdp_spec(mdp), mdp.dynamics_rng.bit_generator.state
    per_step = mdp.optimal_average_reward - mdp.worst_average_reward
    scores = []
    for sample in samples:
        mdp.dynamics_rng.bit_generator.state = start
        agent = QLearningContinuous(
            seed=seed,
            mdp_specs=spec,
            optimization_horizon=n_steps,
            **dict(zip(RANGES, map(float, sample), strict=True)),
        )
        acting = CompiledActing(mdp, agent)
        acting.advance(n_steps)
        scores.append(acting.totals[1] / per_step / n_steps)
    return scores


def main() -> None:
    """Run what the file lacks."""
    parser = argparse.ArgumentParser(description=__doc__.strip().splitlines()[0])
    parser.add_argument("-o", "--output", type=Path, default=FILE, metavar="FILE.npz")
    parser.add_argument("--steps", type=int, default=250_000)
    parser.add_argument("--samples", type=int, default=100)
    parser.add_argument("--seeds", type=int, default=13)
    args = parser.parse_args()
    samples, places = draw_hyperparameters(args.samples), environments()
    scores = np.empty((args.samples, len(places), 0))
    if args.output.exists():
        scores = np.load(args.output)["scores"]
    for seed in range(scores.shape[2], args.seeds):
        of_seed = [learning_regrets(cls, parameters, seed, samples, args.steps) for cls, _, parameters in places]
        scores = np.concatenate([scores, np.round(np.array(of_seed).T[:, :, None], 6)], axis=2)
        partial = args.output.with_suffix(".part.npz")
        np.savez_compressed(
            partial,
            scores=scores.astype(np.float32),
            hyperparameters=samples,
            environments=[f"prms_{i}-{cls.__name__}" for cls, i, _ in places],
            n_steps=args.steps,
        )
        os.replace(partial, args.output)
        print(f"seed {seed} of {args.seeds}: best mean {scores.mean((1, 2)).min():.4f}", flush=True)


if __name__ == "__main__":
    main()
