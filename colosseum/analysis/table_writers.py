"""How a table is written: LaTeX, Markdown, CSV, plain text; HTML is in `table_html`."""

import csv
import io
import math
from collections.abc import Callable

from colosseum.analysis.paper import Paper, inches
from colosseum.analysis.table_html import to_page
from colosseum.analysis.table_model import DASH, Number, Table

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
    "†": r"$\dagger$",
    "‡": r"$\ddagger$",
    "≤": r"$\leq$",
}
_LATEX_MARKS = {"†": r"\dagger", "‡": r"\ddagger"}


def escape_latex(text: str) -> str:
    """Return a text with the characters that mean something to LaTeX escaped."""
    return "".join(_LATEX_SPECIAL.get(character, character) for character in text)


def latex_number(cell: Number | str) -> str:
    r"""Return a cell in LaTeX: ``$\mathbf{0.12}\pm0.03$``, ``$0.12\;[0.10, 0.14]$``."""
    if isinstance(cell, str):
        return escape_latex(cell)
    if math.isnan(cell.value):
        return "--"
    # a comma between digits is no punctuation, the one of an interval is
    parts = (", ".join(number.replace(",", "{,}") for number in text.split(", ")) for text in cell.parts)
    value, spread, interval = (text.replace(DASH, r"\mbox{--}") for text in parts)
    value = rf"\mathbf{{{value}}}" if cell.bold else value
    spread = rf"\pm{spread}" if spread else ""
    marks = "^{" + "".join(_LATEX_MARKS.get(mark, mark) for mark in cell.marks) + "}" if cell.marks else ""
    interval = rf"\;{interval}" if interval else ""
    return f"${value}{spread}{marks}{interval}$"


def to_latex(table: Table, paper: Paper | None = None) -> str:
    r"""
    Return a table as a LaTeX ``tabular``; it needs ``\usepackage{booktabs}``.

    Parameters
    ----------
    table : Table
    paper : Paper, optional
        Its width, in which columns that do not fit follow in further blocks, and the size of its letters; else the
        table is as wide as it happens to be, in the letters around it.
    """
    blocks = [list(range(len(table.columns)))]
    if paper is not None and paper.width is not None:
        blocks = _blocks(table, paper.width, paper.size)
    lines = [f"% {table.title}. Needs \\usepackage{{booktabs}}."]
    if paper is not None:
        lines.append(rf"\begingroup\fontsize{{{paper.size:g}}}{{{1.2 * paper.size:g}}}\selectfont")
    for i, columns in enumerate(blocks):
        lines += [r"\par\medskip"] if i else []
        lines += _latex_block(table, columns, None if paper is None else paper.width)
    size = r"\footnotesize" if paper is None else rf"\fontsize{{{paper.small:g}}}{{{1.2 * paper.small:g}}}\selectfont"
    for note in table.notes:
        text = escape_latex(note)
        if paper is not None and paper.width is not None:
            text = rf"\parbox{{{paper.width:g}in}}{{{text}}}"
        lines.append(rf"\par\smallskip{{{size} {text}}}")
    return "\n".join([*lines, *([r"\par\endgroup"] if paper is not None else []), ""])


def _latex_block(table: Table, columns: list[int], width: float | None) -> list[str]:
    """Return the lines of a ``tabular`` of some of the columns, or of a ``tabular*`` of a width in inches."""
    n_labels = len(table.label_columns)
    kind, form = "tabular", f"{'l' * n_labels}{'c' * len(columns)}"
    begin = rf"\begin{{tabular}}{{{form}}}"
    if width is not None:
        kind = "tabular*"
        begin = rf"\begin{{tabular*}}{{{width:g}in}}{{@{{\extracolsep{{\fill}}}}{form}@{{}}}}"
    titles = (*table.label_columns, *(table.columns[k] for k in columns))
    lines = [begin, r"\toprule", " & ".join(escape_latex(title) for title in titles) + r" \\", r"\midrule"]
    for i, (row, labels) in enumerate(zip(table.rows, table.displayed_labels(), strict=True)):
        if row.rule_above and i > 0:
            lines.append(r"\midrule")
        cells = [*(_latex_label(one) for one in labels), *(latex_number(row.cells[k]) for k in columns)]
        lines.append(" & ".join(cells) + r" \\")
    return [*lines, r"\bottomrule", rf"\end{{{kind}}}"]


