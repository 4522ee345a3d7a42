"""What holds for all tests: caches of compiled code, a SIGINT that arrives, and a count of what they reach."""

import importlib.util
import os
import signal
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).parents[1]
REACHED = pytest.StashKey[Path]()

# what one worker compiles never depends on another; without workers, no test compiles what an earlier one has compiled
os.environ["NUMBA_CACHE_DIR"] = str(
    ROOT / ".pytest_cache" / "numba" / os.environ.get("PYTEST_XDIST_WORKER", "no_worker")
)

# where no compiled modules are kept, each workflow that a test starts would compile two thousand of Snakemake's again:
# half of the time that it takes to start
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
sys.dont_write_bytecode = False

# a shell starts what it puts into the background with SIGINT ignored, and programs that tests start would inherit that
if signal.getsignal(signal.SIGINT) == signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(scope="session")
def load_script() -> Callable[[Path], ModuleType]:
    """Import a file that lies in no package, such as a generator of documentation."""

    def load(path: Path) -> ModuleType:
        spec = importlib.util.spec_from_file_location(f"script_{path.stem}", path)
        assert spec is not None and spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        return module

    return load


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--every-module",
        action="store_true",
        help="fail if a module of the package was imported by no test, nor by a program that a test started",
    )


SLOW_OF_SUITES = {
    "test_baselines_are_ordered_and_policies_attain_them",
    "test_compiler_changes_nothing",
    "test_frequencies_of_steps_match_the_probabilities_and_rewards",
}
"""Tests of `colosseum.testing`, which has no mark that its users would have to know."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if getattr(item, "originalname", "") in SLOW_OF_SUITES:
            item.add_marker(pytest.mark.slow)


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config: pytest.Config) -> None:
    if config.getoption("--every-module") and "COLOSSEUM_TESTS_REACHED" not in os.environ:
        import tempfile

        os.environ["COLOSSEUM_TESTS_REACHED"] = tempfile.mkdtemp(prefix="reached-")
        # a Python that a test starts imports `sitecustomize` from there
        paths = [str(ROOT / "tests/reached"), *filter(None, [os.environ.get("PYTHONPATH")])]
        os.environ["PYTHONPATH"] = os.pathsep.join(paths)
        config.stash[REACHED] = Path(os.environ["COLOSSEUM_TESTS_REACHED"])


@pytest.hookimpl(wrapper=True)
def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> Iterator[None]:
    """Note what this process imported; the one that started the others compares it with what there is."""
    if (folder := os.environ.get("COLOSSEUM_TESTS_REACHED")) is not None:
        names = [name for name in sys.modules if name.partition(".")[0] == "colosseum"]
        Path(folder, f"{os.getpid()}.txt").write_text("\n".join(names))
    yield
    if REACHED in session.config.stash and exitstatus == 0:
        reached = {name for file in session.config.stash[REACHED].iterdir() for name in file.read_text().split()}
        missing = sorted(_modules() - reached)
        print(f"\n{len(_modules()) - len(missing)} of {len(_modules())} modules were imported by the tests")
        if missing:
            print(f"reached by no test: {', '.join(missing)}")
            session.exitstatus = pytest.ExitCode.TESTS_FAILED


def _modules() -> set[str]:
    package = ROOT / "colosseum"
    paths = (path.relative_to(ROOT).with_suffix("").parts for path in package.rglob("*.py"))
    return {".".join(parts).removesuffix(".__init__") for parts in paths} - {"colosseum.__main__"}
