"""Reading logs: one reader for every command, which judges every line of what it reads."""

import math
import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from operator import gt
from pathlib import Path
from typing import TYPE_CHECKING, Any

from colosseum.errors import LogError
from colosseum.logs.columns import (
    AT_MOST_ONE_A_STEP,
    COLUMNS,
    HEADERS,
    INSTANCE,
    INSTANCE_DIGITS,
    NOT_NEGATIVE,
    TRAINING_STATES,
    VALUE_COLUMNS,
    out_of_range,
)

if TYPE_CHECKING:
    import numpy as np

_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
_LINE_ENDS = frozenset(f"{state}{end}" for state in TRAINING_STATES for end in ("\n", "\r\n"))
_SHOWN = 80
_DIGEST = re.compile(rf"[0-9a-f]{{{INSTANCE_DIGITS}}}")


@dataclass(frozen=True, eq=False)
class Log(Mapping[str, "np.ndarray"]):
    """
    A log whose every line was judged: a mapping of its columns to arrays, and what is asked of it most.

    Attributes
    ----------
    path : str
    columns : tuple of str
        Its header. Logs of earlier formats and of other programs lack some of `colosseum.logs.columns.COLUMNS`.
    body : str
        Its rows as they are in the file.
    steps : tuple of int
        Steps of its rows, ascending.
    states : tuple of str
        Training states of its rows; empty where it has none.
    n_steps : int
        Steps of the interaction: where another program counts from zero, one more than that of the last row.
    """

    path: str
    columns: tuple[str, ...]
    body: str
    steps: tuple[int, ...]
    states: tuple[str, ...]
    n_steps: int

    @property
    def is_foreign(self) -> bool:
        """Whether another program wrote it: it has no training state and may count its steps from zero."""
        return not self.states

    @property
    def instance(self) -> str:
        """First digits of the digest of the instance that made it; empty where it does not say (older, foreign)."""
        return self.last.get(INSTANCE.name, "") if self.states else ""

    @cached_property
    def lines(self) -> list[str]:
        """Its rows as texts."""
        return [line.rstrip("\r") for line in self.body[:-1].split("\n")]

    @cached_property
    def last(self) -> dict[str, str]:
        """Texts of its last row by column."""
        line = self.body[self.body.rfind("\n", 0, -1) + 1 :]
        return dict(zip(self.columns, line.rstrip("\r\n").split(","), strict=True))

    def last_value(self, column: str) -> float:
        """Return the number at the last row, nan where the log lacks the column."""
        return float(self.last.get(column, "nan"))

    @property
    def seconds(self) -> float:
        """Seconds that the instance took, nan where the log does not say."""
        speed = self.last_value("steps_per_second")
        return self.steps[-1] / speed if speed else math.nan

    @property
    def stop_step(self) -> int | None:
        """Step of the first row whose training state is not ``running``."""
        return next((step for step, state in zip(self.steps, self.states, strict=False) if state != "running"), None)

    def __getitem__(self, column: str) -> "np.ndarray":
        import numpy as np

        i = self.columns.index(column) if column in self.columns else -1
        if i < 0:
            raise KeyError(column)
        if column == "steps":
            return np.array(self.steps)
        texts = [line.split(",")[i] for line in self.lines]
        is_text = column in (INSTANCE.name, "training_state")
        return np.array(texts if is_text else [float(text) for text in texts])

    def __iter__(self) -> Iterator[str]:
        return iter(self.columns)

    def __len__(self) -> int:
        return len(self.columns)


