"""What scores say of ranges: shares of variance and error rates that are known, edges, equal logs."""

import csv
import math
import re
from pathlib import Path

import numpy as np
import pytest

from colosseum import registry
from colosseum.agent.agents.episodic import PSRLEpisodic
from colosseum.agent.agents.infinite_horizon import PSRLContinuous, QLearningContinuous, UCRL2Continuous
from colosseum.agent.spaces import Choice, Fixed, Integer, LogUniform, Uniform
from colosseum.agent.utils import sample_n_agent_hyperparameters, search_spaces
from colosseum.hyperopt.main_effects import Factor, main_effects, ranks
from colosseum.hyperopt.ranges import SIGNIFICANCE, judge_ranges, located, ranges_table

ROOT = Path(__file__).parents[2]
PUBLISHED_TABLES = Path(__file__).parent / "published_ranges"
TUNING_TABLES, TUNING_PAGE = ROOT / "studies" / "tuning", ROOT / "docs" / "tuning.md"


def f_of(u):
    """
    Of three independent uniform numbers; main effects 4 / 12, 16 / 45 and 0, interaction of the last two 1 / 3.

    Var(2 u) = 4 / 12; Var(8 (u - 1/2)^2) = 64 (1 / 80 - 1 / 144) = 16 / 45; (2 u - 1)(2 v - 1) sqrt(3) has 1 / 3.
    """
    a, b, c = u.T
    return 2 * a + 2 * 4 * (b - 0.5) ** 2 + math.sqrt(3) * (2 * b - 1) * (2 * c - 1)


SHARES = np.array([4 / 12, 16 / 45, 0.0]) / (4 / 12 + 16 / 45 + 1 / 3)


def effects_of(u, scores):
    return main_effects([Factor.of_places(column) for column in u.T], scores)


def test_shares_of_variance_are_those_of_a_known_function():
    rng = np.random.default_rng(0)
    u = rng.random((20_000, 3))
    effects = effects_of(u, f_of(u))
    np.testing.assert_allclose([effect.share for effect in effects], SHARES, atol=0.015)
    # 50 samples: right on average, whatever the interaction adds as noise (a negative estimate becomes 0)
    small = np.mean(
        [[effect.share for effect in effects_of(v, f_of(v))] for v in (rng.random((50, 3)) for _ in range(400))], axis=0
    )
    np.testing.assert_allclose(small[:2], SHARES[:2], atol=0.03)
    assert small[2] < 0.04


def test_levels_without_an_order_have_the_share_of_their_means():
    rng = np.random.default_rng(1)
    levels, u = rng.integers(0, 3, 30_000), rng.random(30_000)
    scores = np.array([0.0, 3.0, 1.0])[levels] + 2 * u
    # variance of the means 0, 3, 1 is 14/9; of 2 u 1/3
    effects = main_effects([Factor.of_levels(levels.tolist()), Factor.of_places(u)], scores)
    np.testing.assert_allclose([e.share for e in effects], [14 / 17, 3 / 17], atol=0.01)
    assert effects[0].p_value < 1e-6


def test_noise_is_called_inert_at_the_promised_rate_and_effects_are_found():
    rng = np.random.default_rng(2)
    n = 1_000
    p_values = np.empty((n, 3))
    for k in range(n):
        u = rng.random((50, 3))
        scores = 3 * np.exp(2 * u[:, 0]) + 8 * (u[:, 1] - 0.4) ** 2 + rng.standard_normal(50)
        p_values[k] = [effect.p_value for effect in effects_of(u, scores)]
    error = (p_values[:, 2] <= SIGNIFICANCE).mean()
    assert error < SIGNIFICANCE + 3 * math.sqrt(SIGNIFICANCE * (1 - SIGNIFICANCE) / n)
    assert abs((p_values[:, 2] <= 0.2).mean() - 0.2) < 0.05
    assert (p_values[:, 0] <= SIGNIFICANCE).all()
    assert (p_values[:, 1] <= SIGNIFICANCE).mean() > 0.5  # no straight line would show it: its correlation is about 0.2


