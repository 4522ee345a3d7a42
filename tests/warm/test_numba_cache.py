"""The cache of compiled kernels."""

import multiprocessing
import os
import time

from colosseum.warm import numba_cache as kernels


def test_fifty_that_start_at_once_compile_once(tmp_path, monkeypatch):
    """Each gets a whole cache of its own; one fills it, the others wait for it."""
    base, compiled = tmp_path / "base", tmp_path / "compiled"
    compiled.mkdir()
    monkeypatch.setenv(kernels.VARIABLE, str(base))

    def start(number: int) -> None:
        folder = tmp_path / f"node{number}"
        target = kernels.prepare(folder)
        assert os.environ["NUMBA_CACHE_DIR"] == str(folder)
        if target is not None:
            (compiled / str(number)).touch()
            time.sleep(0.5)
            (folder / "a").write_text("kernel")
            (folder / "b").write_text("kernel")
            kernels.publish(folder, target)
            kernels.release(target)
        assert sorted(path.name for path in folder.iterdir()) == ["a", "b"]

    fork = multiprocessing.get_context("fork")
    children = [fork.Process(target=start, args=(number,)) for number in range(50)]
    for child in children:
        child.start()
    for child in children:
        child.join(60)
    assert {child.exitcode for child in children} == {0}
    assert len(list(compiled.iterdir())) == 1
    [published] = base.iterdir()
    assert published.name == kernels.fingerprint()


def test_a_cache_that_cannot_be_kept(tmp_path, monkeypatch):
    monkeypatch.setenv("NUMBA_CACHE_DIR", "")  # put back afterwards
    monkeypatch.setenv(kernels.VARIABLE, "none")
    assert kernels.prepare(tmp_path / "a") is None
    (tmp_path / "file").touch()
    monkeypatch.setenv(kernels.VARIABLE, str(tmp_path / "file" / "base"))
    target = kernels.prepare(tmp_path / "b")
    kernels.publish(tmp_path / "b", target)  # nothing is kept, and nothing fails
