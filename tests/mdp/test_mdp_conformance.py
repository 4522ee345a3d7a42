"""Every environment passes the suite that users put theirs through."""

import os
import shutil
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest
from mdp_samples import ARRAYS, SAMPLES

import colosseum.testing
from colosseum import registry
from colosseum.mdp.custom_mdp import CustomContinuous, CustomEpisodic
from colosseum.mdp.family import FamilyMDP
from colosseum.testing.mdps import walk

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]

for name in registry.mdp_class_names():
    cls = registry.resolve_mdp_class(name)
    suite = "FamilyConformance" if issubclass(cls, FamilyMDP) else "MDPConformance"
    globals()[f"Test{name}"] = type(f"Test{name}", (getattr(colosseum.testing, suite),), {"mdp_class": cls})


class TestCustomContinuous(colosseum.testing.MDPConformance):
    mdp_class = CustomContinuous
    samples = {"arrays": ARRAYS}

    def test_states_keep_their_numbers(self, mdp):
        assert mdp.model.nodes == (0, 1, 2)


class TestCustomEpisodic(TestCustomContinuous):
    mdp_class = CustomEpisodic
    samples = {"arrays": ARRAYS | {"H": 4}, "horizon": ARRAYS}


@pytest.mark.slow
def test_the_compiler_off_gives_the_same_walks():
    def walks():
        return repr([walk(cls(7, **parameters), 40) for cls, parameters in SAMPLES.values()])

    code = f"""
import sys
sys.path.insert(0, {str(HERE)!r})
from mdp_samples import SAMPLES
from colosseum.testing.mdps import walk
print([walk(cls(7, **parameters), 40) for cls, parameters in SAMPLES.values()])
"""
    env = os.environ | {"NUMBA_DISABLE_JIT": "1", "PYTHONPATH": str(ROOT)}
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, env=env)
    assert done.stdout.strip() == walks()


# ----------------------------------------------------------------------------------- a family is a file and a line


COPY = """
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
import colosseum.testing
from creek import CreekContinuous, CreekEpisodic


class TestContinuous(colosseum.testing.FamilyConformance):
    mdp_class = CreekContinuous


class TestEpisodic(colosseum.testing.FamilyConformance):
    mdp_class = CreekEpisodic
"""


@pytest.fixture
def creek(tmp_path):
    """A folder with a copy of a family under another name, as a user makes it."""
    text = (ROOT / "colosseum" / "mdp" / "river_swim.py").read_text()
    (tmp_path / "creek.py").write_text(text.replace("RiverSwim", "Creek"))
    return tmp_path


def run_pytest(folder, *arguments):
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-n", "0", *map(str, arguments)]
    path = os.pathsep.join(map(str, (folder, ROOT)))
    env = os.environ | {"PYTHONPATH": path, "PYTEST_ADDOPTS": "", "COLUMNS": "200"}
    return subprocess.run(command, cwd=folder, env=env, capture_output=True, text=True, check=False)


@pytest.mark.slow
def test_a_copy_of_a_family_passes_with_its_own_samples(creek):
    (creek / "test_creek.py").write_text(COPY)
    done = run_pytest(creek, "test_creek.py")
    assert done.returncode == 0, done.stdout[-3000:]


@pytest.mark.slow
def test_a_copy_of_a_family_in_the_package_is_tested_with_the_others(creek):
    """One file and one line of the registry: no test lists the families."""
    copied = creek / "project"
    ignored = shutil.ignore_patterns("__pycache__", "default_benchmarks")
    shutil.copytree(ROOT / "colosseum", copied / "colosseum", ignore=ignored)
    shutil.copytree(ROOT / "tests" / "mdp", copied / "tests" / "mdp", ignore=ignored)
    (creek / "creek.py").rename(copied / "colosseum" / "mdp" / "creek.py")
    registry_file = copied / "colosseum" / "registry.py"
    before = registry_file.read_text()
    line = '    "DeepSea": "deep_sea",\n'
    assert line in before
    registry_file.write_text(before.replace(line, f'    "Creek": "creek",\n{line}'))
    done = run_pytest(copied, "tests/mdp", "--collect-only")
    assert done.returncode == 0, done.stdout[-3000:]
    assert "TestCreekEpisodic::test_specs[lazy]" in done.stdout
    done = run_pytest(copied, "tests/mdp/test_mdp_conformance.py", "-k", "TestCreek and plain")
    assert done.returncode == 0, done.stdout[-3000:]


# ------------------------------------------------------------------------------------------------ a suite that fails


@pytest.mark.slow
@pytest.mark.parametrize(
    ("fault", "test"),
    [
        ("def step(self, action):\n    return super().step(action)._replace(reward=0.5)", "frequencies_of_steps"),
        ("def reset(self):\n    return super().reset()._replace(observation=0.0)", "time_steps_follow"),
        ("@property\ndef optimal_average_reward(self):\n    return 2.0", "baselines_are_ordered"),
        ("def _draw_structure(self, rng):\n    rng.random()", "seed_decides_the_structure"),
        (
            "def _starting_nodes(self):\n    return super()._starting_nodes()[: 1 + hash(self) % 1] * 2",
            "probabilities_sum",
        ),
    ],
)
def test_a_faulty_environment_fails_the_suite(creek, fault, test):
    (creek / "test_faulty.py").write_text(
        COPY.partition("class TestEpisodic")[0]
        + "import gin\n\n\n@gin.configurable\nclass Faulty(CreekContinuous):\n"
        + textwrap.indent(fault, "    ")
        + "\n\n\nTestContinuous.mdp_class = Faulty\n"
    )
    done = run_pytest(creek, "test_faulty.py", "-k", test)
    assert done.returncode == 1, done.stdout[-3000:]
    assert "failed" in done.stdout and "error" not in done.stdout.splitlines()[-1], done.stdout[-3000:]
