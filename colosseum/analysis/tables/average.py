"""One indicator: environments in the rows, agents in the columns, the average in the last row."""

import os
from collections.abc import Sequence

import numpy as np
import pandas as pd

from colosseum.analysis.columns import is_best_when_high, is_sum_over_steps
from colosseum.analysis.folder import Configured
from colosseum.analysis.names import indicator_title, label
from colosseum.analysis.results import Results, check_indicator
from colosseum.analysis.statistics import not_significantly_worse
from colosseum.analysis.table_model import Number, Row, Table, choose_decimals
from colosseum.analysis.table_writers import latex_number, to_latex

DEFAULT_INDICATORS = ("normalized_cumulative_regret",)

SPREAD_NOTE = "Mean ± sample standard deviation over the seeds."
BOLD_NOTE = "Bold: not significantly worse than the best (one-sided Welch tests, 5 %, Holm)."


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
    seed's average over the environments. Bold are all values that are not significantly worse than the best of their
    row.
    """
    results = Results.load(experiment_folder, allow_incomplete=allow_incomplete)
    table = build(
        results,
        (indicator,),
        per_step=divide_by_total_number_of_time_steps,
        show_prm=True if show_prm else None,
        mdps_on_row=mdps_on_row,
    )
    frame = _to_frame(results, table, mdps_on_row)
    if print_table:
        with pd.option_context("display.max_rows", None, "display.max_columns", None, "display.width", 500):
            print(frame)
    latex = to_latex(table)
    return (latex, frame) if return_table else latex


def build(
    results: Results,
    indicators: Sequence[str] = DEFAULT_INDICATORS,
    per_step: bool = True,
    show_prm: bool | None = None,
    mdps_on_row: bool = True,
) -> Table:
    """Build the table of the first of `indicators`; other parameters as in `get_latex_table_of_average_indicator`."""
    indicator = check_indicator(indicators[0]).name
    mdp_labels, agent_labels = label(results.mdps, show_prm), label(results.agents, show_prm)
    values = {agent: results.values(indicator, agent, per_step) for agent in results.agents}
    means = np.stack([_mean_over_seeds(one) for one in values.values()])
    decimals = choose_decimals(means[~np.isnan(means)])
    high = is_best_when_high(indicator)
    lines = [_cells([one[:, [j]] for one in values.values()], high, decimals) for j in range(len(results.mdps))]
    # the average is over the environments that all agents with logs have, else it would compare them on different ones
    begun = ~np.isnan(means).all(axis=1)
    common = ~np.isnan(means[begun]).any(axis=0)
    lines.append(_cells([one[:, common] for one in values.values()], high, decimals))
    names = [*(mdp_labels[mdp] for mdp in results.mdps), "Average"]
    rule = "per step" if per_step and is_sum_over_steps(indicator) else ""
    title = f"{indicator_title(indicator)}{f' {rule}' if rule else ''}"
    notes = (SPREAD_NOTE, BOLD_NOTE, *_average_note(common), *filter(None, [results.note]))
    if mdps_on_row:
        families = [*(mdp.class_name for mdp in results.mdps), "Average"]
        rows = [
            Row((name,), tuple(cells), rule_above=i > 0 and families[i] != families[i - 1])
            for i, (name, cells) in enumerate(zip(names, lines, strict=True))
        ]
        return Table(title, ("MDP",), tuple(agent_labels.values()), tuple(rows), notes)
    rows = [Row((agent_labels[agent],), tuple(cells[i] for cells in lines)) for i, agent in enumerate(results.agents)]
    return Table(title, ("Agent",), tuple(names), tuple(rows), notes)


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
    return float(_mean_over_seeds(values).mean()), deviation


def _mean_over_seeds(values: np.ndarray) -> np.ndarray:
    count = (~np.isnan(values)).sum(axis=0)
    return np.divide(np.nansum(values, axis=0), count, out=np.full(count.shape, np.nan), where=count > 0)


def _cells(values: list[np.ndarray], high: bool, decimals: int) -> list[Number]:
    if values[0].shape[1] == 0:
        return [Number(float("nan"))] * len(values)
    best = not_significantly_worse(values, high)
    return [
        Number(mean, decimals, spread, bold=bold)
        for (mean, spread), bold in zip(map(spread_over_seeds, values), best, strict=True)
    ]


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
