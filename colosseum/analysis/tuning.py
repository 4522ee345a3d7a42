"""The runs of a hyperparameter optimisation in one table, and what follows: scores by rung, cost, sensitivity."""

import csv
import io
import math
import os
from collections.abc import Callable, Container, Iterable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from colosseum import layout
from colosseum.analysis.folder import read_benchmark_folder
from colosseum.analysis.judged import judge
from colosseum.analysis.regrets import regrets_of
from colosseum.analysis.results import Results
from colosseum.errors import ConfigurationError, LogError
from colosseum.hyperopt.promotion_table import read_promotions
from colosseum.logs.columns import check_indicator, column

COLUMNS = ("agent", "stage", "sample", "mdp", "seed", "value", "seconds", "indicator", "reduce_seeds", "complete")
"""
Of the table: a row a run. ``stage`` is the number of the rung or ``confirm``, ``sample`` the gin scope in the first
rung, ``value`` the last one of the indicator that the selection compares, a step if it is a sum, ``complete`` whether
no run of any stage is missing (the same in all rows).
"""

CONFIRM = "confirm"
FILE = "tuning.csv"

REDUCTIONS: dict[str, Callable[..., Any]] = {"mean": np.mean, "median": np.median, "min": np.min, "max": np.max}


def gather_runs(
    folders: Iterable[str | os.PathLike[str]],
    indicator: str,
    reduce_seeds: str = "mean",
    allow_incomplete: bool = False,
) -> str:
    """
    Read the logs of all stages of an optimisation.

    Parameters
    ----------
    folders : iterable of str or path
        The benchmark folders of its rungs, and of its confirmation.
    indicator, reduce_seeds : str
        What the selection compares, and how the seeds of an environment become one number.
    allow_incomplete : bool
        Whether logs, and stages that were not reached, may be missing: they are left out.

    Returns
    -------
    str
        A CSV, see `COLUMNS`.

    Raises
    ------
    ConfigurationError, LogError
        If a folder or a log is missing or damaged.
    """
    is_sum = check_indicator(indicator).is_sum
    rows: list[list[Any]] = []
    is_complete = True
    for folder in map(Path, folders):
        _, stage = layout.parse_stage(folder.resolve().name)
        try:
            benchmark = read_benchmark_folder(folder)
            sample_of = {} if stage == "0" else _samples(folder, {agent.class_name for agent in benchmark.agents})
        except ConfigurationError:
            if allow_incomplete:
                is_complete = False
                continue
            raise
        for judged in judge(benchmark):
            one, log = judged.instance, judged.log
            if log is None:
                if allow_incomplete:
                    is_complete = False
                    continue
                raise LogError(f"{folder}/{one.log}: {judged.problem or 'missing'}.")
            value = log.last_value(indicator) / (log.steps[-1] if is_sum else 1)
            sample = sample_of.get((one.agent.class_name, one.agent.scope), one.agent.scope)
            seconds = "" if math.isnan(log.seconds) else f"{log.seconds:.6g}"
            rows.append(
                [one.agent.class_name, stage, sample, one.mdp.name, one.seed, f"{value:.12g}", seconds]
                + [indicator, reduce_seeds]
            )
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(COLUMNS)
    writer.writerows([*row, int(is_complete)] for row in rows)
    return text.getvalue()


def _samples(folder: Path, agents: Iterable[str]) -> dict[tuple[str, str], str]:
    return {
        (agent, row["slot"]): row["sample"]
        for agent in agents
        for row in read_promotions(layout.promotion_table(folder, agent))
        if row["slot"]
    }


