"""Plots: every kind can be drawn, nothing is cut off or covered, and the same results give the same bytes."""

import dataclasses
import os
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import synthetic
from legible import assert_legible, visible_texts
from matplotlib import rcParams
from scipy import stats

from colosseum.analysis.hardness import get_hardness_measures
from colosseum.analysis.matrix import text_colour
from colosseum.analysis.plots import agent_performances_per_mdp_plot, plot_indicator_in_hardness_space
from colosseum.analysis.plots.regret_curves import confidence_band
from colosseum.analysis.registry import available_kinds, load_kind
from colosseum.analysis.regrets import baseline_column
from colosseum.analysis.results import Results
from colosseum.analysis.style import BASELINE_COLOUR, PALETTE, agent_styles, drawing_order, format_count, save_figure
from colosseum.analysis.summary import summarise
from colosseum.analysis.tuning import COLUMNS
from colosseum.cli import main
from colosseum.errors import ConfigurationError, LogError

KINDS = sorted(available_kinds("plot"))


@pytest.fixture(scope="module")
def twenty(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = synthetic.write_benchmark(tmp_path_factory.mktemp("twenty") / "benchmark_episodic_communicating")
    synthetic.write_hardness(folder)
    return folder


@pytest.fixture(scope="module")
def many(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """More agents than colours, one of them with a long name."""
    names = (
        "QLearning",
        "PSRL",
        "RandomAgent",
        "MyVeryLongNamedAgentOfMine",
        "UCBVI",
        "EULER",
        "RMax",
        "E3",
        "DelayedQ",
    )
    agents = tuple(f"{name}Episodic" for name in names)
    folder = synthetic.write_benchmark(tmp_path_factory.mktemp("many") / "many", agents, (2, 1, 0, 0, 1), n_seeds=2)
    synthetic.write_hardness(folder, (2, 1, 0, 0, 1))
    return folder


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    "which",
    ["tiny", "incomplete"]
    + [pytest.param(which, marks=pytest.mark.slow) for which in ("twenty", "search", "many", "learning")],
)
def test_every_kind_is_legible(kind: str, which: str, request: pytest.FixtureRequest) -> None:
    folder = request.getfixturevalue(which)
    hardness = None if which != "search" else lambda *_: {"diameter": 3.0, "value_norm": 0.0}
    results = Results.load(folder, hardness=hardness, allow_incomplete=True)
    assert_legible(load_kind("plot", kind).draw(results))


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_says_when_it_is_incomplete(kind: str, incomplete: Path, tiny: Path) -> None:
    draw = load_kind("plot", kind).draw
    note = "Incomplete: 7 of 12 instances (4 failed, 1 missing)."
    assert any(
        note in text.replace("\n", " ")
        for text, _ in visible_texts(draw(Results.load(incomplete, allow_incomplete=True)))
    )
    assert not any("Incomplete" in text for text, _ in visible_texts(draw(Results.load(tiny))))


@pytest.mark.slow
def test_the_same_results_give_the_same_bytes_in_every_process_and_order(tiny: Path, tmp_path: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from colosseum.analysis.registry import *\n"
        "from colosseum.analysis.results import Results; from colosseum.analysis.style import save_figure\n"
        "for kind in available_kinds('plot'):\n"
        "    figure = load_kind('plot', kind).draw(Results.load(sys.argv[1]))\n"
        "    for suffix in sys.argv[3:]: save_figure(figure, Path(sys.argv[2]) / (kind + suffix))\n"
    )
    processes = []
    for name, hash_seed, suffixes in (("a", "1", [".svg", ".png", ".pdf"]), ("b", "2", [".png", ".pdf", ".svg"])):
        (tmp_path / name).mkdir()
        environment = {"PYTHONHASHSEED": hash_seed, "PYTHONPATH": os.pathsep.join(sys.path), "HOME": str(tmp_path)}
        command = [sys.executable, "-c", code, str(tiny), str(tmp_path / name), *suffixes]
        processes.append(subprocess.Popen(command, env=environment))
    assert [process.wait() for process in processes] == [0, 0]
    files = sorted((tmp_path / "a").iterdir())
    assert len(files) == 3 * len(KINDS)
    for file in files:
        assert file.read_bytes() == (tmp_path / "b" / file.name).read_bytes(), file.name


def test_the_users_own_settings_neither_matter_nor_change(tiny: Path, tmp_path: Path) -> None:
    draw = load_kind("plot", "regret_curves").draw
    save_figure(draw(Results.load(tiny)), tmp_path / "a.svg")
    before = rcParams["font.size"]
    rcParams["font.size"] = 31
    try:
        save_figure(draw(Results.load(tiny)), tmp_path / "b.svg")
        assert rcParams["font.size"] == 31
    finally:
        rcParams["font.size"] = before
    assert (tmp_path / "a.svg").read_bytes() == (tmp_path / "b.svg").read_bytes()


def test_unknown_picture(tiny: Path, tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="did you mean '.svg'"):
        save_figure(load_kind("plot", "completeness").draw(Results.load(tiny)), tmp_path / "a.svgg")


def test_curves_bands_baselines_and_stops(small: Path) -> None:
    results = Results.load(small)
    figure = load_kind("plot", "regret_curves").draw(results)
    by_title = {axis.get_title(): axis for axis in figure.axes}
    assert list(by_title) == ["DeepSea", "MG-Empty (0)", "MG-Empty (1)", "RiverSwim", "SimpleGrid"]
    river = by_title["RiverSwim"]
    steps, values = results.curves_of(results.mdps[3], results.agents[1], "normalized_cumulative_learning_regret")
    drawn = [line for line in river.lines if line.get_color() == agent_styles(["QLearning"])["QLearning"]["color"]]
    assert np.array_equal(drawn[0].get_xdata(), steps) and np.allclose(drawn[0].get_ydata(), values.mean(axis=0))
    stars = [line for line in river.lines if line.get_marker() == "*"]
    assert len(stars) == 1 and stars[0].get_xdata()[0] == 12_000  # optimal after 0.6 of the steps
    assert np.isclose(stars[0].get_ydata()[0], np.interp(12_000, steps, values.mean(axis=0)))
    assert [line.get_marker() for line in by_title["DeepSea"].lines].count("X") == 1
    assert len(river.collections) == 3  # a band an agent
    worst = [line for line in river.lines if np.allclose(line.get_ydata(), line.get_xdata())]
    assert len(worst) >= 1  # one a step


def test_bands() -> None:
    values = np.random.default_rng(0).normal(size=(12, 3)) + [0, 1, 2]
    low, high = confidence_band(values, standard_error=True)
    error = values.std(axis=0, ddof=1) / np.sqrt(12)
    assert low == pytest.approx(values.mean(axis=0) - error) and high == pytest.approx(values.mean(axis=0) + error)
    low, high = confidence_band(values)
    expected = stats.ttest_1samp(values, 0).confidence_interval(0.95)
    assert low == pytest.approx(expected.low) and high == pytest.approx(expected.high)
    assert np.isnan(confidence_band(values[:1])).all()


def test_fewer_than_three_seeds_have_points_in_the_place_of_bands(tmp_path: Path, tiny: Path, small: Path) -> None:
    folder = synthetic.write_benchmark(tmp_path / "two", ("QLearningEpisodic",), (0, 0, 0, 0, 1), n_seeds=2)
    draw = load_kind("plot", "regret_curves").draw
    two, one, three = (draw(Results.load(path)) for path in (folder, tiny, small))
    points = [line for line in two.axes[0].lines if line.get_marker() == "."]
    assert len(points) == 2 and not two.axes[0].collections and not one.axes[0].collections
    remarks = [figure.legends[0].get_title().get_text() for figure in (one, two, three)]
    assert remarks[0] == "One seed: no interval." and remarks[1] == "2 seeds: points in the place of bands."
    assert remarks[2] == "Bands: 95 % at each step, for other seeds on these same environments."
    profile = load_kind("plot", "performance_profile").draw
    assert not profile(Results.load(folder)).axes[0].collections and profile(Results.load(small)).axes[0].collections


def test_both_regrets_have_panels_and_curves(learning: Path) -> None:
    results = Results.load(learning)
    profile = load_kind("plot", "performance_profile").draw(results)
    assert [axis.get_title() for axis in profile.axes] == ["Learning regret", "Policy regret"]
    intervals = load_kind("plot", "aggregate_intervals").draw(results)
    assert [axis.get_ylabel() for axis in intervals.axes[::4]] == ["Learning regret", "Policy regret"]
    matrix = load_kind("plot", "improvement_matrix").draw(results)
    assert [axis.get_ylabel().partition(":")[0] for axis in matrix.axes[:2]] == ["Learning regret", "Policy regret"]
    titles = [
        load_kind("plot", kind).draw(results)._supylabel.get_text().replace("\n", " ")
        for kind in ("regret_curves", "policy_regret_curves")
    ]
    assert titles == [f"{kind} regret, normalized (sum over the steps)" for kind in ("Learning", "Policy")]


def test_the_random_policy_is_a_line(small: Path) -> None:
    for kind in ("performance_profile", "aggregate_intervals", "regret_curves"):
        figure = load_kind("plot", kind).draw(Results.load(small))
        labels = [text.get_text().lower() for text in figure.legends[0].get_texts()]
        assert "random policy" in labels
        assert any(line.get_color() == BASELINE_COLOUR for line in figure.axes[0].lines)


def test_baselines_of_an_indicator() -> None:
    assert baseline_column("worst", "cumulative_reward") == "worst_cumulative_expected_reward"
    assert baseline_column("random", "normalized_cumulative_regret") == "random_normalized_cumulative_regret"
    assert baseline_column("optimal", "steps_per_second") is None


def test_published_arguments_of_the_curves(small: Path, tmp_path: Path) -> None:
    figure = agent_performances_per_mdp_plot(
        str(small), "cumulative_reward", 4, True, ["red", "green"], 5, str(tmp_path / "new"), ["random"]
    )
    assert (tmp_path / "new" / "cumulative_reward-for-benchmark_episodic_ergodic.pdf").stat().st_size > 1000
    colours = [line.get_color() for line in figure.axes[0].lines]
    assert colours.count("red") >= 1 and colours.count("green") >= 1
    assert len({axis.get_position().y0 for axis in figure.axes}) == 5  # rows
    assert agent_performances_per_mdp_plot(small, "cumulative_reward").get_figwidth() > 1.7 * figure.get_figwidth()
    with pytest.raises(ConfigurationError, match="unknown baseline 'best'"):
        agent_performances_per_mdp_plot(small, "cumulative_reward", baselines=["best"])
    with pytest.raises(ConfigurationError, match="indicator: there is no 'regret'"):
        agent_performances_per_mdp_plot(small, "regret")


def test_published_arguments_of_the_hardness_space(
    small: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    figure = plot_indicator_in_hardness_space(str(small))
    name = "normalized_cumulative_regret_in_hard_space_benchmark_episodic_ergodic.pdf"
    assert (tmp_path / "tmp" / name).is_file()
    assert [axis.get_title() for axis in figure.axes[:3]] == ["PSRL", "QLearning", "RandomAgent"]
    larger = plot_indicator_in_hardness_space(str(small), "steps_per_second", 30, "Blues", 16, 14, None)
    assert larger.get_figwidth() > 1.5 * figure.get_figwidth()
    with pytest.raises(ConfigurationError, match="unknown colour map 'Redds'"):
        plot_indicator_in_hardness_space(small, cmap="Redds", savefig_folder=None)


def test_places_in_the_hardness_space_are_the_measures(small: Path) -> None:
    results = Results.load(small)
    measures = get_hardness_measures(results)
    axis = load_kind("plot", "hardness_space").draw(results).axes[0]
    places = [(line.get_xdata()[0], line.get_ydata()[0]) for line in axis.lines]
    assert places == [(one["diameter"], one["value_norm"]) for one in measures.values()]


def test_sources_of_hardness(small: Path, tmp_path: Path) -> None:
    results = Results.load(small)
    table = tmp_path / "measures.csv"
    lines = ["mdp_class,mdp_scope,seed,diameter,value_norm"]
    lines += [f"{mdp.class_name},{mdp.scope},{k},{10 + k},{0.5 * k}" for mdp in results.mdps for k in range(3)]
    table.write_text("\n".join(lines) + "\n")
    assert get_hardness_measures(results, table)[results.mdps[0]] == {"diameter": 11.0, "value_norm": 0.5}

    seen = []

    def measure(class_name: str, scope: str, parameters: dict) -> dict:
        seen.append((class_name, scope, parameters["size"]))
        return {"diameter": 2, "value_norm": 1, "extra": 0}

    found = get_hardness_measures(results, measure)
    assert found[results.mdps[2]] == {"diameter": 2.0, "value_norm": 1.0}
    assert seen[2] == ("MiniGridEmptyEpisodic", "prms_1", "6")

    table.write_text("\n".join(lines[:4]) + "\n")
    with pytest.raises(ConfigurationError, match="no row for MiniGridEmptyEpisodic, prms_0"):
        get_hardness_measures(results, table)
    table.write_text("mdp_class,mdp_scope,diameter\nx,prms_0,1\n")
    with pytest.raises(ConfigurationError, match="columns value_norm are missing"):
        get_hardness_measures(results, table)


def test_hardness_is_computed_where_no_file_has_it(tiny: Path) -> None:
    results = Results.load(tiny)
    without_file = dataclasses.replace(results, folder=None)
    found = get_hardness_measures(without_file, measures=("n_states", "n_actions"))
    assert found == {results.mdps[0]: {"n_states": 5.0, "n_actions": 2.0}}  # RiverSwim of size 5, as its gin text says
    with pytest.raises(ConfigurationError, match="RiverSwimEpisodic has no property beauty; give the measures in a"):
        get_hardness_measures(without_file, measures=("beauty",))


def test_an_agent_has_one_colour_everywhere() -> None:
    packaged = ["QLearning", "PSRL", "UCRL2", "RandomAgent"]
    together = agent_styles(packaged)
    for name in packaged:
        assert agent_styles([name])[name] == together[name]
        assert agent_styles([name, "Mine", "Theirs"])[name] == together[name]
    assert agent_styles(["Mine"])["Mine"]["color"] == agent_styles(["PSRL", "Mine", "QLearning"])["Mine"]["color"]


def test_many_agents_are_told_apart() -> None:
    styles = agent_styles([*(f"Agent{i}" for i in range(30)), "PSRL"])
    looks = {(one["color"], str(one["linestyle"])) for one in styles.values()}
    assert len(looks) == 31
    assert len({one["color"] for name, one in styles.items()}) == len(PALETTE)


def test_lines_that_lie_on_each_other_are_told_apart_from_the_first_agent_on() -> None:
    looks = list(agent_styles(["QLearning", "PSRL", "UCRL2", "RandomAgent", "SARSA", "Mine"]).values())
    assert len({str(one["linestyle"]) for one in looks}) == len({one["marker"] for one in looks}) == 6
    order = sorted(looks, key=drawing_order)
    assert order[0]["linestyle"] == "-"  # the line without gaps lies below all others


def test_counts_and_text_colours() -> None:
    assert [format_count(x) for x in (0, 5, 999, 1000, 20_000, 2.5e6, -1500)] == [
        "0", "5", "999", "1k", "20k", "2.5M", "\N{MINUS SIGN}1.5k",
    ]  # fmt: skip
    assert text_colour((1, 1, 1)) != "white" and text_colour((0, 0, 0.3)) == "white"


@pytest.mark.slow
@pytest.mark.parametrize("reduction", ["mean", "median", "min", "max"])
@pytest.mark.parametrize("indicator", ["normalized_cumulative_learning_regret", "cumulative_reward", None])
def test_hyperparameter_landscape_marks_the_one_that_is_selected(
    indicator: str | None, reduction: str, tmp_path: Path
) -> None:
    folder = synthetic.write_benchmark(
        tmp_path / "hyperopt_episodic", ("QLearningEpisodic",), (0, 0, 0, 0, 1, 2), agent_scopes=6
    )
    with (folder / "agents_configs" / "QLearningEpisodic.gin").open("a") as file:
        file.writelines(f"prms_{i}/QLearningEpisodic.p = 0.05\n" for i in range(6))
    given = ["--indicator", indicator] if indicator else []
    arguments = ["select", "--benchmark", str(folder), "--agent", "QLearningEpisodic", *given]
    assert main([*arguments, "--reduce-seeds", reduction, "-o", str(tmp_path / "chosen.gin")]) == 0
    chosen = pd.read_csv(tmp_path / "chosen.csv").set_index("selected").loc[1]
    draw = load_kind("plot", "hyperparameters").draw
    figure = draw(Results.load(folder), **({"indicator": indicator} if indicator else {}), reduce_seeds=reduction)
    star = next(line for line in figure.axes[0].lines if line.get_marker() == "*")
    assert star.get_xdata()[0] == pytest.approx(chosen["c_1"])
    assert star.get_ydata()[0] == pytest.approx(chosen["score"])


def test_hyperparameter_landscape_marks_the_best(search: Path) -> None:
    results = Results.load(search)
    figure = load_kind("plot", "hyperparameters").draw(results)
    assert [(axis.get_title(), axis.get_xlabel()) for axis in figure.axes] == [
        ("PSRL", "c_1"), ("PSRL", "min_at"), ("QLearning", "c_1"), ("QLearning", "min_at"),
    ]  # fmt: skip
    for axis, name in ((figure.axes[0], "PSRLEpisodic"), (figure.axes[2], "QLearningEpisodic")):
        agents = [agent for agent in results.agents if agent.class_name == name]
        means = [results.values("normalized_cumulative_regret", agent).mean() for agent in agents]
        star = next(line for line in axis.lines if line.get_marker() == "*")
        assert star.get_ydata()[0] == pytest.approx(min(means))
        assert float(results.parameters("agent")[agents[int(np.argmin(means))]]["c_1"]) == star.get_xdata()[0]


def test_hyperparameter_landscape_marks_the_confirmed_winner(search: Path, tmp_path: Path) -> None:
    """It is the best of the confirmation, though worst in the first rung, whose scores the landscape shows."""
    indicator, name = "normalized_cumulative_learning_regret", "QLearningEpisodic"
    whole = Results.load(search)
    scores = {one.scope: whole.values(indicator, one).mean() for one in whole.agents if one.class_name == name}
    first, *_, last = sorted(scores, key=scores.__getitem__)
    (tmp_path / "summary.csv").write_text(summarise(search).instances)
    runs = [("0", scope, score) for scope, score in scores.items()] + [("confirm", first, 0.3), ("confirm", last, 0.2)]
    lines = [f"{name},{stage},{scope},a,0,{score},1,{indicator},mean,1" for stage, scope, score in runs]
    (tmp_path / "tuning.csv").write_text("\n".join([",".join(COLUMNS), *lines]))
    figure = load_kind("plot", "hyperparameters").draw(Results.load(tmp_path), indicator=indicator)
    axis = next(axis for axis in figure.axes if axis.get_title() == "QLearning")
    star = next(line for line in axis.lines if line.get_marker() == "*")
    assert star.get_ydata()[0] == pytest.approx(scores[last])


def test_each_number_of_a_list_is_a_hyperparameter_of_its_own(search: Path, tmp_path: Path) -> None:
    folder = tmp_path / "search"
    shutil.copytree(search, folder)
    for path in (folder / "agents_configs").glob("PSRL*.gin"):
        lines = [f"prms_{i}/{path.stem}.prior = [{i}.5, 1, {i % 2}]\n" for i in range(6)]
        lines += [f"prms_{i}/{path.stem}.model = 'a_model_with_a_name_that_is_long_{i % 2}'\n" for i in range(6)]
        path.write_text("".join(lines))
    figure = load_kind("plot", "hyperparameters").draw(Results.load(folder))
    shown = [(axis.get_title(), axis.get_xlabel()) for axis in figure.axes if axis.axison]
    assert shown == [
        ("PSRL", "model"), ("PSRL", "prior[0]"), ("PSRL", "prior[2]"), ("QLearning", "c_1"), ("QLearning", "min_at"),
    ]  # fmt: skip
    # an agent begins a row, and what is not a number is written whole
    assert len(figure.axes) == 6
    ticks = [label.get_text().replace("\n", "") for label in figure.axes[0].get_xticklabels()]
    assert ticks == ["a_model_with_a_name_that_is_long_0", "a_model_with_a_name_that_is_long_1"]
    assert_legible(figure)


def test_timing_needs_times(tmp_path: Path) -> None:
    logs = tmp_path / "b" / "logs" / "prms_0-TaxiEpisodic____prms_0-TheirAgent"
    logs.mkdir(parents=True)
    (logs / "seed0_logs.csv").write_text("steps,normalized_cumulative_regret\n10,1\n")
    with pytest.raises(LogError, match="steps_per_second"):
        load_kind("plot", "timing").draw(Results.load(tmp_path / "b"))


def test_kinds_are_files_with_one_line_about_each() -> None:
    for what in ("table", "plot"):
        assert all(len(about) > 20 for about in available_kinds(what).values())
        with pytest.raises(ConfigurationError, match=f"unknown kind of {what} 'completenes'.*'completeness'"):
            load_kind(what, "completenes")
