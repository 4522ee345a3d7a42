"""ExperimentConfig: what makes sense, and its YAML file."""

import math
from pathlib import Path

import numpy as np
import pytest

from colosseum.emission_maps import Tabular
from colosseum.errors import ConfigurationError
from colosseum.experiment import ExperimentConfig


def test_equal_values_are_equal_settings():
    settings = ExperimentConfig(3, 1_000, 60, 100)
    assert settings == ExperimentConfig(np.int64(3), 1_000, 60.0, np.int32(100), Tabular)
    assert type(ExperimentConfig(np.int64(3), 1_000, 60, 100).n_seeds) is int
    assert settings.emission_map is None


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ((0, 100, 60, 10), "n_seeds = 0: it must be a whole number of at least 1"),
        ((1, -5, 60, 10), "n_steps = -5: it must be a whole number of at least 1"),
        ((1, 1e5, 60, 10), "n_steps = 100000.0: it must be a whole number"),
        ((1, "100", 60, 10), "n_steps = '100': it must be a whole number"),
        ((True, 100, 60, 10), "n_seeds = True: it must be a whole number"),
        ((1, 100, 60, 0), "log_every = 0"),
        ((1, 100, 60, 101), "log_every = 101: there would be no log point within the n_steps"),
        ((1, 100, 0, 10), "max_interaction_time_s = 0: it must be a positive number of seconds"),
        ((1, 100, math.nan, 10), "max_interaction_time_s = nan"),
        ((1, 100, "long", 10), "max_interaction_time_s = 'long'"),
        ((1, 100, 60, 10, "Pixels"), "emission_map = 'Pixels': only tabular observations exist"),
        (
            (1, 100, 60, 10, None, False, -1),
            "first_seed = -1: it must be a whole number of at least 0 and at most 4294967295",
        ),
        ((1, 100, 60, 10, None, False, 2**32), "first_seed = 4294967296: it must be a whole number of at least 0"),
        ((1, 100, 60, 10, None, False, True), "first_seed = True: it must be a whole number of at least 0"),
    ],
)
def test_values_that_make_no_sense(values, message):
    with pytest.raises(ConfigurationError) as caught:
        ExperimentConfig(*values)
    assert str(caught.value).startswith(f"experiment settings: {message}")


def test_seeds_begin_with_the_first_one():
    assert list(ExperimentConfig(3, 1_000, 60, 100).seeds) == [0, 1, 2]
    assert list(ExperimentConfig(2, 1_000, 60, 100, first_seed=np.int64(7)).seeds) == [7, 8]


@pytest.mark.parametrize("first_seed", [0, 3])
@pytest.mark.parametrize("seconds", [60, 0.25, math.inf])
def test_yaml_and_back(seconds, first_seed):
    settings = ExperimentConfig(3, 20_000, seconds, 500, first_seed=first_seed)
    Path("experiment_config.yml").write_text(settings.to_yaml())
    assert ExperimentConfig.from_yaml("experiment_config.yml") == settings


def test_whole_seconds_are_written_as_such():
    assert ExperimentConfig(3, 20_000, 600, 500).to_yaml() == (
        "emission_map: null\nlog_performance_indicators_every: 500\nmax_interaction_time_s: 600\nn_seeds: 3\n"
        "n_steps: 20000\nstop_when_optimal: false\n"
    )


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "a mapping of n_seeds, n_steps"),
        (b"- 1\n", "a mapping of n_seeds, n_steps"),
        (b"n_seeds: [\n", "this is not YAML"),
        (b"\xff\xfe\x00", "this is not a text file"),
        (b"n_seeds: 3\n", "lacks n_steps, max_interaction_time_s, log_every"),
        (b"n_seed: 3\n", "there is no setting 'n_seed'; did you mean 'n_seeds'?"),
        (
            b"n_seeds: 3\nn_steps: many\nmax_interaction_time_s: 1\nlog_performance_indicators_every: 1\n",
            "experiment settings: n_steps = 'many'",
        ),
    ],
)
def test_files_that_will_not_do(content, message):
    Path("settings.yml").write_bytes(content)
    with pytest.raises(ConfigurationError) as caught:
        ExperimentConfig.from_yaml("settings.yml")
    assert str(caught.value).startswith(f"settings.yml: {message}")
    assert "\n" not in str(caught.value)


def test_a_missing_file():
    with pytest.raises(ConfigurationError, match="nowhere.yml: No such file"):
        ExperimentConfig.from_yaml("nowhere.yml")
