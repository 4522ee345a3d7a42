"""The page that compares two studies says what has moved, by how much, and whether that is more than noise."""

import csv
import html
import io
import json
import re
from pathlib import Path

import numpy as np
import page_study
import pandas as pd
import pytest
import synthetic
from scipy import stats

from colosseum.cli import main

AGENTS = ("QLearningEpisodic", "PSRLEpisodic", "SarsaEpisodic", "RandomAgentEpisodic")
LEARNING = "normalized_cumulative_learning_regret"
BENCHMARK = "benchmark_episodic_ergodic"
ANCHOR = "benchmark-episodic-ergodic-compared"


def write_study(root: Path, name: str, scopes: tuple[int, ...], agents: tuple[str, ...]) -> Path:
    folder = synthetic.write_benchmark(root / "benchmarking" / name / BENCHMARK, agents, scopes, n_seeds=5)
    page_study.write_tables(folder, root / "analysis" / name / BENCHMARK)
    return root / "analysis" / name


@pytest.fixture(scope="module")
def studies(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """
    Two studies: in the second one QLearning is worse throughout and has another c_1, PSRL differs by luck, Sarsa and
    SimpleGrid are not there, and an environment has other parameters.
    """
    root = tmp_path_factory.mktemp("compared")
    first = write_study(root, "first", (1, 0, 2, 0, 1, 1), AGENTS)
    second = write_study(root, "second", (1, 0, 2, 0, 1, 0), (AGENTS[0], AGENTS[1], AGENTS[3]))
    file = second / BENCHMARK / "summary.csv"
    table = pd.read_csv(file, keep_default_na=False, dtype=str)
    learning = table[LEARNING].astype(float)
    of_q, of_psrl = (table["agent_class"] == f"{name}Episodic" for name in ("QLearning", "PSRL"))
    learning[of_q] *= 1.5
    learning[of_psrl] *= np.where(table["seed"][of_psrl].astype(int) % 2, 1.001, 0.999)
    table[LEARNING] = learning.map("{:.12g}".format)
    table.loc[of_q, "agent_parameters"] = table["agent_parameters"][of_q].str.replace('"c_1": "', '"c_1": "9')
    changed = (table["mdp_class"] == "MiniGridEmptyEpisodic") & (table["mdp_scope"] == "prms_1")
    table.loc[changed, "mdp_parameters"] = table["mdp_parameters"][changed].str.replace('"6"', '"7"')
    table.to_csv(file, index=False)
    return first, second


@pytest.fixture(scope="module")
def page(studies: tuple[Path, Path], tmp_path_factory: pytest.TempPathFactory) -> str:
    written = tmp_path_factory.mktemp("page") / "page.html"
    assert main(["page", str(studies[0]), "--compare", str(studies[1]), "-o", str(written)]) == 0
    return written.read_text()


def tables(page: str) -> dict[str, list[dict[str, str]]]:
    found = re.search(r'<script type="application/json" id="data">(.*?)</script>', page, re.DOTALL)
    assert found
    return {name: list(csv.DictReader(io.StringIO(text))) for name, text in json.loads(found[1])["csv"].items()}


def per_step(study: Path) -> pd.Series:
    """Learning regret a step by agent, environment and seed, of what both studies have unchanged."""
    table = pd.read_csv(study / BENCHMARK / "summary.csv")
    kept = (table["mdp_class"] != "SimpleGridEpisodic") & (table["mdp_scope"] != "prms_1")
    table = table[kept].assign(value=table[LEARNING] / table["steps"])
    return table.set_index(["agent_class", "mdp_class", "seed"])["value"]


def test_differences_intervals_and_places_are_those_of_the_summaries(studies, page):
    first, second = map(per_step, studies)
    rows = {row["Agent"]: row for row in tables(page)[f"{ANCHOR}-{LEARNING}"]}
    by_value = sorted(list(rows)[:-1], key=lambda name: float(rows[name]["first"]))
    assert list(rows) == [*by_value, "Random policy"] and len(rows) == 5
    for name, verdict in (("QLearning", "better"), ("PSRL", "within the noise"), ("RandomAgent", "the same")):
        mine, other = (of[f"{name}Episodic"].unstack("mdp_class") for of in (first, second))
        row, k = rows[name], mine.shape[1]
        assert float(row["first"]) == pytest.approx(mine.to_numpy().mean())
        assert float(row["second"]) == pytest.approx(other.to_numpy().mean())
        assert float(row["Difference"]) == pytest.approx((mine.mean() - other.mean()).mean(), abs=1e-12)
        # Welch's interval of the mean over the environments, at the level that holds for the three agents together
        parts = np.concatenate([mine.var() / 5, other.var() / 5]) / k**2
        freedom = parts.sum() ** 2 / (parts**2 / 4).sum()
        half = stats.t.ppf(1 - (1 - 0.95 ** (1 / 3)) / 2, freedom) * np.sqrt(parts.sum())
        assert float(row["Difference high"]) - float(row["Difference"]) == pytest.approx(half, rel=1e-6)
        assert row["first is"] == verdict
    assert rows["Sarsa"]["first is"] == "only in first" and rows["Random policy"]["first is"] == "the same"
    for study, of in (("first", first), ("second", second)):
        means = of.groupby(level=0).mean().sort_values()
        places = {name: row[f"#, {study}"] for name, row in rows.items() if row[f"#, {study}"] not in ("", "–")}
        assert places == {name.removesuffix("Episodic"): str(i + 1) for i, name in enumerate(means.index)}


def test_environments_that_moved_most_come_first(studies, page):
    first, second = map(per_step, studies)
    rows = tables(page)[f"{ANCHOR}-environments-{LEARNING}"]
    moved = (first["QLearningEpisodic"] - second["QLearningEpisodic"]).groupby("mdp_class").mean()
    expected = moved.abs().sort_values(ascending=False)
    names = {"DeepSeaEpisodic": "DeepSea", "MiniGridEmptyEpisodic": "MG-Empty (0)", "RiverSwimEpisodic": "RiverSwim"}
    assert [row["Environment"] for row in rows] == [names[name] for name in expected.index]
    assert [float(row["QLearning"]) for row in rows] == pytest.approx([moved[name] for name in expected.index])


def test_it_says_what_differs_in_the_configurations(studies, page):
    rows = {row["Setting"]: (row["first"], row["second"]) for row in tables(page)[f"{ANCHOR}-configurations"]}
    assert rows.pop("QLearning: c_1")[1].startswith("9")
    assert rows == {
        "Complete instances": ("100 of 100", "60 of 60"),
        "Agents of one alone": ("Sarsa", "–"),
        "Environments of one alone": ("SimpleGrid", "–"),
        "MG-Empty (1): size": ("6", "7"),
    }
    section = page[page.index('<section id="compared">') : page.index('<section id="leaderboards">')]
    said = " ".join(html.unescape(re.sub(r"<[^>]*>", " ", section)).split())
    assert said.startswith(
        f"Compared First with second, {studies[1]} Episodic ergodic Against second, first is better: QLearning; "
    )
    assert "within the noise: PSRL; the same: RandomAgent." in said


@pytest.mark.slow
def test_a_study_is_the_same_as_itself(studies, tmp_path, capsys):
    written = tmp_path / "page.html"
    summary = str(studies[0] / BENCHMARK / "summary.csv")
    assert main(["page", summary, "--compare", summary, "-o", str(written)]) == 0
    rows = tables(written.read_text())
    assert {row["this study is"] for row in rows[f"{ANCHOR}-{LEARNING}"]} == {"the same"}
    assert f"{ANCHOR}-configurations" not in rows
    assert main(["page", summary, "--compare", str(tmp_path / "nowhere"), "-o", str(written)]) == 2
    assert "nowhere: missing" in capsys.readouterr().err
