"""A table of numbers with their spread; `table_writers` writes it."""

import math
from collections.abc import Iterable
from dataclasses import dataclass

DASH = "–"


@dataclass(frozen=True)
class Number:
    """
    A cell: a value, perhaps with its standard deviation or its interval.

    Attributes
    ----------
    value : float
        nan is written as a dash.
    decimals : int
        Digits after the point.
    spread : float or None
        Standard deviation; nan (a single seed) is a dash.
    interval : tuple of float, or None
        Ends of the interval; nan (a single seed) is a dash.
    bold : bool
        Whether no other agent is significantly better.
    marks : str
        Symbols that the table's notes explain.
    """

    value: float
    decimals: int = 2
    spread: float | None = None
    interval: tuple[float, float] | None = None
    bold: bool = False
    marks: str = ""

    @property
    def parts(self) -> tuple[str, str, str]:
        """Texts of the value, of the spread and of the interval in brackets; empty where there is none."""
        spread = "" if self.spread is None else self._format(self.spread)
        if self.interval is None:
            interval = ""
        elif math.isnan(self.interval[0]):
            interval = f"[{DASH}]"
        else:
            interval = f"[{self._format(self.interval[0])}, {self._format(self.interval[1])}]"
        return self._format(self.value), spread, interval

    def _format(self, number: float) -> str:
        if math.isnan(number):
            return DASH
        text = f"{number:,.{self.decimals}f}"
        return text.removeprefix("-") if not text.strip("-0.") else text


@dataclass(frozen=True)
class Row:
    """
    A row: its labels, one for each of the table's `label_columns`, and its cells.

    Attributes
    ----------
    rule_above : bool
        Whether a line sets it off from the row above.
    """

    labels: tuple[str, ...]
    cells: tuple[Number | str, ...]
    rule_above: bool = False


@dataclass(frozen=True)
class Table:
    """
    A table.

    Attributes
    ----------
    title : str
        What is shown, in one line.
    label_columns : tuple of str
        Titles of the columns that label the rows.
    columns : tuple of str
        Titles of the others.
    rows : tuple of Row
        The rows; a label that repeats that of the row above is written once.
    notes : tuple of str
        Sentences below the table: definitions, and what an incomplete benchmark lacks.
    """

    title: str
    label_columns: tuple[str, ...]
    columns: tuple[str, ...]
    rows: tuple[Row, ...]
    notes: tuple[str, ...] = ()

    def displayed_labels(self) -> list[tuple[str, ...]]:
        """Return the labels of the rows with repetitions left empty."""
        shown, above = [], None
        for row in self.rows:
            same = 0
            while above is not None and same < len(row.labels) and row.labels[: same + 1] == above[: same + 1]:
                same += 1
            shown.append(("",) * same + row.labels[same:])
            above = row.labels
        return shown


def choose_decimals(values: Iterable[float]) -> int:
    """Return how many digits after the point show three or four significant ones of the largest value, 0 to 6."""
    largest = max((abs(value) for value in values if math.isfinite(value)), default=0.0)
    if largest == 0:
        return 2
    return min(6, max(0, 2 - math.floor(math.log10(largest)))) if largest < 1 else 0 if largest >= 100 else 2
