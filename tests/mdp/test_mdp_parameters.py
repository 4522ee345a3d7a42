"""Parameters of the families: bad ones, and the same ones written otherwise."""

import math
import subprocess
import sys

import gin
import numpy as np
import pytest
from mdp_samples import FAMILIES, family
from scipy import stats

from colosseum.errors import ConfigurationError
from colosseum.mdp.frozen_lake import FrozenLakeContinuous
from colosseum.mdp.minigrid_rooms import MiniGridRoomsEpisodic
from colosseum.mdp.river_swim import RiverSwimContinuous, RiverSwimEpisodic
from colosseum.mdp.simple_grid import SimpleGridContinuous, SimpleGridReward
from colosseum.mdp.taxi import TaxiContinuous
from colosseum.utils.miscellanea import get_colosseum_mdp_classes

CLASSES = pytest.mark.parametrize("cls", get_colosseum_mdp_classes(), ids=lambda cls: cls.__name__)

# ------------------------------------------------------------------------------------------------------------ bad input


def message_of(make):
    with pytest.raises(ConfigurationError) as error:
        make()
    first, *rest = str(error.value).splitlines()
    assert all("configurable" in line for line in rest)  # gin adds where it was called from; we write one line
    return first


COMMON = {
    "p_lazy": (1, -0.1, "0.5", True, math.nan),
    "p_rand": (1.0, -1, [0.1], 2),
    "randomize_actions": (1, None, "yes"),
    "make_reward_stochastic": (0, "True"),
    "reward_variance_multiplier": (0, -1.0, None, math.inf, math.nan, "1"),
    "rewards_range": (3, (1, 1), (2, 1), (0, math.inf), (0, 1, 2), None, "ab"),
}


@CLASSES
@pytest.mark.parametrize("name", COMMON)
def test_common_parameters_are_checked(cls, name):
    if name == "p_lazy" and family(cls) == "DeepSea":
        with pytest.raises(TypeError, match="p_lazy"):
            cls(0, size=4, p_lazy=0.1)
        return
    for value in COMMON[name]:
        message = message_of(lambda value=value: cls(0, **FAMILIES[family(cls)] | {name: value}))
        assert message.startswith(f"{cls.__name__}.{name}: ") and "makes no sense; give " in message


OWN = {
    "DeepSea": {"size": (1, 2.5, "4", True, None), "optimal_return": (0, 4, -1), "suboptimal_return": (0, 5)},
    "FrozenLake": {
        "size": (1, 3.0),
        "p_frozen": (0, 1.1, -0.5, "0.9"),
        "is_slippery": (1, None),
        "optimal_return": (0, 16),
    },
    "MiniGridEmpty": {"size": (1, None), "n_starting_states": (0, 5, 1.5)},
    "MiniGridRooms": {"room_size": (1, None), "n_rooms": (1, 2, 5, 8, 4.0), "n_starting_states": (0, 37)},
    "RiverSwim": {"size": (1, 0, -3), "optimal_mean_reward": (0, 1, 1.5), "sub_optimal_mean_reward": (0, 1, None)},
    "SimpleGrid": {
        "size": (1,),
        "n_starting_states": (0, 10),
        "reward_type": (-1, 4, "XOR"),
        "optimal_mean_reward": (1,),
    },
    "Taxi": {"size": (2,), "length": (0,), "width": (0, 1.0), "space": (0,), "n_locations": (1, 0)},
}


CLASSES_OF_OWN = [cls for cls in get_colosseum_mdp_classes() if family(cls) in OWN]


@pytest.mark.parametrize("cls", CLASSES_OF_OWN, ids=lambda cls: cls.__name__)
def test_a_familys_own_parameters_are_checked(cls):
    for name, values in OWN[family(cls)].items():
        for value in values:
            message = message_of(lambda name=name, value=value: cls(0, **FAMILIES[family(cls)] | {name: value}))
            assert message.startswith(f"{cls.__name__}.{name}: {value!r} makes no sense; give ")


@pytest.mark.parametrize("cls", get_colosseum_mdp_classes(episodic=True), ids=lambda cls: cls.__name__)
def test_horizons_are_checked(cls):
    for value in (0, -1, 2.5, "10", True):
        message = message_of(lambda value=value: cls(0, **FAMILIES[family(cls)], H=value))
        assert message == f"{cls.__name__}.H: {value!r} makes no sense; give an integer of at least 1."


@CLASSES
@pytest.mark.parametrize("seed", [-1, 0.5, None, True, "0"])
def test_seeds_are_checked(cls, seed):
    message = message_of(lambda: cls(seed, **FAMILIES[family(cls)]))
    assert message == f"{cls.__name__}.seed: {seed!r} is not an integer of at least 0."


@CLASSES
def test_distributions_are_given_all_or_none(cls):
    first, *others = cls.reward_parameters
    message = message_of(lambda: cls(0, **FAMILIES[family(cls)], **{first: 0.5}))
    missing = ", ".join(others)
    assert message == (
        f"{cls.__name__}.{others[0]}: give all of a family's reward distributions or none; missing: {missing}."
    )


