"""A table of numbers with their spread, and how it is written as LaTeX, Markdown, CSV and HTML."""

import csv
import html
import io
import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass

_LATEX_SPECIAL = {
    "\\": r"\textbackslash{}",
    "&": r"\&",
    "%": r"\%",
    "$": r"\$",
    "#": r"\#",
    "_": r"\_",
    "{": r"\{",
    "}": r"\}",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    "<": r"\textless{}",
    ">": r"\textgreater{}",
    "|": r"\textbar{}",
    "±": r"$\pm$",
    "\N{MINUS SIGN}": "$-$",
    "–": "--",
}


@dataclass(frozen=True)
class Number:
    """
    A cell: a value, perhaps with its standard deviation or its confidence interval.

    Attributes
    ----------
    value : float
        nan is written as a dash.
    decimals : int
        Digits after the point.
    spread : float or None
        Standard deviation; nan (a single seed) is left out.
    interval : tuple of float, or None
        Ends of the confidence interval.
    bold : bool
        Whether it is among the best.
    """

    value: float
    decimals: int = 2
    spread: float | None = None
    interval: tuple[float, float] | None = None
    bold: bool = False

    @property
    def parts(self) -> tuple[str, str, tuple[str, str] | None]:
        """Texts of the value, of the spread (empty: none) and of the ends of the interval (None: none)."""
        spread = "" if self.spread is None or math.isnan(self.spread) else self._format(self.spread)
        ends = None if self.interval is None else (self._format(self.interval[0]), self._format(self.interval[1]))
        return self._format(self.value), spread, ends

    def _format(self, number: float) -> str:
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


def escape_latex(text: str) -> str:
    """Return a text with the characters that mean something to LaTeX escaped."""
    return "".join(_LATEX_SPECIAL.get(character, character) for character in text)


def latex_number(cell: Number | str) -> str:
    r"""Return a cell in LaTeX: ``$\mathbf{0.12}\pm0.03$``, ``$0.12\;[0.10, 0.14]$``."""
    if isinstance(cell, str):
        return escape_latex(cell)
    if math.isnan(cell.value):
        return "--"
    value, spread, ends = cell.parts
    value, spread, *ends = (text.replace(",", "{,}") for text in (value, spread, *(ends or ())))
    value = rf"\mathbf{{{value}}}" if cell.bold else value
    spread = rf"\pm{spread}" if spread else ""
    interval = rf"\;[{ends[0]}, {ends[1]}]" if ends else ""
    return f"${value}{spread}{interval}$"


def to_latex(table: Table) -> str:
    r"""Return a table as a LaTeX ``tabular``; it needs ``\usepackage{booktabs}``."""
    n_labels = len(table.label_columns)
    lines = [
        f"% {table.title}. Needs \\usepackage{{booktabs}}.",
        rf"\begin{{tabular}}{{{'l' * n_labels}{'c' * len(table.columns)}}}",
        r"\toprule",
        " & ".join(escape_latex(title) for title in (*table.label_columns, *table.columns)) + r" \\",
        r"\midrule",
    ]
    for i, (row, labels) in enumerate(zip(table.rows, table.displayed_labels(), strict=True)):
        if row.rule_above and i > 0:
            lines.append(r"\midrule")
        cells = [*(_latex_label(one) for one in labels), *map(latex_number, row.cells)]
        lines.append(" & ".join(cells) + r" \\")
    lines += [r"\bottomrule", r"\end{tabular}"]
    for note in table.notes:
        lines.append(rf"\par\smallskip{{\footnotesize {escape_latex(note)}}}")
    return "\n".join([*lines, ""])


def to_markdown(table: Table) -> str:
    """Return a table in Markdown, aligned so that it reads well as it stands."""
    header = [*table.label_columns, *table.columns]
    body = [
        [*labels, *map(_markdown_number, row.cells)]
        for row, labels in zip(table.rows, table.displayed_labels(), strict=True)
    ]
    header, *body = [[cell.replace("|", r"\|") for cell in line] for line in [header, *body]]
    widths = [max(3, *(len(line[i]) for line in [header, *body])) for i in range(len(header))]
    n_labels = len(table.label_columns)
    rules = ["-" * w if i < n_labels else ":" + "-" * (w - 2) + ":" for i, w in enumerate(widths)]
    lines = [
        "| " + " | ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)) + " |"
        for line in [header, rules, *body]
    ]
    return "\n".join([f"**{table.title}**", "", *lines, *(f"\n{note}" for note in table.notes), ""])


