import numpy as np
import pytest

from colosseum import config
from colosseum.errors import ConfigurationError
from colosseum.mdp.custom_mdp import CustomContinuous
from colosseum.mdp.deep_sea import DeepSeaEpisodic
from colosseum.mdp.river_swim import RiverSwimContinuous


def test_measures_by_name():
    mdp = RiverSwimContinuous(0, size=6, p_rand=0.1)
    for name in mdp.get_available_hardness_measures():
        assert mdp.get_measure_from_name(name) == getattr(mdp, name) > 0
    assert mdp.measures_of_hardness == {
        "diameter": mdp.diameter,
        "value_norm": mdp.value_norm,
        "suboptimal_gaps": mdp.sum_reciprocals_suboptimality_gaps,
    }
    assert mdp.discounted_value_norm == mdp.value_norm != mdp.undiscounted_value_norm
    assert mdp.communication_class.name == "ERGODIC"
    with pytest.raises(ConfigurationError, match="no measure of hardness 'diametre'; did you mean 'diameter'"):
        mdp.get_measure_from_name("diametre")


def test_cores_that_are_enabled_change_nothing():
    alone = [RiverSwimContinuous(0, size=50, p_rand=0.3).diameter, DeepSeaEpisodic(0, size=9, p_rand=0.3).diameter]
    config.set_available_cores(2)
    config.enable_multiprocessing()
    assert [
        RiverSwimContinuous(0, size=50, p_rand=0.3).diameter,
        DeepSeaEpisodic(0, size=9, p_rand=0.3).diameter,
    ] == alone


def test_an_mdp_that_does_not_communicate():
    mdp = CustomContinuous(0, T=np.eye(2)[:, None, :], R=np.array([[0.0], [1]]), starting_state_distribution=[0.5, 0.5])
    assert mdp.diameter == np.inf
    assert mdp.communication_class.name == "NON_WEAKLY_COMMUNICATING"
