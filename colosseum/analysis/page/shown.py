"""Tables as the page shows them: cells that lead to their seeds, labels that lead to their environment."""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from colosseum.analysis.table_model import DASH, Number, Row, Table
from colosseum.analysis.table_writers import to_csv


@dataclass(frozen=True)
class Label:
    """
    The label of a row.

    Attributes
    ----------
    text : str
    target : str
        The id on the page that it leads to; empty where it leads nowhere.
    """

    text: str
    target: str = ""


@dataclass(frozen=True)
class Cell:
    """
    A cell.

    Attributes
    ----------
    text, small, marks : str
        What is shown: the value, its interval, symbols.
    bold : bool
    order : str
        What the column is sorted by: the number with all its digits.
    agent : str
        The agent of its column.
    key : str
        Which instances it is made of, see `content.instances`; empty where it is no such cell.
    """

    text: str
    small: str = ""
    marks: str = ""
    bold: bool = False
    order: str = ""
    agent: str = ""
    key: str = ""


@dataclass(frozen=True)
class Column:
    """A column's title, the agent that it is of, what it means, and whether it holds words."""

    title: str
    agent: str = ""
    help: str = ""
    words: bool = False


@dataclass(frozen=True)
class Line:
    """A row: whose it is, and what is in it."""

    labels: tuple[Label, ...]
    cells: tuple[Cell, ...]
    agent: str = ""
    mdp: str = ""
    rule: bool = False


@dataclass(frozen=True)
class Shown:
    """
    A table on the page.

    Attributes
    ----------
    id : str
    title : str
    label_columns, columns : tuple of Column
    lines : tuple of Line
    notes : tuple of str
    csv : str
        The same as CSV, with all digits.
    regret : str
        Which regret it is of, where there is one for each.
    """

    id: str
    title: str
    label_columns: tuple[Column, ...]
    columns: tuple[Column, ...]
    lines: tuple[Line, ...]
    notes: tuple[str, ...]
    csv: str
    regret: str = ""


def show(
    table: Table,
    id: str,
    agents: Iterable[str],
    targets: Mapping[str, str] | None = None,
    keys: Mapping[tuple[str, str], str] | None = None,
    meanings: Mapping[str, str] | None = None,
    regret: str = "",
) -> Shown:
    """
    Return a table for the page.

    Parameters
    ----------
    table : Table
    id : str
        Of the table on the page.
    agents : iterable of str
        Labels that name agents, wherever they stand.
    targets : mapping of str to str, optional
        What the label of an environment leads to.
    keys : mapping of (environment, agent) to str, optional
        Which instances a cell is made of.
    meanings : mapping of str to str, optional
        What the titles of columns mean.
    regret : str
        As in `Shown`.
    """
    agents, targets, keys, meanings = set(agents), targets or {}, keys or {}, meanings or {}
    columns = tuple(
        Column(title, title if title in agents else "", meanings.get(title, ""), _holds_words(table, i))
        for i, title in enumerate(table.columns)
    )
    lines = []
    for row in table.rows:
        mdp = next((label for label in row.labels if label in targets), "")
        labels = tuple(Label(text, targets.get(text, "")) for text in row.labels)
        agent = next((label for label in row.labels if label in agents), "")
        cells = tuple(
            replace(_cell(cell), agent=column.agent, key=keys.get((mdp, column.agent), ""))
            for cell, column in zip(row.cells, columns, strict=True)
        )
        lines.append(Line(labels, cells, agent, mdp, row.rule_above))
    heads = tuple(Column(title, help=meanings.get(title, "")) for title in table.label_columns)
    return Shown(id, table.title, heads, columns, tuple(lines), table.notes, to_csv(table), regret)


def without_equal_columns(table: Table, keep: Iterable[str] = (), of_rows: Iterable[str] = ()) -> Table:
    """
    Return a table without the columns that say the same in every row; a note says what that is.

    Parameters
    ----------
    table : Table
    keep : iterable of str
        Columns that stay whatever they say.
    of_rows : iterable of str
        Only rows with one of these labels are compared; none: all.
    """
    keep, of_rows = set(keep), set(of_rows)
    rows = [row for row in table.rows if not of_rows or of_rows & set(row.labels)]
    stays, left_out = [], []
    for i, title in enumerate(table.columns):
        texts = {_text(row.cells[i]) for row in rows}
        if title in keep or len(texts) > 1 or len(rows) < 2:
            stays.append(i)
        elif texts != {""}:
            left_out.append(f"{title} {texts.pop()}")
    note = (f"The same for all, and left out: {', '.join(left_out)}.",) if left_out else ()
    return replace(
        table,
        columns=tuple(table.columns[i] for i in stays),
        rows=tuple(Row(row.labels, tuple(row.cells[i] for i in stays), row.rule_above) for row in table.rows),
        notes=(*table.notes, *note),
    )


def _cell(cell: Number | str) -> Cell:
    if isinstance(cell, str):
        first = cell.split(" ")[0].replace(",", "").removeprefix("≥")
        return Cell(cell, order=first if first.replace(".", "", 1).isdigit() else "")
    if math.isnan(cell.value):
        return Cell(DASH)
    value, spread, interval = cell.parts
    return Cell(f"{value} ± {spread}" if spread else value, interval, cell.marks, cell.bold, format(cell.value, ".12g"))


def _holds_words(table: Table, i: int) -> bool:
    cells = [_cell(row.cells[i]) for row in table.rows]
    return any(cell.text not in ("", DASH) for cell in cells) and not any(cell.order for cell in cells)


def _text(cell: Number | str) -> str:
    return cell if isinstance(cell, str) else " ".join(cell.parts) + cell.marks
