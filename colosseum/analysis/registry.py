"""Kinds of tables and plots: each is a module, and its file's name is the name of the kind."""

import ast
import importlib
import pkgutil
from pathlib import Path
from types import ModuleType

from colosseum.errors import ConfigurationError, nearest

_FOLDERS = {"table": "tables", "plot": "plots"}


def available_kinds(what: str) -> dict[str, str]:
    """
    Return the kinds of ``"table"`` or ``"plot"`` with one line about each, without importing any.

    Parameters
    ----------
    what : str
        ``"table"`` or ``"plot"``.
    """
    folder = Path(__file__).with_name(_FOLDERS[what])
    found = (module.name for module in pkgutil.iter_modules([str(folder)]))
    names = sorted(name for name in found if not name.startswith("_"))
    return {name: _first_line(folder / f"{name}.py") for name in names}


def load_kind(what: str, name: str) -> ModuleType:
    """
    Import the module of a kind.

    Raises
    ------
    ConfigurationError
        If there is no such kind.
    """
    kinds = available_kinds(what)
    if name not in kinds:
        raise ConfigurationError(f"unknown kind of {what} {name!r}: {nearest(name, kinds)}")
    return importlib.import_module(f"colosseum.analysis.{_FOLDERS[what]}.{name}")


def _first_line(file: Path) -> str:
    return (ast.get_docstring(ast.parse(file.read_text(encoding="utf-8"))) or "").partition("\n")[0]
