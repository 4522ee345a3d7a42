"""Results as pandas frames, from every kind of source."""

import io
import shutil
from pathlib import Path

import pandas as pd
import pytest
import synthetic

from colosseum.analysis.columns import CURVES_COLUMNS, SUMMARY_COLUMNS
from colosseum.analysis.load import load_results
from colosseum.analysis.results import Results
from colosseum.analysis.summary import summarise
from colosseum.errors import ConfigurationError, LogError
from colosseum.logs import columns


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two benchmarks of a study, and the tables of both in its folder of analyses."""
    root = tmp_path_factory.mktemp("results")
    for name in ("one", "two"):
        folder = synthetic.write_benchmark(root / "benchmarking" / "study" / name, scopes=(1, 2), n_seeds=2)
        made = summarise(folder)
        target = root / "analysis" / "study" / name
        target.mkdir(parents=True)
        (target / "summary.csv").write_text(made.instances)
        (target / "curves.csv").write_text(made.curves)
    return root


def test_all_sources_give_the_same(study: Path) -> None:
    of_study = load_results(study / "analysis" / "study")
    assert list(of_study.summary) == list(SUMMARY_COLUMNS)
    assert list(of_study.curves) == ["benchmark", *CURVES_COLUMNS]
    assert of_study.summary["benchmark"].value_counts().to_dict() == {"one": 18, "two": 18}
    assert of_study.curves["benchmark"].value_counts().to_dict() == {"one": 18 * 40, "two": 18 * 40}
    of_logs = load_results(study / "benchmarking" / "study")
    for found, expected in ((of_logs.summary, of_study.summary), (of_logs.curves, of_study.curves)):
        pd.testing.assert_frame_equal(found, expected)
    one = of_study.summary[of_study.summary["benchmark"] == "one"]
    for source in ("analysis/study/one", "analysis/study/one/summary.csv", "benchmarking/study/one"):
        results = load_results(study / source)
        pd.testing.assert_frame_equal(results.summary, one)
        assert len(results.curves) == 18 * 40 and set(results.curves["benchmark"]) == {"one"}


def test_parameters_and_whole_numbers_have_their_types(study: Path, tmp_path: Path) -> None:
    folder = shutil.copytree(study / "benchmarking" / "study" / "one", tmp_path / "one")
    (folder / "mdp_configs" / "DeepSeaEpisodic.gin").write_text(
        "prms_0/DeepSeaEpisodic.size = 5  # a comment\nprms_0/DeepSeaEpisodic.p_rand = None\n"
        "prms_0/DeepSeaEpisodic.rewards_range = (0.0,\n    1)\nprms_0/DeepSeaEpisodic.kind = %Kind.NAME\n"
    )
    next(folder.glob("logs/*FrozenLake*/seed1_logs.csv")).unlink()
    summary = load_results(folder, allow_incomplete=True).summary
    parameters = summary[summary["mdp_class"] == "DeepSeaEpisodic"]["mdp_parameters"].iloc[0]
    assert parameters == {"size": 5, "p_rand": None, "rewards_range": (0.0, 1), "kind": "%Kind.NAME"}
    columns_of = pd.json_normalize(summary["agent_parameters"])
    assert columns_of["c_1"].dtype == float and set(columns_of["UCB_type"].dropna()) == {"bernstein"}
    assert {str(summary[name].dtype) for name in ("seed", "steps", "stop_step")} == {"Int64"}
    missing = summary[summary["status"] == "missing"]
    assert len(missing) == 1 and missing["steps"].isna().all() and missing["cumulative_regret"].isna().all()


def test_an_incomplete_folder_is_refused_unless_that_is_allowed(incomplete: Path) -> None:
    with pytest.raises(LogError, match="5 of 12 instances have no complete log"):
        load_results(incomplete)
    summary = load_results(incomplete, allow_incomplete=True).summary
    assert summary["status"].value_counts().to_dict() == {"complete": 7, "failed": 4, "missing": 1}


def test_nothing_to_load(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="no summary.csv .* and no benchmark's folder"):
        load_results(tmp_path)
    with pytest.raises(ConfigurationError, match="neither a benchmark's folder nor a summary.csv"):
        load_results(tmp_path / "nothing")


def test_a_summary_alone_has_no_curves(study: Path, tmp_path: Path) -> None:
    shutil.copy(study / "analysis" / "study" / "one" / "summary.csv", tmp_path)
    results = load_results(tmp_path)
    assert len(results.summary) == 18 and results.curves.empty
    assert list(results.curves) == ["benchmark", *CURVES_COLUMNS]


def test_tables_of_an_earlier_format_lack_what_came_later(
    study: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A column that the logs of the time did not have is empty, and not an error."""
    later = columns.Column("cumulative_regret", "a later one", "reward", "performance", False, True, since=2)
    monkeypatch.setitem(columns._BY_NAME, "cumulative_regret", later)
    for name in ("summary.csv", "curves.csv"):
        table = pd.read_csv(study / "analysis" / "study" / "one" / name, dtype=str)
        table.drop(columns="cumulative_regret").to_csv(tmp_path / name, index=False)
    results = Results.load(tmp_path)
    assert results.summary["cumulative_regret"].isna().all() and (results.summary["status"] == "complete").all()
    assert results.curves is not None and results.curves["cumulative_regret"].isna().all()
    with pytest.raises(LogError, match="the logs do not hold the indicator 'cumulative_regret'"):
        results.values("cumulative_regret", results.agents[0])
    table = pd.read_csv(study / "analysis" / "study" / "one" / "summary.csv", dtype=str).drop(columns="seconds")
    table.to_csv(tmp_path / "summary.csv", index=False)
    with pytest.raises(LogError, match="no summary; it lacks seconds"):
        load_results(tmp_path)


def test_the_example_of_the_docstring(study: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The lines that are shown there, in a folder with results."""
    text = load_results.__doc__ or ""
    lines = [line.strip().removeprefix(">>> ") for line in text.splitlines() if line.strip().startswith(">>> ")]
    monkeypatch.chdir(study.parent)
    shutil.copytree(study / "analysis" / "study", Path("results") / "analysis" / "tiny", dirs_exist_ok=True)
    found = {"load_results": load_results}
    exec("\n".join(lines), found)
    results = found["results"]
    per_step = results.summary["normalized_cumulative_regret"] / results.summary["steps"]
    assert per_step.between(0, 1).all()
    assert pd.read_csv(io.StringIO(results.summary.to_csv(index=False))).shape == results.summary.shape
