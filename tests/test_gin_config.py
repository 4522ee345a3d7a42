"""Gin text: what is read, what is refused and in which words, and that gin's own state is left alone."""

import gin
import pytest

from colosseum.agent.agents.episodic import PSRLEpisodic, QLearningEpisodic
from colosseum.agent.agents.random import RandomAgentEpisodic
from colosseum.agent.hyperparameters import get_default_gin_config
from colosseum.agent.mdp_models.bayesian_models import RewardsConjugateModel
from colosseum.benchmark import ColosseumDefaultBenchmark
from colosseum.errors import ConfigurationError
from colosseum.gin_config import (
    Reference,
    check_values,
    construct,
    format_scope,
    parse_gin_text,
    read_gin_text,
    select_scopes,
    split_scopes,
)
from colosseum.mdp.river_swim import RiverSwimContinuous, RiverSwimEpisodic
from colosseum.utils import make_mdp_spec

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


# ----------------------------------------------------------------------------------------------------- without a class


def test_syntax_alone_needs_no_class():
    text = "prms_1/lab.Unknown:\n    sizes = (1,\n       2)  # two\nprms_0/Unknown.p = %a.B\n# prms_2/Unknown.p = 1\n"
    scopes = read_gin_text("Unknown", text, "here")
    assert scopes == {"prms_0": {"p": "%a.B"}, "prms_1": {"sizes": (1, 2)}}
    assert isinstance(scopes["prms_0"]["p"], Reference)
    assert read_gin_text("Unknown", "# nothing\n", "here") == {}


@pytest.mark.parametrize("text", ["import os\n", "from os import path\n", "include 'x.gin'\n", "import os.path as p\n"])
def test_imports_are_refused_whoever_reads(text):
    with pytest.raises(ConfigurationError, match="here, line 2: .*imports and includes are not taken"):
        read_gin_text("Unknown", "\n" + text, "here")


def test_a_byte_order_mark_is_skipped():
    assert read_gin_text("Unknown", "\ufeffprms_0/Unknown.p = 1\n", "here") == {"prms_0": {"p": 1}}


@pytest.mark.parametrize(
    "value",
    [
        "[" * 5000 + "]" * 5000,
        "9" * 10_000,
        "{[1]: 2}",
        "'a",
        "(1",
        "\x00",
        "1 +",
        "b'\\xzz'",
        "lambda: 0",
        "-" * 5000 + "1",
    ],
)
def test_whatever_the_tokenizer_says_becomes_one_line(value):
    with pytest.raises(ConfigurationError, match="^here") as caught:
        read_gin_text("Unknown", f"prms_0/Unknown.p = {value}\n", "here")
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("benchmark", ColosseumDefaultBenchmark)
def test_texts_of_the_package_are_written_as_they_are_read(benchmark):
    for path in sorted((benchmark.folder / "mdp_configs").glob("*.gin")):
        text = path.read_text()
        scopes = read_gin_text(path.stem, text, str(path))
        written = "".join(format_scope(path.stem, scope, parameters) for scope, parameters in scopes.items())
        assert sorted(written.splitlines()) == sorted(filter(None, text.splitlines()))


# -------------------------------------------------------------------------------------------------------- constructing


def test_an_object_is_made_and_gin_is_left_as_it_was():
    gin.clear_config()
    gin.parse_config("RiverSwimEpisodic.p_lazy = 0.5\nprms_2/RiverSwimEpisodic.size = 3\n")
    before = gin.config_str()
    try:
        mdp = construct(RiverSwimEpisodic, "prms_10", TEXT, "here", seed=1)
        assert (mdp.seed, mdp.parameters["size"], mdp.parameters["p_lazy"]) == (1, 7, None)
        with pytest.raises(ConfigurationError, match=r"^RiverSwimEpisodic\.size: 1 makes no sense; [^\n]*$"):
            construct(RiverSwimEpisodic, "prms_0", "prms_0/RiverSwimEpisodic.size = 1\n", "here", seed=1)
        with pytest.raises(ConfigurationError, match="here: there is no scope 'prms_7'"):
            construct(RiverSwimEpisodic, "prms_7", TEXT, "here", seed=1)
        assert gin.config_str() == before
    finally:
        gin.clear_config()


def test_a_locked_configuration_stays_locked():
    gin.clear_config()
    gin.finalize()
    try:
        construct(RiverSwimEpisodic, "prms_10", TEXT, "here", seed=1)
        assert gin.config_is_locked()
    finally:
        gin.clear_config()


def test_the_first_line_of_the_published_texts_of_psrl():
    """They import the module whose enums they name, by more of its path than the package's own texts do."""
    own = get_default_gin_config(PSRLEpisodic)
    published = "from colosseum.agent.mdp_models import bayesian_models\n" + own.replace("= %", "= %bayesian_models.")
    spec = make_mdp_spec(RiverSwimEpisodic(seed=0, size=4))
    text = split_scopes(PSRLEpisodic, published, "here")["prms_0"]
    assert "import" not in text and "%bayesian_models.RewardsConjugateModel.N_NIG" in text
    given = {"seed": 0, "mdp_specs": spec, "n_steps": 10}
    agents = [construct(PSRLEpisodic, "prms_0", each, "here", **given) for each in (own, published)]
    for name in ("_rewards_prior", "_transitions_prior"):
        assert repr(vars(agents[0]).get(name)) == repr(vars(agents[1]).get(name))


def test_members_of_enums_are_written_as_constants_of_gin():
    text = format_scope("PSRLEpisodic", "prms_0", {"reward_prior_model": RewardsConjugateModel.N_N})
    assert text == "prms_0/PSRLEpisodic.reward_prior_model = %RewardsConjugateModel.N_N\n"


def test_values_are_checked_against_the_class_itself():
    gin.parse_config("RiverSwimContinuous.p_lazy = 2\n")
    try:
        check_values(RiverSwimContinuous, "prms_0/RiverSwimContinuous.size = 5\n", "here", seed=0)
        with pytest.raises(ConfigurationError, match=r"^here, prms_1: RiverSwimContinuous\.size: 0 makes no sense"):
            check_values(RiverSwimContinuous, "prms_1/RiverSwimContinuous.size = 0\n", "here", seed=0)
    finally:
        gin.clear_config()


@gin.configurable
class WithDefaults:
    """A class whose parameters all have defaults."""

    def __init__(self, seed, size=5):
        self.size = size


@pytest.mark.parametrize("text", ["", "\n", "# prms_0/WithDefaults.size = 6\n", "\ufeff"])
def test_an_empty_text_is_no_configuration_of_what_can_be_configured(text):
    for cls in (WithDefaults, QLearningEpisodic):
        with pytest.raises(ConfigurationError, match=f"here: no configuration of {cls.__name__}; write e.g. prms_0/"):
            parse_gin_text(cls, text, "here")
    assert parse_gin_text(RandomAgentEpisodic, text, "here") == {"prms_0": {}}
