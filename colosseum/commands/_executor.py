"""The Slurm executor, which is a distribution of its own and may not be there."""

import importlib
from types import ModuleType

from colosseum.errors import ConfigurationError

_PACKAGE = "snakemake_executor_plugin_slurm_packed"


def find_executor(part: str) -> ModuleType | None:
    """Return a module of the executor; None where it is not installed."""
    try:
        return importlib.import_module(f"{_PACKAGE}.{part}")
    except ModuleNotFoundError:
        return None


def require_executor(part: str) -> ModuleType:
    """
    Return a module of the executor.

    Raises
    ------
    ConfigurationError
        If it is not installed.
    """
    module = find_executor(part)
    if module is None:
        raise ConfigurationError(
            f"{_PACKAGE} is not installed, which knows what Snakemake left here; "
            "`pip install 'colosseum-benchmark[workflow]'` installs it."
        )
    return module
