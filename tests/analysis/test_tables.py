"""Tables: the two published ones, the others, and how they are written."""

import csv
import io
import math
import re
import shutil
import subprocess
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import synthetic

from colosseum.analysis.registry import available_kinds, load_kind
from colosseum.analysis.results import Results
from colosseum.analysis.statistics import better_than_reference, not_worse_than_best
from colosseum.analysis.summary import summarise
from colosseum.analysis.table_html import to_page
from colosseum.analysis.table_model import Number, Row, Table, choose_decimals
from colosseum.analysis.table_writers import to_csv, to_latex, to_markdown
from colosseum.analysis.tables import get_latex_table_of_average_indicator, get_latex_table_of_indicators, overview
from colosseum.errors import ConfigurationError, LogError

KINDS = sorted(set(available_kinds("table")) - {"overview"})


def finals(folder: Path, mdp: str, agent: str, column: str) -> np.ndarray:
    logs = sorted((folder / "logs" / f"{mdp}____{agent}").glob("*.csv"))
    return np.array([pd.read_csv(log)[column].iloc[-1] for log in logs])


def body(latex: str) -> dict[str, list[str]]:
    lines = [line for line in latex.splitlines() if line.endswith(r"\\")]
    return {line.split(" & ")[0]: line.removesuffix(r" \\").split(" & ") for line in lines}


def has_latex() -> bool:
    if shutil.which("pdflatex") is None:
        return False
    return subprocess.run(["kpsewhich", "booktabs.sty"], capture_output=True, check=False).returncode == 0


def numbers(cell: str) -> list[float]:
    return [float(part) for part in re.findall(r"-?[\d.]+", cell.replace("{,}", ""))]


def test_average_table_holds_means_and_sample_deviations(small: Path) -> None:
    lines = body(get_latex_table_of_average_indicator(small, "normalized_cumulative_regret"))
    assert lines["Environment"] == ["Environment", "PSRL", "QLearning", "RandomAgent"]
    values = (
        finals(small, "prms_0-RiverSwimEpisodic", "prms_0-QLearningEpisodic", "normalized_cumulative_regret") / 20_000
    )
    assert lines["RiverSwim"][2] == rf"${values.mean():.3f}\pm{values.std(ddof=1):.3f}$"
    undivided = body(get_latex_table_of_average_indicator(small, "normalized_cumulative_regret", False, False))
    assert numbers(undivided["RiverSwim"][2]) == pytest.approx([values.mean() * 2e4, values.std(ddof=1) * 2e4], abs=0.5)


def test_average_row_is_over_the_environments_seed_by_seed(small: Path) -> None:
    results = Results.load(small)
    agent = results.agents[0]
    by_seed = results.values("normalized_cumulative_regret", agent).mean(axis=1)
    cell = body(get_latex_table_of_average_indicator(small, "normalized_cumulative_regret"))[r"\textit{Average}"][1]
    assert cell == rf"${by_seed.mean():.3f}\pm{by_seed.std(ddof=1):.3f}$"


@pytest.mark.parametrize("indicator", ["steps_per_second", "normalized_cumulative_regret"])
def test_bold_is_whoever_no_other_is_significantly_better_than(five: Path, indicator: str) -> None:
    _, frame = get_latex_table_of_average_indicator(five, indicator, return_table=True)
    results = Results.load(five)
    high = indicator == "steps_per_second"
    for j in range(len(results.mdps)):
        columns = [results.values(indicator, agent)[:, [j]] for agent in results.agents]
        bold = tuple("mathbf" in cell for cell in frame.iloc[j])
        assert bold == not_worse_than_best(columns, high)
        means = [column.mean() for column in columns]
        assert bold[int(np.argmax(means) if high else np.argmin(means))]
        shown = [numbers(cell)[0] for cell in frame.iloc[j]]
        assert shown == pytest.approx(means, rel=1e-5, abs=5e-4)  # steps per second are not divided
    if not high:
        assert not any("mathbf" in row[("RandomAgent", "prms_0")] for _, row in frame.iterrows())


