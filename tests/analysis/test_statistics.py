"""Statistics against closed forms, brute force and scipy."""

import numpy as np
import pytest
from scipy import stats

from colosseum.analysis.statistics import (
    bootstrap_interval,
    conditional_value_at_risk,
    interquartile_mean,
    interquartile_mean_interval,
    mean_interval,
    mean_ranks,
    mean_score,
    median_score,
    optimality_gap,
    optimality_gap_interval,
    performance_profile,
    probability_of_improvement,
    profile_band,
    rank_distribution,
    seeds_change_layout,
    share_not_better,
    shared_share,
)
from colosseum.analysis.statistics.bootstrap import bootstrap_distribution
from colosseum.analysis.statistics.intervals import AGGREGATES, variance_between
from colosseum.errors import ConfigurationError

SCORES = np.random.default_rng(3).beta(2, 1, (7, 5))
HOLES = np.where(np.random.default_rng(4).random((7, 5)) < 0.25, np.nan, SCORES)
ESTIMATORS = [mean_score, median_score, interquartile_mean, optimality_gap]


def test_aggregates_by_hand() -> None:
    scores = np.array([[0.0, 1.0, 0.5, 2.0], [1.0, 1.0, 0.5, 3.0]])
    assert mean_score(scores) == pytest.approx(1.125)
    assert median_score(scores) == pytest.approx(0.75)
    assert interquartile_mean(scores) == pytest.approx(np.mean([0.5, 1, 1, 1]))
    assert optimality_gap(scores) == pytest.approx(1 - np.mean([0.5, 1, 0.5, 1]))


@pytest.mark.parametrize("shape", [(1, 1), (2, 1), (3, 2), (5, 7), (20, 20)])
def test_interquartile_mean_is_scipys_trimmed_mean(shape: tuple[int, int]) -> None:
    scores = np.random.default_rng(0).normal(size=shape)
    assert interquartile_mean(scores) == pytest.approx(stats.trim_mean(scores, 0.25, axis=None))


@pytest.mark.parametrize("estimator", ESTIMATORS)
@pytest.mark.parametrize("scores", [SCORES, HOLES], ids=["whole", "holes"])
def test_leading_axes_are_a_loop(estimator, scores: np.ndarray) -> None:
    stacked = np.stack([scores, scores**2, 1 - scores]).reshape(3, 1, *scores.shape)
    expected = [[estimator(one[0])] for one in stacked]
    assert estimator(stacked) == pytest.approx(np.array(expected))


def test_holes_are_left_out() -> None:
    scores = np.array([[0.2, np.nan], [0.4, 0.9], [np.nan, np.nan]])
    assert mean_score(scores) == pytest.approx((0.3 + 0.9) / 2)
    assert interquartile_mean(scores) == pytest.approx(np.mean([0.2, 0.4, 0.9]))
    assert performance_profile(scores, np.array([0.3])) == pytest.approx([(0.5 + 1) / 2])
    assert probability_of_improvement(scores, np.array([[0.3, 0.9]])) == pytest.approx((0.5 + 0.5) / 2)


def test_one_environment_has_students_interval() -> None:
    column = SCORES[:, :1]
    expected = stats.ttest_1samp(column[:, 0], 0).confidence_interval(0.9)
    ours = mean_interval(column, confidence=0.9)
    assert (ours.low, ours.high) == pytest.approx((expected.low, expected.high), rel=1e-12)


def test_mean_of_two_environments_has_welchs_interval() -> None:
    pair = SCORES[:, :2] * [1, -1]  # half the difference of two columns
    expected = stats.ttest_ind(SCORES[:, 0], SCORES[:, 1], equal_var=False).confidence_interval(0.95)
    ours = mean_interval(pair)
    assert (2 * ours.low, 2 * ours.high) == pytest.approx((expected.low, expected.high), rel=1e-12)


def test_gap_and_profile_have_the_interval_of_a_mean() -> None:
    gap, mean = optimality_gap_interval(SCORES), mean_interval(1 - SCORES)
    assert np.array(gap) == pytest.approx(np.array([mean.estimate, max(0.0, mean.low), mean.high]))
    band, share = profile_band(SCORES, np.array([0.5, 0.7])), mean_interval((SCORES > 0.7).astype(float))
    assert band.estimate == pytest.approx(performance_profile(SCORES, np.array([0.5, 0.7])))
    assert (band.low[1], band.high[1]) == pytest.approx((share.low, min(1.0, share.high)))


def test_variance_of_the_interquartile_mean_is_that_of_rao_and_wus_bootstrap() -> None:
    scores = np.random.default_rng(5).normal(np.linspace(0, 1, 20), 0.3, (20, 20))
    ours = interquartile_mean_interval(scores)
    error = bootstrap_distribution(interquartile_mean, scores, n_resamples=20_000).std()
    assert (ours.high - ours.low) / 2 == pytest.approx(1.96 * error, rel=0.06)


