"""One indicator: environments in the rows, agents in the columns, the average in the last row."""

import os
from collections.abc import Sequence

import numpy as np
import pandas as pd

from colosseum.analysis.folder import Configured
from colosseum.analysis.regrets import (
    CUT,
    NOT_BETTER,
    RANDOM_POLICY,
    better_note,
    better_than_random,
    bold_note,
    cut_note,
    layouts,
    random_values,
    regret_title,
    regrets_of,
    spread_note,
)
from colosseum.analysis.results import Results
from colosseum.analysis.statistics import not_worse_than_best
from colosseum.analysis.table_model import DASH, Number, Row, Table, choose_decimals
from colosseum.analysis.table_writers import latex_number, to_latex
from colosseum.logs.columns import check_indicator

SPREAD_NOTE = "Mean ± sample standard deviation over the seeds."


def get_latex_table_of_average_indicator(
    experiment_folder: str | os.PathLike,
    indicator: str,
    show_prm: bool = False,
    divide_by_total_number_of_time_steps: bool = True,
    mdps_on_row: bool = True,
    print_table: bool = False,
    return_table: bool = False,
    *,
    allow_incomplete: bool = False,
) -> str | tuple[str, pd.DataFrame]:
    r"""
    Return the final values of an indicator, averaged over the seeds, as a LaTeX table.

    Parameters
    ----------
    experiment_folder : str or path
        A benchmark's folder, or a ``summary.csv`` of it.
    indicator : str
        One of `colosseum.analysis.columns.INDICATORS`.
    show_prm : bool
        Whether to show the number of the gin scope beside the names of environments and agents. Names that would be
        ambiguous without it show it in any case.
    divide_by_total_number_of_time_steps : bool
        Whether to show the value per step. Steps per second are never divided.
    mdps_on_row : bool
        Whether environments are in the rows and agents in the columns, or the other way round.
    print_table : bool
        Whether to print the table, too.
    return_table : bool
        Whether to return the table as a data frame, too.
    allow_incomplete : bool
        Whether instances may be missing; the table then says so.

    Returns
    -------
    str, or tuple of str and DataFrame
        LaTeX that needs ``\usepackage{booktabs}``; the data frame has the LaTeX cells, indexed by name, with a pair
        (name, gin scope) for the columns.

    Raises
    ------
    ConfigurationError, LogError
        If the indicator is unknown, or instances are missing where that is not allowed.

    Notes
    -----
    The standard deviation is everywhere that of a sample over the seeds (n - 1); in the row of averages, that of a
    seed's average over the environments. Bold is every value that no other one of its row is significantly better
    than, see `colosseum.analysis.statistics.not_worse_than_best`.
    """
    results = Results.load(experiment_folder, allow_incomplete=allow_incomplete)
    table = build(
        results,
        (indicator,),
        per_step=divide_by_total_number_of_time_steps,
        show_prm=True if show_prm else None,
        mdps_on_row=mdps_on_row,
        show_random=False,
    )
    frame = _to_frame(results, table, mdps_on_row)
    if print_table:
        with pd.option_context("display.max_rows", None, "display.max_columns", None, "display.width", 500):
            print(frame)
    latex = to_latex(table)
    return (latex, frame) if return_table else latex


def build(
    results: Results,
    indicators: Sequence[str] = (),
    per_step: bool = True,
    show_prm: bool | None = None,
    mdps_on_row: bool = True,
    show_random: bool = True,
) -> Table:
    """
    Build the table of the first of `indicators`.

    Parameters
    ----------
    results : Results
        The benchmark.
    indicators : sequence of str
        Default: learning regret, or policy regret where the logs hold no other.
    per_step, show_prm, mdps_on_row
        As in `get_latex_table_of_average_indicator`.
    show_random : bool
        Whether to show the random policy, in how many environments an agent is better, and what seeds differ in.
    """
    of_logs = check_indicator(indicators[0] if indicators else regrets_of(results)[0])
    indicator, high = of_logs.name, bool(of_logs.higher_is_better)
    mdp_labels, agent_labels = results.label_mdps(show_prm), results.label_agents(show_prm)
    values = np.stack([results.values(indicator, agent, per_step) for agent in results.agents])
    means = np.stack([mean_over_seeds(one) for one in values])
    decimals = choose_decimals(means[~np.isnan(means)])
    changed = layouts(results)
    random = random_values(results, indicator, per_step) if show_random else None
    better = [better_than_random(results, indicator, agent, per_step) for agent in results.agents]
    lines = []
    for j in range(len(results.mdps)):
        marks = [
            mark(None if one is None or random is None else bool(one[j]), int(cut[j]))
            for one, cut in zip(better, cuts(results), strict=True)
        ]
        lines.append(cells_of(values[:, :, [j]], high, decimals, changed[[j]], marks))
    # the average is over the environments that all agents with logs have, else it would compare them on different ones
    begun = ~np.isnan(means).all(axis=1)
    common = ~np.isnan(means[begun]).any(axis=0)
    lines.append(cells_of(values[:, :, common], high, decimals, changed[common], [""] * len(values)))
    names = [*(mdp_labels[mdp] for mdp in results.mdps), "Average"]
    agents, notes = list(agent_labels.values()), [SPREAD_NOTE, bold_note("a row", len(results.seeds))]
    families = [*(mdp.class_name for mdp in results.mdps), "Average"]
    if random is not None:
        means_of_random = [*mean_over_seeds(random), mean_over_seeds(random[:, common]).mean()]
        for line, mean in zip(lines, means_of_random, strict=True):
            line.append(Number(float(mean), decimals))
        agents.append(RANDOM_POLICY)
        counts: list[Number | str] = [count_better(one, mean) for one, mean in zip(better, means, strict=True)]
        lines.append([*counts, ""])
        names.append("Better than random")
        families.append("Average")
        notes.append(f"{better_note(len(results.seeds))} {RANDOM_POLICY}: its exact expectation.")
    notes += [
        *spread_note(results),
        *cut_note(results, marked=True),
        *_average_note(common),
        *results.notes,
    ]
    rule = ", per step" if per_step and of_logs.is_sum else ""
    title = f"{regret_title(indicator)}{rule}"
    if mdps_on_row:
        rows = [
            Row((name,), tuple(line), rule_above=i > 0 and families[i] != families[i - 1])
            for i, (name, line) in enumerate(zip(names, lines, strict=True))
        ]
        return Table(title, ("Environment",), tuple(agents), tuple(rows), tuple(notes))
    rows = [Row((name,), tuple(line[i] for line in lines)) for i, name in enumerate(agents)]
    return Table(title, ("Agent",), tuple(names), tuple(rows), tuple(notes))


