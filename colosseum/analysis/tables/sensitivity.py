"""One setting for all environments against one tuned for each, both on seeds that no choice has seen."""

import math
from collections.abc import Sequence

import numpy as np

from colosseum import layout
from colosseum.analysis.names import family_of, setting_title
from colosseum.analysis.regrets import cut_note, regret_title
from colosseum.analysis.results import Results
from colosseum.analysis.table_model import DASH, Number, Row, Table
from colosseum.analysis.tuning import CONFIRM, Tuning, tuning_of

_TITLES = ("Samples", "One for all", "Tuned for each", "Sensitivity", "Standard error", "Settings used")


def build(results: Results, indicators: Sequence[str] = ()) -> Table:
    """Build the table; `indicators` is not used: it is that of the selection."""
    tuning = tuning_of(results)
    rows = tuple(Row((family_of(agent),), _cells(tuning, agent)) for agent in tuning.agents)
    not_run = [family_of(agent) for agent in tuning.agents if CONFIRM not in tuning.stages(agent)]
    missing = f"Not confirmed on fresh seeds (selection.confirm of a study): {', '.join(not_run)}."
    notes = (
        f"{regret_title(tuning.indicator)}, mean over the environments, on the seeds that confirmed the winner. Tuned "
        "for each: of the confirmed samples the one that was the best in that environment when tuned. Sensitivity: "
        "what that gains (Adkins, Bowling and White 2024); its standard error is over the seeds, environments fixed.",
        "Settings used: how many different samples are the best somewhere.",
        *([missing] if not_run else []),
        *(results.notes or filter(None, [tuning.note])),
        *cut_note(results),
    )
    return Table(f"Sensitivity: {setting_title(results.name)}", ("Agent",), _TITLES, rows, notes)


def _cells(tuning: Tuning, agent: str) -> tuple[Number | str, ...]:
    if CONFIRM not in tuning.stages(agent):
        return (DASH,) * len(_TITLES)
    when_tuned, on_fresh = tuning.by_environment(agent, tuning.last_rung(agent)), tuning.by_environment(agent, CONFIRM)
    winner = tuning.winner(agent)
    samples = sorted(on_fresh, key=layout.scope_index)  # of equal ones the first is taken
    mdps = list(on_fresh[winner])
    tuned = {mdp: min(samples, key=lambda sample: tuning.sign * when_tuned[sample][mdp]) for mdp in mdps}
    for_all = math.fsum(on_fresh[winner].values()) / len(mdps)
    for_each = math.fsum(on_fresh[tuned[mdp]][mdp] for mdp in mdps) / len(mdps)
    return (
        str(len(samples)),
        Number(for_all, 4),
        Number(for_each, 4),
        Number(tuning.sign * (for_all - for_each), 4),
        Number(_standard_error(tuning, agent, winner, tuned), 4),
        str(len(set(tuned.values()))),
    )


def _standard_error(tuning: Tuning, agent: str, winner: str, tuned: dict[str, str]) -> float:
    """Of the difference, from the differences at the same environment and seed; nan with one seed."""
    values = tuning.values(agent, CONFIRM)
    variances = []
    for mdp, sample in tuned.items():
        of_winner, of_tuned = values[winner][mdp], values[sample][mdp]
        differences = np.array([of_winner[seed] - of_tuned[seed] for seed in of_winner])
        if len(differences) < 2:
            return math.nan
        variances.append(float(differences.var(ddof=1)) / len(differences))
    return math.sqrt(math.fsum(variances)) / len(variances)
