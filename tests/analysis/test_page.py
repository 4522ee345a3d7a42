"""The results page: what it says is what the tables say."""

import csv
import html
import io
import json
import re
from pathlib import Path

import page_study
import pytest

from colosseum.analysis.page import find_sources, render
from colosseum.analysis.page.answer import answer
from colosseum.analysis.results import Results
from colosseum.analysis.table_model import Number
from colosseum.analysis.table_writers import to_csv
from colosseum.analysis.tables import aggregates, average, improvement, leaderboard
from colosseum.cli import main
from colosseum.errors import ConfigurationError

EPISODIC = "benchmark-episodic-ergodic"


@pytest.fixture(scope="module")
def study(demo_study: Path) -> Path:
    return demo_study


@pytest.fixture(scope="module")
def page(demo_page: str) -> str:
    return demo_page


@pytest.fixture(scope="module")
def data(page: str) -> dict:
    found = re.search(r'<script type="application/json" id="data">(.*?)</script>', page, re.DOTALL)
    assert found
    return json.loads(found[1])


def text_of(fragment: str) -> str:
    return " ".join(html.unescape(re.sub(r"<[^>]*>", " ", fragment)).split())


@pytest.mark.slow
def test_the_same_results_give_the_same_bytes_and_nothing_of_a_host(study, page):
    assert page_study.write_page(study) == page
    own = re.sub(r"<script.*?</script>|<style>.*?</style>", "", page, flags=re.DOTALL)
    assert "http" not in own
    assert not re.search(r"<(?:script|img|iframe)[^>]*\ssrc=|<link[^>]*href=(?!\"data:,)", own)


def test_its_tables_are_those_of_the_analysis(study, data):
    results = Results.load(study / "benchmark_episodic_ergodic")
    for id, table in {
        "environments-normalized_cumulative_regret": average.build(results, ("normalized_cumulative_regret",)),
        "improvement": improvement.build(results),
    }.items():
        assert data["csv"][f"{EPISODIC}-{id}"] == to_csv(table)
    whole = list(csv.DictReader(io.StringIO(to_csv(leaderboard.build(results)))))
    shown = list(csv.DictReader(io.StringIO(data["csv"][f"{EPISODIC}-board"])))
    first = list(csv.DictReader(io.StringIO(data["csv"][f"{EPISODIC}-first"])))
    assert "Complete" not in shown[0] and "Out of time" in shown[0]  # what is the same for all is left out
    for row, of_board, of_first in zip(whole, shown, first, strict=True):
        assert all(row[name] == value for name, value in of_board.items() if name != "notes")
        for regret in ("Learning regret", "Policy regret"):
            for end in ("", " low", " high"):
                assert of_first[f"{regret}{end}"] == row[f"{regret}: mean{end}"]
    assert [row["Agent"] for row in first].count("Random policy") == 1


def test_its_plots_hold_the_numbers_of_the_tables(study, data):
    results = Results.load(study / "benchmark_episodic_ergodic")
    chart = data["charts"][f"{EPISODIC}-aggregates"]["rows"]
    held = {tuple(row[:3]): row[3:] for row in chart["rows"]}
    n = 0
    for row in aggregates.build(results).rows:
        for title, cell in zip(aggregates.build(results).columns, row.cells, strict=True):
            assert isinstance(cell, Number)
            better = "lower" if title == "Optimality gap" else "higher"
            value, low, _ = held[(*row.labels, f"{title} ({better} is better)")]
            assert value == pytest.approx(cell.value, rel=1e-4)
            assert low == (pytest.approx(cell.interval[0], rel=1e-4) if cell.interval else None)
            n += 1
    assert n == len(held) == 2 * 5 * 4
    curves = data["curves"][EPISODIC]
    last = {(line[0], line[1], line[2]): line[4][-1] for line in curves["lines"]}
    agent = results.agents[curves["agents"].index("PSRL")]
    finals = results.final_values("normalized_cumulative_learning_regret", per_step=False)
    for i in range(len(results.mdps)):
        mean = finals[results.agents.index(agent)][:, i].mean()
        assert last[0, i, results.agents.index(agent)] == pytest.approx(mean, rel=1e-4)
    assert len(curves["seeds"]) == 2 * 5 * 4 * 5


