"""Probability that the agent of the row is better than that of the column, for every pair."""

import numpy as np
from matplotlib import colormaps
from matplotlib.cm import ScalarMappable
from matplotlib.colors import Normalize
from matplotlib.figure import Figure

from colosseum.analysis.matrix import MANY_COLUMNS, cell_width, draw_matrix, prepare_matrix
from colosseum.analysis.results import Results
from colosseum.analysis.statistics import probability_of_improvement, stratified_bootstrap
from colosseum.analysis.style import add_note, new_figure, styled

MANY_AGENTS = 10
"""With more agents the cells show the probabilities alone."""


def draw(results: Results, indicator: str | None = None) -> Figure:
    """
    Draw the matrix.

    Parameters
    ----------
    results : Results
        The benchmark.
    indicator : str, optional
        Not used: compared are the scores of `Results.scores`.

    Returns
    -------
    Figure
    """
    scores, _ = results.scores()
    names, arrays = [results.agent_labels[agent] for agent in scores], list(scores.values())
    n = len(names)
    values = np.full((n, n), np.nan)
    texts = [[""] * n for _ in range(n)]
    for i in range(n):
        for j in range(i + 1, n):
            one = stratified_bootstrap(probability_of_improvement, arrays[i], arrays[j])
            for row, column, estimate, low, high in (
                (i, j, one.estimate, one.low, one.high),
                (j, i, 1 - one.estimate, 1 - one.high, 1 - one.low),
            ):
                values[row, column] = estimate
                texts[row][column] = f"{estimate:.2f}" + (f"\n[{low:.2f}, {high:.2f}]" if n <= MANY_AGENTS else "")
    with styled():
        width = cell_width(names, 13 if n <= MANY_AGENTS else 4)
        label = 0.08 * max(map(len, names)) + 0.3
        figure = new_figure(
            max(3.6, n * width + label + 1.2),
            max(2.2, n * (0.58 if n <= MANY_AGENTS else 0.3) + 0.8 + (label if n > MANY_COLUMNS else 0)),
        )
        axis = figure.subplots()
        prepare_matrix(axis, names, names)
        cmap, norm = colormaps["PuOr"], Normalize(0, 1)
        draw_matrix(axis, values, texts, cmap, norm)
        axis.set_xlabel("… is better than this one\n(grey: no comparison)" if n == 1 else "… is better than this one")
        axis.set_ylabel("This agent …")
        bar = figure.colorbar(
            ScalarMappable(norm, cmap),
            ax=axis,
            aspect=18,
            pad=0.03,
            shrink=min(1, 4 / figure.get_figheight()),
            ticks=[0, 0.25, 0.5, 0.75, 1],
        )
        bar.set_label("Probability of improvement")
        bar.outline.set_visible(False)
        add_note(figure, results.score_note)
    return figure
