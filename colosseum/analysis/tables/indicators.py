"""Several indicators: a row for each environment and agent, with the number of completed seeds."""

import os
from collections.abc import Sequence

import numpy as np

from colosseum.analysis.regrets import (
    better_note,
    better_than_random,
    bold_note,
    cut_note,
    layouts,
    regret_title,
    regrets_of,
    spread_note,
)
from colosseum.analysis.results import Results
from colosseum.analysis.table_model import Row, Table, choose_decimals
from colosseum.analysis.table_writers import to_latex
from colosseum.analysis.tables.average import SPREAD_NOTE, cells_of, cuts, mark
from colosseum.errors import ConfigurationError
from colosseum.logs.columns import check_indicator

OTHER_INDICATORS = ("normalized_cumulative_expected_reward", "normalized_cumulative_reward", "steps_per_second")


def get_latex_table_of_indicators(
    experiment_folder: str | os.PathLike,
    indicators: Sequence[str],
    show_prm_agent: bool = False,
    divide_by_total_number_of_time_steps: bool = True,
    print_table: bool = False,
    show_prm_mdp: bool = True,
    *,
    allow_incomplete: bool = False,
) -> str:
    r"""
    Return the final values of several indicators for each environment and agent as a LaTeX table.

    Parameters
    ----------
    experiment_folder : str or path
        A benchmark's folder, or a ``summary.csv`` of it.
    indicators : sequence of str
        Of `colosseum.analysis.columns.INDICATORS`.
    show_prm_agent, show_prm_mdp : bool
        Whether to show the number of the gin scope beside the names of agents and environments. Names that would be
        ambiguous without it show it in any case.
    divide_by_total_number_of_time_steps : bool
        Whether to show the values per step. Steps per second are never divided.
    print_table : bool
        Whether to print the table, too.
    allow_incomplete : bool
        Whether instances may be missing; the table then says so.

    Returns
    -------
    str
        LaTeX that needs ``\usepackage{booktabs}``.

    Raises
    ------
    ConfigurationError, LogError
        If an indicator is unknown, or instances are missing where that is not allowed.

    Notes
    -----
    A seed counts as completed if its training was not stopped for lack of time. The standard deviation and bold are
    as in `get_latex_table_of_average_indicator`, the agents of an environment being compared.
    """
    table = build(
        Results.load(experiment_folder, allow_incomplete=allow_incomplete),
        indicators,
        per_step=divide_by_total_number_of_time_steps,
        show_prm_agent=True if show_prm_agent else None,
        show_prm_mdp=True if show_prm_mdp else None,
    )
    latex = to_latex(table)
    if print_table:
        print(latex)
    return latex


def build(
    results: Results,
    indicators: Sequence[str] | None = None,
    per_step: bool = True,
    show_prm_agent: bool | None = None,
    show_prm_mdp: bool | None = None,
) -> Table:
    """Build the table; parameters as in `get_latex_table_of_indicators`."""
    if isinstance(indicators, str) or (indicators is not None and not indicators):
        raise ConfigurationError(f"indicators is {indicators!r}; a list of at least one name is expected.")
    chosen = [check_indicator(name) for name in indicators or default_indicators(results)]
    mdp_labels, agent_labels = results.label_mdps(show_prm_mdp), results.label_agents(show_prm_agent)
    values = {
        one.name: np.stack([results.values(one.name, agent, per_step) for agent in results.agents]) for one in chosen
    }
    decimals = {name: choose_decimals(held[~np.isnan(held)]) for name, held in values.items()}
    better = {
        one.name: [better_than_random(results, one.name, agent, per_step) for agent in results.agents] for one in chosen
    }
    finished, changed, cut = _completed_seeds(results), layouts(results), cuts(results)
    rows = []
    for j, mdp in enumerate(results.mdps):
        columns = []
        for one in chosen:
            of_random = better[one.name]
            marks = [
                mark(None if known is None else bool(known[j]), int(cut[i][j]) if one.kind == "performance" else 0)
                for i, known in enumerate(of_random)
            ]
            high = bool(one.higher_is_better)
            columns.append(cells_of(values[one.name][:, :, [j]], high, decimals[one.name], changed[[j]], marks))
        for i, agent in enumerate(results.agents):
            cells = [column[i] for column in columns]
            cells.append(f"{finished[mdp, agent]}/{len(results.seeds)}")
            rows.append(Row((mdp_labels[mdp], agent_labels[agent]), tuple(cells), rule_above=i == 0 and j > 0))
    titles = (*(regret_title(one.name) for one in chosen), "Completed seeds")
    known = any(one is not None for held in better.values() for one in held)
    notes = (
        f"Final values{' per step (steps per second as they are)' if per_step else ''}. {SPREAD_NOTE}",
        bold_note("one environment, for each indicator", len(results.seeds)),
        *([better_note(len(results.seeds))] if known else []),
        *spread_note(results),
        *cut_note(results, marked=True),
        *results.notes,
    )
    return Table("Indicators of each environment and agent", ("Environment", "Agent"), titles, tuple(rows), notes)


def default_indicators(results: Results) -> list[str]:
    """Return both regrets and what `OTHER_INDICATORS` names, those of them that the logs hold."""
    held = [name for name in OTHER_INDICATORS if not results.summary[name].isna().all()]
    return [*regrets_of(results), *held]


def _completed_seeds(results: Results) -> dict[tuple, int]:
    table = results.summary
    good = table[(table["status"] == "complete") & (table["training_state"] != "time_exceeded")]
    counts = good.groupby(["mdp_class", "mdp_scope", "agent_class", "agent_scope"], observed=True).size()
    return {(mdp, agent): int(counts.get((*mdp, *agent), 0)) for mdp in results.mdps for agent in results.agents}
