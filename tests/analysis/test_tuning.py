"""An optimisation's runs in one table: scores by rung, cost, budget, sensitivity, against figures made by hand."""

import csv
import itertools
from pathlib import Path

import numpy as np
import pytest
import synthetic

from colosseum import layout
from colosseum.analysis.plots import rungs, tuning_budget
from colosseum.analysis.results import Results
from colosseum.analysis.statistics.budget import best_of, quantile_of_best
from colosseum.analysis.summary import summarise
from colosseum.analysis.tables import sensitivity, tuning_cost
from colosseum.analysis.tuning import COLUMNS, FILE, Tuning, gather_runs, tuning_of
from colosseum.cli import main
from colosseum.errors import ConfigurationError, LogError

AGENT = "QLearningEpisodic"
INDICATOR = "normalized_cumulative_regret"
# stage, sample, environment, seed, value, seconds
RUNS = [
    *(("0", f"prms_{i}", "a", 0, value, 36.0) for i, value in enumerate((0.4, 0.1, 0.2))),
    *(("1", f"prms_{i}", "b", 0, value, 72.0) for i, value in ((1, 0.5), (2, 0.2))),
    *(("confirm", "prms_1", mdp, seed, value, 36.0) for mdp, seed, value in (("a", 1, 0.1), ("a", 2, 0.2))),
    *(("confirm", "prms_1", "b", seed, value, 36.0) for seed, value in ((1, 0.6), (2, 0.4))),
    *(("confirm", "prms_2", mdp, seed, value, 36.0) for mdp, seed, value in (("a", 1, 0.3), ("a", 2, 0.2))),
    *(("confirm", "prms_2", "b", seed, value, 36.0) for seed, value in ((1, 0.2), (2, 0.2))),
]


