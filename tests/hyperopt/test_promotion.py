"""From rung to rung, and the confirmation, on folders of logs whose figures are known."""

import argparse
import csv
import io
import math

import numpy as np
import pytest
from test_selection import log_text

from colosseum import layout
from colosseum.agent.agents.episodic import QLearningEpisodic
from colosseum.benchmark import ColosseumBenchmark
from colosseum.benchmark.utils import instantiate_agent_configs, instantiate_benchmark_folder
from colosseum.commands import promote as promote_command
from colosseum.commands import select as select_command
from colosseum.errors import ConfigurationError, LogError
from colosseum.experiment import ExperimentConfig
from colosseum.hyperopt.confirmation import confirm
from colosseum.hyperopt.promotion import promote, read_candidates, select_after_rungs, write_promotion
from colosseum.mdp.river_swim import RiverSwimEpisodic

NAME = "QLearningEpisodic"
N_STEPS = 200
C_1 = (0.5, 0.25, 0.75, 0.125)
FIRST = {("prms_0", 0): [40.0, 10.0, 20.0, 30.0]}
"""Regret of each sample in (environment, seed) of the first rung."""

SECOND = {("prms_1", 0): [60.0, 40.0, 20.0]}
"""Of the slots of the second; of those that confirm: two slots in two environments with two seeds."""

FRESH = {
    ("prms_0", 1): [30.0, 20.0],
    ("prms_0", 2): [40.0, 10.0],
    ("prms_1", 1): [30.0, 44.0],
    ("prms_1", 2): [30.0, 36.0],
}


def make_stage(folder, regrets, first_seed=0):
    """A benchmark folder without agents."""
    mdps = sorted({mdp for mdp, _ in regrets})
    seeds = {seed for _, seed in regrets}
    settings = ExperimentConfig(len(seeds), N_STEPS, 30, 100, first_seed=first_seed)
    text = "".join(f"{mdp}/RiverSwimEpisodic.size = {5 + layout.scope_index(mdp)}\n" for mdp in mdps)
    instantiate_benchmark_folder(ColosseumBenchmark(folder.name, {RiverSwimEpisodic: text}, settings), folder)
    return folder


def write_logs(folder, regrets):
    for (mdp, seed), of_slots in regrets.items():
        for slot, regret in enumerate(of_slots):
            name = layout.interaction_name(f"{mdp}-RiverSwimEpisodic", f"prms_{slot}-{NAME}")
            path = folder / layout.log_file("", name, seed)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(log_text(regret))


def promoted(folder, promotion):
    write_promotion(promotion, layout.agent_config_file(folder, NAME), layout.promotion_table(folder, NAME))
    return folder


@pytest.fixture
def stages(tmp_path):
    first = make_stage(tmp_path / "hyperopt_episodic", FIRST)
    texts = [f"prms_{i}/{NAME}.p = 0.05\nprms_{i}/{NAME}.c_1 = {c_1}\n" for i, c_1 in enumerate(C_1)]
    instantiate_agent_configs({QLearningEpisodic: "".join(texts)}, first)
    write_logs(first, FIRST)
    second = promoted(make_stage(tmp_path / "hyperopt_episodic_rung_1", SECOND), promote(QLearningEpisodic, [first], 3))
    write_logs(second, SECOND)
    fresh = promoted(
        make_stage(tmp_path / "hyperopt_episodic_confirm", FRESH, first_seed=1),
        promote(QLearningEpisodic, [first, second], 2),
    )
    write_logs(fresh, FRESH)
    return first, second, fresh


def rows(text):
    return list(csv.DictReader(io.StringIO(text)))


def test_a_later_sample_takes_the_slot_of_the_worst(stages):
    first, second, _ = stages
    promotion = promote(QLearningEpisodic, [first], 3)
    # the fourth sample takes the slot of the first, which is the worst
    assert [(row["sample"], row["slot"]) for row in rows(promotion.table())] == [
        ("prms_0", ""), ("prms_1", "prms_1"), ("prms_2", "prms_2"), ("prms_3", "prms_0"),
    ]  # fmt: skip
    text = (second / "agents_configs" / f"{NAME}.gin").read_text()
    assert [line for line in text.splitlines() if "c_1" in line] == [
        f"prms_0/{NAME}.c_1 = 0.125", f"prms_1/{NAME}.c_1 = 0.25", f"prms_2/{NAME}.c_1 = 0.75",
    ]  # fmt: skip


def test_scores_of_a_later_rung_are_over_all_logs_by_then(stages):
    first, second, _ = stages
    candidates, n_steps = read_candidates(QLearningEpisodic, [first, second], "normalized_cumulative_regret")
    assert n_steps == N_STEPS
    assert {c.sample: c.values.ravel().tolist() for c in candidates} == {
        "prms_3": [30.0, 60.0], "prms_1": [10.0, 40.0], "prms_2": [20.0, 20.0],
    }  # fmt: skip
    promotion = promote(QLearningEpisodic, [first, second], 2)
    assert {score.scope: score.score for score in promotion.scores} == pytest.approx(
        {"prms_3": 45 / N_STEPS, "prms_1": 25 / N_STEPS, "prms_2": 20 / N_STEPS}
    )
    assert {score.n_logs for score in promotion.scores} == {2}


