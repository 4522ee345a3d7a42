"""A kernel cache that a power cut damaged is noticed, removed and compiled again."""

import importlib.util
import multiprocessing
import os
import shutil
import subprocess
import sys
from pathlib import Path

import numba
import pytest

from colosseum.utils import compiled
from colosseum.warm import numba_cache

ROOT = Path(__file__).parents[2]
SOURCE = "from numba import njit\n\n@njit(cache=True)\ndef twice(x):\n    return x + x\n"

DAMAGES = {
    "empty": lambda data: b"",
    "half": lambda data: data[: len(data) // 2],
    "one byte short": lambda data: data[:-1],
    "zeros": lambda data: bytes(len(data)),
    "text": lambda data: b"<html>",
}


def fresh(path):
    """Import the module of a kernel as another process would."""
    spec = importlib.util.spec_from_file_location("kernel_under_test", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.twice


def hits(kernel):
    return sum(kernel.stats.cache_hits.values())


@pytest.fixture(params=["beside the sources", "in a folder of its own"])
def cached(request, tmp_path, monkeypatch):
    """A kernel with two signatures in its cache: its module, and the folder of the cache."""
    own = request.param == "in a folder of its own"
    monkeypatch.setattr(numba.config, "CACHE_DIR", str(tmp_path / "cache") if own else "")
    monkeypatch.syspath_prepend(tmp_path)
    module = tmp_path / "kernel_under_test.py"
    module.write_text(SOURCE)
    kernel = fresh(module)
    assert (kernel(2), kernel(2.5)) == (4, 5.0) and hits(kernel) == 0
    [index] = tmp_path.rglob("*.nbi")
    assert ("__pycache__" in index.parts) != own
    return module, index.parent


@pytest.mark.slow
@pytest.mark.parametrize("damage", DAMAGES)
@pytest.mark.parametrize("kind", ["nbi", "nbc"])
def test_damage_is_noticed_and_compiled_again(cached, kind, damage, capfd):
    module, folder = cached
    kernel = fresh(module)
    assert (kernel(2), kernel(2.5), hits(kernel)) == (4, 5.0, 2)  # the cache is used
    assert "damaged" not in capfd.readouterr().err
    files = sorted(folder.glob(f"*.{kind}"))
    assert len(files) == (1 if kind == "nbi" else 2)
    for file in files:
        file.write_bytes(DAMAGES[damage](file.read_bytes()))
    kernel = fresh(module)
    assert (kernel(2), kernel(2.5), hits(kernel)) == (4, 5.0, 0)
    told = capfd.readouterr().err.splitlines()
    assert told and all(": damaged kernel cache" in line and str(folder) in line for line in told)
    # it is whole again
    kernel = fresh(module)
    assert (kernel(2), kernel(2.5), hits(kernel)) == (4, 5.0, 2)
    assert capfd.readouterr().err == ""


def test_many_that_meet_the_damage_at_once(cached):
    """They repair it together, and no signature gets the code of the other."""
    module, folder = cached
    for file in folder.glob("*.nb?"):
        file.write_bytes(b"")

    def meet(number):
        kernel = fresh(module)
        for value in (2, 2.5) if number % 2 else (2.5, 2):
            assert kernel(value) == 2 * value

    fork = multiprocessing.get_context("fork")
    children = [fork.Process(target=meet, args=(number,)) for number in range(8)]
    for child in children:
        child.start()
    for child in children:
        child.join(60)
    assert {child.exitcode for child in children} == {0}
    kernel = fresh(module)
    assert (kernel(2), kernel(2.5), hits(kernel)) == (4, 5.0, 2)


def test_a_cache_that_cannot_be_written_costs_time_alone(cached, monkeypatch):
    module, folder = cached
    for file in folder.glob("*.nbi"):
        file.write_bytes(b"")

    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(compiled.IndexDataCacheFile, "save", full)
    kernel = fresh(module)
    assert (kernel(2), hits(kernel)) == (4, 0)


def test_every_kernel_of_the_package_is_covered():
    """Numba's own njit is imported in one place, so no kernel is loaded before the cache heals itself."""
    modules = [path for path in (ROOT / "colosseum").rglob("*.py") if "from numba import" in path.read_text()]
    importers = [
        path.name for path in modules if "njit" in path.read_text().split("from numba import")[1].split("\n")[0]
    ]
    assert importers == ["compiled.py"]


@pytest.mark.slow
def test_a_run_with_a_damaged_published_cache(tmp_path, monkeypatch):
    """The case as it happened: one index is empty, another is cut, one file of code is cut; the run is as ever."""
    monkeypatch.setenv("NUMBA_CACHE_DIR", "")  # put back afterwards
    root = tmp_path / "caches"
    existing = numba_cache.published_folder()
    monkeypatch.setenv(numba_cache.VARIABLE, str(root))
    script = (
        "from colosseum.warm import numba_cache; numba_cache.attach(fill=False); import colosseum\n"
        "mdp = colosseum.make_mdp('continuous_communicating/RiverSwim/0', seed=0)\n"
        "agent = colosseum.make_agent('QLearningContinuous', mdp, seed=0, n_steps=500)\n"
        "print(colosseum.MDPLoop(mdp, agent).run(500, log_every=100)[1]['cumulative_regret'])\n"
    )
    published = numba_cache.published_folder()
    if existing is not None and existing.is_dir():
        shutil.copytree(existing, published)
    else:
        published.mkdir(parents=True)

    def run():
        environment = os.environ | {"PYTHONPATH": str(ROOT)}
        done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, env=environment)
        assert done.returncode == 0, done.stderr
        return done.stdout, done.stderr

    before, _ = run()
    indices = sorted(published.rglob("*q_learning*.nbi")) + sorted(published.rglob("gain_bias*.nbi"))
    assert len(indices) >= 2
    for number, index in enumerate(indices):
        index.write_bytes(index.read_bytes()[: number * 7])
    for code in published.rglob("communicating*.nbc"):
        code.write_bytes(code.read_bytes()[:100])
    after, told = run()
    assert after == before and "compiled again" in told
    assert run() == (before, "")