def test_below_five_seeds_nothing_is_bold_and_the_table_says_why(small: Path, five: Path) -> None:
    for kind in ("average", "indicators", "leaderboard"):
        text = to_markdown(load_kind("table", kind).build(Results.load(small)))
        assert "Nothing is bold: a comparison with the best takes at least 5 seeds, this benchmark has 3." in text
        assert not any("**" in line for line in text.splitlines() if line.startswith("|"))
        assert re.search(r"at 5 % for all agents of (a row|one environment|the table)", build_text(kind, five))


def build_text(kind: str, folder: Path) -> str:
    return to_markdown(load_kind("table", kind).build(Results.load(folder)))


def test_the_random_policy_is_shown_and_who_is_not_better_is_marked(five: Path) -> None:
    results = Results.load(five)
    table = load_kind("table", "average").build(results)
    assert table.columns[-1] == "Random policy" and table.rows[-1].labels == ("Better than random",)
    for i, agent in enumerate(results.agents):
        random = results.final_values("random_normalized_cumulative_regret")[i]
        better = better_than_reference(results.values("normalized_cumulative_regret", agent), random, False)
        assert ["†" not in row.cells[i].marks for row in table.rows[:5]] == better.tolist()
        assert table.rows[-1].cells[i] == f"{better.sum()} of 5"
    assert [row.cells[-1].value for row in table.rows[:5]] == pytest.approx(random.mean(axis=0))
    board = load_kind("table", "leaderboard").build(results)
    assert board.rows[-1].labels == ("", "Random policy")
    assert [row.cells[5] for row in board.rows[:2]] == ["5 of 5", "5 of 5"]
    ranks = load_kind("table", "ranks").build(results)
    assert ranks.rows[-1].labels[1] == "Random policy"
    assert "†: not better than the random policy" in to_markdown(load_kind("table", "indicators").build(results))


def test_runs_that_were_cut_are_told_in_every_table(five: Path) -> None:
    for kind in sorted(set(KINDS) - {"completeness"}):
        assert "that were cut by their time limit (PSRL 5)." in build_text(kind, five)
    cells = load_kind("table", "average").build(Results.load(five)).rows[0].cells
    assert cells[0].marks == "‡" and cells[1].marks == ""


def test_one_seed_has_a_dash_in_the_place_of_an_interval(tiny: Path) -> None:
    for kind in ("leaderboard", "aggregates", "ranks", "tail"):
        text = build_text(kind, tiny)
        assert "[–]" in text and "One seed: no interval." in text and not re.search(r"\[[\d.]+, ", text)
    assert " ± –" in build_text("average", tiny)


def scores_for_a_leaderboard(folder: Path) -> Path:
    """Of 20 environments with 5 seeds: PSRL is the better one in 14 of them, and bad in the other ones."""
    synthetic.write_benchmark(folder, ("QLearningEpisodic", "PSRLEpisodic"), n_seeds=5, n_steps=500, learning=False)
    table = pd.read_csv(io.StringIO(summarise(folder).instances))
    psrl, place = table["agent_class"] == "PSRLEpisodic", table.groupby(["mdp_class", "mdp_scope"]).ngroup()
    noise = np.random.default_rng(0).normal(0, 0.01, len(table))
    regret = np.where(psrl, np.where(place < 14, 0.2, 0.9), 0.3) + noise
    table["normalized_cumulative_regret"] = regret * table["steps"]
    table.to_csv(folder / "summary.csv", index=False)
    return folder / "summary.csv"


def test_place_and_mark_follow_one_statistic(tmp_path: Path) -> None:
    table = load_kind("table", "leaderboard").build(Results.load(scores_for_a_leaderboard(tmp_path / "board")))
    first, second = (row for row in table.rows if row.labels[0])
    assert (first.labels, second.labels) == (("1", "QLearning"), ("2", "PSRL"))
    mean, iqm = (table.columns.index(f"Policy regret: {name}") for name in ("mean", "IQM"))
    assert first.cells[mean].value < second.cells[mean].value and first.cells[iqm].value > second.cells[iqm].value
    assert first.cells[mean].bold and not second.cells[mean].bold
    assert not any(cell.bold for row in table.rows for cell in (row.cells[iqm],))


