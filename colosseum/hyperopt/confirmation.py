"""
The winner on seeds that no tuning run saw.

The best of many scores is too good: it was chosen for its luck, too. So the first samples of an optimisation are run
again on fresh seeds, the winner is chosen by these runs alone, and how much its score shrinks is told.

Environments are fixed and seeds are the sample: a standard error comes from the spread of the seeds in each
environment, that of a difference from the differences at the same environment and seed, so that what is hard for both
cancels.
"""

import csv
import io
import math
import os
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from colosseum import layout
from colosseum.errors import ConfigurationError
from colosseum.hyperopt.promotion_table import read_promotions
from colosseum.hyperopt.selection import Reduction, Score, as_in_a_log, cost_sign, score_of
from colosseum.hyperopt.values import read_values
from colosseum.logs.columns import check_indicator
from colosseum.utils.files import write_atomically

if TYPE_CHECKING:
    from colosseum.agent.agents.base import BaseAgent

COLUMNS = (
    "sample",
    "indicator",
    "score_when_chosen",
    "score_when_confirmed",
    "shrinkage",
    "standard_error",
    "difference_to_winner",
    "paired_standard_error",
    "n_logs",
    "n_cut",
    "n_failed",
    "selected",
)
"""Of a table of confirmations, before the hyperparameters. See `Confirmed`."""


@dataclass(frozen=True)
class Confirmed:
    """
    A sample that was run again.

    Attributes
    ----------
    score : Score
        By the confirming runs alone; its scope is that of the sample in the first rung.
    score_when_chosen : float
        By the runs of the optimisation.
    shrinkage : float
        How much worse the score is than it was when chosen; negative where it is better.
    standard_error : float
        Of the confirmed score, over the seeds; NaN where there is one.
    difference : float
        How much worse the confirmed score is than the winner's.
    paired_standard_error : float
        Of that difference, over the seeds, from the differences at the same environment and seed; NaN for the winner,
        and where there is one seed.
    """

    score: Score
    score_when_chosen: float
    shrinkage: float
    standard_error: float
    difference: float
    paired_standard_error: float


@dataclass(frozen=True)
class Confirmation:
    """
    The confirmation of an agent's first samples.

    Attributes
    ----------
    agent_class : type
    indicator : str
    samples : tuple of Confirmed
        In the order of the slots.
    winner : Confirmed
        The best by the confirming runs; of equal ones the earlier sample.
    """

    agent_class: type
    indicator: str
    samples: tuple[Confirmed, ...]
    winner: Confirmed

    def table(self) -> str:
        """Return a CSV, a row a sample; see `COLUMNS`."""
        names = sorted({name for one in self.samples for name in one.score.parameters})
        text = io.StringIO()
        writer = csv.writer(text, lineterminator="\n")
        writer.writerow([*COLUMNS, *names])
        for one in self.samples:
            score = one.score
            figures = [one.shrinkage, one.standard_error, one.difference, one.paired_standard_error]
            shown = ["" if math.isnan(figure) else as_in_a_log(figure) for figure in figures]
            row = [score.scope, self.indicator, one.score_when_chosen, score.score, *shown]
            row += [score.n_logs, score.n_cut, score.n_failed]
            writer.writerow([*row, int(one is self.winner), *(score.parameters.get(name, "") for name in names)])
        return text.getvalue()


def confirm(
    agent_class: "type[BaseAgent]",
    benchmark_folder: str | os.PathLike,
    indicator: str = "normalized_cumulative_regret",
    reduce_seeds: Reduction = np.mean,
    allow_cut: bool = True,
) -> Confirmation:
    """
    Choose the winner by the confirming runs.

    Parameters
    ----------
    agent_class : type
    benchmark_folder : str or path
        The folder of the confirming runs, with the table of who was promoted to it.
    indicator, reduce_seeds, allow_cut
        As in `colosseum.hyperopt.selection.select_best_configuration`.

    Raises
    ------
    LogError, ConfigurationError
        As there; also if the table of promotions is missing or damaged.
    """
    column = check_indicator(indicator)
    table = layout.promotion_table(benchmark_folder, agent_class.__name__)
    chosen = {row["slot"]: row for row in read_promotions(table) if row["slot"]}
    read = read_values(agent_class, benchmark_folder, indicator, allow_cut=allow_cut, scopes=chosen)
    if read.configurations.keys() != chosen.keys():
        raise ConfigurationError(
            f"{table}: its slots are not the configurations of {agent_class.__name__} beside it; promote again."
        )
    scale = read.n_steps if column.is_sum else 1
    sign = cost_sign(column, reduce_seeds)
    values = read.values / scale
    scores = [
        score_of(chosen[slot]["sample"], parameters, read.values[i], scale, reduce_seeds, n_cut, n_failed)
        for i, ((slot, parameters), n_cut, n_failed) in enumerate(
            zip(read.configurations.items(), _count(read.cut), _count(read.failed), strict=True)
        )
    ]
    best = min(range(len(scores)), key=lambda i: (sign * scores[i].score, layout.scope_index(scores[i].scope)))
    confirmed = []
    for i, (slot, score) in enumerate(zip(read.configurations, scores, strict=True)):
        before = float(chosen[slot]["score"])
        confirmed.append(
            Confirmed(
                score=score,
                score_when_chosen=before,
                shrinkage=sign * (score.score - before),
                standard_error=seed_standard_error(values[i]),
                difference=sign * (score.score - scores[best].score),
                paired_standard_error=math.nan if i == best else seed_standard_error(values[i] - values[best]),
            )
        )
    return Confirmation(agent_class, indicator, tuple(confirmed), confirmed[best])


def _count(runs: np.ndarray) -> list[int]:
    """How many runs of each configuration are marked."""
    return [int(marked.sum()) for marked in runs]


def seed_standard_error(values: np.ndarray) -> float:
    """
    Return the standard error of the mean over environments of the mean over seeds, environments fixed.

    Parameters
    ----------
    values : ndarray of shape (n_environments, n_seeds)

    Returns
    -------
    float
        The root of the sum of the environments' variances of the mean, over their number; NaN where there is one seed.
    """
    n_environments, n_seeds = values.shape
    if n_seeds < 2:
        return math.nan
    return math.sqrt(math.fsum(values.var(axis=1, ddof=1)) / n_seeds) / n_environments


def write_confirmation(confirmation: Confirmation, table_path: str | os.PathLike) -> None:
    """Write the table of the samples that were run again."""
    write_atomically(table_path, confirmation.table())
