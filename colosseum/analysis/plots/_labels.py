"""Texts of one's own at the places of a benchmark's environments in the space of hardness: a published plot."""

import os
from collections.abc import Callable
from statistics import fmean
from typing import TYPE_CHECKING

import numpy as np
from matplotlib.axes import Axes

from colosseum.analysis.style import new_figure, styled
from colosseum.errors import ConfigurationError

if TYPE_CHECKING:
    from colosseum.mdp.base import BaseMDP

    Measure = str | tuple[str, Callable[["BaseMDP"], float]]

Place = tuple[str, str]
"""An environment: the name of its class and its gin scope."""

_INCHES = 6.0, 4.5
_POINTS = 0.5  # published sizes are those of a poster


def _nothing(environment: Place) -> None:
    """Neither a colour nor a label."""


def plot_labels_on_benchmarks_hardness_space(
    experiment_folder: str | os.PathLike,
    text_f: Callable[[Place], str],
    color_f: Callable[[Place], str | None] = _nothing,
    label_f: Callable[[Place], str | None] = _nothing,
    ax: Axes | None = None,
    multiplicative_factor_xlim: float = 1.0,
    multiplicative_factor_ylim: float = 1.0,
    legend_ncol: int = 1,
    underneath_x_label: str | None = None,
    set_ylabel: bool = True,
    set_legend: bool = True,
    xaxis_measure: "Measure" = "diameter",
    yaxis_measure: "Measure" = "value_norm",
    fontsize: float = 22,
    fontsize_xlabel_underneath: float = 32,
    text_label_fontsize: float = 16,
) -> Axes:
    """
    Write a text for each environment of a benchmark where two of its measures of hardness are.

    Parameters
    ----------
    experiment_folder : str or path
        A benchmark's folder; logs are not needed.
    text_f : callable
        From an environment, (name of the class, gin scope), to what is written there.
    color_f, label_f : callable
        From an environment to its colour (None: black), and to its name in the legend (None: it has none there);
        environments with one name share an entry.
    ax : matplotlib Axes, optional
        Where to draw; by default in a new figure.
    multiplicative_factor_xlim, multiplicative_factor_ylim : float
        By how much the axes are longer than what is on them asks for.
    legend_ncol : int
        Columns of the legend.
    underneath_x_label : str, optional
        A line below the name of the x axis.
    set_ylabel, set_legend : bool
        Whether to name the y axis, and to draw the legend.
    xaxis_measure, yaxis_measure : str, or tuple of str and callable
        A measure (see `BaseMDP.get_available_hardness_measures`), or a name and a function of an environment; means
        over the seeds of the benchmark.
    fontsize, fontsize_xlabel_underneath, text_label_fontsize : float
        Of the names of the axes, of the line below, and of the texts, in half points.

    Returns
    -------
    matplotlib Axes

    Raises
    ------
    ConfigurationError
        If the folder is none of a benchmark, or there is no such measure.
    """
    names, functions = zip(*map(_named, (xaxis_measure, yaxis_measure)), strict=True)
    places = _measured(experiment_folder, functions)
    x, y = np.array(list(places.values()), dtype=float).T
    with styled():
        if ax is None:
            ax = new_figure(*_INCHES).subplots()
        named: set[str] = set()
        for environment, (at_x, at_y) in places.items():
            colour, label = color_f(environment) or "black", label_f(environment)
            if label is not None and label not in named:
                named.add(label)
                ax.plot([], [], "o", color=colour, label=label)
            ax.text(
                at_x, at_y, text_f(environment), color=colour, ha="center", va="center",
                fontsize=text_label_fontsize * _POINTS,
            )  # fmt: skip
        ax.set_xlim(*_limits(x, multiplicative_factor_xlim))
        ax.set_ylim(*_limits(y, multiplicative_factor_ylim))
        ax.set_xlabel(names[0], fontsize=fontsize * _POINTS)
        if set_ylabel:
            ax.set_ylabel(names[1], fontsize=fontsize * _POINTS)
        if underneath_x_label is not None:
            size = fontsize_xlabel_underneath * _POINTS
            ax.annotate(
                underneath_x_label, (0.5, 0), (0, -2 * size - 1.5 * fontsize * _POINTS), "axes fraction",
                "offset points", fontsize=size, ha="center", va="top",
            )  # fmt: skip
        if set_legend and named:
            ax.legend(ncol=legend_ncol, fontsize=text_label_fontsize * _POINTS)
    return ax


def _named(measure: "Measure") -> tuple[str, Callable[["BaseMDP"], float]]:
    if isinstance(measure, str):
        name = measure
        return name.replace("_", " ").capitalize(), lambda mdp: mdp.get_measure_from_name(name)
    return measure


def _measured(
    folder: str | os.PathLike, functions: tuple[Callable[["BaseMDP"], float], ...]
) -> dict[Place, list[float]]:
    """The measures of each environment, in its seeds' mean."""
    # imported here: environments bring the compiler, which nothing else of the analysis needs
    from colosseum.benchmark.utils import retrieve_benchmark
    from colosseum.gin_config import construct, split_scopes

    benchmark = retrieve_benchmark(folder)
    seeds = range(benchmark.experiment_config.n_seeds)
    found = {}
    for cls, text in benchmark.mdps_gin_configs.items():
        for scope in split_scopes(cls, text, cls.__name__):
            mdps: list[BaseMDP] = [construct(cls, scope, text, cls.__name__, seed=seed) for seed in seeds]
            found[cls.__name__, scope] = [fmean(measure(mdp) for mdp in mdps) for measure in functions]
    if not found:
        raise ConfigurationError(f"{folder}: no environment is configured there.")
    return found


def _limits(values: np.ndarray, factor: float) -> tuple[float, float]:
    middle = (values.min() + values.max()) / 2
    half = 0.55 * factor * (np.ptp(values) or abs(middle) or 1.0)
    return middle - half, middle + half