def test_seeds_that_are_layouts_are_told_from_luck(five: Path, tmp_path: Path) -> None:
    assert "Seeds differ by luck alone" in build_text("average", five)
    table = pd.read_csv(io.StringIO(summarise(five).instances))
    river = table["mdp_class"] == "RiverSwimEpisodic"
    shift = 1000.0 * table["seed"]
    for column in ("normalized_cumulative_regret", "random_normalized_cumulative_regret", "random_cumulative_regret"):
        table.loc[river, column] += shift[river]
    table.to_csv(tmp_path / "summary.csv", index=False)
    text = build_text("average", tmp_path / "summary.csv")
    assert "Seeds are different layouts or starting states, and agents compared seed by seed, in RiverSwim (" in text
    assert re.search(r"RiverSwim \((9\d|100)% of the variance is shared by the agents\); elsewhere", text)


def test_both_regrets_are_side_by_side_learning_regret_first(learning: Path) -> None:
    results = Results.load(learning)
    names = ["normalized_cumulative_learning_regret", "normalized_cumulative_regret"]
    means = [[results.values(name, agent).mean() for name in names] for agent in results.agents]
    board = load_kind("table", "leaderboard").build(results)
    assert [row.labels[1] for row in board.rows] == ["PSRL", "QLearning", "Random policy", "RandomAgent"]
    shown = {row.labels[1]: [row.cells[i].value for i in (0, 2)] for row in board.rows}
    assert [shown[results.agent_labels[agent]] for agent in results.agents] == [pytest.approx(one) for one in means]
    assert [row.cells[0].bold for row in board.rows] == [True, False, False, False]
    assert not any(row.cells[2].bold for row in board.rows)
    average = load_kind("table", "average").build(results)
    assert average.title == "Learning regret, normalized, per step"
    assert [cell.value for cell in average.rows[5].cells[:3]] == pytest.approx([mean for mean, _ in means])
    indicators = load_kind("table", "indicators").build(results)
    assert indicators.columns[:2] == ("Learning regret, normalized", "Policy regret, normalized")
    for kind in ("aggregates", "improvement", "ranks", "tail"):
        labels = [row.labels[0] for row in load_kind("table", kind).build(results).rows]
        assert labels == sorted(labels) and set(labels) == {"Learning regret", "Policy regret"}


def test_an_agent_without_learning_regret_has_a_dash_and_policy_regret_orders(learning: Path, tmp_path: Path) -> None:
    table = pd.read_csv(io.StringIO(summarise(learning).instances))
    lost = (table["agent_class"] == "PSRLEpisodic") & (table["seed"] == 3)
    columns = [name for name in table.columns if "learning" in name]
    table.loc[lost, columns] = np.nan
    table.to_csv(tmp_path / "summary.csv", index=False)
    board = load_kind("table", "leaderboard").build(Results.load(tmp_path))
    assert "Some logs hold no learning regret: agents are ordered and compared by policy regret." in board.notes
    assert [math.isnan(row.cells[0].value) for row in board.rows[:2]] == [True, False]
    assert board.rows[0].cells[2].bold
    for kind in sorted(set(KINDS) - {"completeness"}):
        assert "PSRL" in build_text(kind, tmp_path / "summary.csv")


def test_layouts_are_found_in_the_constants_of_the_environment(learning: Path, tmp_path: Path) -> None:
    table = pd.read_csv(io.StringIO(summarise(learning).instances))
    river = table["mdp_class"] == "RiverSwimEpisodic"
    table.loc[river, "random_cumulative_regret"] += table.loc[river, "seed"]  # other starting states
    table.to_csv(tmp_path / "summary.csv", index=False)
    assert "Seeds differ by luck alone" in build_text("average", tmp_path / "summary.csv")
    table.loc[river, "random_cumulative_learning_regret"] += table.loc[river, "seed"]
    table.to_csv(tmp_path / "summary.csv", index=False)
    text = build_text("average", tmp_path / "summary.csv")
    assert "Seeds are different layouts, and agents compared seed by seed, in RiverSwim" in text