def test_the_first_sentence_says_who_leads_by_what_and_how_sure_that_is(study, page):
    (source, _) = sorted(find_sources([study]).benchmarks, key=lambda one: one.name, reverse=True)
    board = leaderboard.build(source.results)
    said = answer(source, board, "packaged hyperparameters")
    best = board.rows[0]
    value, _, interval = best.cells[0].parts
    assert (said.leader, said.lead) == (best.labels[1], f"leads with learning regret {value} a step {interval}")
    close = [row.labels[1] for row in board.rows[1:] if isinstance(row.cells[0], Number) and row.cells[0].bold]
    assert close == [] and said.certainty.startswith("Every other agent is significantly worse.")
    assert said.certainty.endswith("Worse than the random policy: RandomAgent.")
    assert said.basis == "5 seeds, 5 environments; packaged hyperparameters."
    first = text_of(page[page.index('id="answer"') : page.index('class="firsts')])
    assert f"{said.leader} {said.lead}. {said.certainty} 5 seeds, 5 environments" in first


def test_few_seeds_compare_nobody(small):
    (source,) = find_sources([small]).benchmarks
    said = answer(source, leaderboard.build(source.results), "")
    assert "Too few seeds to tell agents apart: a comparison takes 5." in said.certainty
    assert said.basis == "3 seeds, 5 environments."


def test_every_instance_is_there_with_its_log_and_what_runs_it_again(study, data):
    of = data["instances"][1]
    assert of["title"] == "Episodic ergodic" and len(of["rows"]) == 5 * 4 * 5
    root = study.parents[2]
    for m, a, seed, *_ in of["rows"]:
        names = {"mdp": of["mdps"][m][0], "agent": of["agents"][a][0], "seed": seed}
        assert Path(of["log"].format(**names)).is_file()
    assert Path(of["log"]).is_relative_to(root)
    assert "experiment_instances/benchmark_episodic_ergodic/{mdp}____{agent}/seed{seed}.pkl" in of["pickle"]
    assert data["run"] == "python -m colosseum run {pickle} --log again.csv"


def test_every_link_of_the_page_leads_somewhere(page):
    own = re.sub(r"<script.*?</script>", "", page, flags=re.DOTALL)
    ids = re.findall(r'\sid="([^"]+)"', own)
    assert len(ids) == len(set(ids))
    targets = re.findall(r'href="#([^"]+)"', own)
    assert len(targets) > 30 and set(targets) <= set(ids)
    assert f"{EPISODIC}-env-RiverSwimEpisodic-prms_0" in targets


def test_environments_have_their_parameters_and_measures(page):
    row = re.search(rf'<tr[^>]*id="{EPISODIC}-env-RiverSwimEpisodic-prms_0">(.*?)</tr>', page, re.DOTALL)
    assert row
    said = text_of(row[1])
    assert said.startswith("RiverSwim") and "size = 5" in said and "p_rand" not in said