@pytest.fixture
def results(tiny: Path, tmp_path: Path) -> Results:
    (tmp_path / "summary.csv").write_text(summarise(tiny).instances)
    with open(tmp_path / FILE, "w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(COLUMNS)
        writer.writerows([AGENT, *run, INDICATOR, "mean", 1] for run in RUNS)
    return Results.load(tmp_path)


def test_scores_of_a_rung_are_over_all_runs_by_then(results: Results) -> None:
    tuning = tuning_of(results)
    assert tuning.stages(AGENT) == ["0", "1", "confirm"]
    assert tuning.scores(AGENT, "0") == pytest.approx({"prms_0": 0.4, "prms_1": 0.1, "prms_2": 0.2})
    assert tuning.scores(AGENT, "1") == pytest.approx({"prms_1": 0.3, "prms_2": 0.2})
    assert tuning.scores(AGENT, "confirm") == pytest.approx({"prms_1": 0.325, "prms_2": 0.225})
    assert (tuning.last_rung(AGENT), tuning.winner(AGENT)) == ("1", "prms_2")


def test_cost_is_what_was_spent_and_what_the_others_would_have_taken(results: Results) -> None:
    figures = {row.labels[1]: row.cells for row in tuning_cost.build(results).rows}
    counts = {stage: (*cells[:3], cells[4]) for stage, cells in figures.items()}
    hours = {
        stage: tuple(getattr(cell, "value", cell) for cell in (cells[3], cells[5])) for stage, cells in figures.items()
    }
    assert counts == {
        "Rung 1": ("3", "1", "3", "3"),
        "Rung 2": ("2", "1", "2", "3"),
        "Confirmation": ("2", "4", "8", "–"),
        "All": ("–", "–", "13", "6"),
    }
    assert hours["Rung 1"] == pytest.approx((0.03, 0.0))
    assert hours["Rung 2"] == pytest.approx((0.04, 0.02))
    assert hours["Confirmation"] == (pytest.approx(0.08), "–")
    assert hours["All"] == pytest.approx((0.15, 0.02))


def test_sensitivity_is_what_the_best_when_tuned_of_each_environment_gains_on_fresh_seeds(results: Results) -> None:
    (row,) = sensitivity.build(results).rows
    samples, for_all, for_each, gain, error, used = row.cells
    # in a prms_1 was the best (0.1 against 0.2), in b prms_2; the winner is prms_2
    assert (samples, used) == ("2", "2")
    assert for_all.value == pytest.approx((0.25 + 0.2) / 2)
    assert for_each.value == pytest.approx((0.15 + 0.2) / 2)
    assert gain.value == pytest.approx(0.05)
    # the differences in a are 0.2 and 0.0, those in b are 0
    assert error.value == pytest.approx(np.sqrt(np.var([0.2, 0.0], ddof=1) / 2) / 2)


def test_without_a_confirmation_the_sensitivity_is_a_dash_and_says_why(search: Path) -> None:
    table = sensitivity.build(Results.load(search))
    assert {cell for row in table.rows for cell in row.cells} == {"–"}
    assert "Not confirmed on fresh seeds (selection.confirm of a study): PSRL, QLearning." in table.notes


def test_runs_of_a_folder_alone_are_an_optimisation_of_one_rung(search: Path) -> None:
    results = Results.load(search)
    tuning = tuning_of(results)
    assert [tuning.stages(agent) for agent in tuning.agents] == [["0"], ["0"]]
    for agent in results.agents:
        score = tuning.scores(agent.class_name, "0")[agent.scope]
        assert score == pytest.approx(results.values(tuning.indicator, agent).mean(), rel=1e-12)


def test_pictures_name_the_rungs_and_the_winner(results: Results) -> None:
    figure = rungs.draw(results)
    (axis,) = figure.axes
    assert [tick.get_text() for tick in axis.get_xticklabels()] == [
        "rung 1\n3 × 1",
        "rung 2\n2 × 1",
        "confirmed\n2 × 4",
    ]
    assert axis.get_title() == "QLearning (2)"
    (line,) = [line for line in tuning_budget.draw(results).axes[0].get_lines() if len(line.get_xdata()) == 3]
    assert line.get_ydata() == pytest.approx([0.7 / 3, (0.1 + 0.1 + 0.2) / 3, 0.1])


@pytest.mark.parametrize("n", [1, 2, 7])
def test_the_best_of_a_budget_is_the_mean_over_all_subsets(n: int) -> None:
    costs = np.random.default_rng(n).integers(0, 5, n) / 10
    best = [[min(subset) for subset in itertools.combinations(costs, k)] for k in range(1, n + 1)]
    assert best_of(costs) == pytest.approx([np.mean(of_k) for of_k in best], abs=1e-12)
    for quantile in (0.25, 0.5, 0.75):
        expected = [np.quantile(of_k, quantile, method="inverted_cdf") for of_k in best]
        assert quantile_of_best(costs, quantile) == pytest.approx(expected)


def test_the_best_of_a_budget_is_expected_to_be_that_of_new_samples() -> None:
    """Unbiased: of uniform costs the best of k is 1 / (k + 1) in the mean, and each estimate has ten samples alone."""
    rng = np.random.default_rng(0)
    estimates = np.array([best_of(rng.random(10)) for _ in range(4_000)])
    errors = estimates.std(0, ddof=1) / np.sqrt(len(estimates))
    expected = 1 / np.arange(2, 12)
    assert np.all(np.abs(estimates.mean(0) - expected) < 3 * errors)


def test_runs_are_gathered_from_the_folders_of_all_stages(tmp_path: Path) -> None:
    first = synthetic.write_benchmark(tmp_path / "hyperopt_episodic", (AGENT,), (1, 1), n_seeds=1, agent_scopes=3)
    second = synthetic.write_benchmark(tmp_path / "hyperopt_episodic_rung_1", (AGENT,), (1,), n_seeds=1, agent_scopes=1)
    table = Path(layout.promotion_table(second, AGENT))
    with pytest.raises(ConfigurationError, match="promotion/QLearningEpisodic.csv"):
        gather_runs([first, second], INDICATOR)
    without = gather_runs([first, second], INDICATOR, allow_incomplete=True)
    assert without.replace(",mean,0\n", ",mean,1\n") == gather_runs([first], INDICATOR) != without
    table.parent.mkdir()
    table.write_text(
        "sample,slot,indicator,score,n_logs,n_cut\nprms_0,,x,1,2,0\nprms_1,,x,1,2,0\nprms_2,prms_0,x,1,2,0\n"
    )
    output = tmp_path / FILE
    assert main(["tuning", str(first), str(second), "--indicator", INDICATOR, "-o", str(output)]) == 0
    tuning = Tuning.load(output)
    assert len(tuning.runs) == 3 * 2 + 1
    assert list(tuning.scores(AGENT, "1")) == ["prms_2"]
    assert len(tuning.values(AGENT, "1")["prms_2"]) == 2  # one of the environments is in both
    log = next(second.glob("logs/*/*.csv"))
    log.write_text("")
    with pytest.raises(LogError, match=log.name):
        gather_runs([first, second], INDICATOR)


def test_missing_rungs_are_told(results: Results) -> None:
    path = results.folder / FILE
    assert not any("Incomplete" in note for note in tuning_cost.build(results).notes)
    path.write_bytes(path.read_bytes().replace(b",mean,1", b",mean,0"))
    for kind in (tuning_cost, sensitivity):
        assert any(note.startswith("Incomplete: runs of some rungs") for note in kind.build(results).notes)
    for plot in (rungs, tuning_budget):
        titles = [legend.get_title().get_text() for legend in plot.draw(results).legends]
        assert any("Incomplete: runs of some rungs" in " ".join(title.split()) for title in titles)


def test_what_is_no_table_of_runs(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("agent,stage\nx,0\n")
    with pytest.raises(ConfigurationError, match="no table of runs; its columns are agent, stage"):
        Tuning.load(tmp_path / "a.csv")
    with pytest.raises(ConfigurationError, match="b.csv: No such file"):
        Tuning.load(tmp_path / "b.csv")
