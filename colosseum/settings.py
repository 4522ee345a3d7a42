"""Package-wide settings: where experiments live, how many cores may be used, how much is said."""

import contextlib
import os
from collections.abc import Iterator
from dataclasses import dataclass

from colosseum.errors import ConfigurationError
from colosseum.published_names import accepts


@dataclass
class _Settings:
    experiments_folder: str = os.path.join("experiments", "benchmarking", "default", "")
    hyperopt_folder: str = os.path.join("experiments", "hyperopt", "default", "")
    hardness_folder: str = os.path.join("cached_hardness_measures", "")
    available_cores: int | None = None
    multiprocessing: bool | None = None
    verbose: bool = False
    verbose_file: str | None = None


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


@accepts(experiments_folder="experiment_folder")
def set_experiments_folder(experiment_folder: str | os.PathLike, experiment_name: str) -> None:
    """
    Say where benchmarks are instantiated from now on, and make the folder.

    Parameters
    ----------
    experiment_folder : str or path
        The folder is ``<experiment_folder>/benchmarking/<experiment_name>/``, relative to the working directory.
    experiment_name : str
        A folder name.

    Raises
    ------
    ConfigurationError
        If the name is empty or no plain folder name, or the folder cannot be made.
    """
    _current.experiments_folder = _stage_folder(experiment_folder, "benchmarking", experiment_name)


@accepts(experiments_folder="experiment_folder")
def set_hyperopt_folder(experiment_folder: str | os.PathLike, experiment_name: str) -> None:
    """
    Say where hyperparameter optimisations live from now on, ``<experiment_folder>/hyperopt/<experiment_name>/``.

    Parameters and errors are those of `set_experiments_folder`.
    """
    _current.hyperopt_folder = _stage_folder(experiment_folder, "hyperopt", experiment_name)


def get_experiments_folder() -> str:
    """Return the folder of the benchmarks, with a separator at its end; the default one need not exist."""
    return _current.experiments_folder


def get_hyperopt_folder() -> str:
    """Return the folder of the hyperparameter optimisation, with a separator at its end; see above."""
    return _current.hyperopt_folder


def _stage_folder(folder: str | os.PathLike, stage: str, name: str) -> str:
    if not isinstance(name, str) or not name.strip() or name in (".", "..") or any(sep in name for sep in "/\\"):
        raise ConfigurationError(f"experiment_name: {name!r} is not a folder name; give one such as 'tutorial'.")
    made = os.path.join(os.fspath(folder), stage, name, "")
    try:
        os.makedirs(made, exist_ok=True)
    except OSError as error:
        raise ConfigurationError(f"{made}: this folder cannot be made: {error.strerror}.") from error
    return made


def set_hardness_measures_cache_folder(hardness_measures_cache_folder: str | os.PathLike) -> None:
    """Take the published setting; nothing is cached: to compute the measures takes no longer than to read them."""
    _current.hardness_folder = os.path.join(os.fspath(hardness_measures_cache_folder), "")


def get_hardness_measures_cache_folder() -> str:
    """Return what `set_hardness_measures_cache_folder` was told; nothing is there, see there."""
    return _current.hardness_folder


# ------------------------------------------------------------------------------------------------ cores and verbosity


def set_available_cores(n: int) -> None:
    """
    Set the number of processes that may run at once; more than one are used then, unless that is disabled.

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
    if _current.multiprocessing is not None:
        return _current.multiprocessing
    return _current.available_cores is not None and _current.available_cores > 1


def enable_verbose_logging() -> None:
    """Print progress to standard error."""
    _current.verbose = True


def disable_verbose_logging() -> None:
    """Print nothing (the default)."""
    _current.verbose = False


def set_verbose_logs_file(verbose_logs_file: str | os.PathLike) -> None:
    """Print progress to this file, as `enable_verbose_logging` does to standard error; its folder has to exist."""
    _current.verbose, _current.verbose_file = True, os.fspath(verbose_logs_file)


def get_verbose_logs_file() -> str | None:
    """Return the file of `set_verbose_logs_file`; None: standard error."""
    return _current.verbose_file


def set_n_floating_sampling_hyperparameters(n_floating_sampling_hyperparameters: int) -> None:
    """
    Take the published setting at its default, 4: sampled hyperparameters are written with all their digits here.

    Raises
    ------
    ConfigurationError
        If it is another number: what is sampled would depend on a setting that no log tells.
    """
    if n_floating_sampling_hyperparameters != 4:
        raise ConfigurationError(
            f"digits of sampled hyperparameters: got {n_floating_sampling_hyperparameters!r}; only 4 is taken."
        )


def is_verbose_logging_enabled() -> bool:
    """Return whether progress is printed."""
    return _current.verbose
