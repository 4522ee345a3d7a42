"""Plots of an optimisation: what a budget finds, what rungs kept, and the landscape on the ranges' own scales."""

from collections.abc import Iterator
from typing import Any

import numpy as np

from colosseum.analysis.names import family_of, scope_number
from colosseum.analysis.page.sources import Source
from colosseum.analysis.page.tuned import Selection, place_of, selection_of
from colosseum.analysis.page.vega import (
    AGENT_COLOUR,
    AGENT_DASH,
    NO_LEGEND,
    SCHEME,
    Chart,
    Spec,
    amount,
    band,
    chosen_or,
    columnar,
    hover_points,
    name,
    number,
    tooltip,
)
from colosseum.analysis.regrets import regret_title
from colosseum.analysis.statistics.budget import best_of, quantile_of_best
from colosseum.analysis.tuning import CONFIRM, Tuning, tuning_of

_SHORT = "datum.value !== 0 && abs(datum.value) < 0.01 ? format(datum.value, '~e') : format(datum.value, '~g')"
"""A number on an axis, with an exponent where it would be wide without."""
_IS_POWER = "abs(log(datum.value) / LN10 - round(log(datum.value) / LN10)) < 1e-6"
"""Whether a number on an axis is a power of ten."""

_FIELDS = ("agent", "sample", "name", "value", "place", "score", "kind")


def charts_of_optimisation(source: Source) -> Iterator[Chart]:
    """Yield the plots of an optimisation: of all agents, then of each."""
    tuning = tuning_of(source.results)
    yield _budget(source, tuning)
    for agent in tuning.agents:
        if len(tuning.stages(agent)) > 1:
            yield _rungs(source, tuning, agent)
        selection = selection_of(source.folder, agent)
        names = [name for name in selection.names if len({row[name] for row in selection.rows}) > 1]
        if names:
            yield _slices(source, agent, selection, names)
        if len(names) > 1:
            yield _parallel(source, agent, selection, names)


def _budget(source: Source, tuning: Tuning) -> Chart:
    def rows() -> Iterator[list[Any]]:
        for agent in tuning.agents:
            costs = tuning.sign * np.array(list(tuning.scores(agent, "0").values()))
            low, high = (tuning.sign * quantile_of_best(costs, q) for q in (0.25, 0.75))
            for k, best in enumerate(tuning.sign * best_of(costs)):
                yield [family_of(agent), k + 1, number(best), number(low[k]), number(high[k])]

    title = f"Expected best {regret_title(tuning.indicator).lower()}"
    hover = tooltip(agent="Agent", samples=("Samples", "d"), best=("Expected best", ".4f"))
    line = {"y": amount("best", title, scale={"zero": False}), "strokeDash": AGENT_DASH}
    spec: Spec = {
        "width": "container",
        "height": 260,
        "encoding": {
            "x": amount("samples", "Samples tried", axis={"format": "d"}, scale={"nice": False}),
            "color": AGENT_COLOUR,
        },
        "layer": [band("low", "high", title), {"mark": "line", "encoding": line}, hover_points("best", hover)],
    }
    text = "Expected best of so many samples. Bands: the middle half of what so many of the samples give."
    data = columnar(("agent", "samples", "best", "low", "high"), rows())
    return Chart(f"{source.anchor}-budget", "Tuning budget", text, spec, data, {"logs": ["x"]})


def _lines(mark_of_line: tuple[float, float], mark_of_point: tuple[float, float], hover: list[Spec]) -> list[Spec]:
    """A line a sample, the chosen one thick: widths of the lines and sizes of the points, the chosen one's first."""
    points = {"tooltip": hover, "size": chosen_or(*mark_of_point)}
    return [
        {"mark": "line", "encoding": {"detail": name("sample"), "strokeWidth": chosen_or(*mark_of_line)}},
        {"mark": {"type": "point", "filled": True}, "encoding": points},
    ]


def _rungs(source: Source, tuning: Tuning, agent: str) -> Chart:
    stages = tuning.stages(agent)
    titles = {stage: "Confirmed" if stage == CONFIRM else f"Rung {int(stage) + 1}" for stage in stages}
    scores = {stage: tuning.scores(agent, stage) for stage in stages}
    winner = tuning.winner(agent)

    def rows() -> Iterator[list[Any]]:
        for stage in stages:
            for sample, score in scores[stage].items():
                kind = "chosen" if sample == winner else "went on" if sample in scores[stages[1]] else "did not go on"
                yield [family_of(agent), titles[stage], scope_number(sample), number(score), kind]

    hover = tooltip(sample="Sample", stage="Stage", score=("Score", ".4f"), kind="Which")
    faint = {"condition": {"test": "datum.kind === 'did not go on'", "value": 0.35}, "value": 0.9}
    spec: Spec = {
        "width": "container",
        "height": 260,
        "encoding": {
            "x": name("stage", sort=list(titles.values()), axis={"labelAngle": 0}, scale={"type": "point"}),
            "y": amount("score", regret_title(tuning.indicator), scale={"zero": False}),
            "color": NO_LEGEND,
            "opacity": faint,
        },
        "layer": _lines((3, 1), (130, 40), hover),
    }
    text = (
        "A line a sample, the chosen one thick. Scores are over all runs that it has had by then; confirmed ones over "
        "fresh seeds alone."
    )
    data = columnar(("agent", "stage", "sample", "score", "kind"), rows())
    return Chart(f"{source.anchor}-{agent}-rungs", f"{family_of(agent)}: rungs", text, spec, data)


