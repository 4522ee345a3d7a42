"""The cache of compiled kernels."""

import os
import time

from children import end_of

from colosseum.cluster.processes import fork
from colosseum.warm import numba_cache as kernels


def test_fifty_that_start_at_once_compile_once(tmp_path):
    """Each gets a whole cache of its own; one fills it, the others wait for it."""
    base, compiled = tmp_path / "base", tmp_path / "compiled"
    compiled.mkdir()

    def start(number: int) -> int:
        folder = tmp_path / f"node{number}"
        target = kernels.prepare(folder, str(base))
        assert os.environ["NUMBA_CACHE_DIR"] == str(folder)
        if target is not None:
            (compiled / str(number)).touch()
            time.sleep(0.5)
            (folder / "a").write_text("kernel")
            (folder / "b").write_text("kernel")
            kernels.publish(folder, target)
            kernels.release(target)
        return 0 if sorted(path.name for path in folder.iterdir()) == ["a", "b"] else 1

    children = [fork(lambda number=number: start(number)) for number in range(50)]
    assert {end_of(child, 60) for child in children} == {0}
    assert len(list(compiled.iterdir())) == 1
    [published] = base.iterdir()
    assert published.name == kernels.fingerprint()


def test_a_cache_that_cannot_be_kept(tmp_path):
    assert kernels.prepare(tmp_path / "a", "none") is None
    (tmp_path / "file").touch()
    target = kernels.prepare(tmp_path / "b", str(tmp_path / "file" / "base"))
    kernels.publish(tmp_path / "b", target)  # nothing is kept, and nothing fails
