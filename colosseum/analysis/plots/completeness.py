"""How the training of every instance ended, or that it failed or is missing, by environment and agent."""

from matplotlib.figure import Figure
from matplotlib.patches import Patch
from matplotlib.patheffects import withStroke

from colosseum.analysis.matrix import cell_sizes, fill_cell, natural_width, prepare_matrix
from colosseum.analysis.paper import Paper
from colosseum.analysis.results import Results
from colosseum.analysis.style import NOT_TOLD, STATE_COLOURS, add_legend, new_figure, small, styled

_NAMES = {
    "running": "trained to the end",
    "optimal": "policy optimal",
    "time_exceeded": "cut by the time limit",
    "failed": "failed",
}


def draw(results: Results, indicator: str | None = None, paper: Paper = Paper()) -> Figure:  # noqa: B008 (frozen)
    """
    Draw the matrix: a cell's colours are the shares of its seeds; where some have no complete log it says how many do.

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
    """
    table = results.summary
    keys = ["mdp_class", "mdp_scope", "agent_class", "agent_scope"]
    states = table["training_state"].map(_NAMES).fillna(NOT_TOLD)
    states = states.where(table["status"] == "complete", table["status"])
    counts = table.assign(state=states).groupby([*keys, "state"], observed=True).size()
    found = {key: int(count) for key, count in counts.items()}
    rows, columns = list(results.mdp_labels.values()), list(results.agent_labels.values())
    n_seeds = len(results.seeds)
    lacking = f"{n_seeds}/{n_seeds}"
    with styled(paper):
        width = paper.fit(max(3.4, natural_width(rows, columns, [lacking], paper)))
        cells = cell_sizes(width, rows, columns, paper)
        figure = new_figure(width, len(rows) * cells.height + cells.labels_height)
        axis = figure.subplots()
        prepare_matrix(axis, rows, columns, cells.is_turned)
        for i, mdp in enumerate(results.mdps):
            for j, agent in enumerate(results.agents):
                start, complete = 0.0, 0
                for state, colour in STATE_COLOURS.items():
                    count = found.get((*mdp, *agent, state), 0)
                    if count:
                        fill_cell(axis, i, j, colour, start, count / n_seeds)
                        start += count / n_seeds
                        complete += count if state not in ("failed", "missing") else 0
                if complete < n_seeds and cells.has_room([lacking], small()):
                    axis.text(
                        j + 0.5, i + 0.52, f"{complete}/{n_seeds}", ha="center", va="center", fontsize=small(),
                        path_effects=[withStroke(linewidth=2.5, foreground="white")],  # read on any colour
                    )  # fmt: skip
        handles = [
            Patch(facecolor=colour, edgecolor="#999999", linewidth=0.6, label=state)
            for state, colour in STATE_COLOURS.items()
            if state != NOT_TOLD or (states == NOT_TOLD).any()
        ]
        seeds = f"its {n_seeds} seeds; a number: those with a complete log" if n_seeds > 1 else "its seed"
        add_legend(figure, handles, results.note, f"Colours of a cell: how training ended, of {seeds}.")
    return figure
