"""Matrices of agents and environments as pictures: a cell's colour and its text."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import Colormap, Normalize
from matplotlib.patches import Rectangle

from colosseum.analysis.paper import Paper, inches

_MARGIN = 0.1


class CellSizes(NamedTuple):
    """How large the cells of a matrix are, in inches, and what that leaves room for."""

    width: float
    height: float
    labels_height: float
    is_turned: bool

    def has_room(self, texts: Iterable[str], points: float) -> bool:
        """Tell whether each of these texts can be written into a cell."""
        return inches(texts, points) + 0.04 <= self.width


def natural_width(rows: Sequence[str], columns: Sequence[str], texts: Iterable[str], paper: Paper) -> float:
    """Return how wide a matrix is in which everything can be written, in inches."""
    cell = max(inches(columns, paper.small), inches(texts, paper.small), 0.4) + _MARGIN
    return inches(rows, paper.small) + _MARGIN + len(columns) * cell


def cell_sizes(width: float, rows: Sequence[str], columns: Sequence[str], paper: Paper, n_lines: int = 1) -> CellSizes:
    """Return how large the cells of a matrix of so many inches are; names that are too long are turned."""
    cell = (width - inches(rows, paper.small) - _MARGIN) / len(columns)
    is_turned = inches(columns, paper.small) + 0.04 > cell
    labels = inches(columns, paper.small) if is_turned else paper.line
    return CellSizes(cell, (0.9 + 1.2 * n_lines) * paper.small / 72, labels + 0.12, is_turned)


def prepare_matrix(axis: Axes, rows: Sequence[str], columns: Sequence[str], is_turned: bool) -> None:
    """Set up an axis with one unit square a cell, the first row on top, column labels above."""
    axis.set(xlim=(0, len(columns)), ylim=(len(rows), 0))
    axis.set_yticks(np.arange(len(rows)) + 0.5, rows)
    axis.set_xticks(np.arange(len(columns)) + 0.5, columns)
    axis.xaxis.tick_top()
    if is_turned:
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
    axis: Axes, values: np.ndarray, texts: Sequence[Sequence[str]], cmap: Colormap, norm: Normalize, fontsize: float
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
