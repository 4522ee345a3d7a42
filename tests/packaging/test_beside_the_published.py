"""The published package, which has the same import name, installed before ours and after it."""

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from programs import told
from wheel_environment import ROOT, make_environment, variables_of

pytestmark = pytest.mark.slow

FILES = """
agent/__init__.py agent/agents/__init__.py agent/agents/base.py agent/agents/episodic/q_learning.py agent/utils.py
analysis/__init__.py benchmark/__init__.py benchmark/benchmark.py benchmark/utils.py config.py
dynamic_programming/__init__.py dynamic_programming/infinite_horizon.py emission_maps/__init__.py
experiment/__init__.py experiment/agent_mdp_interaction.py hardness/__init__.py hardness/analysis.py
hyperopt/__init__.py hyperopt/selection.py mdp/__init__.py mdp/base.py mdp/base_finite.py mdp/river_swim/__init__.py
mdp/river_swim/base.py mdp/river_swim/finite_horizon.py mdp/taxi/__init__.py mdp/utils/__init__.py utils/__init__.py
utils/acme/__init__.py utils/miscellanea.py _metadata.py
""".split()
"""Some of its files, by name: packages of both, packages where ours are modules, modules of both."""
CONTENTS = {
    "__init__.py": "from colosseum.config import set_available_cores\n",
    "config.py": "import colosseum.benchmark\n\n\ndef set_available_cores(n):\n    pass\n",
}
ADVICE = "the distribution rl-colosseum has put files into this folder too; type `pip uninstall rl-colosseum colosseum-"
CURE = ("rl-colosseum", "colosseum-benchmark")


@pytest.fixture(scope="module")
def published(tmp_path_factory) -> Path:
    """A wheel with its name, its front door, and such files."""
    wheel = tmp_path_factory.mktemp("published") / "rl_colosseum-1.2.5-py3-none-any.whl"
    files = {f"colosseum/{name}": CONTENTS.get(name, "") for name in ("__init__.py", *FILES)}
    folder = "rl_colosseum-1.2.5.dist-info"
    files[f"{folder}/METADATA"] = "Metadata-Version: 2.1\nName: rl-colosseum\nVersion: 1.2.5\n"
    files[f"{folder}/WHEEL"] = "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
    files[f"{folder}/RECORD"] = "".join(f"{name},,\n" for name in (*files, f"{folder}/RECORD"))
    with zipfile.ZipFile(wheel, "w") as packed:
        for name, text in files.items():
            packed.writestr(name, text)
    return wheel


def uv(programs: Path, *words: str) -> None:
    command = [sys.executable, "-m", "uv", "pip", words[0], "--quiet", "--python", str(programs / "python"), *words[1:]]
    subprocess.run(command, check=True, timeout=300)


def test_both_in_one_environment(wheels, published, tmp_path):
    [ours] = [wheel for wheel in wheels if wheel.name.startswith("colosseum_benchmark-")]
    programs = make_environment(tmp_path / "venv", [published, ours])
    outside = variables_of(programs, os.environ, tmp_path / "cache")

    def said(*words: str, status: int = 0) -> str:
        return told(tmp_path, outside, *words, status=status)

    # ours came last: it warns, and does nothing while modules of theirs are found in place of ours
    [line] = said("python", "-c", "import colosseum").splitlines()
    assert ADVICE in line and line.endswith("then install colosseum-benchmark again.")
    warning, error = said("python", "-m", "colosseum", "hardness", "--help", status=2).splitlines()
    assert warning == line
    assert error == "colosseum: error: the files of rl-colosseum are in place of ours: do as the warning says."

    # theirs came last: what is imported is theirs, and our commands and rules say so
    uv(programs, "install", "--offline", "--no-deps", "--reinstall", str(published))
    assert said("python", "-c", "import colosseum; print(hasattr(colosseum, 'make_mdp'))") == "False\n"
    [line] = said("python", "-m", "colosseum", "--version", status=2).splitlines()
    assert line.startswith("colosseum: error: /") and ADVICE in line
    told_by_workflow = said("snakemake", "-s", str(ROOT / "Snakefile"), "--cores", "1", "-n", status=1)
    assert line in told_by_workflow.splitlines()

    # what the line says mends it
    uv(programs, "uninstall", *CURE)
    uv(programs, "install", "--offline", "--no-deps", str(ours))
    assert said("python", "-c", "import colosseum; print(colosseum.make_mdp.__name__)") == "make_mdp\n"
    assert said("python", "-m", "colosseum", "--version").startswith("colosseum 0.")
