"""From Snakemake's jobs to what is asked of Slurm, and from the workflow to what its jobs need on a node."""

from __future__ import annotations

import math
import os
import shlex
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from snakemake_interface_common.exceptions import WorkflowError

from . import slurm
from .submission import Entry, archive

if TYPE_CHECKING:
    from snakemake_interface_executor_plugins.jobs import JobExecutorInterface

#: Resources of a rule or profile, by the names of Snakemake's own Slurm executor, and their options of `sbatch`.
_RESOURCE_OPTIONS = {
    "slurm_account": "account",
    "slurm_partition": "partition",
    "slurm_qos": "qos",
    "constraint": "constraint",
}

#: Bytes of the workflow's sources in a batch script; Slurm takes scripts of 4 MiB by default.
_LARGEST_SOURCES = 2 << 20


def entry_of(job: JobExecutorInterface, argv: list[str], command: str, staged: bool) -> Entry:
    """
    Read what a job asks for.

    Parameters
    ----------
    job : object
        Snakemake's job.
    argv : list of str
        Its own arguments of the Snakemake on the node.
    command : str
        Instead of arguments, a whole command line.
    staged : bool
        Whether its files go through a storage.

    Raises
    ------
    WorkflowError
        If a file lies where a storage cannot bring it.
    """
    resources = job.resources
    runtime, mem_mb = resources.get("runtime"), resources.get("mem_mb")
    minutes = runtime if isinstance(runtime, int) else 10
    # a rule may say the same more exactly; a profile that sets the minutes is right
    exact = resources.get("runtime_s")
    seconds = exact if isinstance(exact, int) and math.ceil(exact / 60) == minutes else 60 * minutes
    options = [f"--{option}={resources.get(name)}" for name, option in _RESOURCE_OPTIONS.items() if resources.get(name)]
    options += shlex.split(str(resources.get("slurm_extra") or ""))
    inputs, outputs = list(map(str, job.input)), [str(path) for path in (*job.output, *job.log)]
    if staged:
        for path in (*inputs, *outputs):
            if os.path.isabs(path) or path.startswith(".."):
                raise WorkflowError(
                    f"{path}: with slurm-packed-storage all files must lie below the working directory."
                )
    first: Any = next(iter(job.output), "")
    if getattr(first, "is_storage", False):
        first = first.storage_object.query
    return Entry(
        job=job,
        argv=argv,
        command=command,
        name=f"{job.name} {first}".strip(),
        threads=max(1, job.threads),
        mem_mb=mem_mb if isinstance(mem_mb, int) else 1000,
        seconds=seconds,
        options=tuple(options),
        inputs=inputs,
        outputs=outputs,
    )


def words(arguments: str) -> list[str]:
    """
    Split arguments that Snakemake made for a shell.

    Raises
    ------
    WorkflowError
        If they cannot be split: Snakemake writes a text with both kinds of quotes as Python would, not as a shell.
    """
    try:
        return shlex.split(arguments)
    except ValueError:
        raise WorkflowError(
            f"{arguments}\nSnakemake cannot hand these arguments to a job: rename what has both ' and \" in its name."
        ) from None


def check_folder(folder: str) -> None:
    """
    Refuse a folder whose name Snakemake does not hand to its jobs as it is.

    Raises
    ------
    WorkflowError
        If its name has both kinds of quotes, or a backslash.
    """
    try:
        is_kept = shlex.split(repr(folder)) == [folder]
    except ValueError:
        is_kept = False
    if not is_kept:
        raise WorkflowError(
            f"{folder}: Snakemake cannot hand this name to a job (both ' and \", or a backslash): rename the folder."
        )


class TimeLimits:
    """What the cluster's partitions allow, asked once."""

    def __init__(self) -> None:
        self._minutes: dict[str, int | None] | None = None

    def seconds(self, entry: Entry) -> int:
        """Seconds that an entry's partition allows: Slurm takes a job that asks for more, and never starts it."""
        if self._minutes is None:
            try:
                self._minutes = slurm.time_limits()
            except slurm.SlurmError:
                return sys.maxsize  # asked again the next time
        # of several Slurm takes one that allows the job: the longest counts
        allowed = [self._minutes[name] for name in partitions(entry.options) if name in self._minutes]
        minutes = [sys.maxsize if limit is None else 60 * limit for limit in allowed]
        return max(minutes, default=sys.maxsize)


def partitions(options: Sequence[str]) -> list[str]:
    """Return the partitions that options of `sbatch` name; [""] if they leave it to the cluster."""
    named = ""
    for word, following in zip(options, [*options, ""][1:], strict=True):
        if word in ("-p", "--partition"):
            named = following
        elif word.startswith("--partition="):
            named = word.partition("=")[2]
        elif word.startswith("-p"):
            named = word[2:]
    return [name.strip() for name in named.split(",")]


def pack_sources(workflow: Any, named: Iterable[str]) -> str:
    """
    Pack what a job needs of the working directory, for nodes that do not see it.

    Parameters
    ----------
    workflow : object
        Snakemake's: its Snakefile, its configuration files and the folder `workflow` are packed.
    named : iterable of str
        Further files and folders.

    Returns
    -------
    str
        The text of an archive (see `submission.archive`).

    Raises
    ------
    WorkflowError
        If something lies outside the working directory, or all is too large for a batch script.
    """
    roots = [Path("workflow"), *map(Path, named)]
    paths = [path for root in roots for path in ([root] if root.is_file() else sorted(root.rglob("*")))]
    paths += [Path(os.path.relpath(path)) for path in (workflow.main_snakefile, *workflow.configfiles)]
    paths = [path for path in dict.fromkeys(paths) if path.is_file() and "__pycache__" not in path.parts]
    outside = [str(path) for path in paths if path.is_absolute() or ".." in path.parts]
    if outside:
        raise WorkflowError(f"{outside[0]}: lies outside the working directory, so it cannot travel to the nodes.")
    text = archive(paths)
    if len(text) > _LARGEST_SOURCES:
        raise WorkflowError(
            f"The sources ({', '.join(map(str, roots))}) have {len(text) >> 10} KiB, more than a batch script can "
            "carry; install your modules on the nodes instead of naming them in slurm-packed-sources."
        )
    return text
