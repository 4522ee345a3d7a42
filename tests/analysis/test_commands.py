"""The commands summarise, table, plot and status, as a person calls them."""

from pathlib import Path

import pandas as pd
import pytest
import synthetic

from colosseum.analysis.columns import SUMMARY_COLUMNS
from colosseum.analysis.registry import available_kinds
from colosseum.analysis.results import Results
from colosseum.analysis.statistics import least_difference, seeds_needed
from colosseum.analysis.statistics.comparison import level_of_a_pair
from colosseum.cli import main


@pytest.fixture
def study(small: Path, tmp_path: Path) -> Path:
    """A folder with the summary and the curves of a benchmark."""
    folder = tmp_path / "analysis"
    assert main(["summarise", str(small), "-o", f"{folder}/summary.csv", "--curves", f"{folder}/curves.csv"]) == 0
    return folder


def error_of(capsys: pytest.CaptureFixture, *arguments: object) -> str:
    assert main([str(argument) for argument in arguments]) == 2
    return capsys.readouterr().err


def test_summarise(study: Path, small: Path, capsys: pytest.CaptureFixture) -> None:
    assert main(["summarise", str(small), "-o", str(study / "again.csv")]) == 0
    assert (study / "again.csv").read_bytes() == (study / "summary.csv").read_bytes()
    assert "45 of 45 instances complete" in capsys.readouterr().out
    assert len(pd.read_csv(study / "summary.csv")) == 45
    assert len(pd.read_csv(study / "curves.csv")) == 45 * 40


@pytest.mark.slow
@pytest.mark.parametrize("kind", sorted(set(available_kinds("table")) - {"overview"}))
def test_tables_of_a_folder_and_of_its_summary_are_the_same(
    kind: str, study: Path, small: Path, tmp_path: Path
) -> None:
    for source, name in ((small, "a"), (study, "b"), (study / "summary.csv", "c")):
        outputs = [f"{tmp_path}/{name}{suffix}" for suffix in (".tex", ".csv", ".md", ".html")]
        assert main(["table", str(source), "--kind", kind, "-o", *outputs]) == 0
    for suffix in (".tex", ".csv", ".md", ".html"):
        texts = {(tmp_path / f"{name}{suffix}").read_text() for name in "abc"}
        assert len(texts) == 1 and texts.pop()


def test_overview_of_several(study: Path, small: Path, tmp_path: Path) -> None:
    page = tmp_path / "overview.html"
    assert main(["table", str(study), str(small), "--kind", "overview", "-o", str(page)]) == 0
    assert page.read_text().count("<h2>") == 2


def test_indicators_can_be_chosen(study: Path, tmp_path: Path) -> None:
    output = tmp_path / "t.csv"
    names = ["steps_per_second", "cumulative_reward"]
    assert main(["table", str(study), "--kind", "indicators", "--indicator", *names, "-o", str(output)]) == 0
    assert "Cumulative reward std" in pd.read_csv(output).columns
    picture = tmp_path / "p.svg"
    assert main(["plot", str(study), "--indicator", "cumulative_reward", "-o", str(picture)]) == 0
    assert picture.read_text().startswith("<?xml")


@pytest.mark.slow
def test_plots_of_a_folder_and_of_its_summary_are_the_same(study: Path, small: Path, tmp_path: Path) -> None:
    hardness = str(small / "hardness.csv")
    for source, name in ((small, "a"), (study, "b")):
        outputs = [f"{tmp_path}/{name}.svg", f"{tmp_path}/{name}.png"]
        arguments = ["plot", str(source), "--kind", "hardness_space", "--hardness", hardness, "-o", *outputs]
        assert main(arguments) == 0
    assert (tmp_path / "a.svg").read_bytes() == (tmp_path / "b.svg").read_bytes()
    assert (tmp_path / "a.png").read_bytes() == (tmp_path / "b.png").read_bytes()


def test_incomplete_benchmarks(incomplete: Path, tmp_path: Path, capsys: pytest.CaptureFixture) -> None:
    output = tmp_path / "out.csv"
    for arguments in (["summarise", incomplete], ["table", incomplete], ["plot", incomplete]):
        error = error_of(capsys, *arguments, "-o", output if arguments[0] != "plot" else tmp_path / "p.svg")
        assert "5 of 12 instances have no complete log" in error and "seed0_logs.csv: missing" in error
    assert not output.exists()
    assert main(["summarise", str(incomplete), "-o", str(output), "--allow-incomplete"]) == 0
    assert "7 of 12" in capsys.readouterr().out
    assert main(["table", str(output), "-o", str(tmp_path / "t.md")]) == 0  # it was allowed when it was summarised
    assert "Incomplete: 7 of 12 instances" in (tmp_path / "t.md").read_text()


def test_status(incomplete: Path, small: Path, tmp_path: Path, capsys: pytest.CaptureFixture) -> None:
    output = tmp_path / "status.csv"
    assert main(["status", str(incomplete.parent), str(small), "-o", str(output)]) == 0
    text = capsys.readouterr().out
    assert "incomplete" in text and "benchmark_episodic_ergodic" in text and "Core-hours left" in text
    assert pd.read_csv(output).iloc[-1][["Done", "Failed", "Missing"]].tolist() == [52, 4, 1]


