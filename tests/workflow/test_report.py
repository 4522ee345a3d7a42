"""The report as a reader meets it: in a browser."""

import matplotlib.image
import numpy as np
import pytest
from browser import CHROMIUM, screenshot, walk

from colosseum import about

pytestmark = pytest.mark.slow

PLOTS = [
    "Aggregates with intervals",
    "Completeness",
    "Learning regret over time in each environment",
    "Performance profile",
    "Policy regret over time in each environment",
    "Probability of improvement",
    "Regret in the space of two measures of hardness",
    "Time and steps per second",
]
TABLES = [
    "Both regrets and the other indicators",
    "Regret in each environment",
    "The worst seeds",
    "Where the two regrets disagree",
]

needs_chromium = pytest.mark.skipif(CHROMIUM is None, reason="there is no chromium; make other-tools installs it")


@needs_chromium
def test_every_item_of_every_category_opens(complete, tmp_path):
    report = complete.folder / "report.html"
    complete.run("--report", report.name)
    found = walk(report, tmp_path)
    assert "Reinforcement-learning agents in tabular Markov decision processes" in found["start"]
    assert "n_steps" not in found["start"]  # its configuration is on the page
    for name, version in about.versions().items():
        assert f"{name} {version}" in found["start"]
    assert f"commit {about.commit()}" in found["start"]
    titles = {
        category: {part: [item["title"] for item in items] for part, items in parts.items()}
        for category, parts in found["categories"].items()
    }
    assert titles == {
        "All benchmarks": {"": ["Results page"]},
        "Hyperparameters continuous": {
            "": ["Expected best of a number of samples", "Score against each hyperparameter"]
        },
        "My rivers": {"Plots": PLOTS, "Tables": TABLES},
    }
    seen = set()
    for category, parts in found["categories"].items():
        for items in parts.values():
            for item in items:
                where = (category, item["title"])
                assert item["shown"], where
                assert all(shown["width"] > 100 for shown in item["shown"]), where
                assert item["about"] not in seen, where
                seen.add(item["about"])

    # pictures of what a reader sees: neither blank nor all the same
    pictures = [
        screenshot(report, tmp_path, tmp_path / "start.png"),
        screenshot(report, tmp_path, tmp_path / "page.png", "All benchmarks", item=0),
        screenshot(report, tmp_path, tmp_path / "plot.png", "My rivers", "Plots", item=0),
        screenshot(report, tmp_path, tmp_path / "table.png", "My rivers", "Tables", item=0),
    ]
    images = [matplotlib.image.imread(picture) for picture in pictures]
    for i, image in enumerate(images):
        assert image.shape[:2] == (1000, 1400)
        assert len(np.unique(image.reshape(-1, image.shape[2]), axis=0)) > 30
        for other in images[:i]:
            assert (image != other).any(axis=2).mean() > 0.01