def cells_of(
    values: np.ndarray, high_is_best: bool, decimals: int, changed: np.ndarray, marks: Sequence[str]
) -> list[Number | str]:
    """
    Return the cells of agents that are compared with each other.

    Parameters
    ----------
    values : ndarray of shape (n_agents, n_seeds, n_mdps)
        nan where an instance is not there.
    high_is_best : bool
        Whether more is better.
    decimals : int
        Digits after the point.
    changed : ndarray of bool, shape (n_mdps,)
        Where seeds are layouts.
    marks : sequence of str
        One an agent.
    """
    if values.shape[2] == 0:
        return [Number(float("nan"))] * len(values)
    best = not_worse_than_best(list(values), high_is_best, changed)
    cells: list[Number | str] = []
    for one, bold, marked in zip(values, best, marks, strict=True):
        mean, spread = spread_over_seeds(one)
        cells.append(Number(mean, decimals, spread, bold=bold, marks=marked))
    return cells


def mark(better: bool | None, n_cut: int) -> str:
    """Return the symbols of a cell: not better than random (None: not known), and runs that were cut."""
    return (NOT_BETTER if better is False else "") + (CUT if n_cut else "")


def cuts(results: Results) -> list[np.ndarray]:
    """Return for each agent how many runs were cut in each environment."""
    return [results.count(agent, ("time_exceeded",)) for agent in results.agents]


def count_better(better: np.ndarray | None, means: np.ndarray) -> str:
    """Return in how many of the environments that an agent has it is better than random: ``14 of 20``."""
    n = int(np.count_nonzero(~np.isnan(means)))
    return DASH if better is None or n == 0 else f"{int(np.count_nonzero(better))} of {n}"


def spread_over_seeds(values: np.ndarray) -> tuple[float, float]:
    """
    Return mean and sample standard deviation over the seeds of a seed's average over the environments.

    Parameters
    ----------
    values : ndarray of shape (n_seeds, n_mdps)
        nan where an instance is not there. Only seeds that have all environments count for the deviation.

    Returns
    -------
    mean, deviation : float
        nan where no environment, or less than two seeds.
    """
    if values.shape[1] == 0:
        return float("nan"), float("nan")
    whole = values[~np.isnan(values).any(axis=1)].mean(axis=1)
    deviation = float(whole.std(ddof=1)) if whole.size > 1 else float("nan")
    return float(mean_over_seeds(values).mean()), deviation


def mean_over_seeds(values: np.ndarray) -> np.ndarray:
    """Return the means over the seeds that are there, nan where there is none; from (n_seeds, n_mdps) to (n_mdps,)."""
    count = (~np.isnan(values)).sum(axis=0)
    return np.divide(np.nansum(values, axis=0), count, out=np.full(count.shape, np.nan), where=count > 0)


def _average_note(common: np.ndarray) -> tuple[str, ...]:
    if common.all():
        return ()
    return (f"The average is over the {common.sum()} of {common.size} environments in which every agent has a log.",)


def _to_frame(results: Results, table: Table, mdps_on_row: bool) -> pd.DataFrame:
    def pairs(configured: list[Configured], names: Sequence[str]) -> pd.MultiIndex:
        return pd.MultiIndex.from_tuples([(name, one.scope) for name, one in zip(names, configured, strict=True)])

    cells = [[latex_number(cell) for cell in row.cells] for row in table.rows]
    index = pd.Index([row.labels[0] for row in table.rows], name=table.label_columns[0])
    if mdps_on_row:
        return pd.DataFrame(cells, index, pairs(results.agents, table.columns))
    average = Configured("Average", "")
    return pd.DataFrame(cells, index, pairs([*results.mdps, average], table.columns))
