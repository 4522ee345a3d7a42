"""Search spaces: the kinds, their streams, and what is said of those that make no sense."""

import csv
import math
import subprocess
import sys
from itertools import combinations
from pathlib import Path

import numpy as np
import pytest
import yaml
from scipy import stats

from colosseum import registry
from colosseum.agent.agents.episodic import QLearningEpisodic
from colosseum.agent.agents.infinite_horizon import QLearningContinuous
from colosseum.agent.hyperparameters import get_default_gin_config, get_published_gin_config
from colosseum.agent.published_spaces import PUBLISHED
from colosseum.agent.spaces import Choice, Fixed, Integer, LogUniform, Uniform, read_space
from colosseum.agent.utils import sample_agent_gin_configs_file, sample_agent_hyperparameters
from colosseum.errors import ConfigurationError
from colosseum.gin_config import constructor_parameters, parse_gin_text
from colosseum.hyperopt.spaces import is_searched, packaged_names, read_spaces_file, spaces_of_study
from colosseum.utils.streams import sample_seed, sample_sequence

ROOT = Path(__file__).parents[2]
OURS = ROOT / "studies/search_spaces.yaml"


def drawn(space, n=20_000):
    rng = np.random.default_rng(1)
    return [space.rvs(random_state=rng) for _ in range(n)]


@pytest.mark.parametrize(
    ("space", "distribution"),
    [
        (Uniform(-1, 3), stats.uniform(-1, 4)),
        (LogUniform(1e-5, 10), stats.loguniform(1e-5, 10)),
    ],
)
def test_continuous_kinds_have_their_distribution(space, distribution):
    values = drawn(space)
    assert stats.kstest(values, distribution.cdf).pvalue > 1e-3
    assert all(value in space for value in values)
    assert [space.place(distribution.ppf(u)) for u in (0.02, 0.5, 0.9)] == pytest.approx([0.02, 0.5, 0.9])
    assert not any(value in space for value in (space.low * 2 - space.high, space.high * 2, "low", None, True))


def test_whole_numbers_and_choices_are_equally_likely():
    for space, values in ((Integer(-1, 3), range(-1, 4)), (Choice("a", 2, None), ("a", 2, None))):
        found = drawn(space, 10_000)
        assert set(found) == set(values)
        share = 1 / len(values)
        for value in values:
            assert abs(found.count(value) / 10_000 - share) < 5 * math.sqrt(share * (1 - share) / 10_000)
    assert all(type(value) is int for value in drawn(Integer(0, 4), 10))
    assert [Integer(1, 5).place(value) for value in (1, 3, 5)] == [0, 0.5, 1]
    assert set(drawn(Fixed("bernstein"), 5)) == {"bernstein"}
    assert Choice(1, 2).place(1) is Fixed(1).place(1) is None


@pytest.mark.parametrize(
    ("spec", "space"),
    [
        ({"uniform": [0, 1]}, Uniform(0, 1)),
        ({"log_uniform": ["1e-5", 1]}, LogUniform(1e-5, 1)),  # how YAML reads [1e-5, 1]
        ({"integer": [2, 60]}, Integer(2, 60)),
        ({"choice": ["chernoff", "bernstein"]}, Choice("chernoff", "bernstein")),
        ({"fixed": 0.05}, Fixed(0.05)),
    ],
)
def test_a_space_is_read_and_written(spec, space):
    assert read_space(spec) == space
    assert read_space(space.spec()) == space
    assert space != Uniform(0, 2)


