"""Comparisons and power against scipy, and against simulations of what they promise."""

from itertools import combinations

import numpy as np
import pytest
from scipy import stats

from colosseum.analysis.statistics import (
    FEWEST_SEEDS,
    better_than_reference,
    least_difference,
    not_worse_than_best,
    p_value_of_pair,
    power_of_pair,
    seeds_needed,
)
from colosseum.analysis.statistics.comparison import level_of_a_pair
from colosseum.errors import ConfigurationError


def test_p_value_is_welchs_and_where_seeds_are_layouts_the_paired_one() -> None:
    rng = np.random.default_rng(8)
    x, y = rng.normal(0, 1, (6, 1)), rng.normal(0.5, 2, (6, 1))
    _, p_value = p_value_of_pair(x, y)
    assert p_value == pytest.approx(stats.ttest_ind(x[:, 0], y[:, 0], equal_var=False).pvalue, rel=1e-10)
    _, paired = p_value_of_pair(x, y, np.array([True]))
    assert paired == pytest.approx(stats.ttest_rel(x[:, 0], y[:, 0]).pvalue, rel=1e-10)
    assert p_value_of_pair(y, x) == pytest.approx((-p_value_of_pair(x, y)[0], p_value))


def test_p_value_over_environments_is_uniform_where_nothing_differs() -> None:
    rng = np.random.default_rng(9)
    layouts = np.array([True, False] * 3)
    p_values = []
    for _ in range(1500):
        x, y = rng.normal(size=(2, 5, 6)) * [1, 2, 3, 4, 5, 6] + 10 * layouts * rng.normal(size=(5, 6))
        p_values.append(p_value_of_pair(x, y, layouts)[1])
    assert np.mean(np.array(p_values) < 0.05) == pytest.approx(0.05, abs=0.015)
    assert stats.kstest(p_values, "uniform").pvalue > 0.001


def test_best_and_those_not_significantly_worse() -> None:
    spread = np.linspace(-0.1, 0.1, 10)[:, None]
    arms = [centre + spread for centre in (1.0, 0.98, 0.2)]
    assert not_worse_than_best(arms) == (True, True, False)
    assert not_worse_than_best([-arm for arm in arms], high_is_best=False) == (True, True, False)
    assert not_worse_than_best([arm - 5 for arm in arms], high_is_best=False) == (False, False, True)


def test_marks_are_those_of_all_pairs_by_brute_force() -> None:
    rng = np.random.default_rng(12)
    for _ in range(50):
        arms = [rng.normal(centre, 1, (6, 1)) for centre in (2, 1, 0.5, 0)]
        worse = set()
        for i, j in combinations(range(4), 2):
            if stats.ttest_ind(arms[i], arms[j], equal_var=False).pvalue[0] <= 1 - 0.95 ** (1 / 6):
                worse.add(i if arms[i].mean() < arms[j].mean() else j)
        assert not_worse_than_best(arms) == tuple(i not in worse for i in range(4))


def test_below_five_seeds_nobody_is_set_off() -> None:
    arms = [np.linspace(0, 0.01, FEWEST_SEEDS)[:, None] + centre for centre in (0.2, 0.9)]
    assert not_worse_than_best(arms) == (False, True)
    assert not_worse_than_best([arm[:-1] for arm in arms]) == (False, False)


def test_what_does_not_vary_and_what_is_not_there() -> None:
    constant = [np.full((5, 2), 0.5), np.full((5, 2), 0.6), np.full((5, 2), np.nan), np.full((5, 2), 0.6 + 1e-15)]
    assert not_worse_than_best(constant) == (False, True, False, True)
    assert not_worse_than_best([np.full((5, 1), np.nan)]) == (False,)
    assert not_worse_than_best([np.empty((5, 0))]) == (False,)


@pytest.mark.slow
@pytest.mark.parametrize("deviations", ["equal", "unequal"])
@pytest.mark.parametrize("n_seeds", [5, 20])
@pytest.mark.parametrize("n_agents", [2, 3, 5, 8])
def test_equal_agents_are_found_worse_in_at_most_5_percent_of_families(
    n_agents: int, n_seeds: int, deviations: str
) -> None:
    rng = np.random.default_rng([n_agents, n_seeds])
    scale = np.ones(n_agents) if deviations == "equal" else np.linspace(0.3, 3, n_agents)
    n = 20_000
    drawn = rng.normal(0, scale, (n, n_seeds, n_agents))
    worst = level_of_a_pair(n_agents)
    wrong = np.zeros(n, bool)
    for i, j in combinations(range(n_agents), 2):
        wrong |= stats.ttest_ind(drawn[..., i], drawn[..., j], axis=1, equal_var=False).pvalue <= worst
    assert wrong.mean() <= 0.055
    for family in range(60):  # what is called in tables decides the same
        marks = not_worse_than_best([drawn[family, :, [k]].T for k in range(n_agents)])
        assert all(marks) != wrong[family]


