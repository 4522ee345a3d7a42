"""Reading the folder of an instantiated benchmark; what lies where in it is `colosseum.layout`'s."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

from colosseum import layout, registry
from colosseum.errors import ConfigurationError
from colosseum.experiment import ExperimentConfig
from colosseum.gin_config import parse_gin_text, read_gin_text

DEFAULT_BENCHMARKS = Path(__file__).parent / "default_benchmarks"


def list_gin_files(folder: str | os.PathLike) -> list[Path]:
    """
    Return the gin files of a folder in alphabetical order.

    Raises
    ------
    ConfigurationError
        If there is no such folder, or no gin file in it.
    """
    folder = Path(folder)
    if not folder.is_dir():
        raise ConfigurationError(f"{folder}: there is no such folder; a benchmark keeps its <Class>.gin files there.")
    files = sorted(folder.glob("*.gin"))
    if not files:
        raise ConfigurationError(f"{folder}: there is no <Class>.gin file in this folder.")
    return files


def read_text(path: str | os.PathLike) -> str:
    """
    Return the content of a text file, without the byte order mark that it may begin with.

    Raises
    ------
    ConfigurationError
        If it cannot be read or is not UTF-8.
    """
    try:
        return Path(path).read_text(encoding="utf-8-sig")
    except OSError as error:
        raise ConfigurationError(f"{path}: {error.strerror or error}.") from None
    except UnicodeDecodeError:
        raise ConfigurationError(f"{path}: this is not a text file.") from None


def read_gin_configs(folder: str | os.PathLike, resolve: Callable[[str], type]) -> dict[type, str]:
    """
    Read the gin files of a folder.

    Parameters
    ----------
    folder : str or path
        Has files ``<Class>.gin``.
    resolve : callable
        `colosseum.registry.resolve_agent_class` or `colosseum.registry.resolve_mdp_class`.

    Returns
    -------
    dict of type to str
        Text of each class, in alphabetical order of the classes' names.

    Raises
    ------
    ConfigurationError
        If there is no file, or a file is named after an unknown class.
    """
    configs = {}
    for path in list_gin_files(folder):
        try:
            cls = resolve(path.stem)
        except ConfigurationError as error:
            raise ConfigurationError(f"{path}: {error}") from None
        configs[cls] = read_text(path)
    return configs


def read_mdp_configs(benchmark_folder: str | os.PathLike) -> dict[type, str]:
    """Read the environments of a benchmark; see `read_gin_configs`."""
    return read_gin_configs(Path(benchmark_folder) / layout.MDP_CONFIGS, registry.resolve_mdp_class)


def read_agent_configs(benchmark_folder: str | os.PathLike) -> dict[type, str]:
    """Read the agents of a benchmark; see `read_gin_configs`."""
    return read_gin_configs(Path(benchmark_folder) / layout.AGENTS_CONFIGS, registry.resolve_agent_class)


def read_experiment_config(benchmark_folder: str | os.PathLike) -> ExperimentConfig:
    """Read the experiment settings of a benchmark."""
    path = layout.experiment_config_file(benchmark_folder)
    if not os.path.isfile(path):
        raise ConfigurationError(f"{path}: there is no such file; a benchmark keeps its experiment settings there.")
    return ExperimentConfig.from_yaml(path)


def list_mdp_scopes(benchmark_folder: str | os.PathLike) -> dict[str, list[str]]:
    """
    List the environments of a benchmark by name, without importing any class or checking values against it.

    Returns
    -------
    dict of str to list of str
        Gin scopes of each class name, e.g. ``{"RiverSwimEpisodic": ["prms_0", "prms_1"]}``, in the order of
        `read_mdp_configs`.

    Raises
    ------
    ConfigurationError
        As `list_gin_files` and `read_scopes`.
    """
    return {
        path.stem: list(read_scopes(path, registry.resolve_mdp_class)) or [layout.FIRST_SCOPE]
        for path in list_gin_files(Path(benchmark_folder) / layout.MDP_CONFIGS)
    }


def read_scopes(path: Path, resolve: Callable[[str], type]) -> dict[str, dict[str, Any]]:
    """
    Read a gin file as `colosseum.gin_config.read_gin_text` does, whose class nobody needs unless the file is empty.

    Returns
    -------
    dict of str to dict
        Parameters of each scope. Nothing where nothing is configured: that is right for a class that has nothing to
        configure, and for one that is not known here.

    Raises
    ------
    ConfigurationError
        As `colosseum.gin_config.read_gin_text`; also if nothing is configured of a class that has something.
    """
    text = read_text(path)
    scopes = read_gin_text(path.stem, text, str(path))
    if not scopes and ":" not in path.stem:  # the name of a file is no reason to import something
        try:
            cls = resolve(path.stem)
        except ConfigurationError:
            return {}
        parse_gin_text(cls, text, str(path))
    return scopes
