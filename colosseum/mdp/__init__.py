"""Environments: seven families, and those made of arrays."""

import importlib
from typing import Any

_MODULES = {
    "BaseMDP": "colosseum.mdp.base",
    "ContinuousMDP": "colosseum.mdp.continuous",
    "EpisodicMDP": "colosseum.mdp.episodic",
}


def __getattr__(name: str) -> Any:
    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(_MODULES[name]), name)
