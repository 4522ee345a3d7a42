"""The table of instances and the sampled curves."""

import io
import time
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import synthetic

from colosseum.analysis.columns import CURVES_COLUMNS, SUMMARY_COLUMNS
from colosseum.analysis.results import Results
from colosseum.analysis.status import study_status
from colosseum.analysis.summary import summarise
from colosseum.errors import ConfigurationError, LogError
from colosseum.logs.columns import COLUMNS, VALUE_COLUMNS


def frames(folder: Path, **options) -> tuple[pd.DataFrame, pd.DataFrame]:
    made = summarise(folder, **options)
    return pd.read_csv(io.StringIO(made.instances)), pd.read_csv(io.StringIO(made.curves))


def test_header_is_the_one_of_the_logs() -> None:
    assert ",".join(COLUMNS) == synthetic.HEADER


def test_columns_are_as_documented(small: Path) -> None:
    instances, curves = frames(small)
    assert list(instances) == list(SUMMARY_COLUMNS)
    assert list(curves) == list(CURVES_COLUMNS)


def test_one_row_an_instance_with_the_last_line_of_its_log(small: Path) -> None:
    instances, _ = frames(small)
    assert len(instances) == 5 * 3 * 3
    for _, row in instances.iloc[::7].iterrows():
        log = pd.read_csv(small / row["log"])
        last = log.iloc[-1]
        for column in VALUE_COLUMNS:
            assert row[column] == last[column]
        assert row["steps"] == 20_000
        assert row["training_state"] == last["training_state"]
        assert row["seconds"] == pytest.approx(20_000 / last["steps_per_second"], rel=1e-5)
        stopped = log[log["training_state"] != "running"]["steps"]
        assert (np.isnan(row["stop_step"]) and stopped.empty) or row["stop_step"] == stopped.iloc[0]
    assert instances["benchmark_complete"].all()


@pytest.mark.parametrize("n_points", [2, 7, 40, 1000])
def test_curves_are_lines_of_the_logs_the_last_one_included(small: Path, n_points: int) -> None:
    _, curves = frames(small, n_points=n_points)
    one = curves[(curves["mdp_class"] == "RiverSwimEpisodic") & (curves["agent_class"] == "PSRLEpisodic")]
    one = one[one["seed"] == 1]
    log = pd.read_csv(small / "logs" / "prms_0-RiverSwimEpisodic____prms_0-PSRLEpisodic" / "seed1_logs.csv")
    assert len(one) == min(n_points, len(log))
    assert one["steps"].iloc[-1] == 20_000
    expected = log.set_index("steps").loc[one["steps"]]
    for column in VALUE_COLUMNS:
        assert np.array_equal(one[column], expected[column])
    if n_points == 7:
        assert np.ptp(np.diff(one["steps"])) <= 500  # evenly spaced, to a log point


def test_incomplete_is_an_error_that_lists_the_files(incomplete: Path) -> None:
    with pytest.raises(LogError) as error:
        summarise(incomplete)
    text = str(error.value)
    assert "5 of 12 instances" in text and "--allow-incomplete" in text
    assert text.count("_logs.csv") == 5
    for reason in (
        "missing",
        "line 41: truncated in the middle of a row",
        "line 10: it ends at step 4500",
        "line 1: not a log",
        "empty",
    ):
        assert reason in text


def test_incomplete_on_request_says_so_everywhere(incomplete: Path) -> None:
    instances, curves = frames(incomplete, allow_incomplete=True)
    assert len(instances) == 12
    assert instances["status"].value_counts().to_dict() == {"complete": 7, "failed": 4, "missing": 1}
    assert not instances["benchmark_complete"].any() and not curves["benchmark_complete"].any()
    assert instances.loc[instances["status"] != "complete", "cumulative_regret"].isna().all()
    assert Results.load(incomplete, allow_incomplete=True).note == (
        "Incomplete: 7 of 12 instances (4 failed, 1 missing)."
    )


def test_no_complete_log_at_all_is_an_error_in_any_case(tmp_path: Path) -> None:
    folder = synthetic.write_benchmark(tmp_path / "b", ("QLearningEpisodic",), (1,), n_seeds=1)
    next(folder.glob("logs/*/*.csv")).unlink()
    with pytest.raises(LogError, match="1 of 1 instances"):
        summarise(folder, allow_incomplete=True)


def test_strangers_are_named_and_not_read(tmp_path: Path) -> None:
    folder = synthetic.write_benchmark(tmp_path / "b", ("QLearningEpisodic",), (1,), n_seeds=2)
    stranger = folder / "logs" / "prms_0-DeepSeaEpisodic____prms_9-QLearningEpisodic"
    stranger.mkdir()
    (stranger / "seed0_logs.csv").write_text("no log at all")
    made = summarise(folder)
    assert made.n_instances == made.n_complete == 2
    assert made.strangers == (str(stranger / "seed0_logs.csv"),)


