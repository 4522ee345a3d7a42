"""One HTML page with the leaderboards of several benchmarks: the first page of a report."""

import html
from collections.abc import Callable, Sequence

from colosseum.analysis.results import Results
from colosseum.analysis.style import agent_styles
from colosseum.analysis.table_html import notes, to_fragment, wrap_page
from colosseum.analysis.table_model import Table
from colosseum.analysis.tables import leaderboard

TAKES_SEVERAL = True


def build(benchmarks: Sequence[Results], indicators: Sequence[str] = ()) -> list[Table]:
    """Build the leaderboard of each benchmark, in the order given; `indicators` is not used."""
    return [leaderboard.build(results) for results in benchmarks]


def to_page(tables: Sequence[Table]) -> str:
    """
    Return a whole HTML page that needs nothing else.

    Parameters
    ----------
    tables : sequence of Table
        Leaderboards; their titles become the headings. Notes that all of them share are written once, at the end.
    """
    first = tables[0].notes if tables else ()
    shared = tuple(note for note in first if not _is_lack(note) and all(note in table.notes for table in tables))
    parts = ["<h1>Leaderboards</h1>"]
    for table in tables:
        parts.append(f"<h2>{html.escape(table.title)}</h2>")
        own = [note for note in table.notes if note not in shared]
        parts.append(notes(tuple(filter(_is_lack, own))))
        parts.append(_with_swatches(to_fragment(table), table))
        parts.append(notes(tuple(note for note in own if not _is_lack(note))))
    parts.append(f"<footer>{notes(shared)}</footer>")
    return wrap_page("Leaderboards", "\n".join(parts))


def _is_lack(note: str) -> bool:
    return note.startswith("Incomplete")


def _with_swatches(text: str, table: Table) -> str:
    agents = (row.labels[1] for row in table.rows if row.labels[0])  # the random policy has no place
    for name, style in agent_styles(agents).items():
        cell = f"<th scope=row>{html.escape(name)}</th>"
        dot = f'<span class=swatch style="background:{style["color"]}"></span>'
        text = text.replace(cell, f"<th scope=row>{dot}{html.escape(name)}</th>")
    return text


WRITERS: dict[str, Callable[[Sequence[Table]], str]] = {".html": to_page}
