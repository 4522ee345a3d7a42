"""The table of which samples reached a rung; light, so that what only shows results loads no agent."""

import csv
import io
import os

from colosseum import layout
from colosseum.benchmark import folders
from colosseum.errors import ConfigurationError

COLUMNS = ("sample", "slot", "indicator", "score", "n_logs", "n_cut")
"""Of a table of promotions; ``slot`` is empty where a sample does not go on."""


def read_promotions(path: str | os.PathLike[str]) -> list[dict[str, str]]:
    """
    Read a table of promotions.

    Raises
    ------
    ConfigurationError
        If it cannot be read, or is none.
    """
    reader = csv.DictReader(io.StringIO(folders.read_text(path)))
    if tuple(reader.fieldnames or ()) != COLUMNS:
        raise ConfigurationError(f"{path}: this is no table of promotions; its columns are {', '.join(COLUMNS)}.")
    rows = list(reader)
    for row in rows:
        named = [row["sample"], *([row["slot"]] if row["slot"] else [])]
        if None in row or None in row.values() or not all(map(layout.is_scope, named)):
            raise ConfigurationError(f"{path}: a row is damaged: {','.join(map(str, row.values()))}.")
    return rows
