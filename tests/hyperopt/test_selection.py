"""Selection from logs whose figures are known; every way in which logs can fail."""

import argparse
import csv
import io
import math

import numpy as np
import pytest

from colosseum.agent.agents.episodic import QLearningEpisodic
from colosseum.benchmark import ColosseumBenchmark
from colosseum.benchmark.utils import instantiate_agent_configs, instantiate_benchmark_folder
from colosseum.commands import select as select_command
from colosseum.errors import ConfigurationError, LogError
from colosseum.experiment import ExperimentConfig
from colosseum.hyperopt.selection import retrieve_best_agent_config_from_hp_folder, select_best_configuration
from colosseum.logs.columns import COLUMNS
from colosseum.mdp.deep_sea import DeepSeaEpisodic
from colosseum.mdp.river_swim import RiverSwimEpisodic

N_STEPS = 200
MDPS = ["prms_0-RiverSwimEpisodic", "prms_1-RiverSwimEpisodic", "prms_0-DeepSeaEpisodic"]
AGENTS = "".join(
    f"prms_{i}/QLearningEpisodic.p = 0.05\nprms_{i}/QLearningEpisodic.c_1 = {c_1}\n"
    for i, c_1 in enumerate((0.5, 0.25, 0.75))
)
# regret of each configuration (rows) in each environment (columns), of seed 0; seed 1 has 20 more
REGRETS = np.array([[40.0, 60.0, 80.0], [20.0, 30.0, 10.0], [20.0, 35.0, 5.0]])


