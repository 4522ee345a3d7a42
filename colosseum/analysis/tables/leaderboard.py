"""Agents of a benchmark, best first: both regrets, ranks, speed, how their training ended."""

from collections.abc import Mapping, Sequence

import numpy as np

from colosseum.analysis.folder import Configured
from colosseum.analysis.names import setting_title
from colosseum.analysis.regrets import (
    CUT,
    MEANINGS,
    ONE_SEED_NOTE,
    RANDOM_POLICY,
    SEEDS_NOTE,
    TITLES,
    better_than_random,
    bold_note,
    cut_note,
    is_full,
    layouts,
    missing_regret_note,
    random_scores,
    regrets_of,
    spread_note,
)
from colosseum.analysis.results import Results
from colosseum.analysis.statistics import (
    Interval,
    bootstrap_interval,
    interquartile_mean,
    interquartile_mean_interval,
    mean_interval,
    mean_ranks,
    mean_score,
    not_worse_than_best,
)
from colosseum.analysis.table_model import DASH, Number, Row, Table
from colosseum.analysis.tables.average import count_better

OTHER_TITLES = ("Mean rank", "Better than random", "Steps per second", "Optimal", "Out of time", "Complete")


def build(results: Results, indicators: Sequence[str] = ()) -> Table:
    """
    Build the leaderboard of a benchmark.

    Parameters
    ----------
    results : Results
        The benchmark.
    indicators : sequence of str
        Not used. One statistic places and sets off the agents: the mean of the first of `regrets.regrets_of`.
    """
    regrets = regrets_of(results)
    scores, mdps = results.scores(regrets[0])
    places = sorted(scores, key=lambda agent: -float(mean_score(scores[agent])))
    kept = [results.mdps.index(mdp) for mdp in mdps]
    best = dict(zip(scores, not_worse_than_best(list(scores.values()), layouts=layouts(results)[kept]), strict=True))
    random = random_scores(results, regrets[0])
    ranks = intervals_of_ranks([scores[agent] for agent in places], random)
    rows = []
    for place, agent in enumerate(places):
        cells = _regret_cells(results, regrets, agent, best[agent])
        cells.append(number_of(ranks, place, 2))
        better = better_than_random(results, regrets[0], agent)
        means = scores[agent].mean(axis=0)
        cells.append(count_better(None if better is None else better[kept], means))
        cells.append(Number(_median_speed(results, agent), 0))
        states = training_states(results, agent)
        cells += [text_of(states, state) for state in ("optimal", "out of time", "complete")]
        rows.append(Row((str(place + 1), results.agent_labels[agent]), tuple(cells)))
    if random is not None:
        ahead = sum(mean_score(scores[agent]) >= mean_score(random) for agent in places)
        rows.insert(int(ahead), _random_row(results, regrets, float(ranks.estimate[-1])))
    n_seeds = len(scores[places[0]])
    how = "by value alone, one seed" if n_seeds == 1 else "one-sided t test, 5 % in each"
    notes = (
        *(MEANINGS[regret] for regret in regrets),
        f"{SEEDS_NOTE}{f' {ONE_SEED_NOTE}' if n_seeds == 1 else ''} Environments: {len(mdps)}, seeds: {n_seeds}.",
        f"Place and mark follow the mean {TITLES[regrets[0]].lower()}. {bold_note('the table', n_seeds)}",
        f"Better than random: in how many environments ({how}). {RANDOM_POLICY}: its exact expectation.",
        "Steps per second: median. Optimal, out of time: instances whose training stopped early, and why.",
        *not_told_note(results),
        *missing_regret_note(results),
        *spread_note(results),
        *cut_note(results, marked=True),
        *results.score_notes,
    )
    titles = [f"{title}: {statistic}" for title in TITLES.values() for statistic in ("mean", "IQM")]
    return Table(setting_title(results.name), ("#", "Agent"), (*titles, *OTHER_TITLES), tuple(rows), notes)


def intervals_of_ranks(scores: Sequence[np.ndarray], random: np.ndarray | None) -> Interval:
    """Return the mean ranks of agents and, last, of the random policy where it is known."""
    arrays = [*scores, *([] if random is None else [random])]
    return bootstrap_interval(mean_ranks, *arrays, bounds=(1.0, float(len(arrays))))


def number_of(interval: Interval, i: int, decimals: int) -> Number:
    """Return one of several estimates with its interval as a cell."""
    return Number(float(interval.estimate[i]), decimals, interval=(float(interval.low[i]), float(interval.high[i])))


def training_states(results: Results, agent: Configured) -> dict[str, int]:
    """Return how many instances of an agent are complete, failed and missing, and how the complete ones ended."""
    table = results.summary
    mine = table[(table["agent_class"] == agent.class_name) & (table["agent_scope"] == agent.scope)]
    complete = mine[mine["status"] == "complete"]
    return {
        "complete": len(complete),
        "optimal": int((complete["training_state"] == "optimal").sum()),
        "not told": int((complete["training_state"] == "").sum()),
        "out of time": int((complete["training_state"] == "time_exceeded").sum()),
        "failed": int((mine["status"] == "failed").sum()),
        "missing": int((mine["status"] == "missing").sum()),
    }


def text_of(states: Mapping[str, int], state: str) -> str:
    """
    Return how many instances are in a state of `training_states`, as far as the logs tell.

    Those of the published package do not say whether training stopped with an optimal policy; files beside them say
    where it was cut by the time limit.
    """
    n = states[state]
    if state == "optimal" and states["not told"]:
        return f"≥ {n}" if n else DASH
    return str(n)


def not_told_note(results: Results) -> tuple[str, ...]:
    """Say that some logs do not tell how training ended; nothing where all do."""
    complete = results.summary[results.summary["status"] == "complete"]
    n = int((complete["training_state"] == "").sum())
    return (f"{n} logs do not tell whether training stopped with an optimal policy.",) if n else ()


def _regret_cells(results: Results, regrets: Sequence[str], agent: Configured, best: bool) -> list[Number | str]:
    """Mean and interquartile mean of both regrets, of which the first that there is carries the mark."""
    marks = CUT if results.count(agent, ("time_exceeded",)).any() else ""
    cells: list[Number | str] = []
    for regret in TITLES:
        scores = results.scores(regret)[0][agent] if regret in regrets else np.full((1, 1), np.nan)
        for find in (mean_interval, interquartile_mean_interval):
            if not is_full(scores):
                cells.append(Number(float("nan")))
                continue
            found = find(1.0 - scores)
            bold = best and regret == regrets[0] and find is mean_interval
            ends = (float(found.low), float(found.high))
            cells.append(Number(float(found.estimate), 3, interval=ends, bold=bold, marks=marks))
    return cells


def _random_row(results: Results, regrets: Sequence[str], rank: float) -> Row:
    cells: list[Number | str] = []
    for regret in TITLES:
        random = random_scores(results, regret) if regret in regrets else None
        for find in (mean_score, interquartile_mean):
            cells.append(Number(float("nan") if random is None else float(find(1.0 - random)), 3))
    cells += [Number(rank, 2), *[""] * (len(OTHER_TITLES) - 1)]
    return Row(("", RANDOM_POLICY), tuple(cells))


def _median_speed(results: Results, agent: Configured) -> float:
    if results.summary["steps_per_second"].isna().all():
        return float("nan")
    return float(np.nanmedian(results.values("steps_per_second", agent)))