def test_interquartile_mean_of_one_environment_is_tukeys_and_mclaughlins() -> None:
    column = np.random.default_rng(6).normal(size=(40, 1))
    ours = interquartile_mean_interval(column)
    error = stats.mstats.trimmed_stde(column[:, 0], limits=(0.25, 0.25))
    assert (ours.high - ours.low) / 2 == pytest.approx(stats.t.ppf(0.975, 19) * error, rel=0.06)


def test_variance_of_a_normal_that_is_cut_off() -> None:
    mean, deviation = np.array([0.0, 0.9, -3.0, 0.2]), np.array([1.0, 0.1, 0.2, 0.0])
    drawn = np.clip(np.random.default_rng(7).normal(mean, deviation, (400_000, 4)), -0.3, 0.8)
    assert variance_between(mean, deviation, -0.3, 0.8) == pytest.approx(drawn.var(axis=0), abs=1e-3)


def test_deviation_of_the_resampled_mean_has_the_divisor_n_minus_1() -> None:
    resamples = bootstrap_distribution(mean_score, SCORES, n_resamples=40_000)
    closed = np.sqrt((SCORES.var(axis=0, ddof=1) / SCORES.shape[0]).sum()) / SCORES.shape[1]
    assert resamples.std() == pytest.approx(closed, rel=0.02)
    assert resamples.mean() == pytest.approx(SCORES.mean(), abs=5 * closed / np.sqrt(40_000))


def test_bootstrap_interval_of_a_mean_is_the_t_interval() -> None:
    for scores in (SCORES, SCORES[:2], HOLES):
        ours, closed = bootstrap_interval(mean_score, scores, n_resamples=20_000), mean_interval(scores)
        assert (ours.low, ours.high) == pytest.approx((closed.low, closed.high), abs=0.02 * (closed.high - closed.low))


def test_resampling_is_within_environments_and_draws_one_seed_less() -> None:
    scores = np.arange(5.0) * 10 + np.arange(4.0)[:, None]
    scores[1, 2] = scores[0, 3] = np.nan

    def check(resampled: np.ndarray) -> np.ndarray:
        for column in range(5):
            drawn = resampled[..., column]
            assert set(drawn[~np.isnan(drawn)]) <= set(scores[:, column])
        assert ((~np.isnan(resampled)).sum(axis=-2) == (~np.isnan(scores)).sum(axis=0) - 1).all()
        return mean_score(resampled)

    assert bootstrap_distribution(check, scores, n_resamples=50).shape == (50,)


def test_seeds_that_agents_share_are_resampled_together() -> None:
    def difference(x: np.ndarray, y: np.ndarray) -> np.ndarray:
        return mean_score(x) - mean_score(y)

    layouts = np.random.default_rng(2).normal(size=(7, 5))
    together = bootstrap_interval(difference, SCORES + layouts, layouts)
    alone = bootstrap_interval(mean_score, SCORES)
    assert together.high - together.low == pytest.approx(alone.high - alone.low, rel=0.1)
    assert bootstrap_distribution(difference, layouts + 0.25, layouts) == pytest.approx(np.full(2000, 0.25))


def test_the_same_seed_gives_the_same_interval_whatever_the_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    first = bootstrap_interval(median_score, SCORES, seed=5)
    monkeypatch.setattr("colosseum.analysis.statistics.bootstrap._CHUNK_NUMBERS", 1000)
    again = bootstrap_interval(median_score, SCORES, seed=5)
    assert np.array(again) == pytest.approx(np.array(first), rel=0.05)  # the normal draws come in other blocks
    assert bootstrap_interval(median_score, SCORES, seed=5) == again
    assert bootstrap_interval(median_score, SCORES, seed=6) != again


@pytest.mark.parametrize("name", AGGREGATES)
def test_one_seed_has_no_interval(name: str) -> None:
    one = AGGREGATES[name].interval(SCORES[:1])
    assert one.estimate == pytest.approx(AGGREGATES[name].estimate(SCORES[:1]))
    assert np.isnan([one.low, one.high]).all()
    lacking = np.where(np.arange(5) == 2, [[True]] + [[False]] * 6, True)  # one environment has a single seed
    assert np.isnan(AGGREGATES[name].interval(np.where(lacking, SCORES, np.nan)).low)


def test_what_does_not_vary_has_an_interval_of_width_zero() -> None:
    constant = np.tile([0.1, 0.5, 0.3], (4, 1))
    for aggregate in AGGREGATES.values():
        found = aggregate.interval(constant)
        assert found.low == pytest.approx(found.estimate) and found.high == pytest.approx(found.estimate)


@pytest.mark.parametrize(
    ("scores", "options", "message"),
    [
        ((np.ones(3),), {}, "shape"),
        ((np.ones((0, 3)),), {}, "shape"),
        ((np.array([[1.0, np.nan]]),), {}, "environments \\[1\\]"),
        ((SCORES, SCORES[:3]), {}, "the same seeds"),
        ((SCORES,), {"n_resamples": 1}, "n_resamples is 1"),
        ((SCORES,), {"confidence": 1.0}, "confidence is 1.0"),
    ],
)
def test_bad_arguments(scores: tuple, options: dict, message: str) -> None:
    with pytest.raises(ConfigurationError, match=message):
        bootstrap_interval(lambda *arrays: mean_score(arrays[0]), *scores, **options)


