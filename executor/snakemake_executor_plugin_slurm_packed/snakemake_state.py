"""The files that Snakemake keeps below `.snakemake`: its locks and its marks on outputs that are being made.

The only module that knows their names. A job has a mark from its start (on a cluster: its submission) to its end. While
Snakemake works in a folder, and after it was killed outright, there are locks as well.
"""

from __future__ import annotations

import binascii
import os
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Iterator
from pathlib import Path

import psutil

#: The folder of Snakemake, and of those who keep something beside it, below the working directory.
FOLDER = Path(".snakemake")

_NAME_LENGTH = 255


def locks(workdir: Path | str = ".") -> list[Path]:
    """Return Snakemake's lock files on a folder."""
    return sorted((Path(workdir) / FOLDER / "locks").glob("*.lock"))


def marks(workdir: Path | str = ".") -> Iterator[tuple[Path, Path]]:
    """
    Find the outputs that were begun and not finished.

    Yields
    ------
    tuple of (Path, Path)
        The mark, and the output as the workflow names it: relative to the working directory, or absolute.
    """
    folder = Path(workdir) / FOLDER / "incomplete"
    for directory, _, names in os.walk(folder):
        for name in names:
            mark = Path(directory, name)
            # long names are split into folders that begin with @
            code = "".join(part.removeprefix("@") for part in mark.relative_to(folder).parts)
            try:
                yield mark, Path(urlsafe_b64decode(code).decode())
            except (binascii.Error, UnicodeDecodeError):
                continue  # not a mark


def mark_of(output: str) -> Path:
    """Return the path of the mark of an output, below the folder of marks."""
    code = urlsafe_b64encode(output.encode()).decode()
    step = _NAME_LENGTH - 1
    pieces = [code[i : i + step] for i in range(0, len(code), step)]
    return Path(*("@" + piece for piece in pieces[:-1]), pieces[-1])


class RunningJobs:
    """
    The outputs that a workflow is making now; none where no Snakemake works.

    Parameters
    ----------
    workdir : str or path
        The workflow's working directory.
    """

    def __init__(self, workdir: str | os.PathLike[str] = ".") -> None:
        self._workdir = Path(workdir).resolve()
        begun = marks(self._workdir) if locks(self._workdir) else ()
        self._outputs = frozenset(os.path.normpath(self._workdir / output) for _, output in begun)

    def __contains__(self, output: str | os.PathLike[str]) -> bool:
        """Tell whether the job that makes an output is running."""
        return os.path.normpath(os.path.abspath(output)) in self._outputs


def is_snakemake(words: list[str]) -> bool:
    """Tell whether a command line is a Snakemake's; that of what starts one, or edits a file of that name, is not."""
    names = [os.path.basename(word) for word in words[:3]]
    if names and names[0].startswith("python"):
        return names[1:] == ["-m", "snakemake"] or names[1:2] == ["snakemake"]
    return names[:1] == ["snakemake"]


def working_snakemakes(workdir: Path | str = ".") -> list[int]:
    """Return the Snakemake processes of this host that work in a folder."""
    here = Path(workdir).resolve()
    found = []
    for process in psutil.process_iter(["cmdline", "cwd"]):
        words, folder = process.info["cmdline"] or [], process.info["cwd"]
        if process.pid != os.getpid() and folder and is_snakemake(words) and Path(folder).resolve() == here:
            found.append(process.pid)
    return found