def test_folder_of_another_program_with_other_columns_in_another_order(tmp_path: Path) -> None:
    logs = tmp_path / "b" / "logs" / "prms_0-TaxiEpisodic____prms_0-TheirAgent"
    logs.mkdir(parents=True)
    lines = ["normalized_cumulative_regret,steps,extra", *(f"{t / 4},{t},7" for t in (9, 19, 29))]
    for seed in (0, 1):
        (logs / f"seed{seed}_logs.csv").write_text("\r\n".join(lines) + "\r\n")
    (logs / "time_exceeded.txt").write_text(f"last training step at (12) for {logs}/seed1_logs.csv\n")
    instances, curves = frames(tmp_path / "b")
    assert instances["normalized_cumulative_regret"].tolist() == [7.25, 7.25]
    assert instances["training_state"].fillna("").tolist() == [
        "",  # trained to the end, or stopped because it was optimal: such logs do not tell
        "time_exceeded",
    ]
    assert instances["stop_step"].tolist()[1] == 12
    assert instances["seconds"].isna().all() and instances["cumulative_reward"].isna().all()
    assert curves["steps"].tolist() == [9, 19, 29] * 2
    assert curves["normalized_cumulative_regret"].tolist() == [2.25, 4.75, 7.25] * 2


def test_without_settings_the_logs_of_an_environment_must_end_at_the_same_step(tmp_path: Path) -> None:
    folder = synthetic.write_benchmark(tmp_path / "b", ("QLearningEpisodic",), (1, 1), n_seeds=2, n_steps=400)
    (folder / "experiment_config.yml").unlink()
    assert summarise(folder).n_complete == 4
    logs = sorted(folder.glob("logs/*DeepSea*/*.csv"))
    logs[0].write_text("".join(logs[0].read_text().splitlines(keepends=True)[:-1]) or "")
    logs[0].write_text(synthetic.make_log("m", "a", 0, 300, 100))
    reason = f"line 4: it ends at step 300 and logs/{logs[1].parent.name}/seed1_logs.csv at 400: the logs of an environ"
    with pytest.raises(LogError, match=f"1 of 4 instances.*\n.*seed0_logs.csv: {reason}.* end at different steps"):
        summarise(folder)
    table, _ = frames(folder, allow_incomplete=True)
    assert table["status"].tolist() == ["failed", "complete", "complete", "complete"]
    (status,) = study_status([folder])
    assert status.counts == {"done": 3, "running": 0, "failed": 1, "missing": 0}
    # an environment of its own may have another number of steps
    logs[1].write_text(synthetic.make_log("m", "a", 1, 300, 100))
    table, _ = frames(folder)
    assert table["steps"].tolist() == [300, 300, 400, 400]


def test_results_are_the_same_from_the_folder_and_from_the_summary(small: Path, tmp_path: Path) -> None:
    made = summarise(small)
    (tmp_path / "summary.csv").write_text(made.instances)
    (tmp_path / "curves.csv").write_text(made.curves)
    for source in (tmp_path, tmp_path / "summary.csv"):
        loaded, direct = Results.load(source), Results.load(small)
        pd.testing.assert_frame_equal(loaded.summary, direct.summary)
        pd.testing.assert_frame_equal(loaded.curves, direct.curves)
    assert loaded.name == "benchmark_episodic_ergodic"


def test_values_and_curves_of_one_agent(small: Path) -> None:
    results = Results.load(small)
    agent, mdp = results.agents[1], results.mdps[3]
    values = results.values("cumulative_regret", agent, per_step=True)
    log = pd.read_csv(
        small / "logs" / f"{mdp.scope}-{mdp.class_name}____{agent.scope}-{agent.class_name}/seed2_logs.csv"
    )
    assert values.shape == (3, 5)
    assert values[2, 3] == pytest.approx(log["cumulative_regret"].iloc[-1] / 20_000, rel=1e-12)
    speeds = results.values("steps_per_second", agent, per_step=True)
    assert speeds[2, 3] == log["steps_per_second"].iloc[-1]  # never divided
    steps, curves = results.curves_of(mdp, agent, "cumulative_regret")
    assert steps[0] == 0 and (curves[:, 0] == 0).all()
    assert curves.shape == (3, 41) and curves[2, -1] == log["cumulative_regret"].iloc[-1]
    scores, kept = results.scores()
    assert kept == results.mdps
    assert scores[agent] == pytest.approx(1 - results.values("normalized_cumulative_regret", agent))


def summary_of(folder: Path, *missing: tuple[str, str, int]) -> Results:
    """The results of `folder` when logs are missing: of an agent class, an environment class (or any, *) and a seed."""
    made = pd.read_csv(io.StringIO(summarise(folder).instances), dtype=str)
    for agent, mdp, seed in missing:
        lost = (made["agent_class"] == agent) & (made["seed"] == str(seed))
        lost &= (made["mdp_class"] == mdp) | (mdp == "*")
        made.loc[lost, ["status", "normalized_cumulative_regret"]] = ["missing", ""]
    target = folder.parent / "summary_of" / "summary.csv"
    target.parent.mkdir(exist_ok=True)
    made.to_csv(target, index=False)
    return Results.load(target)


