"""What instances take: forecasts from what is known, better ones from those that are done."""

import csv
import doctest
import re
import statistics
from pathlib import Path

import pytest

from colosseum.experiment import cost
from colosseum.experiment.cost import OVERHEAD_S, SECONDS_PER_STEP, Costs, Kind, basis, forecast

ROOT = Path(__file__).parents[2]
MEASURED = ROOT / "performance" / "cells_measured.csv"
PAGE = (ROOT / "docs" / "speed.md").read_text()


def measured() -> list[dict[str, str]]:
    with MEASURED.open(newline="") as file:
        return list(csv.DictReader(file))


def test_the_packaged_agents_take_what_was_measured() -> None:
    rows = measured()
    agents = {row["agent"] for row in rows}
    assert len(agents) == 5
    for agent in agents:
        each = [float(row["seconds"]) / float(row["steps"]) for row in rows if row["agent"] == agent]
        assert SECONDS_PER_STEP[agent] == pytest.approx(statistics.fmean(each), rel=0.1), agent


def test_the_table_of_costs_is_what_was_measured() -> None:
    """docs/speed.md: seconds, memory, hours and both regrets of each agent's 40 cells, and the bars."""
    cells = measured()
    assert max(float(cell["seconds"]) for cell in cells) < 60 and max(int(cell["memory_mb"]) for cell in cells) < 300
    columns = [r"(\w+)", r"(\d+) s", r"([\d.]+) s", r"(\d+) s", r"(\d+) MB", *2 * [r"([\d.]+) h"], *2 * [r"([\d.]+)"]]
    table = re.findall(r"^\| " + r" \| ".join(columns) + r" \|$", PAGE, re.MULTILINE)
    assert sorted(row[0] for row in table) == sorted({cell["agent"] for cell in cells})
    for agent, total, median, worst, memory, hours, tuning_hours, policy, learning in table:
        mine = [cell for cell in cells if cell["agent"] == agent]
        seconds = [float(cell["seconds"]) for cell in mine]
        assert len(mine) == 40
        assert (float(total), float(worst)) == pytest.approx((sum(seconds), max(seconds)), abs=0.5)
        assert float(median) == pytest.approx(statistics.median(seconds), abs=0.5 if float(median) >= 10 else 0.05)
        assert int(memory) == max(int(cell["memory_mb"]) for cell in mine)
        assert float(hours) == pytest.approx(20 * sum(seconds) / 3600, abs=0.05)
        of_tuning = 5250 * statistics.fmean(seconds) / 2 / 3600  # half the steps
        assert float(tuning_hours) == pytest.approx(of_tuning, abs=0.5 if float(tuning_hours) >= 10 else 0.05)
        for figure, name in ((policy, "policy"), (learning, "learning")):
            assert figure == f"{statistics.fmean(float(cell[f'{name}_regret_per_step']) for cell in mine):.3f}"


def test_finished_instances_tell_better() -> None:
    costs, kind = Costs(), Kind("a", "PSRLEpisodic", 500_000)
    assert costs.seconds(kind) == pytest.approx(23.0 + OVERHEAD_S)
    costs.note(Kind("b", "PSRLEpisodic", 100_000), 2.0)
    costs.note(Kind("b", "PSRLEpisodic", 100_000), float("nan"))  # a log without times
    assert costs.seconds(kind) == pytest.approx(10.0 + OVERHEAD_S)  # the same agent's steps elsewhere
    costs.note(kind, 20.0)
    costs.note(kind, 40.0)
    assert costs.seconds(kind) == pytest.approx(30.0 + OVERHEAD_S)
    assert costs.seconds(Kind("a", "QLearningEpisodic", 10)) == pytest.approx(OVERHEAD_S, abs=1e-3)
    assert doctest.testmod(cost).failed == 0


def test_a_forecast_is_never_shorter_than_the_slowest_instance() -> None:
    costs, slow, quick = Costs(), Kind("a", "Slow", 1000), Kind("a", "UCRL2Continuous", 1000)
    costs.note(slow, 99.5)
    costs.note(Kind("a", "UCRL2Continuous", 1000), 0.5)
    left = {slow: 3, quick: 100}
    assert forecast(left, costs, 1) == pytest.approx((400.0, 400.0))
    assert forecast(left, costs, 2) == pytest.approx((400.0, 200.0))
    assert forecast(left, costs, 1000) == pytest.approx((400.0, 100.0))
    told = basis([*left, Kind("b", "QLearningEpisodic", 5), Kind("b", "Mine", 5)], costs)
    assert told == (
        "Slow, UCRL2Continuous by finished instances; QLearningEpisodic by one measurement elsewhere; "
        "Mine by a guess, 10,000 steps a second"
    )
