"""
A randomized model test: whatever is edited, lost, damaged or killed, the same command mends it.

It runs no more than it need. ``COLOSSEUM_EDITS=50 COLOSSEUM_EDIT_SEEDS=4 pytest tests/workflow/test_random_edits.py``
makes 50 edits from each of four seeds; ``COLOSSEUM_EDIT_SEED=7`` begins with another one.
"""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from random_edits import RandomEdits
from typed_study import Asked, Typist, plain
from user_project import ROOT, Project, make_project

from colosseum.warm import client

pytestmark = pytest.mark.slow

N_EDITS = int(os.environ.get("COLOSSEUM_EDITS", "20"))
N_SEEDS = int(os.environ.get("COLOSSEUM_EDIT_SEEDS", "1"))
FIRST_SEED = int(os.environ.get("COLOSSEUM_EDIT_SEED", "0"))

SERVER = """
import sys
from colosseum import registry
from colosseum.cli import main
from colosseum.serve import prepare
from colosseum.warm import numba_cache, server

registry.agent_class_names = lambda: ["QLearningContinuous", "RandomAgentContinuous"]  # no other kernels are compiled
server.die_with_parent()
server.serve(sys.argv[1], main, prepare)
"""


@pytest.fixture
def warm_process(tmp_path_factory, monkeypatch) -> Iterator[None]:
    """A warm process, as `make run` has one: an edit costs half."""
    monkeypatch.setenv("NUMBA_CACHE_DIR", os.environ.get("NUMBA_CACHE_DIR", str(ROOT / ".pytest_cache/numba/main")))
    socket = tmp_path_factory.mktemp("s") / "s"
    server = subprocess.Popen([sys.executable, "-c", SERVER, str(socket)], env=os.environ | {"PYTHONPATH": str(ROOT)})
    while not socket.exists():
        assert server.poll() is None
        time.sleep(0.05)
    monkeypatch.setenv(client.VARIABLE, str(socket))
    yield
    server.kill()
    server.wait()


@pytest.mark.usefixtures("warm_process")
@pytest.mark.parametrize("seed", range(FIRST_SEED, FIRST_SEED + N_SEEDS))
def test_the_same_command_mends_whatever_was_edited(tmp_path, seed):
    edits = RandomEdits(make_project(tmp_path / "project"), Typist(tmp_path), seed)
    began = time.monotonic()
    edits.check()
    for i in range(N_EDITS):
        print(f"{seed}.{i}: ", end="", flush=True)
        print(edits.edit(), end="", flush=True)
        edits.check()
        print(f" ({time.monotonic() - began:.0f} s)", flush=True)
    compare_with_a_fresh_run(edits.project, edits.asked, tmp_path / "fresh")


def compare_with_a_fresh_run(project: Project, asked: Asked, folder: Path) -> None:
    """Compare all that a fresh run makes, but for what shows or notes times."""
    fresh = make_project(folder)
    fresh.write(asked.study())
    asked.write_benchmark(folder / "my_rivers")
    fresh.run()
    project.run()
    kinds = {".gin", ".yml", ".pkl", ".csv", ".html", ".tex", ".svg", ".png", ".pdf"}
    made = [path for path in folder.glob("results/*/tiny/**/*") if path.suffix in kinds]
    assert len(made) > 50
    for path in made:
        if path.stem not in {"timing", "overview", "index", "indicators", "study"}:
            name = path.relative_to(folder)
            assert plain(path, (project.folder / name).read_bytes()) == plain(path, path.read_bytes()), name