@pytest.mark.parametrize(
    ("value", "says"),
    [
        (("betta", (1, 2)), "unknown kind of reward 'betta'; did you mean 'beta'? Valid: 'beta', 'deterministic'."),
        (("beta", (1,)), "('beta', (1,)) has 1 parameters; beta takes 2 (or 4), deterministic 1."),
        (("deterministic", (0.1, 0.2)), "has 2 parameters"),
        (("beta", (0, 2)), "a Beta reward needs positive, finite parameters, got a=0.0, b=2.0"),
        (("beta", ("a", 2)), "is not a reward distribution; give ('beta', (a, b)), ('deterministic', (value,))"),
        ("beta", "'beta' is not a reward distribution"),
        (True, "True is not a reward distribution"),
        (math.nan, "a constant reward must be finite, got nan."),
        (1.5, "1.5 makes no sense; give rewards between 0 and 1, which rewards_range scales."),
        (("beta", (1, 2, 0.5, 0.6)), "give rewards between 0 and 1, which rewards_range scales."),
        (stats.norm(0, 1), "scipy.stats.norm rewards are not supported; give scipy.stats.beta, scipy.stats.uniform"),
    ],
)
def test_distributions_are_checked(value, says):
    message = message_of(
        lambda: RiverSwimContinuous(
            0, size=5, optimal_distribution=1.0, sub_optimal_distribution=0.1, other_distribution=value
        )
    )
    assert message.startswith("RiverSwimContinuous.other_distribution: ") and says in message


def test_taxis_whose_locations_do_not_fit_are_refused():
    message = message_of(lambda: TaxiContinuous(0, size=4, n_locations=9))
    assert (
        "9 locations more than 2 tiles apart do not fit into size 4; give fewer locations or a larger size." in message
    )


def test_unknown_and_missing_parameters_are_named():
    with pytest.raises(TypeError, match="sizes"):
        RiverSwimContinuous(0, sizes=3)
    with pytest.raises(TypeError, match="p_frozen"):
        FrozenLakeContinuous(0, size=4)


# ------------------------------------------------------------------------------------------ the same, written otherwise


def test_numbers_of_numpy_become_plain_ones():
    mdp = SimpleGridContinuous(
        np.int64(3),
        size=np.int32(4),
        p_lazy=np.float64(0.25),
        rewards_range=np.array([0.0, 2.0]),
        randomize_actions=np.False_,
    )
    plain = SimpleGridContinuous(3, size=4, p_lazy=0.25, rewards_range=(0.0, 2.0), randomize_actions=False)
    assert mdp.get_gin_config() == plain.get_gin_config()
    assert "np." not in mdp.get_gin_config() and "array" not in mdp.get_gin_config()


def test_frozen_distributions_of_scipy_are_taken():
    mdp = RiverSwimEpisodic(
        0,
        size=4,
        randomize_actions=False,
        optimal_distribution=stats.beta(4, b=1),
        sub_optimal_distribution=stats.uniform(loc=0.1, scale=0.2),
        other_distribution=np.float32(0.0),
        rewards_range=(0, 10),
    )
    assert mdp.parameters["optimal_distribution"] == ("beta", (4.0, 1.0))
    assert mdp.parameters["sub_optimal_distribution"] == ("beta", (1.0, 1.0, 0.1, 0.2))
    assert mdp.parameters["other_distribution"] == ("deterministic", (0.0,))
    np.testing.assert_allclose([mdp.R[3, 1], mdp.R[0, 0], mdp.R[1, 0]], [8.0, 2.0, 0.0])
    mdp.reset()
    drawn = [mdp.step(0).reward for _ in range(3)]  # LEFT in the first state
    assert all(1 <= reward <= 3 for reward in drawn) and len(set(drawn)) == 3
    gin.parse_config(mdp.get_gin_config())
    with gin.config_scope("prms_0"):
        again = RiverSwimEpisodic(seed=0)
    np.testing.assert_array_equal(again.R, mdp.R)


@pytest.mark.parametrize("written", ["2", "%SimpleGridReward.OR", "%colosseum.mdp.simple_grid.SimpleGridReward.OR"])
def test_reward_type_is_a_number_or_a_constant_of_gin(written):
    gin.parse_config(f"prms_0/SimpleGridContinuous.size = 4\nprms_0/SimpleGridContinuous.reward_type = {written}")
    with gin.config_scope("prms_0"):
        mdp = SimpleGridContinuous(0)
    assert mdp.parameters["reward_type"] == 2 == SimpleGridReward.OR
    assert "reward_type = 2" in mdp.get_gin_config()


# -------------------------------------------------------------------------------------------------------------- classes


def test_the_fourteen_classes_are_known_in_a_fixed_order():
    names = [cls.__name__ for cls in get_colosseum_mdp_classes()]
    assert names == sorted(names) and len(names) == 14
    assert {name.removesuffix("Episodic").removesuffix("Continuous") for name in names} == FAMILIES.keys()
    episodic = get_colosseum_mdp_classes(episodic=True)
    assert [cls.__name__ for cls in episodic] == [name for name in names if name.endswith("Episodic")]
    assert get_colosseum_mdp_classes(episodic=False) == [c for c in get_colosseum_mdp_classes() if c not in episodic]


def test_large_environments_are_enumerated_without_recursion():
    assert RiverSwimContinuous(0, size=5_000).n_states == 5_000
    assert MiniGridRoomsEpisodic(0, room_size=9, n_rooms=9).n_states == 4 * (9 * 81 + 12)


def test_environments_need_neither_pandas_nor_scipy_to_run():
    code = (
        "import sys; from colosseum.mdp.river_swim import RiverSwimContinuous as C; m = C(0, size=5, p_lazy=0.1);"
        "m.reset(); m.step(1); m.optimal_average_reward; m.random_average_reward;"
        "heavy = {'pandas', 'scipy.stats', 'scipy.sparse', 'matplotlib', 'gymnasium'};"
        "print(sorted(heavy & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
