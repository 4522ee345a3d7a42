"""Statistics against rliable 1.2.0: recorded figures, and fresh ones where its environment is at hand."""

import json
import os
import subprocess
from pathlib import Path

import numpy as np
import pytest
from rliable_scores import THRESHOLDS, X, Y
from scipy import stats

from colosseum.analysis.statistics import (
    interquartile_mean,
    mean_interval,
    mean_score,
    median_score,
    optimality_gap,
    performance_profile,
    probability_of_improvement,
)
from colosseum.analysis.statistics.strata import satterthwaite, variances_of_means

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


@pytest.mark.slow
def test_estimates(figures: dict) -> None:
    assert mean_score(X) == pytest.approx(figures["mean"], rel=1e-12)
    assert median_score(X) == pytest.approx(figures["median"], rel=1e-12)
    assert interquartile_mean(X) == pytest.approx(figures["iqm"], rel=1e-12)
    assert optimality_gap(X) == pytest.approx(figures["optimality_gap"], rel=1e-12)
    assert probability_of_improvement(X, Y) == pytest.approx(figures["probability_of_improvement"], rel=1e-12)
    assert performance_profile(X, THRESHOLDS) == pytest.approx(np.array(figures["profile"]), rel=1e-12)


def test_interval_of_the_mean_is_rliables_for_n_minus_1_seeds_and_students_t(figures: dict) -> None:
    low, high = (end[0] for end in figures["intervals_of_mean_and_iqm"])
    ours = mean_interval(X)
    variances, degrees = variances_of_means(X)
    quantile = stats.t.ppf(0.975, satterthwaite(variances, degrees))
    rescaled = np.sqrt(8 / 7) * quantile / stats.norm.ppf(0.975)
    assert ours.high - ours.low == pytest.approx(rescaled * (high - low), rel=0.02)
