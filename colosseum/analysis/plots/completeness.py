"""State of every instance: finished, optimal, time exceeded, failed, missing, by environment and agent."""

from matplotlib.figure import Figure
from matplotlib.patches import Patch
from matplotlib.patheffects import withStroke

from colosseum.analysis.matrix import MANY_COLUMNS, cell_width, fill_cell, prepare_matrix
from colosseum.analysis.results import Results
from colosseum.analysis.style import NOT_TOLD, STATE_COLOURS, add_legend, new_figure, styled


def draw(results: Results, indicator: str | None = None) -> Figure:
    """
    Draw the matrix: a cell's colours are the shares of its seeds, its number those that have a complete log.

    Parameters
    ----------
    results : Results
        The benchmark.
    indicator : str, optional
        Not used.

    Returns
    -------
    Figure
    """
    table = results.summary
    keys = ["mdp_class", "mdp_scope", "agent_class", "agent_scope"]
    names = {"running": "finished", "optimal": "optimal", "time_exceeded": "time exceeded", "failed": "failed"}
    states = table["training_state"].map(names).fillna(NOT_TOLD)
    states = states.where(table["status"] == "complete", table["status"])
    counts = table.assign(state=states).groupby([*keys, "state"], observed=True).size()
    found = {key: int(count) for key, count in counts.items()}
    rows, columns = list(results.mdp_labels.values()), list(results.agent_labels.values())
    n_seeds = len(results.seeds)
    with styled():
        width = cell_width(columns, len(f"{n_seeds}/{n_seeds}"))
        label = 0.075 * max(map(len, rows)) + 0.3
        top = 0.75 + (0.07 * max(map(len, columns)) if len(columns) > MANY_COLUMNS else 0)
        figure = new_figure(max(4.6, len(columns) * width + label), len(rows) * 0.24 + top)
        axis = figure.subplots()
        prepare_matrix(axis, rows, columns)
        for i, mdp in enumerate(results.mdps):
            for j, agent in enumerate(results.agents):
                start, complete = 0.0, 0
                for state, colour in STATE_COLOURS.items():
                    count = found.get((*mdp, *agent, state), 0)
                    if count:
                        fill_cell(axis, i, j, colour, start, count / n_seeds)
                        start += count / n_seeds
                        complete += count if state not in ("failed", "missing") else 0
                axis.text(
                    j + 0.5, i + 0.52, f"{complete}/{n_seeds}", ha="center", va="center", fontsize=7.5,
                    path_effects=[withStroke(linewidth=2, foreground="white", alpha=0.75)],  # read on any colour
                )  # fmt: skip
        handles = [
            Patch(facecolor=colour, edgecolor="#999999", linewidth=0.6, label=state)
            for state, colour in STATE_COLOURS.items()
            if state != NOT_TOLD or (states == NOT_TOLD).any()
        ]
        add_legend(figure, handles, results.note)
    return figure
