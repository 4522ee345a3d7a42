"""The environments of a benchmark: parameters, size and measures of hardness, each with an id that others lead to."""

import csv
import math
from statistics import fmean

from colosseum.analysis.folder import Configured
from colosseum.analysis.hardness import HARDNESS_FILE
from colosseum.analysis.page.shown import Shown, show, without_equal_columns
from colosseum.analysis.page.sources import Source
from colosseum.analysis.table_model import DASH, Number, Row, Table

MEASURES = {
    "n_states": ("States", "How many states can be reached."),
    "n_actions": ("Actions", "How many actions there are in each state."),
    "H": ("Horizon", "Steps of an episode; none in the continuous setting."),
    "communication_class": ("Class", "Whether all states reach each other, whatever the policy (ergodic), or by some."),
    "diameter": ("Diameter", "Expected steps between the two states that are farthest apart, by the fastest policy."),
    "value_norm": ("Value norm", "How much the optimal value of the next state varies, at its largest; discounted."),
    "undiscounted_value_norm": ("Undiscounted", "The same, not discounted."),
    "sum_reciprocals_suboptimality_gaps": ("1 / gaps", "Sum of the reciprocals of the sub-optimality gaps."),
}
"""Columns of ``hardness.csv``, each with its title and what it means."""

_DECIMALS = {"diameter": 1, "value_norm": 3, "undiscounted_value_norm": 3, "sum_reciprocals_suboptimality_gaps": 0}
_RESTS = "Means over the seeds, where seeds are different layouts."


def environment_target(source: Source, mdp: Configured) -> str:
    """Return the id that an environment has on the page."""
    return f"{source.anchor}-env-{mdp.class_name}-{mdp.scope}"


def environments_table(source: Source, targets: dict[str, str]) -> Shown:
    """
    Return the table of a benchmark's environments.

    Measures are those of the file that the analysis has made; without it there are parameters alone.
    """
    results = source.results
    parameters = results.parameters("mdp")
    measured = read_measures(source)
    names = list(dict.fromkeys(name for mdp in results.mdps for name in measured.get(mdp, {})))
    rows = []
    for mdp in results.mdps:
        cells = [_cell(name, measured.get(mdp, {}).get(name)) for name in names]
        rows.append(
            Row((results.mdp_labels[mdp],), (mdp.class_name, mdp.scope, format_parameters(parameters[mdp]), *cells))
        )
    titles = ("Environment class", "Gin scope", "Parameters", *(MEASURES[name][0] for name in names))
    notes = (_RESTS,) if names else ("No hardness.csv beside the summary: measures of hardness are not shown.",)
    table = Table(f"Environments: {source.title}", ("Name",), titles, tuple(rows), notes)
    meanings = dict(MEASURES.values())
    return show(without_equal_columns(table), f"{source.anchor}-mdps", (), targets, meanings=meanings)


def read_measures(source: Source) -> dict[Configured, dict[str, float | str]]:
    """Return the measures of each environment from the file beside the summary; empty where there is none."""
    path = (source.results.folder / HARDNESS_FILE) if source.results.folder else None
    if path is None or not path.is_file():
        return {}
    rows: dict[Configured, list[dict[str, str]]] = {}
    with open(path, newline="", encoding="utf-8") as file:
        for row in csv.DictReader(file):
            rows.setdefault(Configured(row["mdp_class"], row["mdp_scope"]), []).append(row)
    return {
        mdp: {name: _mean([row[name] for row in of_mdp]) for name in MEASURES if name in of_mdp[0]}
        for mdp, of_mdp in rows.items()
    }


def format_parameters(parameters: dict[str, str]) -> str:
    """Return an environment's parameters in one line; those that are None are left out."""
    return ", ".join(f"{name} = {value}" for name, value in parameters.items() if value != "None") or DASH


def _mean(texts: list[str]) -> float | str:
    """The mean of numbers; a text that all have, or all texts."""
    try:
        return fmean(float(text) for text in texts)
    except ValueError:
        return " / ".join(sorted(set(texts)))


def _cell(name: str, value: float | str | None) -> Number | str:
    if value is None or value == "":
        return DASH
    if isinstance(value, str):
        return value
    if math.isinf(value):
        return "∞"
    return Number(value, _DECIMALS.get(name, 0 if float(value).is_integer() else 1))
