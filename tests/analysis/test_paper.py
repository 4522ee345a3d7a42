"""Pictures and tables for a paper: widths, letters, colours, a part of the agents, other names, one order."""

import re
import zlib
from itertools import combinations
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import synthetic
from legible import assert_legible

from colosseum.analysis.choice import choose, parse_labels
from colosseum.analysis.paper import Paper, inches, wrap
from colosseum.analysis.registry import available_kinds, load_kind
from colosseum.analysis.results import Results
from colosseum.analysis.style import PALETTE, STATE_COLOURS, agent_styles, styles_of
from colosseum.analysis.tables import leaderboard
from colosseum.cli import main
from colosseum.errors import ConfigurationError

KINDS = sorted(available_kinds("plot"))

DEUTERANOPIA = [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]]
PROTANOPIA = [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]]
"""Machado, Oliveira and Fernandes 2009, at full severity; they act on linear RGB."""


@pytest.fixture(scope="module")
def unordered(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Twelve environments of a family, and agents whose alphabetical order is not that of their scores."""
    agents = ("AlphaEpisodic", "QLearningEpisodic", "SARSAEpisodic", "ZPSRLEpisodic")
    folder = tmp_path_factory.mktemp("unordered") / "benchmark_episodic_ergodic"
    synthetic.write_benchmark(folder, agents, (0, 0, 0, 0, 12, 1), n_steps=2000, log_every=500)
    for log in folder.glob("logs/*AlphaEpisodic/*.csv"):  # the worst, and first by name
        mdp, seed = log.parent.name.partition("-")[2].partition("____")[0], int(log.stem[4])
        log.write_text(synthetic.make_log(mdp, "RandomAgent", seed, 2000, 500))
    return folder


@pytest.mark.slow
@pytest.mark.parametrize("width", [3.25, 5.5, 6.75])
@pytest.mark.parametrize("kind", KINDS)
def test_nothing_is_below_7_points_cut_off_or_covered_at_the_width_it_is_made_for(
    kind: str, width: float, learning: Path
) -> None:
    figure = load_kind("plot", kind).draw(Results.load(learning), paper=Paper(width))
    assert figure.get_figwidth() == width
    assert_legible(figure)


def test_letters_are_as_large_as_asked_for(learning: Path) -> None:
    draw = load_kind("plot", "performance_profile").draw
    figure = draw(Results.load(learning), paper=Paper(5.5, 12))
    assert figure.axes[0].title.get_fontsize() == 12 and figure._supxlabel.get_fontsize() == 12
    assert {label.get_fontsize() for label in figure.axes[0].get_xticklabels()} == {11}
    assert_legible(figure)


@pytest.mark.slow
def test_no_picture_is_wider_than_a_page_unless_it_is_asked_for(unordered: Path) -> None:
    assert load_kind("plot", "regret_curves").draw(Results.load(unordered)).get_figwidth() == 6.75


def test_texts_are_measured_and_broken() -> None:
    assert inches("RandomAgent", 20) == pytest.approx(2 * inches("RandomAgent", 10))
    assert inches("one\ntwo words", 10) == inches("two words", 10)
    broken = wrap("Incomplete: 7 of 12 instances (4 failed, 1 missing).", 1.5, 9)
    assert "\n" in broken and inches(broken, 9) <= 1.5 and " ".join(broken.split()).startswith("Incomplete: 7 of 12")
    assert inches(wrap("AVeryLongNameWithoutAnySpace", 0.5, 9), 9) <= 0.5


def test_pdf_has_text_as_text_and_no_date(tiny: Path, tmp_path: Path) -> None:
    assert main(["plot", str(tiny), "--kind", "timing", "--width", "3.25", "-o", str(tmp_path / "p.pdf")]) == 0
    data = (tmp_path / "p.pdf").read_bytes()
    assert (
        b"/FontFile2" in data and b"/ToUnicode" in data and b"/Type3" not in data
    )  # TrueType, with its letters' names
    assert b"Date" not in data
    streams = [part.partition(b"endstream")[0] for part in data.split(b"stream\n")[1:]]
    drawn = b"".join(zlib.decompressobj().decompress(stream) for stream in streams if stream[:1] == b"x")
    assert re.search(rb"\bT[jJ]\b", drawn)


def vision(colours: list[str]) -> list[np.ndarray]:
    """Return colours in the perceptual space OKLab (Ottosson 2020) as three kinds of eyes see them."""
    rgb = np.array([[int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)] for colour in colours])
    linear = np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)
    cones = np.array([
        [0.4122214708, 0.5363325363, 0.0514459929],
        [0.2119034982, 0.6806995451, 0.1073969566],
        [0.0883024619, 0.2817188376, 0.6299787005],
    ])  # fmt: skip
    lab = np.array([
        [0.2104542553, 0.7936177850, -0.0040720468],
        [1.9779984951, -2.4285922050, 0.4505937099],
        [0.0259040371, 0.7827717662, -0.8086757660],
    ])  # fmt: skip
    seen = [linear, linear @ np.transpose(DEUTERANOPIA), linear @ np.transpose(PROTANOPIA)]
    return [np.cbrt(np.clip(one, 0, 1) @ cones.T) @ lab.T for one in seen]


def least_distance(colours: list[str], others: list[str]) -> float:
    pairs = zip(vision(colours), vision(others), strict=True)
    return min(float(np.linalg.norm(a - b)) for of, to in pairs for a in of for b in to if not np.array_equal(a, b))


def test_colours_stay_apart_for_the_colour_blind() -> None:
    packaged = ["QLearning", "PSRL", "UCRL2", "RandomAgent"]
    own = [agent_styles([name])[name]["color"] for name in packaged]
    for name in ("SARSA", "Mine", "DQN", "UCBVI", "Boltzmann"):
        colour = agent_styles([*packaged, name])[name]["color"]
        assert least_distance([colour], own) > 0.13, name
    assert all(least_distance([a], [b]) > 0.1 for a, b in combinations(PALETTE, 2))
    assert all(least_distance([a], [b]) > 0.05 for a, b in combinations(STATE_COLOURS.values(), 2))
    # the yardstick: what SARSA and QLearning were, two blues
    assert least_distance(["#0072B2"], ["#CC79A7"]) < 0.1


@pytest.mark.slow
def test_agents_have_the_order_of_the_leaderboard_everywhere_and_environments_their_natural_one(
    unordered: Path, tmp_path: Path
) -> None:
    results = Results.load(unordered)
    table = leaderboard.build(results)
    order = [row.labels[1] for row in table.rows if row.labels[1] != "Random policy"]
    assert order[-1] == "Alpha"
    natural = [*(f"RiverSwim ({i})" for i in range(12)), "SimpleGrid"]
    outputs = {kind: tmp_path / f"{kind}.csv" for kind in ("average", "indicators", "ranks", "improvement", "tail")}
    for kind, path in outputs.items():
        assert main(["table", str(unordered), "--kind", kind, "-o", str(path)]) == 0
    average = pd.read_csv(outputs["average"])
    assert [name for name in average.columns if name in order] == order
    assert list(average.iloc[:13, 0]) == natural
    for kind in ("ranks", "improvement", "tail"):
        cells = pd.read_csv(outputs[kind], dtype=str)
        named = next(column for column in cells.columns if cells[column].isin(order).any())
        assert list(dict.fromkeys(name for name in cells[named] if name in order)) == order, kind
    draw = {kind: load_kind("plot", kind).draw(results) for kind in ("regret_curves", "completeness")}
    assert [axis.get_title() for axis in draw["regret_curves"].axes] == natural
    legend = [text.get_text() for text in draw["regret_curves"].legends[0].get_texts()]
    assert sorted(order) == sorted(name for name in legend if name in order)
    assert [label.get_text() for label in draw["completeness"].axes[0].get_yticklabels()] == natural
    assert [label.get_text() for label in draw["completeness"].axes[0].get_xticklabels()] == order


def test_a_part_keeps_names_looks_and_order_and_compares_its_agents_alone(unordered: Path) -> None:
    whole = Results.load(unordered)
    (part,) = choose([whole], ["SARSA", "QLearningEpisodic"], ["RiverSwim (10)", "prms_2-RiverSwimEpisodic"])
    assert [part.agent_labels[agent] for agent in part.agents] == ["QLearning", "SARSA"]
    assert list(part.mdp_labels.values()) == ["RiverSwim (2)", "RiverSwim (10)"]
    looks = styles_of(whole)
    assert styles_of(part) == {name: looks[name] for name in ("QLearning", "SARSA")}
    assert len(part.summary) == 2 * 2 * 3 and part.curves is not None and len(part.curves) < len(whole.curves)
    assert len(leaderboard.build(part).rows) == 3  # with the random policy


def test_other_names_change_no_looks(unordered: Path, tmp_path: Path) -> None:
    whole = Results.load(unordered)
    (part,) = choose([whole], labels=parse_labels(["QLearning=Q-learning", "RiverSwim=River", "SimpleGrid=Grid"]))
    assert styles_of(part)["Q-learning"] == styles_of(whole)["QLearning"]
    assert list(part.mdp_labels.values())[-2:] == ["River (11)", "Grid"]
    output = tmp_path / "t.tex"
    arguments = ["table", str(unordered), "--agents", "QLearning", "SARSA", "--mdps", "SimpleGrid"]
    assert main([*arguments, "--labels", "QLearning=Q-learning", "-o", str(output)]) == 0
    assert "Q-learning & SARSA" in output.read_text() and "Alpha" not in output.read_text()


def test_a_table_is_as_wide_as_asked_for_in_blocks_of_columns(unordered: Path, tmp_path: Path) -> None:
    output = tmp_path / "t.tex"
    for width, n_blocks in (("5.5", 1), ("3.25", 3)):
        assert main(["table", str(unordered), "--width", width, "--fontsize", "8", "-o", str(output)]) == 0
        text = output.read_text()
        assert text.count(rf"\begin{{tabular*}}{{{width}in}}") == text.count(r"\end{tabular*}") == n_blocks
        assert text.count("RiverSwim (11)") == n_blocks and r"\fontsize{8}{9.6}\selectfont" in text
        for name in ("QLearning", "ZPSRL", "SARSA", "Alpha"):
            assert text.count(name) == 1
    assert main(["table", str(unordered), "-o", str(output)]) == 0
    assert "tabular*" not in output.read_text()


def test_mistakes_are_told(unordered: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    picture = ["-o", str(tmp_path / "p.pdf")]
    cases = {
        "there is no agent 'SARSSA' in these results: did you mean 'SARSA'": ["--agents", "SARSSA"],
        "there is no environment 'Taxi'": ["--mdps", "Taxi"],
        "--labels: 'SARSA' is no NAME=LABEL": ["--labels", "SARSA"],
        "--labels: there is no 'Sarsa' in these results: did you mean 'SARSA'": ["--labels", "Sarsa=A"],
        "--width is 0.5; 2 to 40 inches": ["--width", "0.5"],
        "--fontsize is 6; 7 to 40 points": ["--fontsize", "6"],
        "--kind rungs takes no --mdps": ["--kind", "rungs", "--mdps", "RiverSwim"],
    }
    for message, arguments in cases.items():
        assert main(["plot", str(unordered), *arguments, *picture]) == 2
        error = capsys.readouterr().err
        assert message in error and error.count("\n") == 1, error
    assert main(["table", str(unordered), "--width", "3.25", "-o", str(tmp_path / "t.md")]) == 2
    assert "--width and --fontsize are of LaTeX tables" in capsys.readouterr().err
    with pytest.raises(ConfigurationError, match="SARSA has two labels"):
        parse_labels(["SARSA=A", "SARSA=B"])


def test_an_open_mark_is_where_some_seeds_stopped_and_the_legend_says_so(learning: Path, tmp_path: Path) -> None:
    folder = synthetic.write_benchmark(tmp_path / "b", ("QLearningEpisodic",), (0, 0, 0, 0, 1, 1), n_seeds=3)
    log = next(folder.glob("logs/*RiverSwim*/seed0_logs.csv"))
    log.write_text(log.read_text().replace(",optimal\n", ",running\n"))
    figure = load_kind("plot", "regret_curves").draw(Results.load(folder))
    (star,) = [line for line in figure.axes[0].lines if line.get_marker() == "*"]
    assert star.get_markerfacecolor() == "white"
    legend = figure.legends[0]
    handles = {text.get_text(): handle for text, handle in zip(legend.get_texts(), legend.legend_handles, strict=True)}
    assert handles["stopped: policy optimal, some of the seeds"].get_markerfacecolor() == "white"
    assert "stopped: policy optimal" not in handles


def test_numbers_of_the_completeness_are_where_logs_are_missing(incomplete: Path, tiny: Path) -> None:
    draw = load_kind("plot", "completeness").draw
    texts = [text.get_text() for text in draw(Results.load(incomplete, allow_incomplete=True)).axes[0].texts]
    assert texts == ["1/3", "2/3", "2/3", "2/3"] and not draw(Results.load(tiny)).axes[0].texts
