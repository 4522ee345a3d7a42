"""Fast looks into logs: their last line, or some of their lines, without parsing the rest."""

import os
import re
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from colosseum.errors import LogError
from colosseum.logs.columns import COLUMNS, VALUE_COLUMNS

_TAIL_BYTES = 1024
"""A line of a log has at most about 400 characters."""


@dataclass(frozen=True)
class LastLine:
    """
    The end of a log.

    Attributes
    ----------
    steps : int
        Step of the last line.
    values : dict of str to str
        Texts of all other columns at the last line; columns that the log lacks are absent.
    """

    steps: int
    values: dict[str, str]

    @property
    def seconds(self) -> float:
        """Seconds that the instance took, nan where the log does not say."""
        try:
            return self.steps / float(self.values["steps_per_second"])
        except (KeyError, ValueError, ZeroDivisionError):
            return float("nan")


@dataclass(frozen=True)
class SampledLog:
    """
    Some lines of a log and where its training stopped.

    Attributes
    ----------
    last : LastLine
        The end of the log.
    lines : tuple of str
        Evenly spaced lines, the last one included: the columns `steps` and `VALUE_COLUMNS`, joined by commas.
    stop_step : int or None
        Step of the first line whose training state is not ``running``.
    """

    last: LastLine
    lines: tuple[str, ...]
    stop_step: int | None


def read_last_line(path: str | os.PathLike, n_steps: int | None) -> LastLine:
    """
    Read the header and the last line of a log and check that it is complete.

    Parameters
    ----------
    path : str or path
        The log.
    n_steps : int or None
        Steps that the log must hold; None takes any.

    Raises
    ------
    LogError
        If the log is missing, empty, truncated or no log. The message begins with the path.
    """
    try:
        with open(path, "rb") as file:
            header = file.readline(2 * _TAIL_BYTES)
            size = file.seek(0, os.SEEK_END)
            file.seek(max(len(header), size - _TAIL_BYTES))
            tail = file.read()
    except OSError as error:
        raise _unreadable(path, error) from error
    return _check_last_line(path, header, tail, n_steps)


def read_sampled_log(path: str | os.PathLike, n_steps: int | None, n_points: int) -> SampledLog:
    """
    Read some evenly spaced lines of a log and check that it is complete.

    Parameters
    ----------
    path : str or path
        The log.
    n_steps : int or None
        Steps that the log must hold; None takes any.
    n_points : int
        How many lines to take, at least 2; all of a shorter log.

    Raises
    ------
    LogError
        If the log is missing, empty, truncated or no log. The message begins with the path.
    """
    try:
        data = Path(path).read_bytes()
    except OSError as error:
        raise _unreadable(path, error) from error
    split = data.find(b"\n") + 1
    header = data[:split]
    last = _check_last_line(path, header, data[max(split, len(data) - _TAIL_BYTES) :], n_steps)
    columns = _parse_header(header)
    lines = data[split:].split(b"\n")
    if not lines[-1]:
        lines.pop()
    order = None if columns[:-1] == COLUMNS[:-1] else [_position(columns, c) for c in ("steps", *VALUE_COLUMNS)]
    n_values = len(COLUMNS) - 1
    sampled = []
    for line in (lines[i] for i in _evenly_spaced(len(lines), n_points)):
        fields = line.rstrip(b"\r").decode("ascii", "replace").split(",")
        if len(fields) != len(columns):
            raise LogError(f"{path}: corrupt; a line has {len(fields)} fields where the header has {len(columns)}.")
        fields = fields[:n_values] if order is None else [fields[i] if i >= 0 else "" for i in order]
        sampled.append(",".join(fields))
    return SampledLog(last, tuple(sampled), _find_stop(lines, columns))


def read_stop_notes(folder: str) -> dict[str, int]:
    """
    Read where training stopped for lack of time, as programs note it whose logs have no training state.

    Parameters
    ----------
    folder : str
        An interaction's folder of logs; the notes are lines ``... (<step>) ... <log>`` of its ``time_exceeded.txt``.

    Returns
    -------
    dict of str to int
        Names of logs and the last steps of their training; empty where there are no notes.
    """
    try:
        text = Path(folder, "time_exceeded.txt").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return {}
    return {name: int(step) for step, name in re.findall(r"\((\d+)\).*?(seed\d+_logs\.csv)", text)}


def _unreadable(path: str | os.PathLike, error: OSError) -> LogError:
    return LogError(f"{path}: {'missing' if isinstance(error, FileNotFoundError) else error.strerror or error}.")


@lru_cache(maxsize=64)
def _parse_header(header: bytes) -> tuple[str, ...]:
    return tuple(name.strip() for name in header.decode("utf-8", "replace").split(","))


def _position(columns: tuple[str, ...], column: str) -> int:
    return columns.index(column) if column in columns else -1


def _check_last_line(path: str | os.PathLike, header: bytes, tail: bytes, n_steps: int | None) -> LastLine:
    if not header.strip():
        raise LogError(f"{path}: empty.")
    columns = _parse_header(header)
    if "steps" not in columns or not any(column in columns for column in VALUE_COLUMNS):
        raise LogError(f"{path}: not a log of this program; its first line has no column 'steps' and no indicator.")
    if not tail.strip():
        raise LogError(f"{path}: truncated; it has a header and no line.")
    fields = tail.rstrip(b"\r\n").rpartition(b"\n")[2].rstrip(b"\r").decode("utf-8", "replace").split(",")
    if not tail.endswith(b"\n") or len(fields) != len(columns):
        raise LogError(f"{path}: truncated in the middle of a line.")
    values = dict(zip(columns, fields, strict=True))
    try:
        steps = int(float(values.pop("steps")))
        for column in VALUE_COLUMNS:
            float(values.get(column) or "nan")
    except ValueError:
        raise LogError(f"{path}: corrupt; its last line is no line of numbers.") from None
    # some programs count the steps from zero
    if n_steps is not None and steps not in (n_steps, n_steps - 1):
        raise LogError(f"{path}: it ends at step {steps}, and {n_steps} steps are configured.")
    return LastLine(steps, values)


def _evenly_spaced(n: int, n_points: int) -> list[int]:
    if n <= n_points:
        return list(range(n))
    return [round((i + 1) * n / n_points) - 1 for i in range(n_points)]


def _find_stop(lines: list[bytes], columns: tuple[str, ...]) -> int | None:
    if columns[-1] != "training_state":
        return None

    def is_running(line: bytes) -> bool:
        return line.rstrip(b"\r").endswith(b",running")

    if is_running(lines[-1]):
        return None
    low, high = 0, len(lines) - 1  # once training stopped it never goes on: bisect
    while low < high:
        middle = (low + high) // 2
        if is_running(lines[middle]):
            low = middle + 1
        else:
            high = middle
    return int(float(lines[low].split(b",")[columns.index("steps")]))
