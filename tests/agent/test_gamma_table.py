"""Gamma variables from a staircase: against the distribution and against the plain loop."""

import numpy as np
import pytest
from scipy import stats
from twins.gamma_table import gammas
from twins.split_mix import ONE, split_mix

from colosseum.agent.mdp_models.gamma_table import N_STEPS, fill_gammas, gamma_table


@pytest.mark.parametrize("shape", [0.02, 0.05, 0.32, 0.999, 1.0, 1.3, 2.0, 7.5])
def test_gamma_variables(shape):
    rng = np.random.default_rng(2)
    table = gamma_table(shape)
    out, total = np.empty((500, 400), np.float32), np.zeros(500)
    fill_gammas(table, out, total, rng.integers(2**64, dtype=np.uint64))
    gamma = stats.gamma(shape)
    x = out.ravel().astype(float)
    low = 1e-30
    assert total == pytest.approx(out.astype(float).sum(1), rel=1e-12)
    assert (x > low).mean() == pytest.approx(gamma.sf(low), abs=0.005)
    assert stats.kstest(x[x > low], lambda q: (gamma.cdf(q) - gamma.cdf(low)) / gamma.sf(low)).pvalue > 1e-3
    assert (x > table.left[0]).sum() == pytest.approx(gamma.sf(table.left[0]) * x.size, abs=60)  # the tail
    assert (table.sure[table.sure >= 0] > 0.5).mean() > 0.8
    # all steps are of one area
    areas = table.width[2:] * np.exp(table.log_height[2:])
    assert areas == pytest.approx(areas.mean(), rel=1e-6)
    assert len(areas) == N_STEPS - 2


@pytest.mark.parametrize("shape", [0.02, 0.32, 1.0, 2.5])
@pytest.mark.parametrize("size", [(1, 1), (7, 23), (13, 300)])
def test_gamma_variables_are_those_of_the_plain_loop(shape, size):
    table = gamma_table(shape)
    out, total = np.full(size, np.nan, np.float32), np.empty(size[0])
    number = 2**64 - 5  # numbers wrap around
    fill_gammas(table, out, total, np.uint64(number))
    assert out.ravel() == pytest.approx(gammas(table, out.size, number), rel=2.5e-7, abs=1e-37)
    again = np.empty_like(out)
    fill_gammas(table, again, total, np.uint64(number))
    assert (again == out).all()


def test_every_way_of_accepting_is_taken():
    """Tangent, chord, tail and first step, in the numbers of the test above."""
    table, n, number = gamma_table(0.32), 20_000, 12345
    out, total = np.empty((1, n), np.float32), np.empty(1)
    fill_gammas(table, out, total, np.uint64(number))
    words = [split_mix(number + (i + 1) * ONE) for i in range(n)]
    step = np.array([word >> 51 for word in words])
    place, height = (
        np.array([word % 2**24 / 2**24 for word in words]),
        np.array([(word >> 24) % 2**27 for word in words]),
    )
    is_open = height / 2**27 >= table.sure[step]
    assert is_open.mean() < 0.02
    tangent = height / 2**27 < table.sure[step] + table.slope[step] * (1 - place)
    chord = height / 2**27 >= 1 - (1 - table.sure[step]) * place
    special = step < 2
    assert min((step == 0).sum(), (step == 1).sum(), (is_open & tangent).sum(), (is_open & ~special & chord).sum()) >= 1
    assert out[0] == pytest.approx(gammas(table, n, number), rel=2.5e-7, abs=1e-37)


def test_split_mix():
    """The first outputs for the seed 1234567, as the reference implementation prints them."""
    known = [6457827717110365317, 3203168211198807973, 9817491932198370423, 4593380528125082431, 16408922859458223821]
    assert [split_mix(1234567 + (i + 1) * ONE) for i in range(5)] == known