@pytest.mark.parametrize("shared", [0.0, 3.0])
def test_equal_agents_over_several_environments_are_found_worse_in_at_most_5_percent(shared: float) -> None:
    rng = np.random.default_rng(3)
    layouts = np.array([True, True, False, False]) if shared else None
    wrong = 0
    for _ in range(1500):
        scores = rng.normal(size=(3, 5, 4)) * [1, 2, 0.5, 1]
        if layouts is not None:
            scores += shared * layouts * rng.normal(size=(5, 4))
        wrong += not all(not_worse_than_best(list(scores), layouts=layouts))
    assert wrong / 1500 <= 0.055


def test_layouts_that_all_agents_share_do_not_hide_a_difference() -> None:
    rng = np.random.default_rng(4)
    layout = rng.normal(0, 1, (8, 1))
    arms = [layout + centre + rng.normal(0, 0.05, (8, 1)) for centre in (0.0, 0.3)]
    assert not_worse_than_best(arms) == (True, True)
    assert not_worse_than_best(arms, layouts=np.array([True])) == (False, True)


def test_better_than_a_policy_that_is_known_exactly() -> None:
    rng = np.random.default_rng(1)
    values = np.column_stack([rng.normal(0.2, 0.05, 6), rng.normal(0.5, 0.2, 6), np.full(6, 0.5), np.full(6, 0.4)])
    random = np.full((6, 4), 0.5)
    pvalues = stats.ttest_1samp(values[:, :2], 0.5, alternative="less").pvalue
    assert better_than_reference(values, random, high_is_best=False).tolist() == [
        *(pvalues <= 0.05), False, True,
    ]  # fmt: skip
    assert better_than_reference(-values, -random).tolist() == [*(pvalues <= 0.05), False, True]
    assert better_than_reference(values[:1], random[:1], high_is_best=False)[[0, 2, 3]].tolist() == [True, False, True]


def test_an_agent_as_good_as_random_is_called_better_in_5_percent() -> None:
    values = np.random.default_rng(2).normal(size=(5, 20_000))
    assert better_than_reference(values, np.zeros((5, 20_000))).mean() == pytest.approx(0.05, abs=0.006)


@pytest.mark.slow
@pytest.mark.parametrize(("n_seeds", "difference"), [(5, 0.3), (5, 0.6), (12, 0.25), (20, 0.1)])
@pytest.mark.parametrize("paired", [False, True])
def test_predicted_power_is_the_simulated_one(n_seeds: int, difference: float, paired: bool) -> None:
    rng = np.random.default_rng([n_seeds, int(100 * difference)])
    deviations = np.array([[0.4, 0.1, 0.2], [0.2, 0.3, 0.1]])
    layouts = np.array([paired, False, False])

    def standardised(scale: np.ndarray) -> np.ndarray:
        drawn = rng.normal(size=(4, 3))
        return (drawn - drawn.mean(axis=0)) / drawn.std(axis=0, ddof=1) * scale

    pilot = standardised(deviations[0])
    other = standardised(deviations[1])
    if paired:
        other[:, 0] = pilot[::-1, 0]
        cov = np.cov(pilot[:, 0], other[:, 0])
    level = level_of_a_pair(3)
    found, n = 0, 2500
    for _ in range(n):
        x, y = (rng.normal(size=(n_seeds, 3)) * one for one in deviations)
        if paired:
            x[:, 0], y[:, 0] = rng.multivariate_normal([0, 0], cov, n_seeds).T
        found += p_value_of_pair(x + difference, y, layouts)[1] <= level
    assert power_of_pair(pilot, other, difference, n_seeds, level, layouts) == pytest.approx(found / n, abs=0.05)


def test_seeds_needed_and_least_difference_are_each_others_inverse() -> None:
    rng = np.random.default_rng(6)
    x, y = rng.normal(0, 0.1, (5, 4)), rng.normal(0, 0.2, (5, 4))
    needed = seeds_needed(x, y, 0.05, 0.05)
    assert power_of_pair(x, y, 0.05, needed, 0.05) >= 0.8 > power_of_pair(x, y, 0.05, needed - 1, 0.05)
    assert least_difference(x, y, needed, 0.05) <= 0.05 < least_difference(x, y, needed - 1, 0.05)
    assert seeds_needed(x, y, 10.0, 0.05) == FEWEST_SEEDS
    assert least_difference(np.ones((3, 2)), np.ones((3, 2)), 3, 0.05) == 0.0
    assert least_difference(x, y, 1, 0.05) == np.inf
    assert seeds_needed(x, y, 1e-6, 0.05) is None
    with pytest.raises(ConfigurationError, match="one seed"):
        power_of_pair(x[:1], y[:1], 0.1, 5, 0.05)


def test_power_with_one_environment_is_that_of_the_t_test() -> None:
    x, y = np.array([[-1.0], [0.0], [1.0]]), np.array([[-1.0], [0.0], [1.0]])
    shift, bound = 1.0 / np.sqrt(2 / 10), stats.t.ppf(0.975, 18)
    expected = stats.nct.sf(bound, 18, shift) + stats.nct.cdf(-bound, 18, shift)
    assert power_of_pair(x, y, 1.0, 10, 0.05) == pytest.approx(expected, rel=1e-6)