def test_logs_without_learning_regret_have_a_dash(five: Path) -> None:
    table = load_kind("table", "leaderboard").build(Results.load(five))
    assert table.columns[:4] == (
        "Learning regret: mean", "Learning regret: IQM", "Policy regret: mean", "Policy regret: IQM",
    )  # fmt: skip
    assert all(math.isnan(cell.value) for row in table.rows for cell in row.cells[:2])
    assert "The logs hold no learning regret: agents are ordered and compared by policy regret." in table.notes


def test_tail(five: Path) -> None:
    results = Results.load(five)
    table = load_kind("table", "tail").build(results)
    values = results.values("normalized_cumulative_regret", results.agents[1])
    row = table.rows[1]
    assert row.labels == ("Policy regret", "QLearning")
    assert row.cells[0].value == pytest.approx(values.max())
    seed, mdp = np.unravel_index(values.argmax(), values.shape)
    assert row.cells[1] == f"{results.mdp_labels[results.mdps[mdp]]}, seed {seed}"
    assert row.cells[2].value == pytest.approx(np.sort(values, axis=None)[-3:].mean())  # of 25 instances
    random = results.final_values("random_normalized_cumulative_regret")[2]
    agent = results.values("normalized_cumulative_regret", results.agents[2])
    assert table.rows[2].cells[3].value == pytest.approx((agent >= random).mean())


def test_published_arguments(small: Path, capsys: pytest.CaptureFixture) -> None:
    latex = get_latex_table_of_average_indicator(small, "cumulative_reward", True, True, False, True)
    assert isinstance(latex, str) and latex.startswith("%")
    assert "PSRL (0)" in capsys.readouterr().out
    lines = body(latex)
    assert list(lines) == ["Agent", "PSRL (0)", "QLearning (0)", "RandomAgent (0)"]
    assert lines["Agent"][-1] == "Average" and "Taxi" not in lines["Agent"]
    _, frame = get_latex_table_of_average_indicator(small, "cumulative_reward", mdps_on_row=False, return_table=True)
    assert frame.columns[1] == ("MG-Empty (0)", "prms_0") and frame.columns[-1] == ("Average", "")
    assert frame.shape == (3, 6)


def test_table_of_indicators(small: Path, capsys: pytest.CaptureFixture) -> None:
    indicators = ["normalized_cumulative_regret", "steps_per_second"]
    latex = get_latex_table_of_indicators(small, indicators, print_table=True)
    assert latex in capsys.readouterr().out
    rows = [line.removesuffix(r" \\").split(" & ") for line in latex.splitlines() if line.endswith(r"\\")]
    assert rows[0] == ["Environment", "Agent", "Policy regret, normalized", "Steps per second", "Completed seeds"]
    assert len(rows) == 1 + 5 * 3
    assert rows[1][:2] == ["DeepSea (0)", "PSRL"] and rows[2][0] == ""
    assert rows[1][-1] == "0/3" and rows[2][-1] == "3/3"  # PSRL ran out of time in DeepSea
    values = finals(small, "prms_0-DeepSeaEpisodic", "prms_0-PSRLEpisodic", "steps_per_second")
    assert numbers(rows[1][3]) == pytest.approx([values.mean(), values.std(ddof=1)], abs=1)
    assert "DeepSea &" in get_latex_table_of_indicators(small, indicators, show_prm_mdp=False)
    assert "PSRL (0)" in get_latex_table_of_indicators(small, indicators, show_prm_agent=True)