def read_log(path: str | os.PathLike[str], n_steps: int | None = None, instance: str = "") -> Log:
    """
    Read all of a log and judge it.

    A log of this program has exactly the columns of its format. One without a training state is another program's (the
    published package's): it may lack columns, have others, in any order, and count its steps from zero. Steps are
    whole and ascend, every field of a known column is a finite number, which is one that an interaction of this program
    can give (`colosseum.logs.columns.out_of_range`), a training state is a known one, training that
    has stopped does not go on, and all rows are of one instance.

    Parameters
    ----------
    path : str or path
    n_steps : int, optional
        Steps of the interaction, at which the log must end (or one before, counted from zero); default: anywhere.
    instance : str
        Digest of the instance whose log it must be; default: any. Logs of older versions and of other programs do not
        say whose they are, and are taken.

    Raises
    ------
    LogError
        If the log is missing, not whole, or of another instance. The message begins with the path and has the reason,
        with the line where it is of one.
    """
    path = os.fspath(path)
    try:
        with open(path, "rb") as file:
            data = file.read()
    except OSError as error:
        reason = "missing" if isinstance(error, FileNotFoundError) else error.strerror or error
        raise LogError(f"{path}: {reason}.") from None
    text = data.removeprefix(_BYTE_ORDER_MARK).decode("utf-8", "replace")
    header, _, body = text.partition("\n")
    if not header.strip():
        raise LogError(f"{path}: empty.")
    columns, fault = _judge_header(header)
    if fault:
        raise LogError(f"{path}: line 1: {fault}.")
    if not body:
        raise LogError(f"{path}: truncated: it has a header and no row.")
    try:
        steps, states = _parse_at_once(body, columns) if columns[-1] == COLUMNS[-1] else _parse_rows(body, columns)
    except ValueError:
        try:
            steps, states = _parse_rows(body, columns)
        except ValueError as error:
            raise LogError(f"{path}: {error}.") from None
    # steps that are counted from zero end one before
    if n_steps is not None and steps[-1] not in ((n_steps,) if states else (n_steps, n_steps - 1)):
        raise LogError(f"{path}: line {len(steps) + 1}: it ends at step {steps[-1]} and not at {n_steps}.")
    log = Log(path, columns, body, tuple(steps), tuple(states), steps[-1] if n_steps is None else n_steps)
    if instance and log.instance and log.instance != instance[:INSTANCE_DIGITS]:
        raise LogError(
            f"{path}: of another instance: {log.instance} made it and not {instance[:INSTANCE_DIGITS]}; it is stale, "
            "or a copy."
        )
    return log


def is_whole_log(path: Path) -> bool:
    """Tell whether a file is a finished log: one is written whole or not at all."""
    if path.suffix != ".csv":
        return False
    try:
        read_log(path)
    except LogError:
        return False
    return True


def check_log(path: str | os.PathLike[str], n_steps: int, instance: str = "") -> dict[str, Any]:
    """
    Check that a log is whole and return its last row.

    Parameters
    ----------
    path : str or path
    n_steps : int
        Steps of the interaction.
    instance : str
        As in `read_log`.

    Returns
    -------
    dict of str to int (steps), float or str (training_state)
        Without what the log lacks, and without the instance.

    Raises
    ------
    LogError
        As `read_log`.
    """
    log = read_log(path, n_steps, instance)
    row: dict[str, Any] = {name: float(text) for name, text in log.last.items() if name in VALUE_COLUMNS}
    return {"steps": log.steps[-1], **row, **({"training_state": log.states[-1]} if log.states else {})}


