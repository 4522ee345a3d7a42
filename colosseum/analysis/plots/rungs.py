"""Scores of the samples on each rung of a hyperparameter optimisation, and which of them went on."""

import matplotlib
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from colosseum.analysis.names import family_of
from colosseum.analysis.paper import WIDEST, Paper, inches, wrap
from colosseum.analysis.regrets import per_step, regret_title
from colosseum.analysis.results import Results
from colosseum.analysis.style import MUTED, add_legend, agent_styles, new_figure, styled
from colosseum.analysis.tuning import CONFIRM, Tuning, tuning_of


def draw(results: Results, indicator: str | None = None, paper: Paper = Paper()) -> Figure:  # noqa: B008 (frozen)
    """
    Draw a panel an agent: a column a rung, a line a sample that went on.

    Parameters
    ----------
    results : Results
        With the table of all runs (`colosseum.analysis.tuning`) beside their summary.
    indicator : str, optional
        Not used: it is that of the selection.
    paper : Paper
        What the picture is made for.

    Returns
    -------
    Figure
    """
    tuning = tuning_of(results)
    styles = agent_styles(map(family_of, tuning.agents))
    n = len(tuning.agents)
    with styled(paper):
        n_stages = max(len(tuning.stages(agent)) for agent in tuning.agents)
        least = max(1.5, n_stages * (inches("confirmed", paper.small) + 0.05))
        width = paper.fit(max(4.0, min(WIDEST, n * 3 + 0.5)))
        columns = min(n, max(1, int((width - 0.6) / least)))
        rows = -(-n // columns)
        figure = new_figure(width, rows * min(2.4, 0.7 * (width - 0.6) / columns + 0.5) + 0.2)
        axes = figure.subplots(rows, columns, squeeze=False)
        for axis in axes.flat[len(tuning.agents) :]:
            axis.remove()
        for axis, agent in zip(axes.flat, tuning.agents, strict=False):
            _draw_agent(axis, tuning, agent, styles[family_of(agent)]["color"], (width - 0.6) / columns - 0.4)
        title = regret_title(tuning.indicator) + per_step(tuning.indicator)
        figure.supylabel(wrap(title, 0.9 * figure.get_figheight(), paper.size), fontsize=paper.size)
        handles = [
            Line2D([], [], marker="o", ms=4, color="#444444", lw=1, label="went on"),
            Line2D([], [], marker="o", ms=4, ls="", mfc="none", mec=MUTED, label="did not"),
            Line2D([], [], ls="", marker="*", ms=11, mfc="#888888", mec="#111111", label="chosen"),
        ]
        remark = "Scores are over all runs that a sample has had by then; confirmed ones over fresh seeds alone."
        add_legend(figure, handles, results.note or tuning.note, remark)
    return figure


def _draw_agent(axis: Axes, tuning: Tuning, agent: str, colour: str, room: float) -> None:
    stages = tuning.stages(agent)
    scores = [tuning.scores(agent, stage) for stage in stages]
    ticks = []
    for k, stage in enumerate(stages):
        went_on = scores[k + 1] if k + 1 < len(stages) else {}
        out = [score for sample, score in scores[k].items() if sample not in went_on]
        if k + 1 < len(stages):
            axis.plot([k] * len(out), out, "o", ms=4, mfc="none", mec=MUTED, alpha=0.6, mew=0.7)
        for sample in went_on:
            axis.plot([k, k + 1], [scores[k][sample], went_on[sample]], "-", color=colour, lw=0.9, alpha=0.6)
        last = [score for sample, score in scores[k].items() if sample in went_on or k + 1 == len(stages)]
        axis.plot([k] * len(last), last, "o", ms=4, color=colour, alpha=0.8)
        n_runs = tuning.of(agent, stage).groupby("sample").size().max()
        what = "confirmed" if stage == CONFIRM else f"rung {k + 1}"
        ticks.append(f"{what}\n{len(scores[k]):,} × {n_runs:,}")
    winner = tuning.winner(agent)
    axis.plot(len(stages) - 1, scores[-1][winner], "*", ms=12, mfc=colour, mec="#111111", mew=0.8, zorder=5)
    axis.set_xticks(range(len(stages)), ticks)
    axis.set_xlim(-0.4, len(stages) - 0.6)
    title = f"{family_of(agent)} ({winner.removeprefix('prms_')})"
    axis.set_title(wrap(title, room, matplotlib.rcParams["axes.titlesize"]))
