"""Names and folders that a study gives: expanded as a shell would, and refused where no file can be named so."""

import os
import re
from collections.abc import Iterable

from colosseum import layout
from colosseum.errors import ConfigurationError
from colosseum.study.interactions import Interactions

LONGEST_NAME = 255
LONGEST_PATH = 4000
"""Bytes of a file's name on the file systems of Linux, and of a path (less what a working directory adds to 4,096)."""

RESERVED = frozenset(
    {
        layout.EXPERIMENT_INSTANCES,
        layout.JOB_LOGS,
        layout.STUDY_IDENTITY,
        "index.html",
        "overview.html",
    }
)
"""What lies beside the benchmarks of a study."""

_OPTIMISATION = re.compile(rf"hyperopt_(continuous|episodic)({layout.RUNG}\d+|{layout.CONFIRM})?")


def expanded(path: str) -> str:
    """Return a path with ``~`` and the variables of the environment replaced; what is unknown stays."""
    return os.path.expandvars(os.path.expanduser(path))


def check_path(path: str) -> None:
    """
    Refuse a path that shells, commands or Snakemake's patterns would read as something else.

    Raises
    ------
    ConfigurationError
        With what is wrong in it: an unknown variable, braces, a control character, a dash at its beginning.
    """
    variable = re.search(r"\$\w+|\$\{\w+\}", path)
    if variable:
        raise ConfigurationError(f"{path!r}: there is no variable {variable.group()} in the environment; set it.")
    unprintable = next((character for character in path if not character.isprintable()), None)
    if unprintable is not None:
        raise ConfigurationError(f"{path!r} has the character {unprintable!r}; choose a name that can be printed.")
    for character, kind in (("{", "a brace"), ("}", "a brace"), ("$", "a dollar sign"), ("\\", "a backslash")):
        if character in path:
            raise ConfigurationError(
                f"{path!r} has {kind}, {character}, which file names of a workflow cannot have; choose another name."
            )
    if path.startswith("-"):
        raise ConfigurationError(f"{path!r} begins with a dash, as options do; choose another name.")
    check_lengths([path])


def check_benchmark_name(name: str) -> None:
    """Refuse the name of a benchmark's folder that is taken, or no name for the files of a workflow."""
    if name in RESERVED or _OPTIMISATION.fullmatch(name):
        raise ConfigurationError(
            f"a benchmark cannot be named {name!r}, which the study needs itself; rename the folder."
        )
    if name != name.strip():
        raise ConfigurationError(f"the name {name!r} begins or ends with a blank; rename the folder.")
    check_path(name)


def check_parts(benchmarks: Iterable[Interactions]) -> None:
    """Refuse a benchmark that is named like a part of another one, whose instances are made by several jobs."""
    parts = {f"{one.name}_{k + 1}": one.name for one in benchmarks for k in range(1, len(one.parts()))}
    for one in benchmarks:
        if one.name in parts:
            raise ConfigurationError(
                f"{one.name!r} is also what a part of the benchmark {parts[one.name]!r} is called; rename the folder."
            )


def check_lengths(paths: Iterable[str]) -> None:
    """Refuse paths that no file system takes, in bytes of UTF-8."""
    for path in paths:
        for name in path.split("/"):
            n = len(os.fsencode(name))
            if n > LONGEST_NAME:
                raise ConfigurationError(
                    f"{name[:40] + '...'!r} has {n} bytes, and the name of a file {LONGEST_NAME} at most; "
                    "choose a shorter one."
                )
        n = len(os.fsencode(path))
        if n > LONGEST_PATH:
            raise ConfigurationError(
                f"{path[:40] + '...'!r} has {n} bytes, and a path {LONGEST_PATH} at most; choose shorter names."
            )


def check_files(interactions: Interactions, agent: str) -> None:
    """Refuse an agent whose files in a benchmark have names, or paths, that are too long."""
    scope = max(interactions.agents[agent], key=len, default=layout.FIRST_SCOPE)
    mdp = max(interactions.mdps, key=lambda name: len(os.fsencode(name)))
    name = layout.interaction_name(mdp, layout.Configured(agent, scope).name)
    seed = interactions.experiment.seeds[-1]
    job = f"instances_{interactions.name}_{len(interactions.parts())}_{agent}_{scope}"
    check_lengths(
        [
            layout.pickle_file(interactions.pickles_folder, name, seed),
            layout.error_file(interactions.folder, name, seed),
            layout.job_log(interactions.root, job),
        ]
    )
