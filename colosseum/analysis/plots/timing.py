"""Seconds of an instance and steps per second, for each environment and agent."""

import numpy as np
from matplotlib import colormaps
from matplotlib.colors import LogNorm
from matplotlib.figure import Figure

from colosseum.analysis.matrix import MANY_COLUMNS, cell_width, draw_matrix, prepare_matrix
from colosseum.analysis.results import Results
from colosseum.analysis.style import add_note, format_count, new_figure, styled
from colosseum.errors import LogError


def draw(results: Results, indicator: str | None = None) -> Figure:
    """
    Draw both matrices: medians over the seeds, on logarithmic colours.

    Parameters
    ----------
    results : Results
        The benchmark.
    indicator : str, optional
        Not used.

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
    with styled():
        width = cell_width(columns, 6)
        label = 0.075 * max(map(len, rows)) + 0.3
        many = len(columns) > MANY_COLUMNS  # then one panel below the other
        top = 0.6 + (0.07 * max(map(len, columns)) if many else 0)
        panel_width, panel_height = max(1.5, len(columns) * width), len(rows) * 0.24 + top
        if many:
            figure = new_figure(panel_width + label, 2 * panel_height)
            axes = figure.subplots(2, 1)
        else:
            figure = new_figure(2 * panel_width + label + 0.3, panel_height)
            axes = figure.subplots(1, 2, sharey=True)
        panels = (("seconds", "Seconds an instance", "YlOrBr"), ("steps_per_second", "Steps per second", "YlGnBu"))
        for axis, (column, title, cmap) in zip(axes, panels, strict=True):
            values = medians[column].reindex(order).to_numpy(float).reshape(shape)
            texts = [[_format(value) for value in line] for line in values]
            known = values[values > 0]
            low, high = (known.min(), known.max()) if known.size else (1.0, 1.0)
            # wider than the values: equal ends are no scale, and the darkest cell still shows its text
            prepare_matrix(axis, rows, columns)
            draw_matrix(axis, values, texts, colormaps[cmap], LogNorm(low / 1.5, high * 1.5), fontsize=7.5)
            axis.set_title(title, pad=8)
        add_note(figure, results.note)
    return figure


def _format(value: float) -> str:
    if not np.isfinite(value):
        return "–"
    if value < 1_000:
        return f"{value:.3g}" if value < 100 else f"{value:.0f}"
    return format_count(float(f"{value:.3g}"))
