"""Gamma variables from steps below the density: against the distribution and against the plain loop."""

import math

import numpy as np
import pytest
from scipy import stats
from twins.gamma_table import draw_above, gammas
from twins.split_mix import ONE, split_mix

from colosseum.agent.mdp_models.gamma_table import N_STEPS, fill_gammas, gamma_table


@pytest.mark.parametrize("shape", [0.02, 0.05, 0.32, 0.999, 1.0, 1.3, 2.0, 7.5, 30.0])
def test_gamma_variables(shape):
    rng = np.random.default_rng(2)
    table = gamma_table(shape)
    out = np.empty((500, 400), np.float32)
    fill_gammas(table, out, rng.integers(2**64, dtype=np.uint64))
    gamma = stats.gamma(shape)
    x = out.ravel().astype(float)
    low = 1e-30
    assert (x > low).mean() == pytest.approx(gamma.sf(low), abs=0.005)
    assert stats.kstest(x[x > low], lambda q: (gamma.cdf(q) - gamma.cdf(low)) / gamma.sf(low)).pvalue > 1e-3
    first, last = max(table.edges[0], low), table.edges[-1]
    for found, share in (((x < first).sum(), gamma.cdf(first)), ((x > last).sum(), gamma.sf(last))):
        assert found == pytest.approx(share * x.size, abs=5 * math.sqrt(share * x.size) + 5)  # outside the steps


@pytest.mark.parametrize("shape", [0.02, 0.32, 1.0, 1.3, 7.5])
def test_steps_lie_below_the_density_and_have_one_area(shape):
    table = gamma_table(shape)
    left, right = table.edges[:-1], table.edges[1:]
    height = np.minimum(stats.gamma.logpdf(left, shape), stats.gamma.logpdf(right, shape))
    assert np.exp(height + np.log(right - left)) * N_STEPS == pytest.approx(1, rel=1e-9)
    assert 0 < N_STEPS - len(left) < (250 if shape < 0.1 else 25)
    # what they leave has the parts that are drawn from: to their bounds, of which little is above the density
    assert np.exp(height + math.lgamma(shape) - table.log_top) == pytest.approx(table.least, rel=1e-9)
    assert (table.slope[table.slope > 0] <= 1 + 1e-12).all() and (table.slope > 0).all() == (shape <= 1)
    assert table.above[-1] == 1 and (np.diff(table.above) >= 0).all()


@pytest.mark.parametrize("shape", [0.02, 0.32, 1.0, 2.5])
@pytest.mark.parametrize("size", [(1, 1), (7, 23), (13, 300), (100, 400)])
def test_gamma_variables_are_those_of_the_plain_loop(shape, size):
    table = gamma_table(shape)
    out = np.full(size, np.nan, np.float32)
    number = 2**64 - 5  # numbers wrap around
    fill_gammas(table, out, np.uint64(number))
    assert out.ravel() == pytest.approx(gammas(table, out.size, number), rel=2.5e-7, abs=1e-37)
    again = np.empty_like(out)
    fill_gammas(table, again, np.uint64(number))
    assert (again == out).all()


@pytest.mark.parametrize("shape", [0.32, 2.5])
def test_every_part_is_drawn_from(shape):
    """Below the steps, between their tops and the density, and beyond them, as the plain loop does it."""
    table = gamma_table(shape)
    further, n_steps, drawn = 12345, len(table.edges) - 1, []
    for _ in range(1000):
        x, further = draw_above(table, n_steps, further)
        drawn.append(x)
    drawn, (first, last) = np.array(drawn), table.edges[[0, -1]]
    gamma = stats.gamma(shape)
    left = 1 - n_steps / N_STEPS  # of the whole density
    expected = np.array([gamma.cdf(first), left - gamma.cdf(first) - gamma.sf(last), gamma.sf(last)]) / left
    found = [(drawn < first).sum(), ((drawn >= first) & (drawn <= last)).sum(), (drawn > last).sum()]
    assert min(found) >= 1
    assert stats.chisquare(found, 1000 * expected).pvalue > 1e-3


def test_split_mix():
    """The first outputs for the seed 1234567, as the reference implementation prints them."""
    known = [6457827717110365317, 3203168211198807973, 9817491932198370423, 4593380528125082431, 16408922859458223821]
    assert [split_mix(1234567 + (i + 1) * ONE) for i in range(5)] == known
