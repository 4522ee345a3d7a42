"""
Halving and confirmation replayed on recorded scores.

``tuning_scores.npz`` has the learning regret of 100 log-uniform samples of QLearningContinuous in 35 environments with
13 seeds of 250,000 steps (``python performance/tuning_scores.py`` makes it). An order is a random one of the samples,
of the families and of the environments of each, with three of the seeds.
"""

from pathlib import Path

import numpy as np
import pytest

from colosseum.hyperopt.confirmation import seed_standard_error
from colosseum.hyperopt.rungs import (
    Rung,
    check_rungs,
    fill_slots,
    new_pairs,
    order_environments,
    settle_slots,
    total_runs,
)

RUNGS = (Rung(100, 14), Rung(34, 35), Rung(12, 105))
SMALL_RUNGS = (Rung(50, 14), Rung(17, 35), Rung(6, 105))
N_ORDERS = 100


@pytest.fixture(scope="module")
def recorded():
    """The scores, of shape (samples, environments, seeds), and the places of each family's environments."""
    with np.load(Path(__file__).with_name("tuning_scores.npz")) as file:
        scores, names = file["scores"].astype(float), file["environments"]
        assert file["n_steps"] == 250_000
    families = {}
    for place, name in enumerate(names):
        families.setdefault(str(name).partition("-")[2], []).append(place)
    assert scores.shape == (100, 35, 13)
    assert [len(places) for places in families.values()] == [5] * 7
    return scores, families


def random_order(rng, families):
    names = rng.permutation(sorted(families))
    return order_environments({name: [int(place) for place in rng.permutation(families[name])] for name in names})


def halving(scores, rungs, order):
    """The winner by rungs, and how many runs that took; scores are of shape (samples, environments, seeds)."""
    left, met, n_runs = np.arange(len(scores)), [], 0
    for k, rung in enumerate(rungs):
        if k:
            costs = np.mean([scores[left, environment, seed] for environment, seed in met], axis=0)
            left = left[(fill_slots if k == 1 else settle_slots)(costs.tolist(), rung.keep)]
        pairs = new_pairs(rungs, k, order)
        met += [(environment, seed) for environment in pairs.environments for seed in pairs.seeds]
        n_runs += len(left) * len(pairs.environments) * len(pairs.seeds)
    assert len(set(met)) == len(met) == scores[0].size
    costs = scores[left].mean((1, 2))
    return left[costs.argmin()], n_runs


@pytest.mark.parametrize("rungs", [RUNGS, SMALL_RUNGS], ids=["100 samples", "50 of them"])
def test_less_than_a_third_of_the_runs_keeps_the_winner(recorded, rungs):
    scores, families = recorded
    rng = np.random.default_rng(13)
    n_samples = rungs[0].keep
    check_rungs(rungs, n_samples, 35, 3, "rungs")
    kept, losses = 0, []
    for _ in range(N_ORDERS):
        here = scores[rng.permutation(100)[:n_samples]][:, :, rng.permutation(13)[:3]]
        winner, n_runs = halving(here, rungs, random_order(rng, families))
        of_all = here.mean((1, 2))
        kept += winner == of_all.argmin()
        losses.append(of_all[winner] - of_all.min())
    assert n_runs == total_runs(rungs, n_samples) <= 0.3 * n_samples * 105
    assert kept >= 0.9 * N_ORDERS
    assert np.mean(losses) <= 0.002
    assert min(losses) >= 0


def test_a_confirmed_score_is_true_and_an_unconfirmed_one_too_good(recorded):
    """Of 50 random samples with one seed each, the first five on ten fresh seeds; the truth are the last two."""
    scores, _ = recorded
    rng = np.random.default_rng(13)
    unconfirmed, confirmed, losses, standard_errors = [], [], [], []
    for _ in range(N_ORDERS):
        here = scores[rng.permutation(100)[:50]][:, :, rng.permutation(13)]
        when_chosen, again, truth = (
            here[:, :, seeds].mean((1, 2)) for seeds in (slice(1), slice(1, 11), slice(11, 13))
        )
        first = np.argsort(when_chosen, kind="stable")[:5]
        best, winner = first[0], first[again[first].argmin()]
        unconfirmed.append(when_chosen[best] - truth[best])
        confirmed.append(again[winner] - truth[winner])
        losses.append((truth[best] - truth.min(), truth[winner] - truth.min()))
        standard_errors.append(seed_standard_error(here[winner, :, 1:11]))
    error = np.std(confirmed, ddof=1) / np.sqrt(N_ORDERS)
    assert abs(np.mean(confirmed)) <= error
    assert np.mean(unconfirmed) <= -2 * np.std(unconfirmed, ddof=1) / np.sqrt(N_ORDERS)
    # and the choice is better for it
    of_unconfirmed, of_confirmed = np.mean(losses, axis=0)
    assert of_confirmed < 0.6 * of_unconfirmed
    # what a table says of one confirmation is what it errs by: here against two seeds, whose own error is larger
    assert np.std(confirmed, ddof=1) == pytest.approx(np.mean(standard_errors) * np.sqrt(1 + 10 / 2), rel=0.3)


def test_standard_errors_are_over_seeds_alone():
    """How environments differ does not matter, and what two samples share at a seed cancels."""
    rng = np.random.default_rng(0)
    hardness, luck = rng.uniform(0, 1, (4, 1)), 0.1 * rng.standard_normal((3_000, 4, 5))
    values = hardness + luck
    means = values.mean((1, 2))
    assert np.mean([seed_standard_error(one) ** 2 for one in values]) == pytest.approx(means.var(), rel=0.05)
    assert seed_standard_error(values[0] - (values[0] - 0.3)) == pytest.approx(0, abs=1e-15)
    assert np.isnan(seed_standard_error(values[0][:, :1]))
