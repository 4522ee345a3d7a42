"""One HTML page with the leaderboards of several benchmarks: the first page of a report."""

import html
from collections.abc import Callable, Sequence

from colosseum.analysis.results import Results
from colosseum.analysis.style import agent_styles
from colosseum.analysis.table_model import Table, to_html
from colosseum.analysis.tables import leaderboard

TAKES_SEVERAL = True

_STYLE = """
body { font: 15px/1.45 system-ui, "DejaVu Sans", sans-serif; color: #222; margin: 1.5rem; }
h1 { font-size: 1.5rem; margin: 0 0 .3rem; }
h2 { font-size: 1.1rem; margin: 1.8rem 0 .4rem; }
p.note { margin: .25rem 0; color: #555; font-size: .85rem; }
p.incomplete { color: #b2182b; font-weight: 600; margin: .25rem 0; }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; }
caption { display: none; }
th, td { padding: .3rem .6rem; text-align: right; white-space: nowrap; vertical-align: top; }
thead th { border-bottom: 2px solid #555; font-weight: 600; vertical-align: bottom; white-space: normal; }
th[scope=row], thead th:nth-child(-n+2) { text-align: left; }
th[scope=row] { font-weight: 500; }
td small { display: block; color: #666; font-size: .75rem; line-height: 1.1; }
tbody tr { border-bottom: 1px solid #e4e4e4; }
.swatch { display: inline-block; width: .75em; height: .75em; border-radius: 50%; margin-right: .5em; }
footer { margin-top: 2rem; border-top: 1px solid #ccc; padding-top: .6rem; }
"""


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
    shared = [note for note in tables[0].notes if all(note in table.notes for table in tables)] if tables else []
    parts = ["<h1>Leaderboards</h1>"]
    for table in tables:
        parts.append(f"<h2>{html.escape(table.title)}</h2>")
        own = [note for note in table.notes if note not in shared]
        parts += [f"<p class=incomplete>{html.escape(note)}</p>" for note in own if note.startswith("Incomplete")]
        bare = Table(table.title, table.label_columns, table.columns, table.rows)
        parts.append(f"<div class=scroll>{_with_swatches(to_html(bare), table)}</div>")
        parts += [f"<p class=note>{html.escape(note)}</p>" for note in own if not note.startswith("Incomplete")]
    parts += ["<footer>", *(f"<p class=note>{html.escape(note)}</p>" for note in shared), "</footer>"]
    body = "\n".join(parts)
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8"><title>Leaderboards</title>\n'
        f"<style>{_STYLE}</style></head><body>\n{body}\n</body></html>\n"
    )


def _with_swatches(text: str, table: Table) -> str:
    for name, style in agent_styles(row.labels[1] for row in table.rows).items():
        cell = f"<th scope=row>{html.escape(name)}</th>"
        dot = f'<span class=swatch style="background:{style["color"]}"></span>'
        text = text.replace(cell, f"<th scope=row>{dot}{html.escape(name)}</th>")
    return text


WRITERS: dict[str, Callable[[Sequence[Table]], str]] = {".html": to_page}
