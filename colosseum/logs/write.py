"""Writing a log, whole or not at all."""

import os
from collections.abc import Iterable, Mapping
from operator import itemgetter
from typing import Any

from colosseum.logs.columns import COLUMNS, LOG_COLUMNS
from colosseum.utils.files import write_atomically

_FORMATS = {"steps": "%d", "performance": "%.12g", "baseline": "%.12g", "time": "%.6g", "state": "%s"}
_ROW = ",".join(_FORMATS[column.kind] for column in LOG_COLUMNS) + "\n"
_values_of = itemgetter(*COLUMNS)
_HEADER = ",".join(COLUMNS)


def format_log(rows: Iterable[Mapping[str, Any]]) -> str:
    """
    Return the text of a log.

    Parameters
    ----------
    rows : iterable of dict
        With all of `COLUMNS` each.
    """
    return _HEADER + "\n" + "".join([_ROW % _values_of(row) for row in rows])


def write_log(path: str | os.PathLike, rows: Iterable[Mapping[str, Any]]) -> None:
    """
    Write a log atomically.

    Parameters
    ----------
    path : str or path
    rows : iterable of dict
        With all of `COLUMNS` each, in order of their steps.

    Raises
    ------
    ColosseumError
        If the file cannot be written.
    """
    write_atomically(path, format_log(rows))