def test_scores_of_an_incomplete_benchmark_are_of_what_all_agents_have(tmp_path: Path) -> None:
    agents = ("PSRLEpisodic", "QLearningEpisodic")
    folder = synthetic.write_benchmark(tmp_path / "b", agents, (1, 1, 1), n_seeds=3)
    whole = Results.load(folder)
    assert whole.score_note == whole.note == ""
    psrl, q_learning = whole.agents
    values = {agent: 1 - whole.values("normalized_cumulative_regret", agent) for agent in whole.agents}
    first, second, third = (mdp.class_name for mdp in whole.mdps)

    def check(missing: list, seeds: list[int], mdps: list[int], note: str, kept=(psrl, q_learning)) -> None:
        results = summary_of(folder, *missing)
        scores, environments = results.scores()
        assert list(scores) == list(kept) and environments == [whole.mdps[i] for i in mdps]
        for agent in kept:
            assert scores[agent] == pytest.approx(values[agent][np.ix_(seeds, mdps)])
        assert results.score_note == results.note + note

    # an environment less, or a seed less, whichever leaves more
    check(
        [("PSRLEpisodic", second, 1)],
        [0, 1, 2],
        [0, 2],
        " Scores are of 2 of 3 environments, which all of these agents have. Environments left out: FrozenLake.",
    )
    two = [("PSRLEpisodic", first, 1), ("QLearningEpisodic", second, 1)]
    check(two, [0, 2], [0, 1, 2], " Scores are of 2 of 3 seeds, which all of these agents have. Seeds left out: 1.")
    three = [*two, ("QLearningEpisodic", second, 0)]
    check(
        three,
        [0, 2],
        [0, 2],
        " Scores are of 2 of 3 environments and 2 of 3 seeds, which all of these agents have. "
        "Environments left out: FrozenLake. Seeds left out: 1.",
    )
    # an agent without anything, or with nothing where the other has something
    none = [("PSRLEpisodic", "*", seed) for seed in range(3)]
    check(none, [0, 1, 2], [0, 1, 2], " Without logs to compare: PSRL.", (q_learning,))
    apart = [*((a, m, s) for a, m in (("PSRLEpisodic", first), ("QLearningEpisodic", second)) for s in range(3))]
    apart += [("PSRLEpisodic", third, s) for s in range(3)]
    check(
        apart,
        [0, 1, 2],
        [0, 2],
        " Scores are of 2 of 3 environments, which all of these agents have. Environments left out: FrozenLake. "
        "Without logs to compare: PSRL.",
        (q_learning,),
    )


def test_an_agent_that_was_not_begun_is_missing(small: Path) -> None:
    names = ["QLearningEpisodic", "UCRL2Episodic"]
    made = summarise(small, allow_incomplete=True, expected_agents=names)
    table = pd.read_csv(io.StringIO(made.instances))
    own = table[table["agent_class"] == "UCRL2Episodic"]
    assert len(own) == len(table[table["agent_class"] == "QLearningEpisodic"]) and (own["status"] == "missing").all()
    with pytest.raises(LogError, match="UCRL2Episodic/seed0_logs.csv: missing"):
        summarise(small, expected_agents=names)


def test_errors_of_results(small: Path, tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="neither a benchmark's folder nor"):
        Results.load(tmp_path)
    (tmp_path / "summary.csv").write_text("a,b\n1,2\n")
    with pytest.raises(LogError, match="no summary; it lacks benchmark"):
        Results.load(tmp_path)
    with pytest.raises(ConfigurationError, match="did you mean 'cumulative_regret'"):
        Results.load(small).values("cumulative_regrets", Results.load(small).agents[0])
    (tmp_path / "summary.csv").write_text(summarise(small).instances)
    lone = Results.load(tmp_path)
    with pytest.raises(LogError, match="curves are needed"):
        lone.curves_of(lone.mdps[0], lone.agents[0], "cumulative_regret")


def test_many_instances_are_read_in_no_time(tmp_path: Path) -> None:
    folder = synthetic.write_benchmark(tmp_path / "b", ("QLearningEpisodic",), (5,), n_seeds=20, n_steps=50_000)
    start = time.process_time()
    summarise(folder)
    # 4,000 instances of 100 lines take a second or two, every line of them judged; pandas takes ten times as long
    assert (time.process_time() - start) * 40 < 30


def test_labels_of_a_study_take_the_place_of_names(small: Path, tmp_path: Path) -> None:
    (tmp_path / "summary.csv").write_text(summarise(small, labels={"prms_0-PSRLEpisodic": "as published"}).instances)
    labelled, plain = Results.load(tmp_path), Results.load(small)
    expected = {agent: "as published" if "PSRL" in name else name for agent, name in plain.agent_labels.items()}
    assert labelled.agent_labels == labelled.label_agents() == expected
    # a summary of before labels has none
    table = pd.read_csv(tmp_path / "summary.csv").drop(columns="agent_label")
    table.to_csv(tmp_path / "summary.csv", index=False)
    assert Results.load(tmp_path).agent_labels == plain.agent_labels
