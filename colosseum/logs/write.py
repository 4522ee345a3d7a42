"""Writing a log, whole or not at all."""

import math
import os
from collections.abc import Iterable, Mapping
from operator import itemgetter
from typing import Any

from colosseum.errors import LogError
from colosseum.logs.columns import COLUMNS, HEADERS, INSTANCE_DIGITS, LOG_COLUMNS, VALUE_COLUMNS
from colosseum.utils.files import write_atomically

_FORMATS = {"steps": "%d", "performance": "%.12g", "baseline": "%.12g", "time": "%.6g", "state": "%s"}
_ROW = tuple(_FORMATS[column.kind] for column in LOG_COLUMNS)
_values_of = itemgetter(*COLUMNS)


def format_log(rows: Iterable[Mapping[str, Any]], instance: str = "") -> str:
    """
    Return the text of a log.

    Parameters
    ----------
    rows : iterable of dict
        With all of `COLUMNS` each.
    instance : str
        The digest of the instance that made it; without one, the log has no such column.
    """
    if instance:
        header, formats = HEADERS[0], (*_ROW[:-1], instance[:INSTANCE_DIGITS], _ROW[-1])
    else:
        header, formats = COLUMNS, _ROW
    line = ",".join(formats) + "\n"
    return ",".join(header) + "\n" + "".join([line % _values_of(row) for row in rows])


def write_log(path: str | os.PathLike[str], rows: Iterable[Mapping[str, Any]], instance: str = "") -> None:
    """
    Write a log atomically.

    Parameters
    ----------
    path : str or path
    rows : iterable of dict
        With all of `COLUMNS` each, in order of their steps.
    instance : str
        As in `format_log`.

    Raises
    ------
    LogError
        If a number is not finite (nan, inf): nothing is written then, as no command would take such a log.
    ColosseumError
        If the file cannot be written.
    """
    rows = list(rows)
    text = format_log(rows, instance)
    if "nan" in text or "inf" in text:  # no column's name and no training state has them
        row, name = next((row, name) for row in rows for name in VALUE_COLUMNS if not math.isfinite(row[name]))
        raise LogError(f"{path}: not written: {name} is {row[name]} at step {row['steps']} and no finite number.")
    write_atomically(path, text)