def test_profile_by_hand() -> None:
    scores = np.array([[0.0, 0.5], [1.0, 0.5]])
    assert performance_profile(scores, np.array([-1, 0, 0.4, 0.5, 1])) == pytest.approx([1, 0.75, 0.75, 0.25, 0])


def test_profile_integrates_to_the_mean() -> None:
    thresholds = np.linspace(0, 1, 20_001)
    profile = performance_profile(SCORES, thresholds)
    assert np.trapezoid(profile, thresholds) == pytest.approx(SCORES.mean(), abs=1e-4)


def test_improvement_is_the_mann_whitney_statistic() -> None:
    x, y = SCORES[:4].round(1), SCORES[4:].round(1)  # rounded: there are ties
    expected = [stats.mannwhitneyu(a, b).statistic / (4 * 3) for a, b in zip(x.T, y.T, strict=True)]
    assert probability_of_improvement(x, y) == pytest.approx(np.mean(expected))
    assert probability_of_improvement(x, y) + probability_of_improvement(y, x) == pytest.approx(1)
    assert probability_of_improvement(x, x) == pytest.approx(0.5)


def test_improvement_of_an_agent_over_itself_is_certain_where_seeds_are_drawn_together() -> None:
    values = bootstrap_distribution(probability_of_improvement, SCORES, SCORES, n_resamples=200)
    assert values == pytest.approx(np.full(200, 0.5))


def test_ranks_are_scipys() -> None:
    agents = [np.random.default_rng(i).integers(0, 3, (2, 6)).astype(float) for i in range(4)]
    means = np.array([one.mean(axis=0) for one in agents])
    assert mean_ranks(*agents) == pytest.approx(stats.rankdata(-means, axis=0).mean(axis=1))


def test_rank_distribution() -> None:
    certain = [np.full((2, 3), value) for value in (0.1, 0.9, 0.5)]
    assert rank_distribution(*certain, n_resamples=10) == pytest.approx(np.array([[0, 0, 1], [1, 0, 0], [0, 1, 0]]))
    tied = [np.ones((2, 3)), np.ones((2, 3))]
    assert rank_distribution(*tied, n_resamples=10) == pytest.approx(np.full((2, 2), 0.5))
    shares = rank_distribution(SCORES[:3], SCORES[3:6], SCORES[4:], n_resamples=200)
    assert shares.sum(axis=0) == pytest.approx(np.ones(3)) and shares.sum(axis=1) == pytest.approx(np.ones(3))


def test_tail_by_hand() -> None:
    scores = np.array([[0.9, 0.1, 0.5], [0.8, 0.3, np.nan], [0.2, 0.7, 0.6]])
    assert conditional_value_at_risk(scores) == 0.1
    assert conditional_value_at_risk(scores, 0.25) == pytest.approx(0.15)
    assert conditional_value_at_risk(scores, 1.0) == pytest.approx(np.nanmean(scores))
    share = share_not_better(scores, np.full((3, 3), 0.3))
    assert share.estimate == pytest.approx((1 / 3 + 2 / 3 + 0) / 3)
    with pytest.raises(ConfigurationError, match="share is 0"):
        conditional_value_at_risk(scores, 0)


def test_share_of_seeds_that_all_agree_has_the_exact_binomial_interval() -> None:
    for successes, scores in ((0, SCORES), (35, SCORES - 5)):
        ours = share_not_better(scores, np.zeros_like(SCORES))
        exact = stats.binomtest(successes, 35).proportion_ci(0.95, "exact")
        assert (float(ours.low), float(ours.high)) == pytest.approx((exact.low, exact.high))
    assert np.isnan(share_not_better(SCORES[:1], np.zeros((1, 5))).low)


def test_seeds_that_are_layouts_show_in_the_environments_constants() -> None:
    random = np.array([[0.2, 0.4, np.nan], [0.2, 0.4, 0.1], [0.2, 0.41, np.nan]])
    assert seeds_change_layout(random).tolist() == [False, True, False]
    assert seeds_change_layout(np.full((3, 3), 0.5) * (1 + 1e-12 * np.arange(3)[:, None]), random)[1]
    assert not seeds_change_layout(random[:1]).any()


def test_the_share_of_layouts_in_the_spread() -> None:
    rng = np.random.default_rng(11)
    layout, luck = rng.normal(0, 2, (1, 5_000)), rng.normal(0, 1, (4, 5_000))
    assert shared_share(layout + luck) == pytest.approx(0.8, abs=0.02)
    assert shared_share(luck) == pytest.approx(0.0, abs=0.02)
    assert np.isnan([shared_share(luck[:1]), shared_share(luck[:, :2]), shared_share(np.ones((3, 4)))]).all()
