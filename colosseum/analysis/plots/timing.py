"""Seconds of an instance and steps per second, for each environment and agent."""

import numpy as np
from matplotlib import colormaps
from matplotlib.colors import LogNorm
from matplotlib.figure import Figure

from colosseum.analysis.matrix import cell_sizes, draw_matrix, natural_width, prepare_matrix
from colosseum.analysis.paper import Paper
from colosseum.analysis.results import Results
from colosseum.analysis.style import add_note, new_figure, small, styled
from colosseum.errors import LogError


def draw(results: Results, indicator: str | None = None, paper: Paper = Paper()) -> Figure:  # noqa: B008 (frozen)
    """
    Draw both matrices: medians over the seeds in two digits, on logarithmic colours.

    Parameters
    ----------
    results : Results
        The benchmark.
    indicator : str, optional
        Not used.
    paper : Paper
        What the picture is made for.

    Returns
    -------
    Figure

    Raises
    ------
    LogError
        If the logs do not hold steps per second.
    """
    keys = ["mdp_class", "mdp_scope", "agent_class", "agent_scope"]
    medians = results.summary.groupby(keys, observed=True)[["seconds", "steps_per_second"]].median()
    if medians.isna().all(axis=None):
        raise LogError(f"{results.name}: the logs do not hold steps_per_second.")
    order = [(*mdp, *agent) for mdp in results.mdps for agent in results.agents]
    shape = (len(results.mdps), len(results.agents))
    rows, columns = list(results.mdp_labels.values()), list(results.agent_labels.values())
    widest = ["0.0088", "88M"]
    with styled(paper):
        labels = natural_width(rows, [], [], paper)
        natural = natural_width(rows, columns, widest, paper)
        width = paper.fit(max(3.4, 2 * natural - labels))
        is_wide = cell_sizes((width + labels) / 2, rows, columns, paper).has_room(widest, small())
        panel = (width + labels) / 2 if is_wide else width
        cells = cell_sizes(panel, rows, columns, paper)
        height = len(rows) * cells.height + cells.labels_height + 2 * paper.size / 72
        figure = new_figure(width, height if is_wide else 2 * height)
        axes = figure.subplots(1, 2, sharey=True) if is_wide else figure.subplots(2, 1)
        has_room = cells.has_room(widest, small())
        panels = (("seconds", "Seconds an instance", "YlOrBr"), ("steps_per_second", "Steps per second", "YlGnBu"))
        for axis, (column, title, cmap) in zip(axes, panels, strict=True):
            values = medians[column].reindex(order).to_numpy(float).reshape(shape)
            texts = [[two_digits(value) if has_room else "" for value in line] for line in values]
            known = values[values > 0]
            low, high = (known.min(), known.max()) if known.size else (1.0, 1.0)
            # wider than the values: equal ends are no scale, and the darkest cell still shows its text
            prepare_matrix(axis, rows, columns, cells.is_turned)
            draw_matrix(axis, values, texts, colormaps[cmap], LogNorm(low / 1.5, high * 1.5), small())
            axis.set_title(title, pad=8)
        add_note(figure, results.note)
    return figure


def two_digits(value: float) -> str:
    """
    Return a time or a speed in the two digits that a run on a shared machine is worth.

    Examples
    --------
    >>> two_digits(0.00999), two_digits(12.7), two_digits(1963.0), two_digits(1e6), two_digits(float("nan"))
    ('0.010', '13', '2.0k', '1.0M', '–')
    """
    if not np.isfinite(value):
        return "–"
    rounded = float(f"{value:.2g}")
    for size, letter in ((1e9, "G"), (1e6, "M"), (1e3, "k"), (1.0, "")):
        if rounded >= size or not letter:
            scaled = rounded / size
            return (f"{scaled:.0f}" if scaled >= 10 else f"{scaled:#.2g}") + letter
    raise AssertionError
