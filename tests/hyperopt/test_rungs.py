"""Rungs: which pairs of environment and seed each adds, what is refused, and which samples take its slots."""

import numpy as np
import pytest

from colosseum.errors import ConfigurationError
from colosseum.hyperopt.rungs import (
    Pairs,
    Rung,
    check_rungs,
    fill_slots,
    new_pairs,
    order_environments,
    settle_slots,
    total_runs,
)

PUBLISHED = (Rung(50, 14), Rung(17, 35), Rung(6, 105))
FAMILIES = {f"Family{f}": [f"prms_{i}-Family{f}" for i in range(5)] for f in range(7)}


def check(*rungs, n_samples=50, n_environments=35, n_seeds=3):
    check_rungs([Rung(*rung) for rung in rungs], n_samples, n_environments, n_seeds, "rungs")


def test_an_environment_of_each_family_comes_first():
    order = order_environments(FAMILIES)
    assert len(order) == 35
    assert order[:8] == [*(f"prms_0-Family{f}" for f in range(7)), "prms_1-Family0"]
    assert order_environments({"A": ["a0"], "B": ["b0", "b1"]}) == ["a0", "b0", "b1"]


def test_each_rung_adds_what_the_ones_below_have_not():
    order = order_environments(FAMILIES)
    check_rungs(PUBLISHED, 50, 35, 3, "rungs")
    added = [new_pairs(PUBLISHED, k, order) for k in range(3)]
    assert added == [
        Pairs(tuple(order[:14]), range(1)),
        Pairs(tuple(order[14:]), range(1)),
        Pairs(tuple(order), range(1, 3)),
    ]
    met = [(environment, seed) for pairs in added for environment in pairs.environments for seed in pairs.seeds]
    assert len(met) == len(set(met)) == 105
    assert total_runs(PUBLISHED, 50) == 50 * 14 + 17 * 21 + 6 * 70 == 1_477
    assert total_runs(PUBLISHED, 1) == 105
    # all environments from the start
    assert new_pairs([Rung(4, 70), Rung(2, 105)], 0, order) == Pairs(tuple(order), range(2))


@pytest.mark.parametrize(
    ("rungs", "message"),
    [
        ([(40, 105)], r"rungs\[0\].keep: 40 is not the number of samples; all 50"),
        ([(50, 35), (50, 105)], r"rungs\[1\].keep: 50 does not fall; it must be less than the 50"),
        ([(50, 35), (60, 105)], r"rungs\[1\].keep: 60 does not fall"),
        ([(50, 35), (17, 35), (6, 105)], r"rungs\[1\].runs: 35 does not grow; it must be more than the 35"),
        ([(50, 35), (17, 14), (6, 105)], r"rungs\[1\].runs: 14 does not grow"),
        ([(50, 14), (17, 105)], r"rungs\[1\].runs: 105 comes after 14, .*; add a rung of 35 runs between the two"),
        ([(50, 40), (17, 105)], r"rungs\[0\].runs: 40 is no multiple of the 35 environments.*; take 35 or 70"),
        ([(50, 35), (17, 70)], r"rungs\[1\].runs: 70 are not all that there are; the last rung has all 105 \(35 env"),
        ([(50, 35), (17, 140)], r"rungs\[1\].runs: 140 are not all"),
    ],
)
def test_rungs_that_grow_or_leave_pairs_out_are_refused(rungs, message):
    with pytest.raises(ConfigurationError, match=message) as caught:
        check(*rungs)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("rungs", [[(50, 105)], [(50, 7), (10, 35), (2, 70), (1, 105)], [(50, 70), (1, 105)]])
def test_rungs_that_are_right(rungs):
    check(*rungs)


def test_the_slots_have_the_best_and_of_equal_ones_the_earlier():
    rng = np.random.default_rng(0)
    for _ in range(200):
        costs = rng.integers(0, 12, 30).tolist()
        for choose in (fill_slots, settle_slots):
            assert sorted(choose(costs, 8)) == sorted(sorted(range(30), key=lambda i: (costs[i], i))[:8])
    assert fill_slots([1.0, 2.0], 5) == settle_slots([1.0, 2.0], 5) == [0, 1]


def test_one_more_sample_changes_one_slot_of_the_next_rung_at_most():
    rng = np.random.default_rng(1)
    changed = []
    for _ in range(500):
        costs = rng.random(51).tolist()
        before, after = fill_slots(costs[:50], 17), fill_slots(costs, 17)
        changed.append(sum(a != b for a, b in zip(before, after, strict=True)))
    assert max(changed) == 1
    assert np.mean(changed) == pytest.approx(17 / 51, abs=0.07)  # how often it is among the best 17


def test_one_more_sample_changes_few_slots_of_a_later_rung():
    """What is in them depends on two rungs below, so a sample may change its slot: less than by the first rule."""
    rng = np.random.default_rng(2)
    changed = {fill_slots: [], settle_slots: []}
    for _ in range(1_000):
        truth = rng.random(51)
        low = (truth + 0.3 * rng.random(51)).tolist()
        before, after = fill_slots(low[:50], 17), fill_slots(low, 17)
        for choose, of_choice in changed.items():
            last = [[one[i] for i in choose(truth[one].tolist(), 6)] for one in (before, after)]
            of_choice.append(sum(a != b for a, b in zip(*last, strict=True)))
    # the new sample is among the last six in 6 of 51 cases
    assert 6 / 51 < np.mean(changed[settle_slots]) < 0.3 < 0.4 < np.mean(changed[fill_slots])
    assert np.mean(np.array(changed[settle_slots]) > 2) < 0.05