@pytest.mark.parametrize(
    ("spec", "message"),
    [
        ({"loguniform": [1, 2]}, "there is no kind 'loguniform'; did you mean 'log_uniform'?"),
        ({"uniform": [2, 1]}, r"uniform: \[2, 1\]: low must be less than high"),
        ({"uniform": [1, 1]}, "low must be less than high; fixed takes one value"),
        ({"log_uniform": [0, 1]}, "low must be positive"),
        ({"log_uniform": [-1, 1]}, "low must be positive"),
        ({"uniform": [0, "one"]}, "are not two numbers"),
        ({"uniform": [0, math.inf]}, "are not two numbers"),
        ({"uniform": [False, True]}, "are not two numbers"),
        ({"uniform": [0, 1, 2]}, r"is not a list of two numbers, \[low, high\]"),
        ({"uniform": 3}, "is not a list of two numbers"),
        ({"integer": [0.5, 2]}, "are not two whole numbers"),
        ({"choice": []}, r"\[\] has no values"),
        ({"choice": [1, 1]}, "1 is listed twice"),
        ({"choice": "abc"}, "'abc' is not a list of values"),
        ({"choice": [[1]]}, r"\[1\] is no number, text, true, false or null"),
        ({"fixed": [1]}, r"\[1\] is no number"),
        ({}, "is no search space; give one of"),
        ({"uniform": [0, 1], "fixed": 1}, "is no search space; give one of"),
        ([0, 1], "is no search space; give one of"),
    ],
)
def test_spaces_that_make_no_sense(spec, message):
    with pytest.raises(ConfigurationError, match=message):
        read_space(spec)


def test_streams_belong_to_a_seed_a_class_and_a_number():
    names = [(seed, cls, i) for seed in (0, 42, 43, 2**32 - 1) for cls in ("A", "B", "AB") for i in range(20)]
    states = [tuple(sample_sequence(*name).generate_state(4)) for name in names]
    assert len(set(states)) == len(states) == 240
    # the same on every machine and in every run
    assert sample_seed(42, "QLearningContinuous", 7) == 2867827861


def test_samples_share_nothing_with_other_seeds_and_other_agents():
    spaces = {name: Uniform(0, 1) for name in ("a", "b", "c")}

    def values(cls, seed):
        return {x for i in range(50) for x in sample_agent_hyperparameters(cls, seed, i, spaces).values()}

    groups = [values(cls, seed) for cls in (QLearningContinuous, QLearningEpisodic) for seed in (42, 43, 44)]
    # 300 numbers each of about 10^5 that have five digits: some meet by chance, few of two groups
    assert all(295 <= len(group) <= 300 for group in groups)
    assert all(len(one & other) <= 6 for one, other in combinations(groups, 2))


def test_a_sample_depends_on_its_number_alone_and_on_its_own_space():
    def lines(n, **spaces):
        given = {name: read_space(spec) for name, spec in spaces.items()}
        return sample_agent_gin_configs_file(QLearningContinuous, n, 42, given).splitlines()

    assert lines(20)[: len(lines(3))] == lines(3)
    # a hyperparameter that is held fixed leaves the draws of the others
    held = lines(5, span_approx_weight={"fixed": 1})
    assert [line for line in held if "span" not in line] == [line for line in lines(5) if "span" not in line]


def test_samples_of_narrow_spaces_stay_inside():
    space = LogUniform(0.123456781, 0.123456789)
    samples = [sample_agent_hyperparameters(QLearningContinuous, 42, i, {"min_at": space}) for i in range(20)]
    assert all(sample["min_at"] in space for sample in samples)


@pytest.mark.parametrize("agent", sorted(PUBLISHED))
def test_names_of_packaged_agents_are_those_of_their_classes(agent):
    cls = registry.resolve_agent_class(agent)
    assert {name: space.spec() for name, space in cls.get_hyperparameters_search_spaces().items()} == {
        name: read_space(spec).spec() for name, spec in PUBLISHED[agent].items()
    }
    # and the rest of the constructor: functions and what the search spaces stand for are not searched
    arguments = set(constructor_parameters(cls))
    not_searched = {name for name in arguments if name.startswith("get_") or "_prior_" in name}
    # nor are published arguments of which one value alone is taken
    not_searched |= {"no_optimistic_sampling", "truncate_reward_with_max", "min_steps_before_new_episode"}
    assert {name for name in packaged_names(agent) if "prior" not in name} == arguments - not_searched
    assert len(packaged_names(agent)) == len(set(packaged_names(agent)))