def test_too_few_samples_say_nothing():
    rng = np.random.default_rng(3)
    u = rng.random((13, 3))
    assert all(math.isnan(x) for effect in effects_of(u, f_of(u)) for x in (effect.share, effect.p_value))
    assert effects_of(u[:0], np.empty(0))[0] is not None
    u = rng.random((20, 3))
    assert [(e.share, e.p_value) for e in effects_of(u, np.zeros(20))] == [(0, 1)] * 3
    missing = f_of(u)
    missing[:15] = math.nan
    assert math.isnan(effects_of(u, missing)[0].share)


def test_ranks_share_the_mean_of_ties():
    assert ranks(np.array([3.0, 1.0, 3.0, 2.0])).tolist() == [3.5, 1, 3.5, 2]


@pytest.mark.parametrize(
    ("cls", "expected"),
    [
        (PSRLEpisodic, {"prior_mean": "rewards_prior_prms[0]", "transition_prior": "transitions_prior_prms[0]"}),
        (UCRL2Continuous, {"alpha_p": "alpha_p", "alpha_r": "alpha_r"}),
        (
            PSRLContinuous,
            {
                **{f"{name}_weight": f"{name}_weight" for name in ("psi", "omega", "kappa", "eta")},
                "rewards_prior_mean": "rewards_prior_prms[0]",
            },
        ),
    ],
)
def test_where_hyperparameters_go_in_the_gin_text(cls, expected):
    assert located(cls, search_spaces(cls)) == expected
    assert located(cls, {name: Fixed(0.5) for name in expected}) == {}


def judged(cls, losses_of, n=50, **spaces):
    spaces = search_spaces(cls, spaces)
    samples = sample_n_agent_hyperparameters(n, cls, 42, spaces)
    losses = np.array([losses_of(i, sample) for i, sample in enumerate(samples)])
    arguments = [cls.constructor_arguments(sample) for sample in samples]
    return {one.name: one for one in judge_ranges(cls, spaces, arguments, losses)}


@pytest.mark.parametrize(
    ("space", "best", "end", "advice"),
    [
        (Uniform(0.001, 1.1), 0, "low", "widen it, e.g. log_uniform: [1e-06, 1.1]"),
        (Uniform(0, 1), 0, "low", "widen it, e.g. log_uniform: [0.0001, 1]"),
        (Uniform(-1, 1), -1, "low", "widen it, e.g. uniform: [-3, 1]"),
        (Uniform(0, 1), 1, "high", "widen it, e.g. uniform: [0, 3]"),
        (LogUniform(0.001, 1), 0.001, "low", "widen it, e.g. log_uniform: [1e-06, 1]"),
        (LogUniform(0.001, 1), 1, "high", "widen it, e.g. log_uniform: [0.001, 10]"),
        (Integer(1, 40), 40, "high", "widen it, e.g. integer: [1, 79]"),
        (LogUniform(0.001, 1), 0.03, "", ""),
        (Uniform(0.001, 1.1), 0.5, "", ""),
    ],
)
def test_the_best_three_at_an_end(space, best, end, advice):
    found = judged(UCRL2Continuous, lambda i, s: abs(s["alpha_r"] - best), 100, alpha_r=space)["alpha_r"]
    assert (found.at_edge, found.advice) == (end, advice)
    assert found.place == pytest.approx(space.place(found.best), rel=1e-4)
    said = [warning for warning in found.warnings() if "end of" in warning]
    assert said == (
        [f"alpha_r: the best 3 samples lie at the {END[end]} end of {found.space}; {advice}."] if end else []
    )


END = {"low": "lower", "high": "upper"}


def test_edges_are_on_the_scale_of_the_range():
    def near_the_low_end(i, sample):
        return abs(math.log(sample["alpha_r"] / 0.01))

    # 0.01 is at 0.3 % of [0.001, 3] and in the middle of it on a logarithmic scale
    assert judged(UCRL2Continuous, near_the_low_end, alpha_r=Uniform(0.001, 3))["alpha_r"].at_edge == "low"
    assert judged(UCRL2Continuous, near_the_low_end, alpha_r=LogUniform(0.001, 3))["alpha_r"].at_edge == ""
    # two of three do not make an edge
    three = judged(UCRL2Continuous, lambda i, s: [0.0, 1.0, 2.0, 3.0][i], 4, alpha_r=Uniform(0.1, 3))["alpha_r"]
    assert three.at_edge == ""


