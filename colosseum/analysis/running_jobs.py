"""Which instances a workflow has started and not ended, from the files that it keeps."""

import os
from base64 import urlsafe_b64encode
from pathlib import Path

_NAME_LENGTH = 255


class RunningJobs:
    """
    Snakemake's own markers of started jobs, read as files; without them nothing is running.

    Parameters
    ----------
    folder : str or path
        The workflow's working directory; the markers are in its ``.snakemake``.

    Notes
    -----
    A job has a marker from its start (on a cluster: its submission) to its end. While Snakemake works, and after it was
    killed outright, there are locks as well; without them no marker counts. A marker is named after the path of the
    job's output as the workflow writes it, relative to the working directory.
    """

    def __init__(self, folder: str | os.PathLike = ".") -> None:
        self._folder = Path(folder).resolve()
        records = self._folder / ".snakemake"
        locks = records / "locks"
        is_active = locks.is_dir() and any(locks.iterdir())
        self._markers = _list(records / "incomplete") if is_active else frozenset()

    def __contains__(self, output: str | os.PathLike) -> bool:
        """Tell whether the job that makes an output is running."""
        if not self._markers:
            return False
        path = os.path.relpath(os.path.join(os.getcwd(), output), self._folder)
        return _encode(path.replace(os.sep, "/")) in self._markers


def _encode(name: str) -> str:
    """Return the path of the marker of an output: its name in base 64, cut where a file's name would be too long."""
    code = urlsafe_b64encode(name.encode()).decode()
    step = _NAME_LENGTH - 1
    pieces = [code[i : i + step] for i in range(0, len(code), step)]
    return "/".join([*("@" + piece for piece in pieces[:-1]), pieces[-1]])


def _list(folder: Path) -> frozenset[str]:
    found: set[str] = set()
    for path, _, names in os.walk(folder):
        prefix = os.path.relpath(path, folder).replace(os.sep, "/")
        found.update(name if prefix == "." else f"{prefix}/{name}" for name in names)
    return frozenset(found)