def to_text(table: Table) -> str:
    """Return a table as plain text for a terminal."""
    header = [*table.label_columns, *table.columns]
    body = [
        [*labels, *(_markdown_number(cell).strip("*") for cell in row.cells)]
        for row, labels in zip(table.rows, table.displayed_labels(), strict=True)
    ]
    widths = [max(len(line[i]) for line in [header, *body]) for i in range(len(header))]
    n_labels = len(table.label_columns)
    lines = [
        "  ".join(
            cell.ljust(width) if i < n_labels else cell.rjust(width)
            for i, (cell, width) in enumerate(zip(line, widths, strict=True))
        ).rstrip()
        for line in [header, ["-" * width for width in widths], *body]
    ]
    return "\n".join([*lines, "", *table.notes, ""])


def to_csv(table: Table) -> str:
    """
    Return a table as CSV: plain numbers with all their digits, one column for each part of a cell.

    A column ``x`` has companions ``x std`` or ``x low`` and ``x high``, and ``x best`` (among the best), where its
    cells do. The table's notes are in the first row of a last column ``notes``.
    """
    header: list[str] = list(table.label_columns)
    any_bold = any(isinstance(cell, Number) and cell.bold for row in table.rows for cell in row.cells)
    readers: list[Callable[[Row], object]] = []
    for i, title in enumerate(table.columns):
        numbers = [row.cells[i] for row in table.rows if isinstance(row.cells[i], Number)]
        parts: list[tuple[str, Callable[[Number], object]]] = [("", lambda cell: _plain(cell.value))]
        if any(cell.spread is not None for cell in numbers):
            parts.append((" std", lambda cell: _plain(cell.spread)))
        if any(cell.interval is not None for cell in numbers):
            parts += [(f" {end}", lambda cell, k=k: _plain(cell.interval[k])) for k, end in enumerate(("low", "high"))]
        if numbers and any_bold:
            parts.append((" best", lambda cell: cell.bold))
        for suffix, read in parts:
            header.append(title + suffix)
            readers.append(
                lambda row, i=i, read=read, suffix=suffix: (
                    read(row.cells[i]) if isinstance(row.cells[i], Number) else ("" if suffix else row.cells[i])
                )
            )
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow([*header, "notes"])
    for k, row in enumerate(table.rows):
        writer.writerow([*row.labels, *(read(row) for read in readers), " ".join(table.notes) if k == 0 else ""])
    return text.getvalue()


def to_html(table: Table) -> str:
    """Return a table as an HTML ``<table>`` with its title as caption."""
    n_labels = len(table.label_columns)
    head = "".join(f"<th scope=col>{html.escape(title)}</th>" for title in (*table.label_columns, *table.columns))
    lines = [f"<table><caption>{html.escape(table.title)}</caption>", f"<thead><tr>{head}</tr></thead><tbody>"]
    for row, labels in zip(table.rows, table.displayed_labels(), strict=True):
        style = " class=rule" if row.rule_above else ""
        cells = "".join(f"<th scope=row>{html.escape(one)}</th>" for one in labels[:n_labels])
        cells += "".join(f"<td>{_html_number(cell)}</td>" for cell in row.cells)
        lines.append(f"<tr{style}>{cells}</tr>")
    lines.append("</tbody></table>")
    lines += [f"<p class=note>{html.escape(note)}</p>" for note in table.notes]
    return "\n".join(lines) + "\n"


WRITERS: dict[str, Callable[[Table], str]] = {
    ".tex": to_latex,
    ".md": to_markdown,
    ".csv": to_csv,
    ".html": to_html,
}
"""Suffix of a file and what writes a table so."""


def _latex_label(text: str) -> str:
    return rf"\textit{{{escape_latex(text)}}}" if text == "Average" else escape_latex(text)


def _markdown_number(cell: Number | str) -> str:
    if isinstance(cell, str):
        return cell
    if math.isnan(cell.value):
        return "–"
    value, spread, ends = cell.parts
    text = f"{value}{f' ± {spread}' if spread else ''}{f' [{ends[0]}, {ends[1]}]' if ends else ''}"
    return f"**{text}**" if cell.bold else text


def _html_number(cell: Number | str) -> str:
    if isinstance(cell, str):
        return html.escape(cell)
    if math.isnan(cell.value):
        return "–"
    value, spread, ends = cell.parts
    text = f"{value}{f' ± {spread}' if spread else ''}"
    text = f"<b>{text}</b>" if cell.bold else text
    return text + (f" <small>[{ends[0]}, {ends[1]}]</small>" if ends else "")


def _plain(number: float | None) -> str:
    return "" if number is None or math.isnan(number) else format(number, ".12g")