def test_agents_have_their_hyperparameters_in_their_ranges_and_the_samples_around_them(page, data):
    article = re.search(r'<article[^>]*id="agent-QLearningEpisodic-prms_0">(.*?)</article>', page, re.DOTALL)
    assert article
    said = text_of(article[1])
    assert "Hyperparameters: tuned with 6 samples by 2 rungs." in said
    assert "c_1 0.02 0.001 10.0 log-uniform Explains 62% of the variance" in said
    assert "UCB_type bernstein choice: [bernstein, hoeffding] No effect of its own (noise)." in said
    assert "The best three samples lie at the low end: widen it, e.g. log_uniform: [1e-05, 0.2]." in said
    assert "prms_0/QLearningEpisodic.c_1 = 0.02" in said
    assert "hyperopt_episodic/selection/QLearningEpisodic_ranges.csv" in said
    rows = list(csv.reader(io.StringIO(data["csv"]["agent-QLearningEpisodic-prms_0-samples"])))[1:]
    assert [row[0] for row in rows] == ["1", "2", "3", "5", "0", "4"]  # the last rung first, then the best
    assert {row[0] for row in rows if row[1] == "neighbour"} == {"2", "3", "5"}
    assert [row[0] for row in rows if row[1] == "chosen"] == ["1"]
    slices = data["charts"]["hyperopt-episodic-QLearningEpisodic-slices"]["spec"]["concat"]
    scales = {panel["encoding"]["x"]["title"]: panel["encoding"]["x"].get("scale") for panel in slices}
    assert scales["c_1"] == {"type": "log", "domain": [0.001, 10.0], "nice": False} and scales["UCB_type"] is None
    # what was not tuned has no range
    other = re.search(r'<article[^>]*id="agent-PSRLEpisodic-prms_0">(.*?)</article>', page, re.DOTALL)
    assert other and "packaged hyperparameters" in other[1] and "Place in its range" not in other[1]


def test_what_is_missing_failed_or_cut_stands_on_top_with_what_mends_it(incomplete, tmp_path):
    analysis = tmp_path / "results" / "analysis" / "demo" / incomplete.name
    page_study.write_tables(incomplete, analysis, allow_incomplete=True)
    made = page_study.write_page(analysis.parent)
    on_top = text_of(made[made.index("<details class=") : made.index('id="answer"')])
    assert "Instances are missing. Instances failed or are stale." in on_top
    assert "1 of 12 instances are missing. Run them: snakemake --cores all --configfile demo.yaml" in on_top
    assert "4 of 12 instances failed or are stale, first" in on_top
    assert "data-grave" in made and "<strong>7 of 12 instances are complete</strong>" in made


def test_cut_runs_are_told_with_the_key_that_mends_it(page):
    on_top = text_of(page[page.index("<details class=") : page.index('id="answer"')])
    assert "instances were cut by their time limit. With a higher experiment.max_interaction_time_s" in on_top
    assert "data-grave" not in page[: page.index('id="answer"')].partition("</style>")[2].rpartition("</style>")[2]


def test_the_command_writes_it_and_names_what_is_wrong(study, tmp_path, capsys):
    written = tmp_path / "page.html"
    configuration = json.dumps({"study": "demo", "agents": ["QLearningEpisodic"], "benchmarks": ["episodic_ergodic"]})
    assert main(["page", str(study), "-o", str(written), "--configuration", configuration]) == 0
    said = written.read_text()
    assert "<h1>demo</h1>" in said and "Tuning: Episodic" in said and "snakemake --cores all" in said
    assert main(["page", str(study), "-o", str(tmp_path / "page.pdf")]) == 2
    assert main(["page", str(tmp_path / "nowhere"), "-o", str(written)]) == 2
    assert main(["page", str(study), "-o", str(written), "--configuration", "{"]) == 2
    errors = capsys.readouterr().err.splitlines()
    assert len(errors) == 3 and "a .html file would do" in errors[0] and "nowhere: missing" in errors[1]


def test_a_library_that_is_missing_is_named_with_its_extra(study, monkeypatch):
    import importlib

    found = importlib.import_module

    def without(name, *args):
        if name == "jinja2":
            raise ModuleNotFoundError(name)
        return found(name, *args)

    monkeypatch.setattr(importlib, "import_module", without)
    with pytest.raises(ConfigurationError, match=r"needs jinja2, .* 'colosseum-benchmark\[page\]'"):
        render(find_sources([study]), page_study.ABOUT)


def test_user_defined_agents_stay_apart_on_both_grounds(data):
    for ground in ("light", "dark"):
        colours = [look[ground] for look in data["looks"].values()]
        assert len(set(colours)) == len(colours)
