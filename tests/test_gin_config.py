"""Gin text: what is read, what is refused and in which words, and that gin's own state is left alone."""

import gin
import pytest

from colosseum.agent.agents.episodic import QLearningEpisodic
from colosseum.agent.agents.random import RandomAgentEpisodic
from colosseum.errors import ConfigurationError
from colosseum.gin_config import parse_gin_text, select_scopes, split_scopes
from colosseum.mdp.river_swim import RiverSwimEpisodic

TEXT = """
# two environments
prms_10/RiverSwimEpisodic.size = 7
prms_2/RiverSwimEpisodic.p_lazy =0.05   # lazy
prms_2/RiverSwimEpisodic.size= 5
prms_2/RiverSwimEpisodic.optimal_distribution = ('beta', (1, -.5))
"""


def test_scopes_are_read_in_order_and_without_gins_state():
    before = gin.config_str()
    scopes = parse_gin_text(RiverSwimEpisodic, TEXT, "here")
    assert list(scopes) == ["prms_2", "prms_10"]
    assert scopes["prms_2"] == {"optimal_distribution": ("beta", (1, -0.5)), "p_lazy": 0.05, "size": 5}
    assert gin.config_str() == before


def test_the_same_configuration_gives_the_same_text():
    tidy = split_scopes(RiverSwimEpisodic, TEXT, "here")
    lines = [line for line in TEXT.splitlines() if line and not line.startswith("#")]
    shuffled = "\n".join(line.replace(" ", "") for line in reversed(lines))
    assert split_scopes(RiverSwimEpisodic, shuffled, "there") == tidy
    assert split_scopes(RiverSwimEpisodic, "".join(tidy.values()), "again") == tidy
    assert tidy["prms_10"] == "prms_10/RiverSwimEpisodic.size = 7\n"


def test_blocks_and_qualified_names_are_gin_too():
    text = "prms_0/colosseum.mdp.river_swim.RiverSwimEpisodic:\n  size = 4\n  p_rand = None\n"
    assert parse_gin_text(RiverSwimEpisodic, text, "here") == {"prms_0": {"p_rand": None, "size": 4}}


def test_references_are_kept_as_they_are():
    text = "prms_0/RiverSwimEpisodic.size = %sizes.SMALL\nprms_0/RiverSwimEpisodic.p_lazy = @laziness()\n"
    assert split_scopes(RiverSwimEpisodic, text, "here")["prms_0"].splitlines() == [
        "prms_0/RiverSwimEpisodic.p_lazy = @laziness()",
        "prms_0/RiverSwimEpisodic.size = %sizes.SMALL",
    ]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("prms_0/RiverSwimEpisodic.size = 3\nprms_0/RiverSwimEpisodic.p_lzy = 0.1", r"here, line 2: .*mean 'p_lazy'\?"),
        ("prms_0/RiverSwimEpisodic.seed = 3", "line 1: RiverSwimEpisodic has no parameter 'seed'"),
        ("prms_0/RiverSwimEpisodic.size = 3\n" * 2, "line 2: prms_0/RiverSwimEpisodic.size is given twice"),
        ("prms_0/RiverSwimContinuous.size = 3", "line 1: binds the class 'RiverSwimContinuous' where 'RiverSwimEpi"),
        ("RiverSwimEpisodic.size = 3", "line 1: the scope '' is not prms_<i>"),
        ("small/RiverSwimEpisodic.size = 3", "line 1: the scope 'small' is not prms_<i>"),
        ("prms_01/RiverSwimEpisodic.size = 3", "line 1: the scope 'prms_01' is not prms_<i>"),
        ("\n\nprms_0/RiverSwimEpisodic.size = ", "line 3: Unable to parse value: 'prms_0/RiverSwimEpisodic.size ='"),
        ("prms_0/RiverSwimEpisodic.size = (3,", r"here, line \d: .* is not gin"),
        ("prms_0/RiverSwimEpisodic.size = three", "line 1: .*'three'.* is not gin"),
        ("prms_0/RiverSwimEpisodic.size 3", "line 1: .* is not gin"),
        ("prms_0/RiverSwimEpisodic = 3", "line 1: names no parameter"),
        ("prms_0/RiverSwimEpisodic.p_lazy = 0.1", "here: prms_0/RiverSwimEpisodic lacks size"),
        ("import os\n", "line 1: 'import os': imports and includes are not taken"),
        ("include 'other.gin'\n", "line 1: .*imports and includes are not taken"),
        ("", "here: no configuration of RiverSwimEpisodic; write e.g. prms_0/RiverSwimEpisodic"),
    ],
)
def test_what_is_wrong_is_said_in_one_line(text, message):
    with pytest.raises(ConfigurationError, match=message) as caught:
        parse_gin_text(RiverSwimEpisodic, text, "here")
    assert "\n" not in str(caught.value)


def test_a_class_that_gin_does_not_know():
    class Mine(QLearningEpisodic):
        pass

    with pytest.raises(ConfigurationError, match="decorate the class with @gin.configurable"):
        parse_gin_text(Mine, "prms_0/Mine.p = 0.1", "here")


def test_an_agent_without_hyperparameters_has_one_configuration_that_serves_every_scope():
    scopes = split_scopes(RandomAgentEpisodic, "\n", "here")
    assert scopes == {"prms_0": ""}
    assert select_scopes(scopes, ["prms_3", "prms_0"], "here") == {"prms_0": "", "prms_3": ""}


def test_scopes_are_selected_in_order():
    scopes = split_scopes(RiverSwimEpisodic, TEXT, "here")
    assert list(select_scopes(scopes, ["prms_10", "prms_2", "prms_10"], "here")) == ["prms_2", "prms_10"]
    assert list(select_scopes(scopes, ["prms_10"], "here")) == ["prms_10"]
    assert select_scopes(scopes, None, "here") is scopes
    with pytest.raises(ConfigurationError, match="here: there is no scope 'prms_3'"):
        select_scopes(scopes, ["prms_3"], "here")