def test_the_choice_after_rungs_is_the_best_of_the_last(stages):
    first, second, _ = stages
    selection = select_after_rungs(QLearningEpisodic, [first, second])
    assert selection.best.scope == "prms_2"
    assert [(s.scope, s.rung, s.n_logs) for s in selection.scores] == [
        ("prms_0", 0, 1), ("prms_1", 1, 2), ("prms_2", 1, 2), ("prms_3", 1, 2),
    ]  # fmt: skip
    # by the first rung alone it would be another one
    assert select_after_rungs(QLearningEpisodic, [first]).best.scope == "prms_1"
    # what is said of ranges is of the runs that all samples have
    assert selection.losses == pytest.approx([regret / N_STEPS for regret in FIRST["prms_0", 0]])


def test_the_winner_is_chosen_by_the_fresh_seeds_alone(stages):
    first, second, fresh = stages
    confirmation = confirm(QLearningEpisodic, fresh)
    slots = {
        row["slot"]: row["sample"] for row in rows((fresh / "promotion" / f"{NAME}.csv").read_text()) if row["slot"]
    }
    assert sorted(slots.values()) == ["prms_1", "prms_2"]
    by_sample = {one.score.scope: one for one in confirmation.samples}
    expected = {slots[f"prms_{k}"]: np.mean([of[k] for of in FRESH.values()]) / N_STEPS for k in range(2)}
    assert {sample: one.score.score for sample, one in by_sample.items()} == pytest.approx(expected)
    assert confirmation.winner.score.scope == min(expected, key=expected.get)
    before = {"prms_1": 25 / N_STEPS, "prms_2": 20 / N_STEPS}
    for sample, one in by_sample.items():
        assert one.score_when_chosen == pytest.approx(before[sample])
        assert one.shrinkage == pytest.approx(expected[sample] - before[sample])
    # the two differ by 10 and 30 in one environment, by -14 and -6 in the other
    (loser,) = (one for one in confirmation.samples if one is not confirmation.winner)
    variances = [np.var([10, 30], ddof=1) / 2, np.var([-14, -6], ddof=1) / 2]
    assert loser.paired_standard_error == pytest.approx(math.sqrt(sum(variances)) / 2 / N_STEPS)
    assert loser.difference == pytest.approx(5 / N_STEPS)
    assert math.isnan(confirmation.winner.paired_standard_error)
    table = rows(confirmation.table())
    assert [row["selected"] for row in table if row["sample"] == confirmation.winner.score.scope] == ["1"]
    assert {row["n_logs"] for row in table} == {"4"}


def run(command, *argv):
    parser = argparse.ArgumentParser()
    command.add_arguments(parser)
    command.main(parser.parse_args([str(word) for word in argv]))


def test_the_commands_choose_likewise(stages, capsys):
    first, second, fresh = stages
    run(select_command, "--benchmark", first, "--agent", NAME, "--rung", second, "--confirm", fresh)
    said = capsys.readouterr().out
    winner = confirm(QLearningEpisodic, fresh).winner.score.scope
    assert f"{NAME}: of 2 on fresh seeds {winner} is the best, " in said
    (chosen,) = (row for row in rows((first / "selection" / f"{NAME}.csv").read_text()) if row["selected"] == "1")
    assert (chosen["scope"], chosen["rung"], chosen["n_logs"]) == (winner, "1", "2")
    assert f"c_1 = {C_1[layout.scope_index(winner)]}" in (first / "selection" / f"{NAME}.gin").read_text()
    assert rows((fresh / "selection" / f"{NAME}.csv").read_text())
    again = first.parent / "again"
    run(promote_command, first, second, "--agent", NAME, "--keep", 2, "-o", again / "a.gin", "--table", again / "a.csv")
    assert (again / "a.csv").read_bytes() == (fresh / "promotion" / f"{NAME}.csv").read_bytes()
    with pytest.raises(ConfigurationError, match="--keep 0: at least 1 sample goes on"):
        run(promote_command, first, "--agent", NAME, "--keep", 0, "-o", "a.gin", "--table", "a.csv")


def test_a_confirming_run_that_failed_is_refused_or_counted(stages):
    first, second, fresh = map(str, stages)
    name = layout.interaction_name("prms_0-RiverSwimEpisodic", f"prms_1-{NAME}")
    (stages[2] / layout.log_file("", name, 2)).write_text(log_text(float(N_STEPS), training_state="failed"))
    asked = ["--benchmark", first, "--agent", NAME, "--rung", second, "--confirm", fresh]
    with pytest.raises(LogError, match="hyperopt_episodic_confirm: runs of prms_[12] failed"):
        run(select_command, *asked)
    run(select_command, *asked, "--failed", "worst")
    table = rows((stages[2] / "selection" / f"{NAME}.csv").read_text())
    assert sorted(row["n_failed"] for row in table) == ["0", "1"]


def test_what_does_not_fit_together_is_told(stages):
    first, second, fresh = stages
    table = second / "promotion" / f"{NAME}.csv"
    good = table.read_text()
    for damage, message in (
        ("sample,slot\n", "no table of promotions; its columns are sample, slot, indicator"),
        (good.replace("prms_1,prms_1", "prms_1,1"), "a row is damaged: prms_1,1,"),
        (
            good.replace("prms_3,prms_0", "prms_3,").replace("prms_0,,", "prms_0,prms_0,"),
            "prms_0 is not prms_0 of the f",
        ),
        (good.replace("prms_3,prms_0", "prms_9,prms_0"), "prms_9 is in the last rung and not in this one"),
    ):
        table.write_text(damage)
        with pytest.raises(ConfigurationError, match=message):
            promote(QLearningEpisodic, [first, second], 2)
    table.write_text(good)
    log = next(fresh.glob("logs/*/*.csv"))
    log.write_text("")
    with pytest.raises(LogError, match="1 of 8 logs cannot be used"):
        confirm(QLearningEpisodic, fresh)
