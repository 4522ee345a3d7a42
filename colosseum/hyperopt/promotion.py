"""From one rung to the next: which samples go on, by their logs of all rungs below."""

import csv
import io
import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from colosseum import layout
from colosseum.benchmark import folders
from colosseum.errors import ConfigurationError
from colosseum.gin_config import format_scope, parse_gin_text
from colosseum.hyperopt.promotion_table import COLUMNS, read_promotions
from colosseum.hyperopt.rungs import fill_slots, settle_slots
from colosseum.hyperopt.selection import Reduction, Score, Selection, cost_sign, score_of, select_best_configuration
from colosseum.hyperopt.values import read_values
from colosseum.logs.columns import check_indicator
from colosseum.utils.files import write_atomically

if TYPE_CHECKING:
    from colosseum.agent.agents.base import BaseAgent

Folder = str | os.PathLike[str]


@dataclass(frozen=True)
class Candidate:
    """
    A sample and what all its logs say by now.

    Attributes
    ----------
    sample : str
        Its gin scope in the first rung.
    parameters : dict of str to object
    environments : tuple of str
    values : ndarray of shape (n_environments, n_seeds)
    n_cut, n_failed : int
        How many of the logs are of agents whose time was used up, and of runs that failed.
    """

    sample: str
    parameters: dict[str, Any]
    environments: tuple[str, ...]
    values: np.ndarray
    n_cut: int
    n_failed: int = 0


@dataclass(frozen=True)
class Promotion:
    """
    Which samples of an agent reach the next rung.

    Attributes
    ----------
    agent_class : type
    indicator : str
    scores : tuple of Score
        Of each candidate, over all runs that it has had, in the order of the slots in the rung below.
    slots : tuple of int
        The candidate of each slot.
    """

    agent_class: type
    indicator: str
    scores: tuple[Score, ...]
    slots: tuple[int, ...]

    @property
    def gin_config(self) -> str:
        """The configurations of the next rung: slot k is gin scope ``prms_<k>``."""
        return "\n".join(
            format_scope(self.agent_class, layout.scope_name(k), self.scores[i].parameters)
            for k, i in enumerate(self.slots)
        )

    def table(self) -> str:
        """Return a CSV, a row a candidate; see `COLUMNS`."""
        text = io.StringIO()
        writer = csv.writer(text, lineterminator="\n")
        writer.writerow(COLUMNS)
        slot_of = {i: layout.scope_name(k) for k, i in enumerate(self.slots)}
        for i, score in enumerate(self.scores):
            writer.writerow([score.scope, slot_of.get(i, ""), self.indicator, score.score, score.n_logs, score.n_cut])
        return text.getvalue()


def promote(
    agent_class: "type[BaseAgent]",
    benchmark_folders: Sequence[Folder],
    keep: int,
    indicator: str = "normalized_cumulative_regret",
    reduce_seeds: Reduction = np.mean,
    allow_cut: bool = True,
) -> Promotion:
    """
    Choose the samples of an agent that reach the next rung.

    Parameters
    ----------
    agent_class : type
    benchmark_folders : sequence of str or path
        Of all rungs below, the first one first.
    keep : int
        How many samples go on.
    indicator, reduce_seeds, allow_cut
        As in `colosseum.hyperopt.selection.select_best_configuration`.

    Raises
    ------
    LogError, ConfigurationError
        As there; also if a table of promotions is missing or damaged.
    """
    scores, sign = score_candidates(agent_class, benchmark_folders, indicator, reduce_seeds, allow_cut)
    choose = fill_slots if len(benchmark_folders) == 1 else settle_slots
    slots = choose([sign * score.score for score in scores], keep)
    return Promotion(agent_class, indicator, tuple(scores), tuple(slots))


def write_promotion(promotion: Promotion, gin_path: Folder, table_path: Folder) -> None:
    """Write the configurations of the next rung and the table of all candidates."""
    write_atomically(table_path, promotion.table())
    write_atomically(gin_path, promotion.gin_config.strip("\n") + "\n")


def select_after_rungs(
    agent_class: "type[BaseAgent]",
    benchmark_folders: Sequence[Folder],
    indicator: str = "normalized_cumulative_regret",
    reduce_seeds: Reduction = np.mean,
    allow_cut: bool = True,
    winner: str | None = None,
) -> Selection:
    """
    Choose the best sample of an optimisation by rungs.

    Parameters
    ----------
    agent_class : type
    benchmark_folders : sequence of str or path
        Of all rungs, the first one first.
    indicator, reduce_seeds, allow_cut
        As in `colosseum.hyperopt.selection.select_best_configuration`.
    winner : str, optional
        The sample that was chosen otherwise, by its confirmation; by default the best one of the last rung.

    Returns
    -------
    Selection
        Of all samples; the score of each is over all runs that it has had.

    Raises
    ------
    LogError, ConfigurationError
        As in `promote`; also if there is no such sample.
    """
    first, *above = benchmark_folders
    chosen = select_best_configuration(agent_class, first, indicator, reduce_seeds, allow_cut=allow_cut)
    scores = {score.scope: replace(score, rung=0) if above else score for score in chosen.scores}
    best = chosen.best.scope
    for k in range(1, len(benchmark_folders)):
        of_rung, sign = score_candidates(agent_class, benchmark_folders[: k + 1], indicator, reduce_seeds, allow_cut)
        scores.update({score.scope: replace(score, rung=k) for score in of_rung})
        best = min(of_rung, key=lambda score: (sign * score.score, layout.scope_index(score.scope))).scope
    if winner is not None and winner not in scores:
        raise ConfigurationError(f"{first}: {agent_class.__name__} has no sample {winner!r}, which was confirmed.")
    return replace(chosen, scores=tuple(scores.values()), best=scores[winner or best])