def log_text(regret, steps=(100, N_STEPS), **last):
    rows = []
    for step in steps:
        row = dict.fromkeys(COLUMNS, 0.0) | {"steps": step, "training_state": "running"}
        row["normalized_cumulative_regret"] = regret * step / N_STEPS
        row["cumulative_reward"] = 100.0 - regret
        row["steps_per_second"] = 1_000.0 + regret
        rows.append(row)
    rows[-1].update(last)
    text = io.StringIO()
    writer = csv.DictWriter(text, COLUMNS, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()


def log_path(folder, scope, mdp, seed):
    return folder / "hyperopt_episodic" / "logs" / f"{mdp}____{scope}-QLearningEpisodic" / f"seed{seed}_logs.csv"


@pytest.fixture
def folder(tmp_path):
    """A finished optimisation of three configurations on three environments with two seeds."""
    settings = ExperimentConfig(n_seeds=2, n_steps=N_STEPS, max_interaction_time_s=30, log_every=100)
    swims = "prms_0/RiverSwimEpisodic.size = 5\nprms_1/RiverSwimEpisodic.size = 6\n"
    mdps = {RiverSwimEpisodic: swims, DeepSeaEpisodic: "prms_0/DeepSeaEpisodic.size = 4\n"}
    instantiate_benchmark_folder(
        ColosseumBenchmark("hyperopt_episodic", mdps, settings), tmp_path / "hyperopt_episodic"
    )
    instantiate_agent_configs({QLearningEpisodic: AGENTS}, tmp_path / "hyperopt_episodic")
    for i in range(3):
        for j, mdp in enumerate(MDPS):
            for seed in range(2):
                path = log_path(tmp_path, f"prms_{i}", mdp, seed)
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(log_text(REGRETS[i, j] + 20 * seed))
    return tmp_path


def select(folder, **arguments):
    return select_best_configuration(QLearningEpisodic, folder / "hyperopt_episodic", **arguments)


def test_scores_are_the_mean_over_environments_and_seeds_of_a_step(folder):
    selection = select(folder)
    expected = (REGRETS + 10.0).mean(axis=1) / N_STEPS
    assert [s.score for s in selection.scores] == pytest.approx(expected, rel=1e-14)
    errors = (REGRETS / N_STEPS).std(axis=1, ddof=1) / math.sqrt(3)
    assert [s.standard_error for s in selection.scores] == pytest.approx(errors, rel=1e-12)
    assert [s.n_logs for s in selection.scores] == [6, 6, 6]
    assert [s.scope for s in selection.scores] == ["prms_0", "prms_1", "prms_2"]


def test_of_equal_configurations_the_first_is_taken(folder):
    assert REGRETS[1].sum() == REGRETS[2].sum()
    selection = select(folder)
    assert selection.best is selection.scores[1]
    assert selection.gin_config == "prms_0/QLearningEpisodic.c_1 = 0.25\nprms_0/QLearningEpisodic.p = 0.05\n"


def test_the_choice_and_a_table_are_kept(folder):
    chosen = retrieve_best_agent_config_from_hp_folder(folder=folder)
    assert chosen == {QLearningEpisodic: select(folder).gin_config}
    kept = folder / "hyperopt_episodic" / "selection"
    assert (kept / "QLearningEpisodic.gin").read_text() == chosen[QLearningEpisodic]
    rows = list(csv.DictReader((kept / "QLearningEpisodic.csv").open()))
    counts = ["n_logs", "n_cut", "n_failed", "tied"]
    assert list(rows[0]) == ["scope", "indicator", "score", "standard_error", *counts, "selected", "c_1", "p"]
    assert [(row["n_failed"], row["tied"]) for row in rows] == [("0", "0"), ("0", "1"), ("0", "1")]
    assert [(r["scope"], r["n_logs"], r["selected"], r["c_1"]) for r in rows] == [
        ("prms_0", "6", "0", "0.5"),
        ("prms_1", "6", "1", "0.25"),
        ("prms_2", "6", "0", "0.75"),
    ]
    assert float(rows[1]["score"]) == pytest.approx(0.15)
    assert {r["indicator"] for r in rows} == {"normalized_cumulative_regret"}


def test_the_same_logs_give_the_same_bytes(folder):
    assert select(folder).table() == select(folder).table()


def test_reductions_over_the_seeds(folder):
    worst = select(folder, reduce_seeds=np.max)
    assert [s.score for s in worst.scores] == pytest.approx((REGRETS + 20).mean(axis=1) / N_STEPS)
    # a reduction that inverts the sign is minimised as it is, so that the worst configuration wins
    assert select(folder, reduce_seeds=lambda x: -np.mean(x)).best.scope == "prms_0"
    with pytest.raises(ConfigurationError, match="reduce_seeds: gave nan for prms_0"):
        select(folder, reduce_seeds=lambda x: math.nan)


def test_rewards_and_speeds_are_maximised(folder):
    by_reward = select(folder, indicator="cumulative_reward")
    assert by_reward.best.scope == "prms_1"
    assert by_reward.best.score == pytest.approx((100 - (REGRETS[1] + 10)).mean() / N_STEPS)
    assert select(folder, indicator="cumulative_reward", reduce_seeds=lambda x: -np.mean(x)).best.scope == "prms_1"
    by_speed = select(folder, indicator="steps_per_second")
    assert by_speed.best.scope == "prms_0"
    assert by_speed.best.score == pytest.approx(1_010 + REGRETS[0].mean())


def test_one_environment_has_no_standard_error(folder):
    (folder / "hyperopt_episodic" / "mdp_configs" / "DeepSeaEpisodic.gin").unlink()
    swims = folder / "hyperopt_episodic" / "mdp_configs" / "RiverSwimEpisodic.gin"
    swims.write_text(swims.read_text().splitlines()[0])
    selection = select(folder)
    assert math.isnan(selection.best.standard_error)
    assert selection.best.n_logs == 2
    assert select(folder).table().splitlines()[1].split(",")[3] == ""


def test_logs_that_were_cut_are_counted_and_refused_where_asked(folder):
    """Of an agent whose time was used up the numbers depend on the machine; one that was optimal is not cut."""
    log = next(folder.rglob("seed1_logs.csv"))
    text = log.read_text()
    log.write_text(text.replace(",running\n", ",optimal\n"))
    assert sum(s.n_cut for s in select(folder, allow_cut=False).scores) == 0
    log.write_text(text[:-9] + ",time_exceeded\n")
    assert sorted(s.n_cut for s in select(folder).scores) == [0, 0, 1]
    assert sum(int(line.split(",")[5]) for line in select(folder).table().splitlines()[1:]) == 1
    with pytest.raises(LogError, match=f"1 of 18 logs cannot be used: .*{log.name}: cut: .* was used up at step 200"):
        select(folder, allow_cut=False)


def test_learning_regret_is_an_indicator_which_is_minimised_and_older_logs_lack_it(folder):
    selection = select(folder, indicator="normalized_cumulative_learning_regret")
    assert [s.score for s in selection.scores] == [0.0] * 3 and selection.best is selection.scores[0]
    log = next(folder.rglob("seed1_logs.csv"))
    old = [line.split(",") for line in log.read_text().splitlines()]
    kept = [i for i, name in enumerate(old[0]) if "learning" not in name]
    log.write_text("".join(",".join(line[i] for i in kept) + "\n" for line in old))
    assert select(folder).best.scope == "prms_1"
    with pytest.raises(LogError, match="it has no column 'normalized_cumulative_learning_regret'"):
        select(folder, indicator="normalized_cumulative_learning_regret")


def test_an_unknown_indicator_gets_the_nearest(folder):
    with pytest.raises(ConfigurationError, match="did you mean 'normalized_cumulative_regret'"):
        select(folder, indicator="normalised_cumulative_regret")


FAULTS = {
    "missing": None,
    "empty": "",
    "header only": log_text(20.0).splitlines()[0] + "\n",
    "too short": log_text(20.0, steps=(100,)),
    "cut": log_text(20.0)[:-30],
    "foreign": "step,score\n200,3\n",
    "not a number": log_text(20.0, normalized_cumulative_regret="nan"),
    "no number": log_text(20.0, normalized_cumulative_regret="much"),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_an_unusable_log_is_an_error_that_names_it_and_what_to_run(folder, fault):
    path = log_path(folder, "prms_0", MDPS[1], 1)  # not even one of the winner's
    path.unlink() if FAULTS[fault] is None else path.write_text(FAULTS[fault])
    with pytest.raises(LogError, match="QLearningEpisodic: 1 of 18 logs cannot be used: ") as caught:
        retrieve_best_agent_config_from_hp_folder(folder=folder)
    message = str(caught.value)
    assert str(path) in message
    pickle = "experiment_instances/hyperopt_episodic/prms_1-RiverSwimEpisodic____prms_0-QLearningEpisodic/seed1.pkl"
    assert f"python -m colosseum run {folder}/{pickle} " in message
    assert "\n" not in message
    assert not (folder / "hyperopt_episodic" / "selection").exists()


def test_of_many_unusable_logs_ten_are_listed(folder):
    for path in (folder / "hyperopt_episodic" / "logs").rglob("*.csv"):
        path.unlink()
    with pytest.raises(LogError, match="18 of 18 logs cannot be used: .*; and 8 more") as caught:
        select(folder)
    assert str(caught.value).count("_logs.csv") == 10


def test_folders_without_an_optimisation(folder, tmp_path):
    with pytest.raises(ConfigurationError, match="there is no hyperparameter optimisation of any agent"):
        retrieve_best_agent_config_from_hp_folder(folder=tmp_path / "nowhere")
    (folder / "hyperopt_episodic" / "agents_configs" / "QLearningEpisodic.gin").unlink()
    with pytest.raises(ConfigurationError, match="QLearningEpisodic.gin: No such file"):
        retrieve_best_agent_config_from_hp_folder([QLearningEpisodic], folder=folder)


def test_the_command_writes_the_choice_and_the_table(folder, capsys):
    parser = argparse.ArgumentParser()
    select_command.add_arguments(parser)
    benchmark = str(folder / "hyperopt_episodic")
    argv = ["--benchmark", benchmark, "--agent", "QLearningEpisodic", "-o", str(folder / "best.gin")]
    select_command.main(parser.parse_args([*argv, "--reduce-seeds", "max"]))
    selection = select(folder, reduce_seeds=np.max)
    assert (folder / "best.gin").read_text() == selection.gin_config
    assert (folder / "best.csv").read_text() == selection.table()
    assert "prms_1 of 3 configurations" in capsys.readouterr().out
    select_command.main(
        parser.parse_args([*argv[:4], "--table", str(folder / "t.csv"), "--indicator", "cumulative_reward"])
    )
    assert (folder / "hyperopt_episodic" / "selection" / "QLearningEpisodic.gin").exists()
    assert "cumulative_reward" in (folder / "t.csv").read_text()


def test_the_command_warns_of_what_makes_a_choice_worth_less(folder, capsys):
    path = log_path(folder, "prms_0", MDPS[0], 1)
    path.write_text(log_text(60.0, training_state="time_exceeded"))
    parser = argparse.ArgumentParser()
    select_command.add_arguments(parser)
    benchmark = folder / "hyperopt_episodic"
    select_command.main(parser.parse_args(["--benchmark", str(benchmark), "--agent", "QLearningEpisodic"]))
    assert [line for line in capsys.readouterr().out.splitlines() if line.startswith("warning: ")] == [
        "warning: QLearningEpisodic: 1 of 18 runs were cut by the clock; give them more time (max_interaction_time_s).",
        "warning: QLearningEpisodic: 2 samples share the best score, 0.15; the first was taken.",
    ]
    [row] = csv.DictReader((benchmark / "selection" / "QLearningEpisodic_ranges.csv").open())
    assert (row["hyperparameter"], row["range"], row["best"], row["inert"]) == (
        "c_1",
        "uniform: [0.001, 1.1]",
        "0.25",
        "",
    )


def test_failed_runs_count_as_the_worst_policy_only_where_that_is_asked_for(folder, capsys):
    path = log_path(folder, "prms_1", MDPS[0], 1)
    path.write_text(log_text(float(N_STEPS), training_state="failed"))
    parser = argparse.ArgumentParser()
    select_command.add_arguments(parser)
    benchmark = folder / "hyperopt_episodic"
    asked = ["--benchmark", str(benchmark), "--agent", "QLearningEpisodic"]
    with pytest.raises(LogError, match="runs of prms_1 failed, and the worst policy stands in for them; run their"):
        select_command.main(parser.parse_args(asked))
    select_command.main(parser.parse_args([*asked, "--failed", "worst"]))
    selection = select(folder)
    assert [one.n_failed for one in selection.scores] == [0, 1, 0]
    # of its six runs one counts as 1 a step
    others = [20.0, 30.0, 10.0, 50.0, 30.0]
    assert selection.scores[1].score == pytest.approx((sum(others) / N_STEPS + 1) / 6)
    assert selection.best.scope == "prms_2"
    said = capsys.readouterr().out
    assert "warning: QLearningEpisodic: 1 of 18 runs failed and count as the worst policy, those of prms_1." in said
