"""Specifications, and loggers under their published names."""

import importlib
from typing import Any

_MODULES = {
    "CSVLogger": "colosseum.experiment.csv_logger",
    "InMemoryLogger": "colosseum.utils.acme.in_memory_logger",
}


def __getattr__(name: str) -> Any:
    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(_MODULES[name]), name)
