"""What a workflow may add to the executor: functions of its own, named by the profile as `module:function`.

| key of the profile | protocol | where it is called |
|---|---|---|
| `slurm-packed-session` | `Session` | on the node, around the jobs of a submission |
| `slurm-packed-versions` | `Versions` | on the head and on the node, before anything runs |
| `slurm-packed-whole` | `Whole` | on the head, when a killed run is recovered |

Each is optional. Their modules must be importable where they are called: installed, or in the folder from which the
workflow was started.
"""

from __future__ import annotations

import importlib
import os
import platform
import re
import sys
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from importlib.metadata import version
from pathlib import Path
from typing import Any, Protocol

from .errors import ExecutorError


class HookError(ExecutorError):
    """A hook that the profile names cannot be used; the message names it and says why."""


class Session(Protocol):
    """Prepares a node for the jobs of a submission: loads modules, sets environment variables, starts a server."""

    def __call__(self, folder: Path, n_jobs: int) -> AbstractContextManager[object]:
        """
        Return the context in which the jobs run; they are forks of the process that enters it.

        Parameters
        ----------
        folder : Path
            The node-local scratch folder of the submission, removed afterwards.
        n_jobs : int
            How many jobs it has.
        """


class Versions(Protocol):
    """Tells what head and node must agree on beside Python and Snakemake."""

    def __call__(self) -> dict[str, str]:
        """Return versions by name."""


class Whole(Protocol):
    """Judges what a killed run left: nobody was there to note that its job had ended."""

    def __call__(self, path: Path) -> bool:
        """Return whether an output is surely whole, so that its job need not run again."""


def check_name(name: str) -> None:
    """Raise a HookError unless a name has the form "module:function"."""
    if not re.fullmatch(r"[A-Za-z_][\w.]*:[A-Za-z_]\w*", name):
        raise HookError(f"{name!r} is no hook: write module:function.")


def resolve(name: str) -> Callable[..., Any]:
    """
    Import a hook.

    Parameters
    ----------
    name : str
        "module:function".

    Raises
    ------
    HookError
        If there is no such function.
    """
    check_name(name)
    module_name, _, function_name = name.partition(":")
    if os.getcwd() not in sys.path:  # `python -m` puts it there, Snakemake's own script does not
        sys.path.append(os.getcwd())
    try:
        found = getattr(importlib.import_module(module_name), function_name)
    except (ImportError, AttributeError) as error:
        raise HookError(f"the hook {name} cannot be loaded on {platform.node()}: {error}") from error
    if not callable(found):
        raise HookError(f"the hook {name} is not a function.")
    return found


def enter_session(name: str, folder: Path, n_jobs: int) -> AbstractContextManager[object]:
    """Return the context that a `Session` hook makes; one that does nothing if `name` is empty."""
    return resolve(name)(folder, n_jobs) if name else nullcontext()


def no_output_is_whole(path: Path) -> bool:
    """The `Whole` of a workflow that names none: everything that was interrupted runs again."""
    return False


def whole(name: str) -> Whole:
    """Return the `Whole` hook that a profile names."""
    return resolve(name) if name else no_output_is_whole


def versions(name: str) -> dict[str, str]:
    """Return what head and node must agree on, with what a `Versions` hook adds."""
    found = {"python": platform.python_version(), "snakemake": version("snakemake")}
    return found | (resolve(name)() if name else {})


def differing_versions(expected: dict[str, str], name: str) -> str:
    """Return what differs from the head's versions, as words for a person; "" if nothing does."""
    found = versions(name)
    return ", ".join(
        f"{program} is {found.get(program)} here but {wanted} on the head"
        for program, wanted in expected.items()
        if found.get(program) != wanted
    )
