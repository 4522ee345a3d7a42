"""What the profiles give to the executor: the hooks that they name are there, and answer as it expects."""

import importlib
import re
from pathlib import Path

import numpy as np
import pytest

import colosseum

ROOT = Path(__file__).resolve().parents[2]
CASES = ROOT / "tests/logs/cases"


@pytest.mark.parametrize("profile", ["slurm", "slurm-staged"])
def test_a_profile_names_hooks_that_are_there(profile):
    text = (ROOT / "profiles" / profile / "config.yaml").read_text()
    hooks = dict(re.findall(r"^slurm-packed-(session|versions|whole): (\S+)$", text, re.M))
    assert sorted(hooks) == ["session", "versions", "whole"]
    for hook in hooks.values():
        module, _, name = hook.partition(":")
        assert callable(getattr(importlib.import_module(module), name)), hook


def test_they_answer():
    from colosseum.warm import hooks

    assert hooks.versions() == {"colosseum": colosseum.__version__, "numpy": np.__version__}
    whole = [name for name in ("whole", "half_a_line") if hooks.is_whole(next(CASES.glob(f"{name}*")))]
    assert whole == ["whole"]
