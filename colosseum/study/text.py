"""The text of a study's file: read strictly, and what YAML reads otherwise than it looks is told."""

import re
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from colosseum.benchmark.folders import read_text
from colosseum.errors import ConfigurationError

if TYPE_CHECKING:
    from yaml import MappingNode, Node, ScalarNode

_PLAIN_NUMBER = re.compile(r"[-+]?(0|[1-9][0-9_]*)(\.[0-9]*)?(e[-+]?[0-9]+)?|[-+]?\.(inf|[0-9]+)|\.nan", re.IGNORECASE)
_PLAIN_WORDS = ("true", "false", "null", "~")


def read_study_files(paths: Iterable[Path]) -> dict[str, Any]:
    """
    Return the configuration of one or more files; keys of later ones take the place of those of earlier ones.

    Raises
    ------
    ConfigurationError
        If a file is missing, no UTF-8, no YAML, no mapping, or says two things of a key.
    """
    import yaml

    configuration: dict[str, Any] = {}
    for path in paths:
        inspect_study_file(path)
        found = yaml.safe_load(read_text(path))
        configuration.update(found)
    return configuration


def inspect_study_file(path: Path) -> list[str]:
    """
    Return one line about each value that YAML reads otherwise than it looks, such as ``0400``, which is 256.

    Raises
    ------
    ConfigurationError
        As `read_study_files`.
    """
    import yaml

    text = read_text(path)
    try:
        root = yaml.compose(text, yaml.SafeLoader)
        if not isinstance(root, yaml.MappingNode):
            raise ConfigurationError(f"{path}: this is no mapping of keys such as 'study: my_study'.")
        notes = list(_notes(root, "", path))
        yaml.safe_load(text)
    except ConfigurationError:
        raise
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        where = f", line {mark.line + 1}" if mark is not None else ""
        reason = " ".join(str(getattr(error, "problem", None) or error).split())
        raise ConfigurationError(f"{path}{where}: this is not YAML: {reason}.") from None
    except (ValueError, RecursionError) as error:  # a date such as 2024-99-99; aliases of themselves
        raise ConfigurationError(f"{path}: this is not YAML: {' '.join(str(error).split())}.") from None
    return notes


def check_study_files(arguments: Sequence[str]) -> None:
    """
    End Snakemake with one line where a study file that its command line names cannot be read.

    It reads them before any file of the workflow, and its own message is a traceback, or does not name the file. The
    profile that the workflow brings along asks here, before that.

    Parameters
    ----------
    arguments : sequence of str
        Those of Snakemake.
    """
    import argparse

    parser = argparse.ArgumentParser(add_help=False, allow_abbrev=False)
    parser.add_argument("--configfile", "--configfiles", nargs="+", default=[], dest="files")
    files: list[str] = parser.parse_known_args(arguments)[0].files
    for number, file in enumerate(files):
        try:
            inspect_study_file(Path(file))
        except ConfigurationError as error:
            hint = ""
            if number and not Path(file).exists():
                hint = " All that follows --configfile is read as a study file: put targets before it, or behind --."
            raise SystemExit(f"colosseum: error: {error}{hint}") from None


def _notes(node: "MappingNode", parent: str, path: Path) -> Iterator[str]:
    seen: dict[str, int] = {}
    for key_node, value in node.value:
        key, line = str(key_node.value), key_node.start_mark.line + 1
        if key in seen:
            raise ConfigurationError(
                f"{path}, line {line}: the key {parent + key!r} was given on line {seen[key]} too."
            )
        seen[key] = line
        yield from _notes_of(value, parent + key, path)


def _notes_of(value: "Node", key: str, path: Path) -> Iterator[str]:
    import yaml

    if isinstance(value, yaml.MappingNode):
        yield from _notes(value, f"{key}.", path)
    elif isinstance(value, yaml.SequenceNode):
        for i, item in enumerate(value.value):
            yield from _notes_of(item, f"{key}[{i}]", path)
    elif isinstance(value, yaml.ScalarNode):
        read = _read_otherwise(value)
        if read is not None:
            written = repr(value.value) if value.value else "blank"
            yield f"{path}, line {value.start_mark.line + 1}: {key} is {written}, which YAML reads as {read}."


def _read_otherwise(node: "ScalarNode") -> str | None:
    """Return what a plain value is read as, where that is not what it looks like."""
    import yaml

    kind = node.tag.rpartition(":")[2]
    text = node.value
    if node.style is not None or kind == "str" or (kind in ("int", "float") and _PLAIN_NUMBER.fullmatch(text)):
        return None
    if kind in ("bool", "null") and text.lower() in _PLAIN_WORDS:
        return None
    value = yaml.safe_load(text) if text else None
    return (
        {None: "null", True: "true", False: "false"}.get(value, str(value)) if kind in ("bool", "null") else str(value)
    )
