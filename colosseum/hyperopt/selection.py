"""Choosing the best hyperparameters from the logs of an optimisation; never from a part of them."""

import csv
import io
import math
import os
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from colosseum import layout, settings
from colosseum.benchmark import folders
from colosseum.errors import ConfigurationError
from colosseum.gin_config import format_scope
from colosseum.hyperopt.utils import HYPEROPT_BENCHMARKS
from colosseum.hyperopt.values import read_values
from colosseum.logs.columns import Column, check_indicator
from colosseum.utils.files import write_atomically

if TYPE_CHECKING:
    from colosseum.agent.agents.base import BaseAgent

Reduction = Callable[[np.ndarray], Any]


@dataclass(frozen=True)
class Score:
    """
    What the logs say of one configuration.

    Attributes
    ----------
    scope : str
        Gin scope of the configuration among the samples.
    parameters : dict of str to object
        Its hyperparameters.
    score : float
        Mean over the environments of the reduction over the seeds of the indicator's last value; a cumulative indicator
        is divided by the number of steps. Rounded to twelve digits, as logs are.
    standard_error : float
        Of that mean, over the environments (standard deviation with one degree of freedom less, over the square root of
        their number); NaN where there is only one.
    n_logs : int
        Number of logs that it is made of.
    n_cut : int
        How many of them are of agents whose time was used up before the last step.
    rung : int or None
        The last rung that it reached, 0 the first; None in an optimisation without rungs.
    n_failed : int
        How many of them are of runs that failed, for which the worst policy stands in.
    """

    scope: str
    parameters: dict[str, Any]
    score: float
    standard_error: float
    n_logs: int
    n_cut: int = 0
    rung: int | None = None
    n_failed: int = 0


@dataclass(frozen=True)
class Selection:
    """
    The choice among the configurations of an agent.

    Attributes
    ----------
    agent_class : type
    indicator : str
    scores : tuple of Score
        In ascending order of the scopes' indices.
    best : Score
        The best of them; of equal ones the first.
    losses : tuple of float
        Of each configuration over the same runs, those of the first rung: the score times `sign`.
    sign : float
        1, or -1 where the highest score is the best.
    """

    agent_class: type
    indicator: str
    scores: tuple[Score, ...]
    best: Score
    losses: tuple[float, ...] = ()
    sign: float = 1.0

    @property
    def n_tied(self) -> int:
        """How many configurations have the best score, over as many runs as the best one."""
        return sum(map(self.is_tied, self.scores))

    def is_tied(self, one: Score) -> bool:
        """Whether a configuration has the best score, over as many runs as the best one."""
        return one.score == self.best.score and one.n_logs == self.best.n_logs

    @property
    def gin_config(self) -> str:
        """The best configuration as gin text of scope ``prms_0``."""
        return format_scope(self.agent_class, layout.FIRST_SCOPE, self.best.parameters)

    def table(self) -> str:
        """Return a CSV, a row a configuration: score, how many logs there are, were cut and failed, hyperparameters."""
        names = sorted({name for score in self.scores for name in score.parameters})
        text = io.StringIO()
        writer = csv.writer(text, lineterminator="\n")
        has_rungs = any(score.rung is not None for score in self.scores)
        head = ["scope", "indicator", "score", "standard_error", "n_logs", "n_cut", "n_failed", "tied"]
        writer.writerow([*head, *(["rung"] if has_rungs else []), "selected", *names])
        for s in self.scores:
            error = "" if math.isnan(s.standard_error) else s.standard_error
            values = [s.parameters.get(name, "") for name in names]
            tied = int(self.n_tied > 1 and self.is_tied(s))
            row = [s.scope, self.indicator, s.score, error, s.n_logs, s.n_cut, s.n_failed, tied]
            writer.writerow([*row, *([s.rung] if has_rungs else []), int(s is self.best), *values])
        return text.getvalue()


def retrieve_best_agent_config_from_hp_folder(
    agent_classes: "Iterable[type[BaseAgent]] | None" = None,
    indicator: str = "normalized_cumulative_regret",
    reduce_seeds: Reduction = np.mean,
    folder: str | os.PathLike | None = None,
    allow_cut: bool = True,
) -> dict[type, str]:
    """
    Return the best configuration of each agent from a hyperparameter optimisation whose instances have been run.

    The choice and its table are kept in the benchmark's folder too: ``selection/<Class>.gin`` and
    ``selection/<Class>.csv``.

    Parameters
    ----------
    agent_classes : iterable of type, optional
        By default all that have a configuration in the folder.
    indicator : str
        One of `colosseum.logs.columns.INDICATORS`. Regrets are minimised; rewards and steps per second are
        maximised.
    reduce_seeds : callable
        Reduces the values of an environment's seeds, an array of shape (n_seeds,), to one. What a function that inverts
        the sign (such as ``lambda x: -np.mean(x)``) returns is minimised, whatever the indicator.
    folder : str or path, optional
        Has ``hyperopt_episodic`` and ``hyperopt_continuous``; by default `colosseum.config.get_hyperopt_folder`.
    allow_cut : bool
        Whether logs of agents whose time was used up count like the others; else they cannot be used.

    Returns
    -------
    dict of type to str
        Gin text of each agent class, its scope ``prms_0`` whatever the index that it had among the samples.

    Raises
    ------
    LogError
        If logs are missing, empty, truncated or foreign; the message lists them.
    ConfigurationError
        If there is no such indicator, or the folder has no configurations (of an agent).
    """
    folder = Path(settings.get_hyperopt_folder() if folder is None else folder)
    benchmark_folders = {episodic: folder / name for episodic, name in HYPEROPT_BENCHMARKS.items()}
    if agent_classes is None:
        there = [f for f in benchmark_folders.values() if (f / layout.AGENTS_CONFIGS).is_dir()]
        agent_classes = [cls for f in there for cls in folders.read_agent_configs(f)]
        if not agent_classes:
            raise ConfigurationError(f"{folder}: there is no hyperparameter optimisation of any agent in this folder.")
    best = {}
    for cls in agent_classes:
        benchmark_folder = benchmark_folders[cls.is_episodic()]
        selection = select_best_configuration(cls, benchmark_folder, indicator, reduce_seeds, allow_cut=allow_cut)
        write_selection(selection, *default_paths(benchmark_folder, cls))
        best[cls] = selection.gin_config
    return best


