"""Statistics against closed forms, brute force and scipy."""

import itertools

import numpy as np
import pytest
from scipy import stats

from colosseum.analysis.statistics import (
    interquartile_mean,
    mean_ranks,
    mean_score,
    median_score,
    not_significantly_worse,
    optimality_gap,
    p_value_of_being_worse,
    performance_profile,
    probability_of_improvement,
    rank_distribution,
    stratified_bootstrap,
)
from colosseum.analysis.statistics.bootstrap import bootstrap_distribution
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


@pytest.mark.parametrize("estimator", [mean_score, interquartile_mean, optimality_gap])
def test_intervals_agree_with_scipy(estimator) -> None:
    def statistic(*columns: np.ndarray, axis: int = -1) -> np.ndarray:
        return estimator(np.moveaxis(np.stack(columns, axis=-1), axis - 1 if axis < 0 else axis, -2))

    ours = stratified_bootstrap(estimator, SCORES, n_resamples=20_000, confidence=0.9)
    theirs = stats.bootstrap(
        tuple(SCORES.T), statistic, n_resamples=20_000, confidence_level=0.9, method="percentile", vectorized=True,
        rng=np.random.default_rng(1),
    ).confidence_interval  # fmt: skip
    width = theirs.high - theirs.low
    assert ours.estimate == estimator(SCORES)
    assert ours.low == pytest.approx(theirs.low, abs=0.04 * width)
    assert ours.high == pytest.approx(theirs.high, abs=0.04 * width)


def test_deviation_of_the_resampled_mean_in_closed_form() -> None:
    resamples = bootstrap_distribution(mean_score, SCORES, n_resamples=40_000)
    closed = np.sqrt((SCORES.var(axis=0) / SCORES.shape[0]).sum()) / SCORES.shape[1]
    assert resamples.std() == pytest.approx(closed, rel=0.02)
    assert resamples.mean() == pytest.approx(SCORES.mean(), abs=5 * closed / np.sqrt(40_000))


def test_resampling_is_within_environments_and_keeps_what_is_there() -> None:
    scores = np.arange(5.0) * 10 + np.arange(4.0)[:, None]
    scores[1, 2] = scores[0, 3] = np.nan

    def check(resampled: np.ndarray) -> np.ndarray:
        for column in range(5):
            drawn = resampled[..., column]
            assert set(drawn[~np.isnan(drawn)]) <= set(scores[:, column])
        assert ((~np.isnan(resampled)).sum(axis=-2) == (~np.isnan(scores)).sum(axis=0)).all()
        return mean_score(resampled)

    assert bootstrap_distribution(check, scores, n_resamples=50).shape == (50,)


def test_the_same_seed_gives_the_same_interval_whatever_the_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    first = stratified_bootstrap(interquartile_mean, SCORES, seed=5)
    monkeypatch.setattr("colosseum.analysis.statistics.bootstrap._CHUNK_NUMBERS", 1000)
    assert stratified_bootstrap(interquartile_mean, SCORES, seed=5) == first
    assert stratified_bootstrap(interquartile_mean, SCORES, seed=6) != first


def test_one_seed_has_an_interval_of_width_zero() -> None:
    one = stratified_bootstrap(mean_score, SCORES[:1])
    assert one.low == pytest.approx(one.estimate) and one.high == pytest.approx(one.estimate)


@pytest.mark.parametrize(
    ("scores", "options", "message"),
    [
        (np.ones(3), {}, "shape"),
        (np.ones((0, 3)), {}, "shape"),
        (np.array([[1.0, np.nan]]), {}, "environments \\[1\\]"),
        (SCORES, {"n_resamples": 1}, "n_resamples is 1"),
        (SCORES, {"confidence": 1.0}, "confidence is 1.0"),
    ],
)
def test_bad_arguments(scores: np.ndarray, options: dict, message: str) -> None:
    with pytest.raises(ConfigurationError, match=message):
        stratified_bootstrap(mean_score, scores, **options)


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


