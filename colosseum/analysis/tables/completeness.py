"""How many instances of each agent are complete, failed and missing, and how their training ended."""

from collections.abc import Sequence

from colosseum.analysis.names import setting_title
from colosseum.analysis.results import Results
from colosseum.analysis.table_model import Row, Table
from colosseum.analysis.tables.leaderboard import not_told_note, text_of, training_states

_STATES = ("complete", "optimal", "out of time", "failed", "missing")


def build(results: Results, indicators: Sequence[str] = ()) -> Table:
    """Build the table; `indicators` is not used."""
    rows = []
    for agent in results.agents:
        states = training_states(results, agent)
        rows.append(Row((results.agent_labels[agent],), tuple(text_of(states, state) for state in _STATES)))
    notes = (
        "Optimal and out of time are among the complete ones: their training stopped before the last step.",
        *not_told_note(results),
        *results.notes,
    )
    title = f"Completeness: {setting_title(results.name)}"
    return Table(title, ("Agent",), tuple(state.capitalize() for state in _STATES), tuple(rows), notes)
