"""
Compute figures with rliable, for `test_rliable.py`: ``python rliable_figures.py > rliable_figures.json``.

rliable does not import with the versions that this project uses. Its own environment:
``python -m venv V && V/bin/pip install rliable==1.2.0 'pandas<3' 'numpy<2.3' setuptools``.
"""

import json

import numpy as np
from rliable import library, metrics
from rliable_scores import THRESHOLDS, X, Y


def main() -> None:
    """Print the figures as JSON."""
    np.random.seed(0)
    figures = {
        "mean": metrics.aggregate_mean(X),
        "median": metrics.aggregate_median(X),
        "iqm": metrics.aggregate_iqm(X),
        "optimality_gap": metrics.aggregate_optimality_gap(X),
        "probability_of_improvement": metrics.probability_of_improvement(X, Y),
    }
    figures = {name: float(value) for name, value in figures.items()}

    def aggregates(scores: np.ndarray) -> np.ndarray:
        return np.array([metrics.aggregate_mean(scores), metrics.aggregate_iqm(scores)])

    _, intervals = library.get_interval_estimates({"x": X}, aggregates, reps=20_000)
    figures["intervals_of_mean_and_iqm"] = intervals["x"].tolist()

    def improvement(x: np.ndarray, y: np.ndarray) -> np.ndarray:
        return np.array([metrics.probability_of_improvement(x, y)])

    _, intervals = library.get_interval_estimates({"x,y": (X, Y)}, improvement, reps=2_000)
    figures["interval_of_improvement"] = intervals["x,y"].tolist()
    profiles, bands = library.create_performance_profile({"x": X}, THRESHOLDS, reps=20_000)
    figures["profile"], figures["band"] = profiles["x"].tolist(), bands["x"].tolist()
    print(json.dumps(figures, indent=1))


if __name__ == "__main__":
    main()
