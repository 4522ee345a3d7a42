"""Plotting one interaction."""

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from colosseum.errors import ConfigurationError, nearest
from colosseum.logs.columns import BASELINE_INDICATORS, BASELINES, check_indicator

if TYPE_CHECKING:
    from matplotlib.axes import Axes

BASELINE_STYLES = {"optimal": ("darkolivegreen", "--"), "worst": ("darkred", ":"), "random": ("darkslategray", "-.")}
"""The colour and the line of each baseline."""


def plot_rows(
    rows: Sequence[Mapping[str, Any]] | None, indicator: str, ax: "Axes | None", baselines: Iterable[str], label: str
) -> None:
    """
    Plot an indicator over the rows of a log, and of the baselines where they have it.

    Parameters
    ----------
    rows : sequence of dict
    indicator : str
        One of `colosseum.logs.columns.INDICATORS`.
    ax : matplotlib Axes or None
        Where to plot; None makes a new figure and shows it.
    baselines : iterable of str
        Some of `colosseum.logs.columns.BASELINES`.
    label : str
        Name of the agent in the legend.

    Raises
    ------
    ConfigurationError
        If there is no such indicator or baseline, or there are no rows.
    """
    baselines = list(baselines)
    is_sum = check_indicator(indicator).is_sum
    for baseline in baselines:
        if baseline not in BASELINES:
            raise ConfigurationError(f"baselines: there is no {baseline!r}; {nearest(baseline, BASELINES)}")
    if not rows:
        raise ConfigurationError("there is nothing to plot: run the interaction first, with a logger that has data.")
    from matplotlib import pyplot as plt  # not where nothing is plotted: it takes long to import

    show = ax is None
    if ax is None:
        _, ax = plt.subplots()
    steps = [row["steps"] for row in rows]

    def draw(column: str, **style: Any) -> None:
        values = [row[column] for row in rows]
        ax.plot([0, *steps] if is_sum else steps, [0.0, *values] if is_sum else values, **style)

    draw(indicator, label=label)
    expected = indicator.replace("cumulative_reward", "cumulative_expected_reward")
    for baseline in baselines:
        if f"{baseline}_{expected}" in BASELINE_INDICATORS:
            colour, line = BASELINE_STYLES[baseline]
            draw(f"{baseline}_{expected}", label=baseline.capitalize(), color=colour, linestyle=line)
    ax.set_xlabel("time step")
    ax.set_ylabel(indicator.replace("_", " ").capitalize())
    ax.legend()
    if show:
        plt.tight_layout()
        plt.show()