def select_best_configuration(
    agent_class: "type[BaseAgent]",
    benchmark_folder: str | os.PathLike,
    indicator: str = "normalized_cumulative_regret",
    reduce_seeds: Reduction = np.mean,
    agents_gin_config: str | None = None,
    allow_cut: bool = True,
) -> Selection:
    """
    Score every configuration of an agent and choose the best.

    Parameters
    ----------
    agent_class : type
    benchmark_folder : str or path
        The folder of an instantiated benchmark whose instances have been run.
    indicator, reduce_seeds
        As in `retrieve_best_agent_config_from_hp_folder`.
    agents_gin_config : str, optional
        The configurations; by default those of the benchmark's folder.
    allow_cut : bool
        As in `retrieve_best_agent_config_from_hp_folder`.

    Raises
    ------
    LogError, ConfigurationError
        As in `retrieve_best_agent_config_from_hp_folder`.
    """
    column = check_indicator(indicator)
    read = read_values(agent_class, benchmark_folder, indicator, agents_gin_config, allow_cut)
    scale = read.n_steps if column.is_sum else 1
    scores = tuple(
        score_of(
            scope, parameters, read.values[i], scale, reduce_seeds, int(read.cut[i].sum()), int(read.failed[i].sum())
        )
        for i, (scope, parameters) in enumerate(read.configurations.items())
    )
    sign = cost_sign(column, reduce_seeds)
    best = min(scores, key=lambda s: sign * s.score)  # min keeps the first of equal ones
    return Selection(agent_class, indicator, scores, best, tuple(sign * s.score for s in scores), sign)


def default_paths(benchmark_folder: str | os.PathLike, agent_class: type) -> tuple[Path, Path]:
    """Return where a choice and its table are kept in a benchmark's folder."""
    name = agent_class.__name__
    return Path(layout.selection_file(benchmark_folder, name)), Path(layout.selection_table(benchmark_folder, name))


def write_selection(selection: Selection, gin_path: str | os.PathLike, table_path: str | os.PathLike) -> None:
    """Write the chosen gin text and the table of all scores."""
    write_atomically(table_path, selection.table())
    write_atomically(gin_path, selection.gin_config)


def score_of(
    scope: str,
    parameters: dict[str, Any],
    values: np.ndarray,
    scale: int,
    reduce_seeds: Reduction,
    n_cut: int,
    n_failed: int = 0,
) -> Score:
    """
    Score a configuration.

    Parameters
    ----------
    scope : str
    parameters : dict of str to object
    values : ndarray of shape (n_environments, n_seeds)
        Last values of the indicator.
    scale : int
        What they are divided by: the number of steps, if the indicator is a sum.
    reduce_seeds : callable
    n_cut, n_failed : int

    Raises
    ------
    ConfigurationError
        If the reduction gives numbers that are not finite.
    """
    reduced = [float(reduce_seeds(of_environment)) for of_environment in values]
    n = len(reduced)
    mean = math.fsum(reduced) / n
    if not math.isfinite(mean):
        raise ConfigurationError(f"reduce_seeds: gave {mean} for {scope}; it must give finite numbers.")
    error = math.sqrt(math.fsum((x - mean) ** 2 for x in reduced) / (n - 1) / n) if n > 1 else math.nan
    score, standard_error = as_in_a_log(mean / scale), as_in_a_log(error / scale)
    return Score(scope, parameters, score, standard_error, values.size, n_cut, n_failed=n_failed)


def cost_sign(column: Column, reduce_seeds: Reduction) -> float:
    """Return what makes the lowest product with a score the best: 1, or -1 where the highest score is."""
    return -1.0 if column.higher_is_better and not _inverts_sign(reduce_seeds) else 1.0


def as_in_a_log(value: float) -> float:
    """Return a value to the digits that a log has: what differs by rounding alone ties."""
    return float(format(value, ".12g"))


def _inverts_sign(reduce_seeds: Reduction) -> bool:
    return float(reduce_seeds(np.array([2.0]))) < float(reduce_seeds(np.array([1.0])))