def read_stop_notes(folder: str | os.PathLike[str]) -> dict[str, int]:
    """
    Read where training stopped for lack of time, as programs note it whose logs have no training state.

    Parameters
    ----------
    folder : str or path
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


@lru_cache(maxsize=64)
def _judge_header(header: str) -> tuple[tuple[str, ...], str]:
    """The names of the columns, and what is wrong with them."""
    names = tuple(name.strip() for name in header.split(","))
    if names in HEADERS:
        return names, ""
    alike = next((known for known in HEADERS if len(known) == len(names)), HEADERS[0])
    if COLUMNS[-1] in names or names[:-1] in [known[:-1] for known in HEADERS]:
        pairs = zip((*alike, "nothing"), (*names, "nothing"), strict=False)
        i, (expected, found) = next((i, pair) for i, pair in enumerate(pairs, 1) if pair[0] != pair[1])
        return names, f"not a log of this program: column {i} is {found!r} where {expected!r} is expected"
    if "steps" not in names or not any(name in VALUE_COLUMNS for name in names):
        return names, f"not a log: {header[:_SHOWN].strip()!r} has no column 'steps' and no indicator"
    twice = next((name for name in names if names.count(name) > 1), None)
    return names, f"the column {twice!r} is there twice" if twice else ""


def _parse_at_once(body: str, columns: tuple[str, ...]) -> tuple[list[int], list[str]]:
    """
    Steps and training states of a log of this program; ValueError where it may be faulty, whatever the fault.

    As `_parse_rows`, which knows the line and the reason, three times as fast: the fields of all lines are judged
    together. A line's end stays with the field before it, so that it is seen where it does not belong.
    """
    n_columns = len(columns)
    fields = body.replace("\n", "\n,").split(",")
    last, ends = fields.pop(), fields[n_columns - 1 :: n_columns]
    if last or len(fields) % n_columns or body.count("\n") != len(ends) or not _LINE_ENDS.issuperset(ends):
        raise ValueError
    steps, states = list(map(int, fields[::n_columns])), [end.rstrip() for end in ends]
    del fields[n_columns - 1 :: n_columns]
    if columns[-2] == INSTANCE.name:
        instances = set(fields[n_columns - 2 :: n_columns - 1])
        if len(instances) != 1 or not _DIGEST.fullmatch(next(iter(instances))):
            raise ValueError
        del fields[n_columns - 2 :: n_columns - 1]
    # a nan or an infinity stays one in the sum; Python's own numbers may have underscores
    values = list(map(float, fields))
    if not math.isfinite(sum(values)) or body.count("_") != states.count("time_exceeded"):
        raise ValueError
    width = len(values) // len(steps)
    for i, name in enumerate(columns[:width]):
        if name in NOT_NEGATIVE:
            column = values[i::width]
            if min(column) < 0 or (name in AT_MOST_ONE_A_STEP and any(map(gt, column, steps))):
                raise ValueError
    if steps[0] < 1 or any(map(int.__ge__, steps, steps[1:])) or _resumes(states):
        raise ValueError
    return steps, states


def _parse_rows(body: str, columns: tuple[str, ...]) -> tuple[list[int], list[str]]:
    """Steps and training states, line by line; ValueError with the line and the reason where one is faulty."""
    is_own = columns[-1] == COLUMNS[-1]
    steps: list[int] = []
    states: list[str] = []
    instance = ""
    lines = body.split("\n")
    if lines[-1]:
        # a damage before it is the first thing to be told
        _parse_rows("".join(line + "\n" for line in lines[:-1]), columns)
        raise ValueError(f"line {len(lines) + 1}: truncated in the middle of a row")
    for number, line in enumerate(lines[:-1], 2):
        fields = line.rstrip("\r").split(",")
        if len(fields) != len(columns):
            shown = line.rstrip("\r")[:_SHOWN]
            raise ValueError(f"line {number}: {shown!r} has {len(fields)} fields and not {len(columns)}")
        row = dict(zip(columns, fields, strict=True))
        values = {name: _judge_number(number, name, field) for name, field in row.items() if name in VALUE_COLUMNS}
        steps.append(_judge_step(number, row["steps"], steps[-1] if steps else 0 if is_own else -1, is_own))
        if is_own:
            for name, value in values.items():
                if fault := out_of_range(name, value, steps[-1]):
                    raise ValueError(f"line {number}: {name} is {row[name]} {fault}")
            states.append(row["training_state"])
            if states[-1] not in TRAINING_STATES:
                raise ValueError(
                    f"line {number}: training_state is {states[-1]!r} and none of {', '.join(TRAINING_STATES)}"
                )
            if _resumes(states[-2:]):
                raise ValueError(f"line {number}: training goes on though the line before says {states[-2]!r}")
            instance = _judge_instance(number, row.get(INSTANCE.name), instance)
    return steps, states


def _judge_number(line: int, name: str, field: str) -> float:
    try:
        value = math.nan if "_" in field else float(field)
    except ValueError:
        raise ValueError(f"line {line}: {name} is {field!r} and no number") from None
    if not math.isfinite(value):
        raise ValueError(f"line {line}: {name} is {field} and no finite number")
    return value


def _judge_step(line: int, field: str, before: int, is_own: bool) -> int:
    step = None
    try:
        if "_" not in field:
            # other programs may write whole numbers as floats
            step = int(field) if is_own or not float(field).is_integer() else int(float(field))
    except ValueError:
        pass
    if step is None:
        raise ValueError(f"line {line}: steps is {field!r} and no whole number")
    if step <= before:
        raise ValueError(f"line {line}: steps is {step}, not above {before} of the line before")
    return step


def _judge_instance(line: int, field: str | None, before: str) -> str:
    if field is None:
        return before
    if not _DIGEST.fullmatch(field):
        raise ValueError(f"line {line}: instance is {field!r} and no digest of {INSTANCE_DIGITS} hexadecimal digits")
    if before and field != before:
        raise ValueError(f"line {line}: instance is {field}, and {before} in the line before")
    return field


def _resumes(states: list[str]) -> bool:
    """Whether training that has stopped goes on."""
    n_running = states.count("running")
    return "running" in states[n_running:]
