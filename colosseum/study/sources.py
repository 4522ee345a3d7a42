"""What a configuration names: classes by their own name or import path, benchmarks by name or folder."""

import os
from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from colosseum import about, layout
from colosseum.benchmark import ColosseumDefaultBenchmark, folders
from colosseum.errors import ConfigurationError
from colosseum.experiment import ExperimentConfig
from colosseum.experiment.config import OPTIONAL, REQUIRED
from colosseum.hyperopt.spaces import Spaces, spaces_of_study
from colosseum.study import names
from colosseum.study.text import inspect_study_file


def find_benchmark(given: str) -> tuple[str, str]:
    """
    Return the folder and the name of a benchmark.

    Parameters
    ----------
    given : str
        A folder, or the name of a default benchmark (with or without ``benchmark_``).

    Raises
    ------
    ConfigurationError
        If there is none; the message names the nearest default one.
    """
    if os.path.isdir(given):
        return given.rstrip("/"), Path(os.path.abspath(given)).name
    if "/" in given or given.startswith("."):
        raise ConfigurationError(f"{given}: there is no such folder.")
    default = ColosseumDefaultBenchmark.from_name(given)
    return str(default.folder), default.value


def read_experiment(folder: str, given: Mapping[str, Any]) -> ExperimentConfig:
    """
    Return the settings of a benchmark's interactions.

    Parameters
    ----------
    folder : str
        The benchmark's folder, whose settings are those that are not given.
    given : mapping
        What a study asks for by the keys of its `experiment`; None where it asks for nothing.
    """
    wanted = {key: value for key, value in given.items() if value is not None}
    complete = wanted.keys() >= set(REQUIRED)
    if complete and (wanted.keys() >= set(OPTIONAL) or not os.path.exists(layout.experiment_config_file(folder))):
        return ExperimentConfig(**wanted)
    return replace(folders.read_experiment_config(folder), **wanted)


def read_search_spaces(hyperopt: Any, agents: Mapping[str, str]) -> Spaces:
    """
    Return the search spaces that a study has in place of its agents' own, by class name.

    Parameters
    ----------
    hyperopt : object
        What the study's key of this name has.
    agents : mapping of str to str
        Name or import path of the study's agents, by class name.

    Raises
    ------
    ConfigurationError
        With the key, as `colosseum.hyperopt.spaces.spaces_of_study`.
    """
    key = "hyperopt.search_spaces"
    given = hyperopt.get("search_spaces") if isinstance(hyperopt, Mapping) else None
    if isinstance(given, str):
        try:
            names.check_path(given)
            given = _here_or_shipped(given)
            inspect_study_file(Path(given))
        except ConfigurationError as error:
            raise ConfigurationError(f"{key}: {error}") from None
    return spaces_of_study(given, agents, key)


def _here_or_shipped(path: str) -> str:
    """Return where a file is: as it is named, or else among those that come with the workflow."""
    shipped = about.shipped() / path
    return str(shipped) if not os.path.lexists(path) and shipped.is_file() else path


def class_name(path: str) -> str:
    """Return the name of a class that is given by its own name or by its import path."""
    return path.rpartition(":")[2]


def check_unique_names(paths: Iterable[str]) -> None:
    """Refuse two classes of the same name, which would share their files."""
    seen: dict[str, str] = {}
    for path in paths:
        other = seen.setdefault(class_name(path), path)
        if other != path:
            raise ConfigurationError(f"{other!r} and {path!r} have the same class name; rename one of the classes.")
