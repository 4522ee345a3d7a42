"""What a workflow left behind about instances without a log: which are running, and which failed."""

import json
import os
from base64 import urlsafe_b64encode
from pathlib import Path

_NAME_LENGTH = 255


class JobRecords:
    """
    Snakemake's own records of jobs, read as files; without them nothing is running and nothing failed.

    Parameters
    ----------
    folder : str or path
        The workflow's working directory; its records are in ``.snakemake``.

    Notes
    -----
    A job that started has a marker until it ends, and a record of itself once it ended. While Snakemake works, and
    after it was killed outright, there are locks. A job is named by the path of its output as the workflow writes it,
    relative to the working directory.
    """

    def __init__(self, folder: str | os.PathLike = ".") -> None:
        self.folder = Path(folder).resolve()
        records = self.folder / ".snakemake"
        locks = records / "locks"
        self._is_active = locks.is_dir() and any(locks.iterdir())
        self._started = _list(records / "incomplete") if self._is_active else frozenset()
        self._ended = _list(records / "metadata")

    def is_running(self, output: Path) -> bool:
        """Tell whether the job of an output started (or was queued on a cluster) and did not end."""
        return bool(self._started) and _encode(self._name(output)) in self._started

    def has_failed(self, output: Path) -> bool:
        """
        Tell whether the job of an output that is not there ended in an error.

        An output that was deleted has a record, too, but its job's log is empty.
        """
        if not self._ended:
            return False
        encoded = _encode(self._name(output))
        if encoded not in self._ended:
            return False
        try:
            record = json.loads((self.folder / ".snakemake" / "metadata" / encoded).read_text(encoding="utf-8"))
            logs = record.get("log") or []
            return not logs or any((self.folder / log).stat().st_size > 0 for log in logs)
        except (OSError, ValueError, AttributeError):
            return False

    def _name(self, output: Path) -> str:
        if not output.is_absolute():
            output = Path.cwd() / output
        return os.path.relpath(output, self.folder).replace(os.sep, "/")


def _encode(name: str) -> str:
    """Return the path of the record of an output: its name in base 64, cut where a file name would be too long."""
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
