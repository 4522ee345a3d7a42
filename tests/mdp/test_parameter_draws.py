"""Parameters of the families that are drawn for the hyperparameter optimisation."""

import math
from functools import cache

import gin
import numpy as np
import pytest
from mdp_samples import family
from scipy import stats

from colosseum import config
from colosseum.errors import ConfigurationError
from colosseum.mdp.taxi import TaxiContinuous
from colosseum.utils.miscellanea import (
    get_colosseum_mdp_classes,
    sample_mdp_gin_configs,
    sample_mdp_gin_configs_file,
    sample_mdp_parameters,
)
from colosseum.utils.streams import sample_seed

CLASSES = pytest.mark.parametrize("cls", get_colosseum_mdp_classes(), ids=lambda cls: cls.__name__)


@CLASSES
def test_sample_i_does_not_depend_on_how_many_are_drawn(cls):
    few, many = sample_mdp_parameters(cls, 2, seed=42), sample_mdp_parameters(cls, 5, seed=42)
    assert many[:2] == few
    assert many[3] == cls.sample_parameters(sample_seed(42, cls.__name__, 3))
    assert not any(sample in many for sample in sample_mdp_parameters(cls, 5, seed=43))
    texts = sample_mdp_gin_configs(cls, 3, seed=42)
    assert sample_mdp_gin_configs_file(cls, 3, seed=42) == "\n".join(texts) + "\n"
    assert sample_mdp_gin_configs_file(cls, 5, seed=42).startswith("\n".join(texts[:3]) + "\n")
    for i, text in enumerate(texts):
        gin.clear_config()
        gin.parse_config(text)
        with gin.config_scope(f"prms_{i}"):
            mdp = cls(seed=1)
        assert many[i].items() <= mdp.parameters.items()
    for seed in range(20):
        assert cls(0, **cls.sample_parameters(seed)).n_states > 1


def four_digits(value):
    return value == round(value, 4) or value == float(f"{value:.1g}")


@pytest.mark.slow
@CLASSES
def test_samples_are_rounded_and_name_their_distributions(cls):
    samples = samples_of(cls)[:400]
    stochastic = [sample["make_reward_stochastic"] for sample in samples]
    assert 150 < sum(stochastic) < 250  # a fair coin: 5 standard deviations
    ms = [sample["reward_variance_multiplier"] for sample in samples]
    assert 0.005 <= min(ms) < 0.1 and 1.9 < max(ms) <= 2.005
    for sample in samples:
        for name in cls.reward_parameters:
            kind, values = sample[name]
            assert kind == ("beta" if sample["make_reward_stochastic"] else "deterministic")
            assert all(four_digits(value) for value in values)
        for name in ("p_rand", "p_lazy", "p_frozen"):
            assert sample.get(name) is None or 0.01 <= sample[name] < 1 and four_digits(sample[name])
        assert ("p_lazy" in sample) == (family(cls) != "DeepSea")
    sample, mdp = samples[0], cls(0, **samples[0] | dict.fromkeys(cls.reward_parameters))
    np.testing.assert_allclose(cls(0, **sample).R, mdp.R, atol=2e-2)  # the defaults, but for the rounding


@cache
def samples_of(cls):
    return [cls.sample_parameters(seed) for seed in range(3000)]


def drawn(cls, name):
    """A parameter of 3,000 samples; NaN for None."""
    return np.array([math.nan if sample[name] is None else sample[name] for sample in samples_of(cls)])


SIZES = {
    "RiverSwimEpisodic": (6, 20),
    "RiverSwimContinuous": (4, 96),
    "DeepSeaEpisodic": (5, 19),
    "DeepSeaContinuous": (6, 23),
    "FrozenLakeEpisodic": (5, 6),
    "FrozenLakeContinuous": (4, 13),
    "SimpleGridEpisodic": (5, 19),
    "SimpleGridContinuous": (6, 23),
    "TaxiEpisodic": (5, 5),
    "TaxiContinuous": (5, 7),
    "MiniGridEmptyEpisodic": (6, 18),
    "MiniGridEmptyContinuous": (9, 28),
}