def test_errors_of_the_published_tables(small: Path, incomplete: Path) -> None:
    with pytest.raises(ConfigurationError, match="did you mean 'normalized_cumulative_regret'"):
        get_latex_table_of_average_indicator(small, "normalised_cumulative_regret")
    with pytest.raises(ConfigurationError, match="a list of at least one name"):
        get_latex_table_of_indicators(small, "steps_per_second")
    with pytest.raises(LogError, match="5 of 12"):
        get_latex_table_of_average_indicator(incomplete, "cumulative_regret")


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_says_when_it_is_incomplete(kind: str, incomplete: Path, small: Path) -> None:
    table = load_kind("table", kind).build(Results.load(incomplete, allow_incomplete=True))
    for write in (to_latex, to_markdown, to_csv, to_page):
        assert "Incomplete: 7 of 12 instances (4 failed, 1 missing)." in write(table)
        assert "Incomplete" not in write(load_kind("table", kind).build(Results.load(small)))


def test_an_agent_without_logs_leaves_the_average_of_the_others(small: Path, tmp_path: Path) -> None:
    (tmp_path / "summary.csv").write_text(summarise(small).instances)
    whole = load_kind("table", "average").build(Results.load(tmp_path))
    agents = [agent.class_name for agent in Results.load(tmp_path).agents]
    made = summarise(small, allow_incomplete=True, expected_agents=[*agents, "UCRL2Episodic"])
    (tmp_path / "summary.csv").write_text(made.instances)
    table = load_kind("table", "average").build(Results.load(tmp_path))
    assert table.columns[-2:] == ("UCRL2", "Random policy")
    assert [(*row.cells[:3], row.cells[4]) for row in table.rows] == [row.cells for row in whole.rows]
    assert all(math.isnan(row.cells[3].value) for row in table.rows[:-1]) and table.rows[-1].cells[3] == "–"


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_is_the_same_from_run_to_run_and_with_one_agent(kind: str, tiny: Path, small: Path) -> None:
    build = load_kind("table", kind).build
    assert to_latex(build(Results.load(small))) == to_latex(build(Results.load(small)))
    assert "QLearning" in to_markdown(build(Results.load(tiny)))


def test_an_agent_without_any_log_is_a_dash_and_not_in_the_average(tmp_path: Path) -> None:
    folder = synthetic.write_benchmark(tmp_path / "b", ("QLearningEpisodic", "PSRLEpisodic"), (1, 1))
    shutil.rmtree(folder / "logs" / "prms_0-DeepSeaEpisodic____prms_0-PSRLEpisodic")
    latex = get_latex_table_of_average_indicator(folder, "normalized_cumulative_regret", allow_incomplete=True)
    lines = body(latex)
    assert lines["DeepSea"][1] == "--"
    assert lines[r"\textit{Average}"][1:] == lines["FrozenLake"][1:]
    assert "over the 1 of 2 environments" in latex


def test_leaderboard_is_best_first(small: Path) -> None:
    text = to_markdown(load_kind("table", "leaderboard").build(Results.load(small)))
    assert [line.split("|")[2].strip() for line in text.splitlines() if line.startswith(("| 1", "| 2", "| 3"))] == [
        "PSRL", "QLearning", "RandomAgent",
    ]  # fmt: skip
    assert text.startswith("**Episodic ergodic**")


def test_overview_has_a_section_for_each_benchmark_and_needs_nothing_else(small: Path, incomplete: Path) -> None:
    page = overview.to_page(overview.build([Results.load(small), Results.load(incomplete, allow_incomplete=True)]))
    assert re.findall("<h2>(.*?)</h2>", page) == ["Episodic ergodic", "Incomplete"]
    assert "<p class=incomplete>Incomplete: 7 of 12 instances" in page
    assert page.count("<table>") == 2 and "http" not in page and "src=" not in page
    assert page.count("Policy regret: what the policy would lose") == 1  # what all say is said once


TABLE = Table(
    "Title_1",
    ("MDP", "Agent"),
    ("a & b", "c|d"),
    (
        Row(("x_1", "A"), (Number(1.2345, 2, spread=0.1, bold=True), "3/3")),
        Row(("x_1", "<B>"), (Number(-0.0001, 2, spread=float("nan"), marks="†‡"), "50 %")),
        Row(("y", "A"), (Number(float("nan")), Number(12345.6, 0, interval=(1e4, 2e4))), rule_above=True),
    ),
    ("Note 5 %.",),
)


