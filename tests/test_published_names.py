"""Scripts that were written for the published package find what they import, and its objects what they have there."""

import dataclasses
import importlib
import inspect
from pathlib import Path

import pytest

from colosseum import registry
from colosseum.benchmark import ColosseumDefaultBenchmark
from colosseum.benchmark.run import (
    instantiate_and_get_exp_instances_from_agents_and_benchmarks as instantiate,
)
from colosseum.benchmark.run import (
    instantiate_and_get_exp_instances_from_agents_and_benchmarks_for_hyperopt as instantiate_for_hyperopt,
)
from colosseum.experiment import ExperimentConfig
from colosseum.hyperopt import HyperOptConfig
from colosseum.hyperopt.selection import retrieve_best_agent_config_from_hp_folder
from colosseum.mdp.base import BaseMDP

LINES = [line for line in (Path(__file__).parent / "published_names.txt").read_text().splitlines() if line[0] != "#"]
NAMES = [(module, name) for module, _, names in (line.partition(": ") for line in LINES) for name in names.split()]

PROPERTIES = (
    "n_states n_actions H T R parameters optimal_average_reward worst_average_reward random_average_reward "
    "optimal_value_functions diameter value_norm sum_reciprocals_suboptimality_gaps communication_class"
).split()
METHODS = "get_optimal_policy reset step action_spec observation_spec".split()
EPISODIC = [f"episodic_{kind}_average_reward" for kind in ("optimal", "worst", "random")]


@pytest.mark.parametrize(("module", "name"), NAMES, ids=lambda value: value.removeprefix("colosseum."))
def test_name_is_found_and_documented(module, name):
    value = getattr(importlib.import_module(module), name)
    if inspect.isclass(value) or callable(value):
        assert inspect.getdoc(value), f"{module}.{name} has no docstring"


def test_environments_have_their_published_properties():
    for name in registry.mdp_class_names():
        cls = registry.resolve_mdp_class(name)
        assert issubclass(cls, BaseMDP)
        for attribute in [*PROPERTIES, *METHODS, *(EPISODIC if cls.is_episodic() else [])]:
            assert hasattr(cls, attribute) or attribute == "parameters", f"{name}.{attribute}"


def parameters_of(function):
    return list(inspect.signature(function).parameters)


def test_published_arguments_are_taken():
    experiment = ExperimentConfig(
        n_seeds=2, n_steps=30, max_interaction_time_s=60, log_performance_indicators_every=10, emission_map=None
    )
    assert experiment == type(experiment)(n_seeds=2, n_steps=30, max_interaction_time_s=60, log_every=10)
    assert (experiment.n_steps, experiment.log_performance_indicators_every, experiment.log_every) == (30, 10, 10)
    tuning = HyperOptConfig(
        seed=1,
        n_timesteps=30,  # the published name
        max_interaction_time_s=60,
        n_samples_agents=2,
        n_samples_mdps=1,
        log_every=10,
        emission_map=None,
        mdp_classes=None,
        n_seeds=3,
    )
    assert tuning == dataclasses.replace(tuning, n_timesteps=30)
    assert dataclasses.replace(tuning, n_timesteps=40).n_steps == 40
    assert list(inspect.signature(type(tuning)).parameters)[1] == "n_steps"
    assert (tuning.n_timesteps, tuning.n_steps, tuning.log_every) == (30, 30, 10)
    assert (tuning.experiment_config.n_steps, tuning.experiment_config.n_seeds) == (30, 3)
    first = parameters_of(instantiate)
    assert first[1:3] == ["overwrite_previous_experiment", "experiment_folder"]
    assert len(parameters_of(instantiate_for_hyperopt)) >= 2
    assert parameters_of(retrieve_best_agent_config_from_hp_folder)[:2] == ["agent_classes", "indicator"]


@pytest.mark.parametrize(
    "name",
    [
        "CONTINUOUS_ERGODIC",
        "CONTINUOUS_COMMUNICATING",
        "EPISODIC_ERGODIC",
        "EPISODIC_COMMUNICATING",
        "EPISODIC_QUICK_TEST",
        "CONTINUOUS_QUICK_TEST",
    ],
)
def test_default_benchmarks_have_their_published_faces(name):
    benchmark = ColosseumDefaultBenchmark[name].get_benchmark(postfix="mine")
    assert benchmark.name == f"benchmark_{name.lower()}_mine"
    assert all(isinstance(text, str) for text in benchmark.mdps_gin_configs.values())
    assert benchmark.get_experiments_benchmark_log_folder().endswith(f"{benchmark.name}/")
    assert benchmark.get_hyperopt_benchmark_log_folder().endswith(f"{benchmark.name}/")
    assert callable(benchmark.instantiate)


@pytest.mark.parametrize(
    "module", ["colosseum.config", "colosseum.benchmark.run", "colosseum.agent.utils", "colosseum.utils.miscellanea"]
)
def test_facade_says_whose_published_name_it_is(module):
    assert "published name" in importlib.import_module(module).__doc__