def _rows(agent: str, selection: Selection, names: list[str]) -> Iterator[list[Any]]:
    for row in selection.rows:
        for of in names:
            place = place_of(row[of], selection.spaces[of])
            yield [
                family_of(agent),
                scope_number(row["scope"]),
                of,
                _plain(row[of]),
                number(_level(row[of], of, selection) if place is None else place),
                number(float(row["score"])),
                "chosen" if row["selected"] == "1" else "sample",
            ]


def _level(text: str, of: str, selection: Selection) -> float:
    """The place of a value that is no number, or of no known range: the levels are spread evenly."""
    levels = sorted({_plain(row[of]) for row in selection.rows}, key=lambda one: (isinstance(one, str), one))
    return levels.index(_plain(text)) / max(1, len(levels) - 1)


def _plain(text: str) -> float | str:
    try:
        return float(text)
    except ValueError:
        return text


def _slices(source: Source, agent: str, selection: Selection, names: list[str]) -> Chart:
    hover = tooltip(sample="Sample", value="Value", score=("Score", ".4f"), kind="Which")

    def panel(of: str) -> Spec:
        space = selection.spaces[of]
        x = name("value", of)
        if all(isinstance(_plain(row[of]), float) for row in selection.rows):
            x = amount(
                "value", of, axis={"labelExpr": _SHORT, "tickCount": 4, "labelOverlap": "greedy", "labelSeparation": 6}
            )
            if space is not None and space.kind in ("uniform", "log_uniform", "integer"):
                kind = "log" if space.kind == "log_uniform" else "linear"
                x["scale"] = {"type": kind, "domain": space.given, "nice": False}
                if kind == "log" and space.given[1] >= 10 * space.given[0]:
                    x["axis"]["labelExpr"] = f"{_IS_POWER} ? ({_SHORT}) : ''"
        return {
            "height": 190,
            "transform": [{"filter": f"datum.name === '{of}'"}],
            "mark": {"type": "point", "filled": True},
            "encoding": {
                "x": x,
                "y": amount("score", regret_title(selection.indicator), scale={"zero": False}),
                "color": NO_LEGEND,
                "tooltip": hover,
                "shape": chosen_or("diamond", "circle"),
                "size": chosen_or(190, 45),
                "opacity": chosen_or(1, 0.6),
            },
        }

    spec: Spec = {"concat": [panel(of) for of in names], "resolve": {"scale": {"y": "shared"}}}
    text = "A point a sample, on the scale that its range was drawn on, from end to end; the diamond was chosen."
    title = f"{family_of(agent)}: score against each hyperparameter"
    data = columnar(_FIELDS, _rows(agent, selection, names))
    return Chart(f"{source.anchor}-{agent}-slices", title, text, spec, data, {"facet": 230, "most": len(names)})


def _parallel(source: Source, agent: str, selection: Selection, names: list[str]) -> Chart:
    hover = tooltip(sample="Sample", name="Hyperparameter", value="Value", score=("Score", ".4f"), kind="Which")
    place = amount("place", "Place in the range (0 low end, 1 high end)", scale={"domain": [0, 1]})
    spec: Spec = {
        "width": "container",
        "height": 260,
        "encoding": {
            "x": name(
                "name", sort=names, axis={"labelAngle": -25, "grid": True}, scale={"type": "point", "padding": 0.3}
            ),
            "y": place,
            "color": amount(
                "score", "Score", scale={"scheme": SCHEME}, legend={"type": "gradient", "orient": "bottom"}
            ),
            "opacity": chosen_or(1, 0.65),
        },
        "layer": _lines((4, 1.2), (120, 30), hover),
    }
    text = (
        "A line a sample through its hyperparameters, each on its range's own scale; the chosen one is thick. Colour: "
        "its score."
    )
    title = f"{family_of(agent)}: samples side by side"
    data = columnar(_FIELDS, _rows(agent, selection, names))
    return Chart(f"{source.anchor}-{agent}-parallel", title, text, spec, data)