def test_status_is_shown_until_all_is_done(
    tmp_path: Path, capsys: pytest.CaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = synthetic.write_benchmark(tmp_path / "b", ("QLearningEpisodic",), (0, 0, 0, 0, 2), n_seeds=1)
    log = next(folder.glob("logs/*/seed0_logs.csv"))
    text, waited = log.read_text(), []
    log.unlink()

    def sleep(seconds: float) -> None:
        waited.append(seconds)
        if len(waited) == 2:
            log.write_text(text)

    monkeypatch.setattr("time.sleep", sleep)
    assert main(["status", str(folder), "--watch", "--interval", "3"]) == 0
    out = capsys.readouterr().out
    assert waited == [3, 3] and out.count("Core-hours left: ") == 3 and out.count("again in 3 s") == 2
    assert "\033" not in out  # no screen to clear

    def stop(seconds: float) -> None:
        raise KeyboardInterrupt

    log.unlink()
    monkeypatch.setattr("time.sleep", stop)
    assert main(["status", str(folder), "--watch"]) == 0
    assert "--interval is 0" in error_of(capsys, "status", folder, "--watch", "--interval", "0")


def test_status_of_the_configured_study(capsys: pytest.CaptureFixture, tmp_path: Path) -> None:
    root = Path(__file__).parents[2]
    settings = tmp_path / "more.yaml"
    settings.write_text(f"study: other\nresults: {tmp_path}\nexperiment: {{n_seeds: 2, n_steps: 100, log_every: 10}}\n")
    files = [str(root / "config.yaml"), str(settings)]
    assert main(["status", "--workflow", str(root), "--configfile", *files]) == 0
    lines = capsys.readouterr().out.splitlines()
    row = next(line for line in lines if "benchmark_episodic_ergodic" in line).split()
    assert row[-7:-2] == ["0", "0", "0", "40", "40"]


def test_mistakes_are_one_line_that_says_what_would_do(
    study: Path, tmp_path: Path, capsys: pytest.CaptureFixture
) -> None:
    cases = {
        "did you mean 'average'": ["table", study, "--kind", "averag", "-o", tmp_path / "t.tex"],
        "cannot be written as '.text': did you mean '.tex'": ["table", study, "-o", tmp_path / "t.text"],
        "takes one folder, and 2 are given": ["table", study, study, "-o", tmp_path / "t.tex"],
        "did you mean 'timing'": ["plot", study, "--kind", "timings", "-o", tmp_path / "p.svg"],
        "--kind timing takes no --reduce-seeds": [
            "plot", study, "--kind", "timing", "--reduce-seeds", "max", "-o", tmp_path / "p.svg",
        ],
        "unknown kind of picture": ["plot", study, "-o", tmp_path / "p.jpeg"],
        "did you mean 'cumulative_reward'": [
            "plot", study, "--indicator", "cumulative_rewards", "-o", tmp_path / "p.svg",
        ],
        "no.csv: missing": ["plot", study, "--curves", tmp_path / "no.csv", "-o", tmp_path / "p.svg"],
        "no.csv: not readable": [
            "plot", study, "--kind", "hardness_space", "--hardness", tmp_path / "no.csv", "-o", tmp_path / "p.svg",
        ],
        "not a benchmark's folder": ["summarise", tmp_path / "nothing", "-o", tmp_path / "s.csv"],
        "--points is 1": ["summarise", study, "--points", "1", "-o", tmp_path / "s.csv"],
        "no benchmark's folder in there": ["status", study],
        "No such file": ["status", tmp_path / "nothing"],
        "config.yaml: missing; name benchmark folders": ["status", "--workflow", tmp_path],
        "one of them is enough": ["status", study, "--configfile", tmp_path / "c.yaml"],
    }  # fmt: skip
    for message, arguments in cases.items():
        error = error_of(capsys, *arguments)
        assert message in error and error.count("\n") == 1, error


def test_help_lists_the_kinds(capsys: pytest.CaptureFixture) -> None:
    for command, what in (("table", "table"), ("plot", "plot")):
        with pytest.raises(SystemExit):
            main([command, "--help"])
        text = capsys.readouterr().out
        for kind, about in available_kinds(what).items():
            assert kind in text and about in text


def test_the_page_on_the_analysis_names_every_column_and_kind() -> None:
    page = (Path(__file__).parents[2] / "docs" / "analysis.md").read_text()
    named = {**SUMMARY_COLUMNS, **available_kinds("table"), **available_kinds("plot")}
    missing = [name for name, about in named.items() if f"| `{name}` | {about} |" not in page]
    assert missing == []


def test_power_of_pairs(five: Path, tmp_path: Path, capsys: pytest.CaptureFixture) -> None:
    table = tmp_path / "power.csv"
    assert main(["power", str(five), "--difference", "0.01", "-o", str(table)]) == 0
    text = capsys.readouterr().out
    rows = pd.read_csv(table)
    assert len(rows) == 3 and list(rows["Shown"]) == ["yes"] * 3
    most = rows["Seeds needed"].max()
    assert f"Seeds needed in all: {most}, so that every pair that differs by 0.01" in text
    results = Results.load(five)
    scores = list(results.scores()[0].values())
    level = level_of_a_pair(3)
    assert rows["Seeds needed"][0] == seeds_needed(scores[0], scores[1], 0.01, level)
    assert rows["Least difference with 5"][2] == pytest.approx(least_difference(scores[1], scores[2], 5, level))


def test_errors_of_power(five: Path, tiny: Path, capsys: pytest.CaptureFixture) -> None:
    assert "difference is -1.0; a number above 0" in error_of(capsys, "power", five, "--difference", "-1")
    assert "power is 2.0" in error_of(capsys, "power", five, "--power", "2")
    assert "indicator is 'regret'" in error_of(capsys, "power", five, "--indicator", "regret")
    assert "1 agents and 1 seeds can be compared" in error_of(capsys, "power", tiny)
    assert "did you mean '.csv'" in error_of(capsys, "power", five, "-o", "a.csvv")
