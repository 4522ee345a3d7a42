"""Tables as HTML: a fragment, or a page that needs nothing else."""

import html
import math

from colosseum.analysis.table_model import DASH, Number, Table

_STYLE = """
body { font: 14px/1.45 system-ui, "DejaVu Sans", sans-serif; color: #222; margin: 1.2rem; }
h1 { font-size: 1.5rem; margin: 0 0 .3rem; }
h2 { font-size: 1.1rem; margin: 1.8rem 0 .4rem; }
p.note { margin: .25rem 0; color: #555; font-size: .85rem; }
p.incomplete { color: #b2182b; font-weight: 600; margin: .25rem 0; }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; }
caption { display: none; }
th, td { padding: .3rem .5rem; text-align: right; white-space: nowrap; vertical-align: top; }
thead th { border-bottom: 2px solid #555; font-weight: 600; vertical-align: bottom; white-space: normal; }
th[scope=row], th.label { text-align: left; }
th[scope=row] { font-weight: 500; }
sup { font-size: .7em; line-height: 0; }
td small { display: block; color: #666; font-size: .75rem; line-height: 1.1; }
tbody tr { border-bottom: 1px solid #e4e4e4; }
tbody tr.rule { border-top: 2px solid #999; }
.swatch { display: inline-block; width: .75em; height: .75em; border-radius: 50%; margin-right: .5em; }
footer { margin-top: 2rem; border-top: 1px solid #ccc; padding-top: .6rem; }
"""


def wrap_page(title: str, body: str) -> str:
    """
    Return a whole HTML page in the style of this package.

    Parameters
    ----------
    title : str
        Title of the page, as plain text.
    body : str
        HTML.
    """
    return (
        f'<!doctype html>\n<html lang="en"><head><meta charset="utf-8"><title>{html.escape(title)}</title>\n'
        f"<style>{_STYLE}</style></head><body>\n{body}\n</body></html>\n"
    )


def to_page(table: Table) -> str:
    """Return a table as an HTML page with its title and its notes."""
    return wrap_page(table.title, f"<h1>{html.escape(table.title)}</h1>\n{to_fragment(table)}{notes(table.notes)}")


def notes(texts: tuple[str, ...]) -> str:
    """Return notes as HTML paragraphs; what an incomplete benchmark lacks is set off."""
    kinds = ("incomplete" if text.startswith("Incomplete") else "note" for text in texts)
    return "".join(f"<p class={kind}>{html.escape(text)}</p>\n" for kind, text in zip(kinds, texts, strict=True))


def to_fragment(table: Table) -> str:
    """Return a table as an HTML ``<table>`` with its title as caption, without its notes."""
    n_labels = len(table.label_columns)
    head = "".join(f"<th scope=col class=label>{html.escape(title)}</th>" for title in table.label_columns)
    head += "".join(f"<th scope=col>{html.escape(title)}</th>" for title in table.columns)
    lines = ["<div class=scroll><table>", f"<caption>{html.escape(table.title)}</caption>"]
    lines.append(f"<thead><tr>{head}</tr></thead><tbody>")
    for row, labels in zip(table.rows, table.displayed_labels(), strict=True):
        style = " class=rule" if row.rule_above else ""
        cells = "".join(f"<th scope=row>{html.escape(one)}</th>" for one in labels[:n_labels])
        cells += "".join(f"<td>{_html_number(cell)}</td>" for cell in row.cells)
        lines.append(f"<tr{style}>{cells}</tr>")
    lines.append("</tbody></table></div>")
    return "\n".join(lines) + "\n"


def _html_number(cell: Number | str) -> str:
    if isinstance(cell, str):
        return html.escape(cell)
    if math.isnan(cell.value):
        return DASH
    value, spread, interval = cell.parts
    text = f"{value}{f' ± {spread}' if spread else ''}"
    text = f"<b>{text}</b>" if cell.bold else text
    text += f"<sup>{html.escape(cell.marks)}</sup>" if cell.marks else ""
    return text + (f" <small>{interval}</small>" if interval else "")