def test_improvement_is_resampled_for_each_agent_alone() -> None:
    x, y = np.array([[0.0], [1.0]]), np.array([[0.5]])
    values = bootstrap_distribution(probability_of_improvement, x, y, n_resamples=4000)
    assert set(values) == {0.0, 0.5, 1.0}
    assert [np.mean(values == v) for v in (0, 0.5, 1)] == pytest.approx([0.25, 0.5, 0.25], abs=0.03)


def test_ranks_are_scipys() -> None:
    agents = [np.random.default_rng(i).integers(0, 3, (2, 6)).astype(float) for i in range(4)]
    means = np.array([one.mean(axis=0) for one in agents])
    assert mean_ranks(*agents) == pytest.approx(stats.rankdata(-means, axis=0).mean(axis=1))


def test_rank_distribution() -> None:
    certain = [np.full((2, 3), value) for value in (0.1, 0.9, 0.5)]
    assert rank_distribution(*certain, n_resamples=10) == pytest.approx(np.array([[0, 0, 1], [1, 0, 0], [0, 1, 0]]))
    tied = [np.ones((2, 3)), np.ones((2, 3))]
    assert rank_distribution(*tied, n_resamples=10) == pytest.approx(np.full((2, 2), 0.5))
    shares = rank_distribution(SCORES[:3], SCORES[3:], SCORES[::2], n_resamples=200)
    assert shares.sum(axis=0) == pytest.approx(np.ones(3)) and shares.sum(axis=1) == pytest.approx(np.ones(3))


@pytest.mark.parametrize("n_mdps", [1, 4])
def test_p_value_is_welchs(n_mdps: int) -> None:
    rng = np.random.default_rng(8)
    worse, best = rng.normal(0, 1, (6, n_mdps)), rng.normal(0.5, 2, (9, n_mdps))
    p_value = p_value_of_being_worse(worse, best)
    if n_mdps == 1:
        expected = stats.ttest_ind(worse[:, 0], best[:, 0], equal_var=False, alternative="less").pvalue
        assert p_value == pytest.approx(expected, rel=1e-10)
    assert p_value_of_being_worse(-worse, -best, high_is_best=False) == pytest.approx(p_value)


def test_p_value_over_environments_is_uniform_where_nothing_differs() -> None:
    rng = np.random.default_rng(9)
    p_values = [p_value_of_being_worse(*rng.normal(size=(2, 4, 6)) * [1, 2, 3, 4, 5, 6]) for _ in range(2000)]
    assert stats.kstest(p_values, "uniform").pvalue > 0.001


def test_best_and_those_not_significantly_worse() -> None:
    spread = np.linspace(-0.1, 0.1, 10)[:, None]
    arms = [centre + spread for centre in (1.0, 0.98, 0.2)]
    assert not_significantly_worse(arms) == (True, True, False)
    assert not_significantly_worse([-arm for arm in arms], high_is_best=False) == (True, True, False)
    assert not_significantly_worse([arm - 5 for arm in arms], high_is_best=False) == (False, False, True)


def test_holms_correction_by_brute_force() -> None:
    rng = np.random.default_rng(12)
    for _ in range(50):
        arms = [rng.normal(centre, 1, (4, 1)) for centre in (2, 1, 0.5, 0)]
        best = int(np.argmax([arm.mean() for arm in arms]))
        p_values = {i: p_value_of_being_worse(arm, arms[best]) for i, arm in enumerate(arms) if i != best}
        rejected: set[int] = set()
        for order in itertools.count(1):
            left = {i: p for i, p in p_values.items() if i not in rejected}
            if not left or min(left.values()) > 0.05 / (len(p_values) - order + 1):
                break
            rejected.add(min(left, key=left.get))
        assert not_significantly_worse(arms) == tuple(i not in rejected for i in range(4))


def test_one_seed_and_no_variation() -> None:
    one = [np.array([[0.3]]), np.array([[0.2]]), np.array([[0.3]])]
    assert not_significantly_worse(one) == (True, False, True)
    constant = [np.full((3, 2), 0.5), np.full((3, 2), 0.6), np.full((3, 2), np.nan)]
    assert not_significantly_worse(constant) == (False, True, False)
    assert not_significantly_worse([np.full((2, 1), np.nan)]) == (False,)