@pytest.mark.slow
@pytest.mark.parametrize("name", SIZES)
def test_sizes_lie_in_their_bounds_and_reach_them(name):
    """The bounds follow from the formulas of the families at u = 0 and u = 1 (u = 0 itself is never met)."""
    sizes = drawn(config.resolve_mdp_class(name), "size")
    assert (sizes.min(), sizes.max()) == SIZES[name]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "size_of"),
    [
        ("RiverSwimContinuous", lambda u: (6 * u + 2) ** 2.2),
        ("RiverSwimEpisodic", lambda u: min(2.5 + 200 / (45 * u + 11), 25)),
        ("DeepSeaContinuous", lambda u: 1 + min(800 / (100 * u + 35), 25)),
        ("SimpleGridEpisodic", lambda u: 1 + 0.8 * min(800 / (100 * u + 35), 25)),
        ("FrozenLakeContinuous", lambda u: 2.5 + min(400 / (150 * u + 35), 15)),
        ("MiniGridEmptyContinuous", lambda u: 1.5 * min(5 + 14 / (8 * u + 1), 20)),
    ],
)
def test_sizes_are_distributed_as_their_formula(name, size_of):
    sizes = drawn(config.resolve_mdp_class(name), "size")
    expected = np.array([math.floor(size_of(u)) for u in (np.arange(100_000) + 0.5) / 100_000])
    for size in np.unique(expected):
        p = (expected == size).mean()
        assert abs((sizes == size).mean() - p) < 5 * math.sqrt(p * (1 - p) / len(sizes)) + 1e-4


@pytest.mark.slow
def test_choices_are_distributed_as_their_tables():
    sizes = drawn(config.resolve_mdp_class("TaxiContinuous"), "size")
    np.testing.assert_allclose([(sizes == s).mean() for s in (5, 6, 7)], [0.525, 0.325, 0.15], atol=0.046)
    assert abs((drawn(config.resolve_mdp_class("FrozenLakeEpisodic"), "size") == 5).mean() - 0.665) < 0.044
    grid = config.resolve_mdp_class("SimpleGridEpisodic")
    for name, values in (("reward_type", (0, 1, 2, 3)), ("n_starting_states", (1, 2, 3, 4))):
        np.testing.assert_allclose([(drawn(grid, name) == v).mean() for v in values], 0.25, atol=0.04)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "factor"),
    [("RiverSwimEpisodic", 0.9), ("TaxiEpisodic", 0.4), ("TaxiContinuous", 0.5), ("MiniGridRoomsContinuous", 0.9)],
)
def test_laziness_and_randomness_come_from_a_dirichlet_distribution(name, factor):
    cls = config.resolve_mdp_class(name)
    marginal = stats.beta(0.2, 5.2)  # of each of the first two entries of Dirichlet(0.2, 0.2, 5)
    for parameter in ("p_lazy", "p_rand"):
        values = drawn(cls, parameter)
        none = marginal.cdf(0.01 / factor)
        assert abs(np.isnan(values).mean() - none) < 5 * math.sqrt(none * (1 - none) / len(values))
        share = values[~np.isnan(values)] / factor
        p = (1 - marginal.cdf(0.1)) / (1 - none)
        assert abs((share > 0.1).mean() - p) < 5 * math.sqrt(p * (1 - p) / len(share))
        assert np.nanmax(values) < factor


def test_deep_seas_and_lakes_have_probabilities_of_their_own():
    p_rand = drawn(config.resolve_mdp_class("DeepSeaEpisodic"), "p_rand")
    assert round(2 / 11, 4) <= p_rand.min() < 0.183 and 0.65 < p_rand.max() <= 0.6667
    p_frozen = drawn(config.resolve_mdp_class("FrozenLakeContinuous"), "p_frozen")
    assert round(0.45**0.3, 4) <= p_frozen.min() < 0.79 and p_frozen.max() == 0.95


@pytest.mark.parametrize(("setting", "sizes"), [("Episodic", {3, 4, 5, 6}), ("Continuous", {3, 4, 5, 6, 7, 8, 9})])
def test_rooms_are_drawn_together(setting, sizes):
    cls = config.resolve_mdp_class(f"MiniGridRooms{setting}")
    room_size, n_rooms = drawn(cls, "room_size"), drawn(cls, "n_rooms")
    assert set(room_size.tolist()) == sizes and set(n_rooms.tolist()) == {4, 9}
    rng = np.random.default_rng(0)
    a, b, _ = rng.dirichlet((0.2, 0.2, 1.0), 100_000).T
    p = (2 * a + 2 >= 3).mean()
    assert abs((n_rooms == 9).mean() - p) < 5 * math.sqrt(p * (1 - p) / len(n_rooms)) + 0.005
    p = (np.minimum(np.floor(7 * b + 3), 9) <= (3 if setting == "Continuous" else 6)).mean()
    assert abs((room_size == 3).mean() - p) < 5 * math.sqrt(p * (1 - p) / len(room_size)) + 0.005


def test_a_number_of_samples_that_makes_no_sense_is_refused():
    for n in (0, -1, 2.5, True):
        with pytest.raises(ConfigurationError, match=f"number of samples of TaxiContinuous: {n!r} makes no sense"):
            sample_mdp_parameters(TaxiContinuous, n, seed=0)
