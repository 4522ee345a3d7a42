"""Probability that the agent of the row is better than that of the column, for every pair, by either regret."""

import numpy as np
from matplotlib import colormaps
from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable
from matplotlib.colors import Normalize
from matplotlib.figure import Figure

from colosseum.analysis.matrix import cell_sizes, draw_matrix, natural_width, prepare_matrix
from colosseum.analysis.paper import Paper
from colosseum.analysis.regrets import ONE_SEED_NOTE, RANDOM_POLICY, TITLES, is_full, random_scores, regrets_of
from colosseum.analysis.results import Results
from colosseum.analysis.statistics import bootstrap_interval, probability_of_improvement
from colosseum.analysis.style import add_note, new_figure, small, styled

_ENDS = "[0.88, 0.88]"
_BAR = 0.75
"""Inches of the scale at the side."""


def draw(results: Results, indicator: str | None = None, paper: Paper = Paper()) -> Figure:  # noqa: B008 (frozen)
    """
    Draw the matrix of each regret.

    Parameters
    ----------
    results : Results
        The benchmark.
    indicator : str, optional
        Not used: compared are the scores by either regret.
    paper : Paper
        What the picture is made for. Cells that are too narrow for an interval show the probability alone.

    Returns
    -------
    Figure
    """
    regrets = regrets_of(results)
    agents = list(results.scores()[0])
    names = [results.agent_labels[agent] for agent in agents]
    known = any(random_scores(results, regret) is not None for regret in regrets)
    columns = [*names, *([RANDOM_POLICY] if known else [])]
    n, cmap, norm = len(columns), colormaps["PuOr"], Normalize(0, 1)
    with styled(paper):
        width = paper.fit(natural_width(names, columns, [_ENDS], paper) + _BAR + 0.4)
        beside = _BAR if not paper.is_narrow else 0.0
        inner = width - beside - 2.6 * paper.size / 72
        several = cell_sizes(inner, names, columns, paper).has_room([_ENDS], small())
        cells = cell_sizes(inner, names, columns, paper, 2 if several else 1)
        least = 1.6 * paper.size * 7.5 / 72  # for the name of the axis
        panel = max(len(names) * cells.height, least) + cells.labels_height
        figure = new_figure(width, len(regrets) * panel + 2 * paper.size / 72 + (0 if beside else 0.5))
        axes = figure.subplots(len(regrets), squeeze=False)[:, 0]
        for axis, regret in zip(axes, regrets, strict=True):
            values, texts = _matrix(results, regret, n, several)
            if not cells.has_room(["0.88"], small()):
                texts = [[""] * n for _ in names]
            prepare_matrix(axis, names, columns, cells.is_turned)
            draw_matrix(axis, values, texts, cmap, norm, small())
            _name_axes(axis, TITLES[regret], last=regret == regrets[-1], one_seed=len(results.compared[1]) == 1)
        bar = figure.colorbar(
            ScalarMappable(norm, cmap),
            ax=axes.tolist(),
            location="right" if beside else "bottom",
            aspect=18,
            pad=0.03,
            shrink=min(1, 4 / figure.get_figheight()) if beside else 1,
            ticks=[0, 0.25, 0.5, 0.75, 1],
        )
        bar.set_label("Probability of improvement")
        bar.outline.set_visible(False)
        add_note(figure, results.score_note)
    return figure


def _matrix(results: Results, regret: str, n_columns: int, several: bool) -> tuple[np.ndarray, list[list[str]]]:
    arrays = list(results.scores(regret)[0].values())
    random = random_scores(results, regret)
    columns = [*arrays, *([] if random is None else [random])]
    values = np.full((len(arrays), n_columns), np.nan)
    texts = [[""] * n_columns for _ in arrays]
    for i, mine in enumerate(arrays):
        for j, others in enumerate(columns):
            if i == j or not is_full(mine) or not is_full(others):
                continue
            one = bootstrap_interval(probability_of_improvement, mine, others, bounds=(0.0, 1.0))
            ends = f"\n[{one.low:.2f}, {one.high:.2f}]" if several and np.isfinite(one.low) else ""
            values[i, j], texts[i][j] = one.estimate, f"{one.estimate:.2f}{ends}"
    return values, texts


def _name_axes(axis: Axes, regret: str, last: bool, one_seed: bool) -> None:
    if last:
        remark = f"\n({ONE_SEED_NOTE.lower().rstrip('.')})" if one_seed else ""
        axis.set_xlabel(f"… is better than this one{remark}")
    axis.set_ylabel(f"{regret}:\nthis agent …")
