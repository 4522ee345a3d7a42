"""One cache of compiled kernels for every way of running: by hand, in a session, in a submission.

Numba's cache on disk is not made for many writers: two processes that compile different signatures of one function at
once can leave an index that names the wrong code. So one process compiles every kernel of the package in a private
folder and publishes it by one `rename`; that much a shared file system can do, too. Those who come meanwhile wait for
it instead of compiling as well. There is a folder for each state of the sources, the versions and the kind of CPU.

`python -m colosseum.warm.numba_cache` fills the cache beforehand.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import platform
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import colosseum
from colosseum.utils.file_locks import locked
from colosseum.warm.claim import Claim, Queue

_PACKAGE = Path(colosseum.__file__).parent

#: The environment variable that names another folder for all caches; "none": they are not kept.
VARIABLE = "COLOSSEUM_NUMBA_CACHE"

#: Seconds after which a cache that nobody used is removed.
_UNUSED_S = 30 * 86400

#: Seconds to wait for another process that compiles; one that died is not waited for.
_PATIENCE_S = 600

#: Seconds to wait for the claim of a process that is going: its files are not closed all at once.
_GOING_S = 5

#: What this process shall compile, by the folder to be published.
_claims: dict[Path, Claim] = {}


def fingerprint() -> str:
    """What a compiled kernel depends on: the sources with their times (numba compares them), versions, and the CPU."""
    from importlib.metadata import version

    import llvmlite.binding

    digest = hashlib.sha256()
    facts = [platform.python_version(), version("numba"), version("numpy"), version("llvmlite")]
    facts += [llvmlite.binding.get_host_cpu_name(), llvmlite.binding.get_host_cpu_features().flatten()]
    for path in sorted(_PACKAGE.rglob("*.py")):
        state = path.stat()
        facts.append(f"{path} {state.st_mtime_ns} {state.st_size}")
    for fact in facts:
        digest.update(fact.encode() + b"\0")
    return f"{colosseum.__version__}-{digest.hexdigest()[:16]}"


def published_folder() -> Path | None:
    """Return where the cache of this installation on this kind of machine is, or would be; None if none is kept."""
    named = os.environ.get(VARIABLE)
    if named == "none":
        return None
    if named:
        root = Path(os.path.expandvars(named)).expanduser()
    else:
        root = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "colosseum" / "numba"
    return root / fingerprint()


def attach(fill: bool = True) -> None:
    """
    Let this process, in which numba is not yet imported, use the published cache.

    Nothing is changed where NUMBA_CACHE_DIR is set: by the user, by a session, or by a submission.

    Parameters
    ----------
    fill : bool
        Whether to compile all kernels first if nobody did. Otherwise numba keeps those that it compiles where it does
        by itself, beside the sources.
    """
    if os.environ.get("NUMBA_CACHE_DIR"):
        return
    published = published_folder()
    if published is None:
        return
    if fill and not published.is_dir() and _can_be_kept(published):
        print("colosseum: compiling all kernels, once for this installation ...", file=sys.stderr, flush=True)
        subprocess.run([sys.executable, "-m", __name__], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
    if _use(published):
        os.environ["NUMBA_CACHE_DIR"] = str(published)


def _can_be_kept(published: Path) -> bool:
    """Whether there is a place for the cache; without one (a home that is not writable) filling it would never end."""
    with contextlib.suppress(OSError):
        published.parent.mkdir(parents=True, exist_ok=True)
        return os.access(published.parent, os.W_OK | os.X_OK)
    return False


def prepare(folder: Path, copy: bool = True) -> Path | None:
    """
    Give this process and its children the published cache, or a folder of their own to compile in.

    Parameters
    ----------
    folder : Path
        A private folder, to be made.
    copy : bool
        Whether to work on a copy of the published cache in `folder`: for nodes, which shall not all read a shared file
        system, and on which classes of users may be compiled at the same time.

    Returns
    -------
    Path or None
        Where `publish` shall put the cache once it is filled; None if it came filled, or is not to be kept.
    """
    os.environ["NUMBA_CACHE_DIR"] = str(folder)
    published = published_folder()
    if published is None:
        folder.mkdir()
        return None
    end = time.monotonic() + _PATIENCE_S
    queue = Queue(_claim_of(published))
    while True:
        if _use(published):
            if not copy:
                os.environ["NUMBA_CACHE_DIR"] = str(published)
                return None
            try:
                shutil.copytree(published, folder)
                return None
            except (FileNotFoundError, NotADirectoryError, shutil.Error):
                shutil.rmtree(folder, ignore_errors=True)
        if time.monotonic() > end or _claim(published, queue):
            if _use(published):  # just now
                release(published)
                continue
            folder.mkdir()
            return published
        time.sleep(0.5)


def _use(published: Path) -> bool:
    """Whether the cache is there; if so, note that it is in use."""
    if not published.is_dir():
        return False
    with contextlib.suppress(OSError):
        os.utime(published)
    return True


def _claim(published: Path, queue: Queue) -> bool:
    """Whether this process shall compile; where fifty start at once, the others wait for the first."""
    try:
        published.parent.mkdir(parents=True, exist_ok=True)
        claim = queue.ask()
    except OSError:
        return True  # no cache can be kept: compile for oneself
    if claim is not None:
        _claims[published] = claim
    return claim is not None


def _claim_of(published: Path) -> Path:
    return published.with_name(f".compiling-{published.name}")


def publish(folder: Path, published: Path) -> None:
    """Copy a filled cache to where others find it, whole or not at all; of several at once the first wins."""
    _remove_unused(published.parent)
    try:
        temporary = Path(tempfile.mkdtemp(prefix=".new-", dir=published.parent))
    except OSError:
        return
    try:
        with contextlib.ExitStack() as stack:
            for changing in [path for path in folder.iterdir() if path.is_dir()]:
                stack.enter_context(locked(changing))  # other processes of the session may save kernels there
            shutil.copytree(
                folder,
                temporary,
                dirs_exist_ok=True,
                copy_function=_copy_durably,
                ignore=shutil.ignore_patterns("*.tmp.*"),  # of one that was killed while it saved
            )
        temporary.chmod(0o755)
        temporary.rename(published)
    except OSError:
        # another one was first, or there is no room: nothing is lost but time
        shutil.rmtree(temporary, ignore_errors=True)


def _copy_durably(source: str, target: str) -> str:
    """Copy a file onto the disk: after a power cut, what is published shall not be names of empty files."""
    shutil.copy2(source, target)
    with open(target, "rb") as file:
        os.fsync(file.fileno())
    return target


def _remove_unused(root: Path) -> None:
    """Remove caches that nobody used for a while: of sources that were changed since, of versions before an update."""
    for folder in root.glob(f"{colosseum.__version__}-*"):
        with contextlib.suppress(OSError):
            if time.time() - folder.stat().st_mtime > _UNUSED_S:
                shutil.rmtree(folder)


def release(published: Path) -> None:
    """Let others compile, if they must: end the claim of this process, or clear away that of a killed child."""
    claim = _claims.pop(published, None)
    with contextlib.suppress(OSError):
        claim = claim or Queue(_claim_of(published)).ask()
    if claim is not None:
        claim.release()


@contextlib.contextmanager
def handed_over(published: Path | None) -> Iterator[tuple[int, ...]]:
    """Give the descriptor that a child, started within the block, must inherit to `take_over` the claim, if any."""
    claim = None if published is None else _claims.pop(published, None)
    if claim is None:
        yield ()
        return
    try:
        yield (claim.descriptor,)
    finally:
        os.close(claim.descriptor)  # the child holds the claim alone: it goes with the child


def take_over(published: Path, descriptor: int) -> None:
    """Hold from now on the claim that the parent has handed over."""
    _claims[published] = Claim(_claim_of(published), descriptor)


def compile_and_publish(folder: Path, published: Path) -> None:
    """Compile every kernel in a private folder, publish it, and release the claim however that ends."""
    end, queue = time.monotonic() + _GOING_S, Queue(_claim_of(published))
    while published not in _claims and not _claim(published, queue) and time.monotonic() < end:
        time.sleep(0.02)
    claim = _claims.get(published)  # none: another process compiles as well
    try:
        with contextlib.nullcontext() if claim is None else claim.kept_fresh():
            load()
            publish(folder, published)
    finally:
        release(published)


def load() -> None:
    """Load, or compile, every kernel that an instance of a packaged agent needs: by running a few steps of each."""
    from colosseum import registry
    from colosseum.agent.utils import sample_agent_gin_configs_file
    from colosseum.experiment import ExperimentConfig
    from colosseum.experiment.experiment_instance import ExperimentInstance
    from colosseum.experiment.experiment_instances import interact

    settings = ExperimentConfig(1, n_steps=60, max_interaction_time_s=60, log_every=20)
    for name in registry.agent_class_names():
        agent = registry.resolve_agent_class(name)
        mdp = registry.resolve_mdp_class("RiverSwimEpisodic" if agent.is_episodic() else "RiverSwimContinuous")
        gin = mdp.produce_gin_file({"size": 3}, 0)
        agent_gin = sample_agent_gin_configs_file(agent, 1, 0)
        interact(ExperimentInstance(0, "kernels", mdp, "prms_0", gin, agent, "prms_0", agent_gin, settings, ""))


def main() -> None:
    """Fill the cache of this kind of machine, unless it is filled."""
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch, "numba")
        published = prepare(folder, copy=False)
        if published is None:
            print("the kernels are compiled already")
            return
        compile_and_publish(folder, published)
        print(f"compiled the kernels into {published}")


if __name__ == "__main__":
    main()
