"""What `import colosseum` offers: lazily, by name, and with the environments of the default benchmarks."""

import ast
import doctest
import importlib
import os
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

import colosseum
from colosseum import registry
from colosseum.errors import ConfigurationError

INIT = Path(colosseum.__file__)
BENCHMARKS = yaml.safe_load((Path(__file__).parent / "mdp" / "benchmark_mdps.yaml").read_text())
"""What the published benchmark's environments are: benchmark -> class -> parameters of each scope."""


def test_importing_the_package_imports_nothing_else():
    code = (
        "import sys, time\n"
        "import colosseum\n"
        "dir(colosseum), colosseum.__version__, colosseum.register_agent_class, colosseum.benchmark_ids()\n"
        "print(*sorted({'numba', 'numpy', 'pandas', 'scipy', 'matplotlib'} & set(sys.modules)))\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == ""


def test_the_client_of_a_warm_process_imports_next_to_nothing():
    """Every job of a workflow starts one, and waits for it."""
    code = "import sys, colosseum.warm.client; print(*sorted({'typing', 'difflib', 're', 'json'} & set(sys.modules)))"
    # -S: what an installation has Python import at its start is not ours
    environment = os.environ | {"PYTHONPATH": str(INIT.parents[1])}
    done = subprocess.run(
        [sys.executable, "-S", "-c", code], capture_output=True, text=True, check=True, env=environment
    )
    assert done.stdout.strip() == ""


def test_every_name_is_offered_at_run_time_and_to_type_checkers_alike():
    [typed] = [node for node in ast.parse(INIT.read_text()).body if isinstance(node, ast.If)]
    imported = {alias.name: node.module for node in typed.body for alias in node.names}
    assert imported == colosseum._MODULES
    assert sorted(colosseum.__all__) == colosseum.__all__ == sorted(imported)
    assert set(colosseum.__all__) <= set(dir(colosseum))
    for name, module in imported.items():
        assert getattr(colosseum, name) is getattr(importlib.import_module(module), name)


def test_a_name_that_is_not_offered_is_an_attribute_error():
    with pytest.raises(AttributeError, match="has no attribute 'make_mpd'"):
        colosseum.make_mpd  # noqa: B018


@pytest.mark.parametrize("module", ["colosseum", "colosseum.benchmark.environments", "colosseum.agent.making"])
def test_examples_of_docstrings_run(module):
    failed, tried = doctest.testmod(importlib.import_module(module))
    assert tried and not failed


def test_every_name_has_an_example_that_runs():
    """In a process of its own: what the examples register stays registered."""
    code = """
import doctest
import colosseum
for name in colosseum.__all__:
    subject = getattr(colosseum, name)
    [found] = doctest.DocTestFinder(recurse=False).find(subject, name, globs={})
    assert found.examples, f"{name} has no example"
    assert not doctest.DocTestRunner().run(found).failed
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stdout + done.stderr


def test_ids_are_those_of_the_published_benchmark():
    expected = {
        f"{benchmark.removeprefix('benchmark_')}/{name.removesuffix('Episodic').removesuffix('Continuous')}/{i}"
        for benchmark, classes in BENCHMARKS.items()
        for name, configurations in classes.items()
        for i in range(len(configurations))
    }
    ids = colosseum.benchmark_ids()
    assert len(ids) == len(set(ids)) == 94
    assert set(ids) == expected


@pytest.mark.parametrize("benchmark", BENCHMARKS)
def test_environments_are_those_of_the_published_benchmark(benchmark):
    for name, configurations in BENCHMARKS[benchmark].items():
        cls = registry.resolve_mdp_class(name)
        family = name.removesuffix("Episodic").removesuffix("Continuous")
        for i, parameters in enumerate(configurations):
            mdp = colosseum.make_mdp(f"{benchmark.removeprefix('benchmark_')}/{family}/{i}", seed=3)
            assert type(mdp) is cls and mdp.seed == 3
            for key, value in parameters.items():
                if not isinstance(value, str):  # distributions are written otherwise there
                    assert mdp.parameters[key] == value, (name, i, key)


@pytest.mark.parametrize("id", ["continuous_ergodic/RiverSwim/00", "continuous_ergodc/RiverSwim/0", "RiverSwim", 3])
def test_an_unknown_id_gets_the_nearest(id):
    with pytest.raises(ConfigurationError) as error:
        colosseum.make_mdp(id, seed=0)
    message = str(error.value)
    assert f"there is no {id!r}" in message and "colosseum.benchmark_ids() lists all 94" in message
    assert ("did you mean 'continuous_ergodic/RiverSwim/0'?" in message) == (isinstance(id, str) and "/" in id)


@pytest.mark.slow
@pytest.mark.parametrize("name", registry.agent_class_names())
def test_agents_by_name_have_the_packaged_hyperparameters(name):
    setting = "episodic" if name.endswith("Episodic") else "continuous"
    mdp = colosseum.make_mdp(f"{setting}_quick_test/RiverSwim/0", seed=0)
    agent = colosseum.make_agent(name, mdp, seed=0, n_steps=300)
    assert type(agent) is registry.resolve_agent_class(name)
    _, row = colosseum.MDPLoop(mdp, agent).run(300)
    assert row["steps"] == 300


def test_agents_by_name_take_hyperparameters():
    mdp = colosseum.make_mdp("continuous_quick_test/RiverSwim/0", seed=0)
    with pytest.raises(ConfigurationError, match="QLearningContinuous.h_weight = -1"):
        colosseum.make_agent("QLearningContinuous", mdp, seed=0, n_steps=300, h_weight=-1, span_approx_weight=0.1)
    with pytest.raises(ConfigurationError, match="did you mean 'QLearningContinuous'"):
        colosseum.make_agent("QLearningContinuos", mdp, seed=0, n_steps=300)


def test_the_package_says_that_it_is_typed():
    assert (INIT.parent / "py.typed").is_file()
