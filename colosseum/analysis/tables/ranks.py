"""Mean rank of each agent with its confidence interval, and the probability of each rank."""

from collections.abc import Sequence

from colosseum.analysis.names import setting_title
from colosseum.analysis.results import Results
from colosseum.analysis.statistics import mean_ranks, rank_distribution, stratified_bootstrap
from colosseum.analysis.table_model import Number, Row, Table


def build(results: Results, indicators: Sequence[str] = ()) -> Table:
    """Build the table; `indicators` is not used: ranked are the scores of `Results.scores`."""
    scores, _ = results.scores()
    arrays = list(scores.values())
    ranks = stratified_bootstrap(mean_ranks, *arrays)
    shares = rank_distribution(*arrays)
    rows = [
        Row(
            (results.agent_labels[agent],),
            (
                Number(float(ranks.estimate[i]), 2, interval=(float(ranks.low[i]), float(ranks.high[i]))),
                *(Number(float(share), 2) for share in shares[i]),
            ),
        )
        for i, agent in enumerate(scores)
    ]
    titles = ("Mean rank", *(f"P(rank {k + 1})" for k in range(len(arrays))))
    notes = (
        "Ranks by mean score on each environment, ties sharing theirs. Brackets, probabilities: stratified bootstrap.",
        *filter(None, [results.score_note]),
    )
    return Table(f"Ranks: {setting_title(results.name)}", ("Agent",), titles, tuple(rows), notes)
