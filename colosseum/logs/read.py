"""Reading logs."""

import os
from typing import TYPE_CHECKING, Any

from colosseum.errors import LogError
from colosseum.logs.columns import COLUMNS, TRAINING_STATES

if TYPE_CHECKING:
    import numpy as np

_HEADER = ",".join(COLUMNS)
_TAIL_BYTES = 1024
"""More than a row can have."""


def read_last_row(path: str | os.PathLike) -> dict[str, Any]:
    """
    Read the last row of a log without reading the rest.

    Parameters
    ----------
    path : str or path

    Returns
    -------
    dict of str to int (steps), float or str (training_state)

    Raises
    ------
    LogError
        If the log is missing, empty, truncated, or no log of this program. The message begins with the path.
    """
    try:
        with open(path, "rb") as file:
            header = file.readline(len(_HEADER) + 2)
            size = file.seek(0, os.SEEK_END)
            file.seek(max(len(header), size - _TAIL_BYTES))
            tail = file.read()
    except OSError as error:
        raise _unreadable(path, error) from None
    _check_header(path, header)
    if not tail:
        raise LogError(f"{path}: truncated: it has a header and no row.")
    if not tail.endswith(b"\n"):
        raise LogError(f"{path}: truncated in the middle of a row.")
    return _parse_row(path, tail[:-1].rpartition(b"\n")[2])


def check_log(path: str | os.PathLike, n_steps: int) -> dict[str, Any]:
    """
    Check that a log is complete and return its last row.

    Parameters
    ----------
    path : str or path
    n_steps : int
        Steps of the interaction.

    Raises
    ------
    LogError
        If the log cannot be read (see `read_last_row`) or ends at another step.
    """
    row = read_last_row(path)
    if row["steps"] != n_steps:
        raise LogError(f"{path}: it ends at step {row['steps']} and not at {n_steps}.")
    return row


def read_log(path: str | os.PathLike) -> dict[str, "np.ndarray"]:
    """
    Read a whole log.

    Parameters
    ----------
    path : str or path

    Returns
    -------
    dict of str to array of shape (number of rows,)
        int64 for steps, str for training_state, float64 for all others.

    Raises
    ------
    LogError
        If a part of it cannot be read (see `read_last_row`).
    """
    import numpy as np

    try:
        with open(path, "rb") as file:
            header, body = file.readline(len(_HEADER) + 2), file.read()
    except OSError as error:
        raise _unreadable(path, error) from None
    _check_header(path, header)
    if not body.endswith(b"\n"):
        raise LogError(f"{path}: truncated{' in the middle of a row' if body else ': it has a header and no row'}.")
    rows = [_parse_row(path, line) for line in body[:-1].split(b"\n")]
    return {column: np.array([row[column] for row in rows]) for column in COLUMNS}


def _unreadable(path: str | os.PathLike, error: OSError) -> LogError:
    return LogError(f"{path}: {'missing' if isinstance(error, FileNotFoundError) else error.strerror or error}.")


def _check_header(path: str | os.PathLike, header: bytes) -> None:
    if not header:
        raise LogError(f"{path}: empty.")
    if header.rstrip(b"\r\n").decode("utf-8", "replace") != _HEADER:
        raise LogError(f"{path}: not a log of this program: its first line is not the header of a log.")


def _parse_row(path: str | os.PathLike, line: bytes) -> dict[str, Any]:
    fields = line.rstrip(b"\r").decode("utf-8", "replace").split(",")
    try:
        steps, *numbers, state = fields
        row = dict(zip(COLUMNS, [int(steps), *map(float, numbers), state], strict=True))
    except ValueError:
        raise LogError(f"{path}: corrupt: {line[:80].decode('utf-8', 'replace')!r} is no row of a log.") from None
    if state not in TRAINING_STATES:
        raise LogError(f"{path}: corrupt: {state!r} is no training state.")
    return row