def score_candidates(
    agent_class: "type[BaseAgent]",
    benchmark_folders: Sequence[Folder],
    indicator: str,
    reduce_seeds: Reduction = np.mean,
    allow_cut: bool = True,
) -> tuple[list[Score], float]:
    """
    Score the samples in the last of some rungs by all runs that they have had.

    Returns
    -------
    list of Score
        In the order of that rung's slots.
    float
        1 if the lowest score is the best, else -1.
    """
    column = check_indicator(indicator)
    candidates, n_steps = read_candidates(agent_class, benchmark_folders, indicator, allow_cut)
    scale = n_steps if column.is_sum else 1
    scores = [score_of(c.sample, c.parameters, c.values, scale, reduce_seeds, c.n_cut, c.n_failed) for c in candidates]
    return scores, cost_sign(column, reduce_seeds)


def read_candidates(
    agent_class: "type[BaseAgent]", benchmark_folders: Sequence[Folder], indicator: str, allow_cut: bool = True
) -> tuple[list[Candidate], int]:
    """
    Read all logs of the samples in the last of some rungs.

    Returns
    -------
    list of Candidate
        In the order of that rung's slots.
    int
        Steps of each log.

    Raises
    ------
    LogError, ConfigurationError
        As in `promote`.
    """
    name = agent_class.__name__
    samples = [read_samples(agent_class, folder, is_first=not k) for k, folder in enumerate(benchmark_folders)]
    left = samples[-1]
    found: dict[str, dict[tuple[str, int], float]] = {sample: {} for sample in left.values()}
    parameters: dict[str, dict[str, Any]] = {}
    n_cut, n_failed = dict.fromkeys(found, 0), dict.fromkeys(found, 0)
    n_steps = 0
    for folder, of_slot in zip(benchmark_folders, samples, strict=True):
        slots = {slot: sample for slot, sample in of_slot.items() if sample in found}
        if missing := sorted(found.keys() - set(slots.values())):
            raise ConfigurationError(
                f"{folder}: {name}: {missing[0]} is in the last rung and not in this one; promote its samples again."
            )
        read = read_values(agent_class, folder, indicator, allow_cut=allow_cut, scopes=slots)
        n_steps = read.n_steps
        for i, (slot, of_scope) in enumerate(read.configurations.items()):
            sample = slots[slot]
            parameters.setdefault(sample, of_scope)
            if parameters[sample] != of_scope:
                raise ConfigurationError(
                    f"{layout.agent_config_file(folder, name)}: {slot} is not {sample} of the first rung; promote the "
                    "samples again."
                )
            n_cut[sample] += int(read.cut[i].sum())
            n_failed[sample] += int(read.failed[i].sum())
            for (j, k), value in np.ndenumerate(read.values[i]):
                found[sample][read.environments[j], read.seeds[k]] = float(value)
    return [
        Candidate(sample, parameters[sample], *_rectangle(found[sample], name), n_cut[sample], n_failed[sample])
        for sample in left.values()
    ], n_steps


def read_samples(agent_class: type, benchmark_folder: Folder, is_first: bool = False) -> dict[str, str]:
    """
    Return the sample in each slot of a rung, both as gin scopes, in the order of the slots.

    Parameters
    ----------
    agent_class : type
    benchmark_folder : str or path
    is_first : bool
        Whether it is the first rung, whose configurations are the samples.

    Raises
    ------
    ConfigurationError
        If the rung's table of promotions is missing or damaged.
    """
    if is_first:
        source = layout.agent_config_file(benchmark_folder, agent_class.__name__)
        scopes = parse_gin_text(agent_class, folders.read_text(source), source)
        return {scope: scope for scope in scopes}
    rows = read_promotions(layout.promotion_table(benchmark_folder, agent_class.__name__))
    sample_of = {row["slot"]: row["sample"] for row in rows if row["slot"]}
    return {slot: sample_of[slot] for slot in sorted(sample_of, key=layout.scope_index)}


def _rectangle(values: dict[tuple[str, int], float], name: str) -> tuple[tuple[str, ...], np.ndarray]:
    environments = _in_order(environment for environment, _ in values)
    seeds = _in_order(seed for _, seed in values)
    if len(values) != len(environments) * len(seeds):
        raise ConfigurationError(f"{name}: the rungs have not the same seeds in all {len(environments)} environments.")
    return tuple(environments), np.array([[values[e, s] for s in seeds] for e in environments])


def _in_order(values: Iterable[Any]) -> list[Any]:
    return list(dict.fromkeys(values))
