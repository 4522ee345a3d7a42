"""Whose results lie in a folder: a note of what must not change under the name of a study."""

from collections.abc import Mapping
from dataclasses import fields
from pathlib import Path
from typing import Any

from colosseum.benchmark import folders
from colosseum.experiment import ExperimentConfig


def experiment_identity(benchmark: str, experiment: ExperimentConfig) -> dict[str, Any]:
    """Return the settings that a benchmark's logs depend on, as plain values: all but which seeds there are."""
    found = {}
    for field in fields(experiment):
        if field.name not in ("n_seeds", "first_seed"):
            value = getattr(experiment, field.name)
            plain = value is None or isinstance(value, int | float | str)
            found[f"{benchmark}: {field.name}"] = value if plain else getattr(value, "__name__", str(value))
    return found


def read_note(path: Path) -> dict[str, Any]:
    """Return what a note says; nothing if there is none."""
    import yaml

    noted = (yaml.safe_load(folders.read_text(path)) or {}) if path.is_file() else {}
    return {_of_today(key): value for key, value in noted.items()}


def _of_today(key: str) -> str:
    """Return the name of what a note of an earlier version called as the published package does."""
    return key.replace(".n_timesteps", ".n_steps").replace(": log_performance_indicators_every", ": log_every")


def first_difference(path: Path, here: Mapping[str, Any]) -> tuple[str, Any] | None:
    """Return the first key of a note whose value is another one here, and that value; None if they agree."""
    noted = read_note(path)
    for key in sorted(noted.keys() & here.keys()):
        if noted[key] != here[key]:
            return key, noted[key]
    return None


def write_note(path: Path, here: Mapping[str, Any]) -> None:
    """Write a note; what other runs of the study noted stays."""
    import yaml

    from colosseum.utils.files import write_atomically

    write_atomically(path, yaml.safe_dump({**read_note(path), **here}))
