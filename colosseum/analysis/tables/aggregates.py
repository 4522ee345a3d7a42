"""Mean, median, interquartile mean and optimality gap of each agent, with confidence intervals."""

from collections.abc import Sequence

from colosseum.analysis.names import setting_title
from colosseum.analysis.results import Results
from colosseum.analysis.statistics import stratified_bootstrap
from colosseum.analysis.statistics.aggregates import AGGREGATES
from colosseum.analysis.table_model import Number, Row, Table
from colosseum.analysis.tables.leaderboard import SCORE_NOTE


def build(results: Results, indicators: Sequence[str] = ()) -> Table:
    """Build the table; `indicators` is not used: aggregates are of the scores of `Results.scores`."""
    scores, mdps = results.scores()
    rows = []
    for agent, mine in scores.items():
        intervals = [stratified_bootstrap(function, mine) for function, _ in AGGREGATES.values()]
        cells = (Number(float(one.estimate), 3, interval=(float(one.low), float(one.high))) for one in intervals)
        rows.append(Row((results.agent_labels[agent],), tuple(cells)))
    notes = (
        f"{SCORE_NOTE} Brackets: 95 % stratified bootstrap intervals.",
        f"Environments: {len(mdps)}, seeds: {len(next(iter(scores.values())))}.",
        *filter(None, [results.score_note]),
    )
    return Table(f"Aggregates: {setting_title(results.name)}", ("Agent",), tuple(AGGREGATES), tuple(rows), notes)
