"""Probability that the agent of the row is better than that of the column, for every pair."""

from collections.abc import Sequence

from colosseum.analysis.names import setting_title
from colosseum.analysis.results import Results
from colosseum.analysis.statistics import probability_of_improvement, stratified_bootstrap
from colosseum.analysis.table_model import Number, Row, Table


def build(results: Results, indicators: Sequence[str] = ()) -> Table:
    """Build the table; `indicators` is not used: compared are the scores of `Results.scores`."""
    scores, _ = results.scores()
    rows = []
    for row, mine in scores.items():
        cells: list[Number | str] = []
        for column, others in scores.items():
            if row == column:
                cells.append("")
                continue
            interval = stratified_bootstrap(probability_of_improvement, mine, others)
            cells.append(Number(float(interval.estimate), 2, interval=(float(interval.low), float(interval.high))))
        rows.append(Row((results.agent_labels[row],), tuple(cells)))
    notes = (
        "Mean over the environments of P(row's score > column's) + P(equal) / 2. Brackets: 95 % stratified bootstrap.",
        *filter(None, [results.score_note]),
    )
    columns = tuple(results.agent_labels[agent] for agent in scores)
    return Table(f"Probability of improvement: {setting_title(results.name)}", ("Agent",), columns, tuple(rows), notes)
