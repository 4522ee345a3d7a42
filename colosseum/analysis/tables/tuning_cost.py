"""What each rung of a hyperparameter optimisation cost, and what all samples on all its pairs would have."""

from collections.abc import Sequence

import pandas as pd

from colosseum.analysis.names import family_of, setting_title
from colosseum.analysis.regrets import cut_note
from colosseum.analysis.results import Results
from colosseum.analysis.table_model import DASH, Number, Row, Table
from colosseum.analysis.tuning import CONFIRM, tuning_of

_TITLES = ("Samples", "Runs of each", "Runs", "Core-hours spent", "Runs of all samples", "Core-hours saved")


def build(results: Results, indicators: Sequence[str] = ()) -> Table:
    """Build the table; `indicators` is not used."""
    tuning = tuning_of(results)
    rows: list[Row] = []
    for agent in tuning.agents:
        first = len(rows)
        stages = {stage: tuning.of(agent, stage) for stage in tuning.stages(agent)}
        n_samples = stages["0"]["sample"].nunique() if "0" in stages else 0
        n_all, spent, saved = 0, 0.0, 0.0
        for stage, runs in stages.items():
            spent += runs["seconds"].sum()
            pairs = len(runs[["mdp", "seed"]].drop_duplicates())
            title = "Confirmation" if stage == CONFIRM else f"Rung {int(stage) + 1}"
            figures: tuple[Number | str, ...] = (DASH, DASH)
            if stage != CONFIRM:
                n_all += n_samples * pairs
                saved_here = _seconds_of_all(runs, n_samples) - runs["seconds"].sum()
                saved += saved_here
                figures = (f"{n_samples * pairs:,}", _hours(saved_here))
            cells = (f"{runs['sample'].nunique():,}", f"{pairs:,}", f"{len(runs):,}", _hours(runs["seconds"].sum()))
            rows.append(Row((family_of(agent), title), (*cells, *figures), rule_above=first > 0 and len(rows) == first))
        n_runs = sum(map(len, stages.values()))
        total = (DASH, DASH, f"{n_runs:,}", _hours(spent), f"{n_all:,}", _hours(saved))
        rows.append(Row((family_of(agent), "All"), total))
    notes = (
        "Runs of each: pairs of environment and seed that the stage adds. Core-hours saved: what the samples that do "
        "not go on would have taken there, at the mean time of those that do in the same environment.",
        *(results.notes or filter(None, [tuning.note])),
        *cut_note(results),
    )
    return Table(f"Cost: {setting_title(results.name)}", ("Agent", "Stage"), _TITLES, tuple(rows), notes)


def _seconds_of_all(runs: pd.DataFrame, n_samples: int) -> float:
    """The time of all samples on the pairs of some runs, each at its mean time."""
    return float(runs.groupby(["mdp", "seed"])["seconds"].mean().sum() * n_samples)


def _hours(seconds: float) -> Number:
    hours = seconds / 3600
    return Number(hours, 2 if abs(hours) >= 1 else 4)
