"""Matrices of agents and environments as pictures: a cell's colour and its text."""

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import Colormap, Normalize
from matplotlib.patches import Rectangle

MANY_COLUMNS = 8


def cell_width(labels: Sequence[str], text_length: int) -> float:
    """Return the width of a column in inches: for its text, and its label where labels are not turned."""
    longest = max(map(len, labels))
    if len(labels) > MANY_COLUMNS:
        return max(0.3, 0.075 * text_length)
    return max(0.6, 0.075 * longest + 0.1, 0.075 * text_length + 0.1)


def prepare_matrix(axis: Axes, rows: Sequence[str], columns: Sequence[str]) -> None:
    """Set up an axis with one unit square a cell, the first row on top, column labels above."""
    axis.set(xlim=(0, len(columns)), ylim=(len(rows), 0))
    axis.set_yticks(np.arange(len(rows)) + 0.5, rows)
    axis.set_xticks(np.arange(len(columns)) + 0.5, columns)
    axis.xaxis.tick_top()
    if len(columns) > MANY_COLUMNS:
        axis.tick_params(axis="x", labelrotation=90)
    axis.tick_params(length=0)
    axis.grid(False)
    for spine in axis.spines.values():
        spine.set_visible(False)


def fill_cell(axis: Axes, row: int, column: int, colour: object, start: float = 0.0, width: float = 1.0) -> None:
    """Fill a share of a cell, from left to right, with a thin white margin."""
    margin = 0.03
    left = column + margin + start * (1 - 2 * margin)
    axis.add_patch(
        Rectangle((left, row + margin), width * (1 - 2 * margin), 1 - 2 * margin, facecolor=colour, linewidth=0)
    )


def draw_matrix(
    axis: Axes, values: np.ndarray, texts: Sequence[Sequence[str]], cmap: Colormap, norm: Normalize, fontsize: float = 8
) -> None:
    """
    Draw coloured cells with texts that are readable on them.

    Parameters
    ----------
    axis : Axes
        Set up by `prepare_matrix`.
    values : ndarray of shape (n_rows, n_columns)
        What the colours show; cells of nan stay grey.
    texts : sequence of sequences of str
        Likewise.
    cmap, norm : Colormap, Normalize
        How values become colours.
    fontsize : float
        In points.
    """
    for (i, j), value in np.ndenumerate(values):
        colour = cmap(norm(value)) if np.isfinite(value) else (0.93, 0.93, 0.93, 1.0)
        fill_cell(axis, i, j, colour)
        axis.text(j + 0.5, i + 0.5, texts[i][j], ha="center", va="center", fontsize=fontsize, color=text_colour(colour))


def text_colour(background: Sequence[float]) -> str:
    """Return black or white, whichever is read better on a colour (WCAG's relative luminance)."""
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in background[:3]]
    luminance = 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
    return "#111111" if luminance > 0.18 else "white"
