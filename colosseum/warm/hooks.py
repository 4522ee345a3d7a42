"""What Colosseum adds to an executor that packs short jobs: functions that profiles/slurm names.

The protocols are those of the distribution in executor/ (its `hooks`), which is not imported here.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def session(folder: Path, n_jobs: int) -> Iterator[None]:
    """
    Prepare a node for the instances of a submission: compiled kernels, a warm process, and what their workflow imports.

    Parameters
    ----------
    folder : Path
        The scratch folder of the submission.
    n_jobs : int
        How many instances it has. A single one loads nothing ahead, unless its kernels must be compiled.
    """
    from colosseum.warm.session import warm_process

    with warm_process(folder, always=n_jobs > 1):
        if n_jobs > 1:
            import colosseum.experiment.estimate
            import colosseum.study  # noqa: F401
        yield


def versions() -> dict[str, str]:
    """Return what head and node must agree on: logs that different versions wrote could not be compared."""
    import numpy as np

    import colosseum

    return {"colosseum": colosseum.__version__, "numpy": np.__version__}


def is_whole(path: Path) -> bool:
    """Tell whether a file that a killed run left is a finished log: one is written whole or not at all."""
    from colosseum.logs.read import is_whole_log

    return is_whole_log(path)