def _blocks(table: Table, width: float, points: float) -> list[list[int]]:
    """Return which columns stand in each of the blocks that fit into a width, in inches; each has at least one."""

    def needed(texts: list[str]) -> float:
        # letters of Computer Modern are narrower than those that are measured; \tabcolsep is 6 points on both sides
        return 0.86 * inches(texts, points) + 12 / 72

    labels = sum(needed([title, *(row.labels[k] for row in table.rows)]) for k, title in enumerate(table.label_columns))
    blocks: list[list[int]] = []
    room = 0.0
    for k, title in enumerate(table.columns):
        taken = needed([title, *(_markdown_number(row.cells[k]).replace("**", "") for row in table.rows)])
        if not blocks or taken > room:
            blocks.append([])
            room = width - labels
        blocks[-1].append(k)
        room -= taken
    return blocks


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
        [*labels, *(_markdown_number(cell).replace("**", "") for cell in row.cells)]
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

    A column ``x`` has companions ``x std`` or ``x low`` and ``x high``, ``x best`` (no other is significantly better)
    and ``x marks``, where its cells do. The table's notes are in the first row of a last column ``notes``.
    """
    any_bold = any(isinstance(cell, Number) and cell.bold for row in table.rows for cell in row.cells)
    header: list[str] = list(table.label_columns)
    columns: list[list[str]] = []
    for i, title in enumerate(table.columns):
        cells = [row.cells[i] for row in table.rows]
        for suffix, read in _csv_parts([cell for cell in cells if isinstance(cell, Number)], any_bold):
            header.append(title + suffix)
            columns.append([read(cell) if isinstance(cell, Number) else "" if suffix else cell for cell in cells])
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow([*header, "notes"])
    for k, row in enumerate(table.rows):
        cells_of_row = (column[k] for column in columns)
        writer.writerow([*row.labels, *cells_of_row, " ".join(table.notes) if k == 0 else ""])
    return text.getvalue()


def _csv_parts(numbers: list[Number], any_bold: bool) -> list[tuple[str, Callable[[Number], str]]]:
    """Return which columns the cells of a column become: what is added to its title, and how a cell is read."""

    def end(k: int) -> Callable[[Number], str]:
        return lambda cell: _plain(cell.interval[k] if cell.interval else None)

    parts: list[tuple[str, Callable[[Number], str]]] = [("", lambda cell: _plain(cell.value))]
    if any(cell.spread is not None for cell in numbers):
        parts.append((" std", lambda cell: _plain(cell.spread)))
    if any(cell.interval is not None for cell in numbers):
        parts += [(" low", end(0)), (" high", end(1))]
    if numbers and any_bold:
        parts.append((" best", lambda cell: str(cell.bold)))
    if any(cell.marks for cell in numbers):
        parts.append((" marks", lambda cell: cell.marks))
    return parts


WRITERS: dict[str, Callable[[Table], str]] = {
    ".tex": to_latex,
    ".md": to_markdown,
    ".csv": to_csv,
    ".html": to_page,
}
"""Suffix of a file and what writes a table so."""


def _latex_label(text: str) -> str:
    return rf"\textit{{{escape_latex(text)}}}" if text == "Average" else escape_latex(text)


def _markdown_number(cell: Number | str) -> str:
    if isinstance(cell, str):
        return cell
    if math.isnan(cell.value):
        return DASH
    value, spread, interval = cell.parts
    text = f"{value}{f' ± {spread}' if spread else ''}"
    return f"{f'**{text}**' if cell.bold else text}{cell.marks}{f' {interval}' if interval else ''}"


def _plain(number: float | None) -> str:
    return "" if number is None or math.isnan(number) else format(number, ".12g")