def test_latex_is_escaped_and_repetitions_are_empty() -> None:
    assert to_latex(TABLE).splitlines() == [
        r"% Title_1. Needs \usepackage{booktabs}.",
        r"\begin{tabular}{llcc}",
        r"\toprule",
        r"MDP & Agent & a \& b & c\textbar{}d \\",
        r"\midrule",
        r"x\_1 & A & $\mathbf{1.23}\pm0.10$ & 3/3 \\",
        r" & \textless{}B\textgreater{} & $0.00\pm\mbox{--}^{\dagger\ddagger}$ & 50 \% \\",
        r"\midrule",
        r"y & A & -- & $12{,}346\;[10{,}000, 20{,}000]$ \\",
        r"\bottomrule",
        r"\end{tabular}",
        r"\par\smallskip{\footnotesize Note 5 \%.}",
    ]


def test_csv_has_every_digit_and_one_column_a_part() -> None:
    rows = list(csv.DictReader(io.StringIO(to_csv(TABLE))))
    assert list(rows[0]) == [
        "MDP", "Agent", "a & b", "a & b std", "a & b best", "a & b marks",
        "c|d", "c|d low", "c|d high", "c|d best", "notes",
    ]  # fmt: skip
    assert rows[0]["a & b"] == "1.2345" and rows[0]["a & b best"] == "True" and rows[0]["notes"] == "Note 5 %."
    assert rows[1]["MDP"] == "x_1" and rows[1]["a & b std"] == "" and rows[1]["a & b marks"] == "†‡"
    assert rows[2]["a & b"] == "" and rows[2]["c|d high"] == "20000"


def test_markdown_and_html() -> None:
    lines = to_markdown(TABLE).splitlines()
    assert lines[0] == "**Title_1**" and len({len(line) for line in lines[2:7]}) == 1
    assert r"c\|d" in lines[2] and "**1.23 ± 0.10**" in lines[4]
    page = to_page(TABLE)
    assert "<td><b>1.23 ± 0.10</b></td>" in page and "&lt;B&gt;" in page and "a &amp; b" in page


@pytest.mark.parametrize(
    ("values", "decimals"), [((0.5, 0.1), 3), ((0.05,), 4), ((1.5, 99), 2), ((20_000, 1), 0), ((), 2), ((0.0,), 2)]
)
def test_decimals(values: tuple, decimals: int) -> None:
    assert choose_decimals(values) == decimals


@pytest.mark.skipif(not has_latex(), reason="no LaTeX: apt-get install texlive-latex-recommended")
def test_every_table_is_compiled_by_a_real_latex(small: Path, incomplete: Path, tmp_path: Path) -> None:
    parts = [to_latex(TABLE)]
    for folder in (small, incomplete):
        results = Results.load(folder, allow_incomplete=True)
        parts += [to_latex(load_kind("table", kind).build(results)) for kind in KINDS]
        parts.append(to_latex(load_kind("table", "average").build(results, mdps_on_row=False)))
    document = "\n\\clearpage\n".join(parts)
    (tmp_path / "tables.tex").write_text(
        "\\documentclass{article}\\usepackage[a3paper,landscape,margin=1cm]{geometry}\\usepackage{booktabs}\n"
        f"\\begin{{document}}\n{document}\n\\end{{document}}\n",
        encoding="utf-8",
    )
    run = subprocess.run(
        ["pdflatex", "-interaction=nonstopmode", "-halt-on-error", "tables.tex"],
        cwd=tmp_path, capture_output=True, text=True, errors="replace", check=False,
    )  # fmt: skip
    assert run.returncode == 0, run.stdout[-2000:]
    assert "Overfull" not in run.stdout, [line for line in run.stdout.splitlines() if "Overfull" in line]