def test_hyperparameters_without_effect():
    found = judged(QLearningContinuous, lambda i, s: math.log(s["span_approx_weight"]) ** 2)
    assert {name for name, one in found.items() if one.inert == "noise"} == {"h_weight", "min_at"}
    assert found["span_approx_weight"].importance > 0.8
    [warning] = found["min_at"].warnings()
    assert warning.startswith("min_at: it has no effect of its own on the scores, beyond noise (p = 0.")
    # samples that differ in nothing else decide it, however few they are
    levels = {"span_approx_weight": Fixed(1), "h_weight": Fixed(1), "min_at": Choice(0.1, 0.2, 0.3)}
    assert judged(QLearningContinuous, lambda i, s: 0.5, 6, **levels)["min_at"].inert == "equal logs"
    assert judged(QLearningContinuous, lambda i, s: s["min_at"], 6, **levels)["min_at"].inert == ""
    # too few to tell
    assert judged(QLearningContinuous, lambda i, s: i % 3, 8)["min_at"].inert == ""


def test_nothing_varies():
    fixed = {name: Fixed(0.1) for name in search_spaces(QLearningContinuous)}
    assert judged(QLearningContinuous, lambda i, s: 0.5, 3, **fixed) == {}


@pytest.mark.parametrize(
    ("agent", "at_edge", "inert", "place", "low", "high"),
    [
        ("QLearningContinuous", "span_approx_weight", "min_at", 0.0067, "0.001", "1.1"),
        ("QLearningEpisodic", "c_2", "c_1", 0.0067, "0.001", "1.1"),
        ("UCRL2Continuous", "alpha_r", "alpha_p", 0.0117, "0.1", "3"),
    ],
)
def test_the_published_ranges_are_warned_of(agent, at_edge, inert, place, low, high):
    """
    50 samples of each: the winners lie at quantile 0.7 and 1.2 % of the published ranges.

    105 runs of 250,000 steps each, policy regret; of UCRL2 7 of 50,000, learning regret.
    """
    cls = registry.resolve_agent_class(agent)
    with open(PUBLISHED_TABLES / f"{agent}.csv", newline="") as file:
        rows = list(csv.DictReader(file))
    names = list(cls.get_hyperparameters_search_spaces())
    samples = [{name: float(row[name]) for name in names} for row in rows]
    losses = np.array([float(row["score"]) for row in rows])
    found = {one.name: one for one in judge_ranges(cls, search_spaces(cls), samples, losses)}
    assert [one.name for one in found.values() if one.at_edge] == [at_edge]
    assert found[at_edge].place == pytest.approx(place, abs=1e-4)
    assert found[at_edge].importance == max(one.importance for one in found.values()) > 0.5
    assert found[inert].inert == "noise"
    table = list(csv.DictReader(ranges_table(found.values()).splitlines()))
    assert [row["hyperparameter"] for row in table] == names
    row = next(row for row in table if row["hyperparameter"] == at_edge)
    assert (row["range"], row["at_edge"]) == (f"uniform: [{low}, {high}]", "low")
    assert float(row["place"]) == pytest.approx(place, abs=5e-4)


def test_the_figures_of_our_own_tuning_are_those_of_its_tables():
    """The table of docs/tuning.md, row by row."""
    rows = re.findall(
        r"^\| (\w+) \| ([\d.]+) \| ([\d.]+) \| ([\d.]+) \| (\w+ \d.*) \|$", TUNING_PAGE.read_text(), re.MULTILINE
    )
    tables = sorted(path.stem.removesuffix("_confirm") for path in TUNING_TABLES.glob("*_confirm.csv"))
    assert sorted(row[0] for row in rows) == tables and len(rows) == 5
    for agent, *figures, places in rows:
        confirmed, ranges = (
            list(csv.DictReader((TUNING_TABLES / f"{agent}_{kind}.csv").read_text().splitlines()))
            for kind in ("confirm", "ranges")
        )
        (winner,) = (row for row in confirmed if row["selected"] == "1")
        columns = ("score_when_chosen", "score_when_confirmed", "standard_error")
        assert figures == [f"{float(winner[column]):.3f}" for column in columns]
        said = [f"{row['hyperparameter']} {row['place']}" + (" (inert)" if row["inert"] else "") for row in ranges]
        assert places == ", ".join(said)
