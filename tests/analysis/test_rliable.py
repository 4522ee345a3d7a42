"""Statistics against rliable 1.2.0: recorded figures, and fresh ones where its environment is at hand."""

import json
import os
import subprocess
from pathlib import Path

import numpy as np
import pytest
from rliable_scores import THRESHOLDS, X, Y

from colosseum.analysis.statistics import (
    interquartile_mean,
    mean_score,
    median_score,
    optimality_gap,
    performance_profile,
    probability_of_improvement,
    stratified_bootstrap,
)

HERE = Path(__file__).parent
PYTHON_VARIABLE = "COLOSSEUM_RLIABLE_PYTHON"
"""Names the interpreter of an environment with rliable, see `rliable_figures.py`."""


@pytest.fixture(scope="module", params=["recorded", "fresh"])
def figures(request: pytest.FixtureRequest) -> dict:
    if request.param == "recorded":
        return json.loads((HERE / "rliable_figures.json").read_text())
    interpreter = os.environ.get(PYTHON_VARIABLE)
    if interpreter is None:
        pytest.skip(f"{PYTHON_VARIABLE} is not set")
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    command = [interpreter, str(HERE / "rliable_figures.py")]
    return json.loads(subprocess.run(command, capture_output=True, text=True, check=True, env=environment).stdout)


def test_estimates(figures: dict) -> None:
    assert mean_score(X) == pytest.approx(figures["mean"], rel=1e-12)
    assert median_score(X) == pytest.approx(figures["median"], rel=1e-12)
    assert interquartile_mean(X) == pytest.approx(figures["iqm"], rel=1e-12)
    assert optimality_gap(X) == pytest.approx(figures["optimality_gap"], rel=1e-12)
    assert probability_of_improvement(X, Y) == pytest.approx(figures["probability_of_improvement"], rel=1e-12)
    assert performance_profile(X, THRESHOLDS) == pytest.approx(np.array(figures["profile"]), rel=1e-12)


def test_intervals(figures: dict) -> None:
    for statistic, column in ((mean_score, 0), (interquartile_mean, 1)):
        low, high = (end[column] for end in figures["intervals_of_mean_and_iqm"])
        ours = stratified_bootstrap(statistic, X, n_resamples=20_000)
        assert (ours.low, ours.high) == pytest.approx((low, high), abs=0.04 * (high - low))
    (low,), (high,) = figures["interval_of_improvement"]
    ours = stratified_bootstrap(probability_of_improvement, X, Y, n_resamples=20_000)
    assert (ours.low, ours.high) == pytest.approx((low, high), abs=0.08 * (high - low))


def test_bands(figures: dict) -> None:
    low, high = np.array(figures["band"])
    ours = stratified_bootstrap(lambda scores: performance_profile(scores, THRESHOLDS), X, n_resamples=20_000)
    # shares are multiples of 1/48: the quantiles of the two resamplings can fall on neighbouring ones
    assert ours.low == pytest.approx(low, abs=1 / 48 + 1e-9)
    assert ours.high == pytest.approx(high, abs=1 / 48 + 1e-9)
