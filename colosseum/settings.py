"""Package-wide settings: where experiments live, how many cores may be used, how much is said."""

import contextlib
import os
from collections.abc import Iterator
from dataclasses import dataclass

from colosseum.errors import ConfigurationError


@dataclass
class _Settings:
    experiments_folder: str = os.path.join("experiments", "benchmarking", "default", "")
    hyperopt_folder: str = os.path.join("experiments", "hyperopt", "default", "")
    available_cores: int | None = None
    multiprocessing: bool = False
    verbose: bool = False


_current = _Settings()


@contextlib.contextmanager
def temporary_settings() -> Iterator[None]:
    """Have the defaults within, and on leaving what was set before."""
    global _current
    before, _current = _current, _Settings()
    try:
        yield
    finally:
        _current = before


def set_experiments_folder(experiments_folder: str | os.PathLike, experiment_name: str) -> None:
    """
    Say where benchmarks are instantiated from now on: ``<experiments_folder>/benchmarking/<experiment_name>/``.

    Parameters
    ----------
    experiments_folder : str or path
        Relative folders are relative to the working directory at the time of use.
    experiment_name : str
        A folder name.

    Raises
    ------
    ConfigurationError
        If the name is empty or no plain folder name.
    """
    _current.experiments_folder = _stage_folder(experiments_folder, "benchmarking", experiment_name)


def set_hyperopt_folder(experiments_folder: str | os.PathLike, experiment_name: str) -> None:
    """
    Say where hyperparameter optimisations live from now on: ``<experiments_folder>/hyperopt/<experiment_name>/``.

    Parameters and errors are those of `set_experiments_folder`.
    """
    _current.hyperopt_folder = _stage_folder(experiments_folder, "hyperopt", experiment_name)


def get_experiments_folder() -> str:
    """Return the folder of the benchmarks, with a separator at its end; it need not exist yet."""
    return _current.experiments_folder


def get_hyperopt_folder() -> str:
    """Return the folder of the hyperparameter optimisation, with a separator at its end; it need not exist yet."""
    return _current.hyperopt_folder


def _stage_folder(folder: str | os.PathLike, stage: str, name: str) -> str:
    if not isinstance(name, str) or not name.strip() or name in (".", "..") or any(sep in name for sep in "/\\"):
        raise ConfigurationError(f"experiment_name: {name!r} is not a folder name; give one such as 'tutorial'.")
    return os.path.join(os.fspath(folder), stage, name, "")


# ------------------------------------------------------------------------------------------------ cores and verbosity


def set_available_cores(n: int) -> None:
    """
    Set the number of processes that may run at once where multiprocessing is enabled.

    Raises
    ------
    ConfigurationError
        If `n` is not a positive integer.
    """
    if isinstance(n, bool) or not isinstance(n, int) or n < 1:
        raise ConfigurationError(f"available cores: {n!r} makes no sense; give an integer of at least 1.")
    _current.available_cores = n


def get_available_cores() -> int:
    """Return the number of cores that was set, or else how many this process may use."""
    if _current.available_cores is not None:
        return _current.available_cores
    try:
        return len(os.sched_getaffinity(0))
    except AttributeError:  # macOS and Windows have no affinity call
        return os.cpu_count() or 1


def enable_multiprocessing() -> None:
    """Let `run_experiment_instances` and the like use `get_available_cores()` processes."""
    _current.multiprocessing = True


def disable_multiprocessing() -> None:
    """Do everything in this process (the default)."""
    _current.multiprocessing = False


def is_multiprocessing_enabled() -> bool:
    """Return whether several processes may be used."""
    return _current.multiprocessing


def enable_verbose_logging() -> None:
    """Print progress to standard error."""
    _current.verbose = True


def disable_verbose_logging() -> None:
    """Print nothing (the default)."""
    _current.verbose = False


def is_verbose_logging_enabled() -> bool:
    """Return whether progress is printed."""
    return _current.verbose