def test_our_ranges_are_logarithmic_and_hold_the_winners():
    ours = read_spaces_file(OURS)
    smaller = yaml.safe_load(OURS.with_name("tuning_posterior_sampling.yaml").read_text())["hyperopt"]["search_spaces"]
    assert set(ours) == {agent for agent, spaces in PUBLISHED.items() if spaces}
    for agent, spaces in ours.items():
        won_in = {name: read_space(spec) for name, spec in smaller.get(agent, {}).items()} or spaces
        assert set(spaces) == set(PUBLISHED[agent])
        assert {space.kind for space in spaces.values()} == {"log_uniform"}
        for name, space in spaces.items():
            low, high = PUBLISHED[agent][name]["uniform"]
            assert space.high / space.low >= min(1000, high / max(low, 1e-3))
        cls = registry.resolve_agent_class(agent)
        for text in (get_default_gin_config(cls), get_published_gin_config(cls)):
            [winner] = parse_gin_text(cls, text, agent).values()
            is_ours = text != get_published_gin_config(cls)
            inert = inert_names(agent) if is_ours else set()  # where the best of them lies is chance
            names = set(spaces) & set(winner) - inert
            ranges = won_in if is_ours else spaces
            assert all(0.05 < ranges[name].place(winner[name]) < 0.95 for name in names)


def inert_names(agent):
    """Hyperparameters without an effect of their own in the tuning of the packaged values."""
    with open(OURS.with_name("tuning") / f"{agent}_ranges.csv", newline="") as file:
        return {row["hyperparameter"] for row in csv.DictReader(file) if row["inert"]}


def test_a_file_may_have_packaged_agents_that_are_not_of_the_study(tmp_path):
    agents = {"QLearningContinuous": "QLearningContinuous"}
    assert list(spaces_of_study(str(OURS), agents, "key")) == ["QLearningContinuous"]
    (tmp_path / "bad.yaml").write_text("UCRL2Continuous: {alpha: {uniform: [0, 1]}}\n")
    with pytest.raises(ConfigurationError, match="bad.yaml.UCRL2Continuous.alpha: UCRL2Continuous has no hyp"):
        spaces_of_study(str(tmp_path / "bad.yaml"), agents, "key")
    (tmp_path / "bad.yaml").write_text("UCRL2Continous: {}\n")
    with pytest.raises(ConfigurationError, match="there is no agent 'UCRL2Continous'; did you mean 'UCRL2Continuous'"):
        spaces_of_study(str(tmp_path / "bad.yaml"), agents, "key")
    (tmp_path / "bad.yaml").write_text("UCRL2Continuous: [}\n")
    with pytest.raises(ConfigurationError, match="bad.yaml: this is not YAML"):
        spaces_of_study(str(tmp_path / "bad.yaml"), agents, "key")
    with pytest.raises(ConfigurationError, match="missing.yaml: No such file"):
        spaces_of_study(str(tmp_path / "missing.yaml"), agents, "key")


def test_what_is_searched():
    assert is_searched("UCRL2Continuous", {})
    assert is_searched("UCRL2Continuous", {"alpha_p": Fixed(1)})
    assert not is_searched("UCRL2Continuous", {"alpha_p": Fixed(1), "alpha_r": Fixed(1)})
    assert not is_searched("RandomAgentEpisodic", {})


def test_spaces_load_neither_scipy_stats_nor_agents():
    code = (
        "import sys; from colosseum.hyperopt.spaces import read_spaces_file; read_spaces_file(sys.argv[1]); "
        "print([m for m in sys.modules if m in ('scipy.stats', 'numba', 'pandas', 'pydantic')])"
    )
    done = subprocess.run([sys.executable, "-c", code, str(OURS)], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"