@dataclass(frozen=True)
class Tuning:
    """
    The runs of a hyperparameter optimisation.

    Attributes
    ----------
    runs : DataFrame
        Columns `COLUMNS`.
    """

    runs: pd.DataFrame

    @classmethod
    def load(cls, path: str | os.PathLike[str]) -> "Tuning":
        """
        Load the table.

        Raises
        ------
        ConfigurationError
            If it cannot be read, or has other columns.
        """
        try:
            runs = pd.read_csv(path, dtype={"stage": str, "sample": str})
        except OSError as error:
            raise ConfigurationError(
                f"{path}: {error.strerror}; the workflow makes it of an optimisation (python -m colosseum tuning)."
            ) from None
        except (ValueError, pd.errors.ParserError) as error:
            raise ConfigurationError(f"{path}: this is no table of runs: {' '.join(str(error).split())}") from None
        if tuple(runs.columns) != COLUMNS or runs.empty:
            raise ConfigurationError(f"{path}: this is no table of runs; its columns are {', '.join(COLUMNS)}.")
        return cls(runs)

    def only(self, agents: Container[str]) -> "Tuning":
        """Return the runs of some of the agents."""
        return Tuning(self.runs[[agent in agents for agent in self.runs["agent"]]].reset_index(drop=True))

    @cached_property
    def agents(self) -> list[str]:
        """The agents, in the order of the table."""
        return list(self.runs["agent"].unique())

    @property
    def indicator(self) -> str:
        """What the selection compares."""
        return str(self.runs["indicator"].iloc[0])

    @property
    def note(self) -> str:
        """Sentence that says that later rungs, or the confirmation, lack runs; empty where they do not."""
        return (
            ""
            if self.runs["complete"].all()
            else "Incomplete: runs of some rungs, or of the confirmation, are missing."
        )

    @property
    def sign(self) -> int:
        """1 if the lowest score is the best, else -1."""
        return -1 if column(self.indicator).higher_is_better else 1

    def stages(self, agent: str) -> list[str]:
        """Return the stages of an agent: ``"0"``, ``"1"``, ..., and ``"confirm"`` if there is one."""
        there = set(self.of(agent)["stage"])
        return sorted(there, key=lambda stage: (stage == CONFIRM, int(stage) if stage != CONFIRM else 0))

    def of(self, agent: str, stage: str | None = None) -> pd.DataFrame:
        """Return the runs of an agent, in all stages or in one."""
        runs = self.runs[self.runs["agent"] == agent]
        return runs if stage is None else runs[runs["stage"] == stage]

    def scores(self, agent: str, stage: str) -> dict[str, float]:
        """
        Return the score of each sample in a stage.

        That of a rung is over all runs that the sample has had by then, that of the confirmation over its runs alone.
        """
        of_samples = self.by_environment(agent, stage)
        return {sample: math.fsum(of.values()) / len(of) for sample, of in of_samples.items()}

    def by_environment(self, agent: str, stage: str) -> dict[str, dict[str, float]]:
        """Return the same for each sample and environment: the reduced seeds."""
        reduce = REDUCTIONS[str(self.runs["reduce_seeds"].iloc[0])]
        values = self.values(agent, stage)
        return {
            sample: {mdp: float(reduce(np.array(list(of_mdp.values())))) for mdp, of_mdp in of_sample.items()}
            for sample, of_sample in values.items()
        }

    def values(self, agent: str, stage: str) -> dict[str, dict[str, dict[int, float]]]:
        """Return the same for each sample, environment and seed; a sample that lacks a run is left out."""
        met = [CONFIRM] if stage == CONFIRM else [str(k) for k in range(int(stage) + 1)]
        runs = self.of(agent)
        found: dict[str, dict[str, dict[int, float]]] = {
            str(sample): {} for sample in runs.loc[runs["stage"] == stage, "sample"].unique()
        }
        columns = (runs[name].tolist() for name in ("stage", "sample", "mdp", "seed", "value"))
        for of_stage, sample, mdp, seed, value in zip(*columns, strict=True):
            if of_stage in met and sample in found:
                found[sample].setdefault(mdp, {})[seed] = value
        n_runs = {sample: sum(map(len, of_sample.values())) for sample, of_sample in found.items()}
        return {sample: of_sample for sample, of_sample in found.items() if n_runs[sample] == max(n_runs.values())}

    def last_rung(self, agent: str) -> str:
        """Return the last stage before the confirmation."""
        return [stage for stage in self.stages(agent) if stage != CONFIRM][-1]

    def winner(self, agent: str) -> str:
        """Return the sample that was chosen: the best of the last stage, of equal ones the first."""
        scores = self.scores(agent, self.stages(agent)[-1])
        return min(scores, key=lambda sample: (self.sign * scores[sample], layout.scope_index(sample)))


def chosen_sample(results: Results, agent: str, indicator: str, reduce_seeds: str) -> tuple[str, bool] | None:
    """
    Return the gin scope of the sample of an agent that the selection chose, and whether on more than these results.

    It is that of the table of all runs beside the summary, else of the tables that `select` wrote into the folders: of
    the confirmation where there was one. None where neither tells, or where that compared something else.
    """
    folder = results.folder or Path()
    if (folder / FILE).exists():
        tuning = Tuning.load(folder / FILE)
        judged_by = (tuning.indicator, str(tuning.runs["reduce_seeds"].iloc[0]))
        if agent not in tuning.agents or judged_by != (indicator, reduce_seeds):
            return None
        return tuning.winner(agent), len(tuning.stages(agent)) > 1
    for of, is_later in ((folder.with_name(f"{folder.name}{layout.CONFIRM}"), True), (folder, False)):
        path = Path(layout.selection_table(of, agent))
        if path.is_file():
            with path.open(encoding="utf-8", newline="") as file:
                chosen = [row for row in csv.DictReader(file) if row.get("selected") == "1"]
            if chosen and chosen[0]["indicator"] == indicator and reduce_seeds == "mean":
                later = is_later or chosen[0].get("rung", "0") != "0"
                return chosen[0].get("sample") or chosen[0]["scope"], later
    return None


def tuning_of(results: Results) -> Tuning:
    """
    Return the runs of the optimisation that results are of: the table beside their summary.

    Where there is none, they are those of the results, an optimisation of one rung that compares learning regret
    (policy regret, where the logs hold no other).
    """
    path = (results.folder or Path()) / FILE
    if path.exists():
        return Tuning.load(path).only({agent.class_name for agent in results.agents_as_given})
    indicator = regrets_of(results)[0]
    runs = results.summary[results.summary["status"] == "complete"]
    steps = runs["steps"] if column(indicator).is_sum else 1.0
    return Tuning(
        pd.DataFrame(
            {
                "agent": runs["agent_class"].astype(str),
                "stage": "0",
                "sample": runs["agent_scope"].astype(str),
                "mdp": runs["mdp_scope"].astype(str) + "-" + runs["mdp_class"].astype(str),
                "seed": runs["seed"],
                "value": runs[indicator] / steps,
                "seconds": runs["seconds"],
                "indicator": indicator,
                "reduce_seeds": "mean",
                "complete": True,  # what the results lack they say themselves
            }
        )
    )
