"""Plots of a benchmark: profile, improvement, aggregates, hardness, time; the numbers are those of the tables."""

from collections.abc import Iterator
from typing import Any

import numpy as np

from colosseum.analysis.folder import Configured
from colosseum.analysis.page.environments import environment_target, format_parameters, read_measures
from colosseum.analysis.page.sources import Source
from colosseum.analysis.page.vega import (
    AGENT_COLOUR,
    AGENT_DASH,
    LEGEND_OF_POINTS,
    MUTED,
    NO_LEGEND,
    ORDER,
    SCHEME,
    Chart,
    Spec,
    amount,
    band,
    columnar,
    hover_points,
    name,
    number,
    tooltip,
)
from colosseum.analysis.regrets import RANDOM_POLICY, TITLES, is_full, random_scores, regrets_of
from colosseum.analysis.statistics import performance_profile, profile_band
from colosseum.analysis.statistics.intervals import AGGREGATES
from colosseum.analysis.style import FEWEST_FOR_BAND
from colosseum.analysis.table_model import Number, Table
from colosseum.analysis.tables import aggregates, improvement

N_THRESHOLDS = 101
PANEL = {"facet": 230, "most": 4}


def charts_of_benchmark(source: Source) -> Iterator[Chart]:
    """Yield the plots of a benchmark, but for its curves."""
    yield _profile(source)
    if len(source.results.scores()[0]) > 1:
        yield _improvement(source)
    yield _aggregates(source)
    if read_measures(source):
        yield _hardness(source)
    yield _times(source)


def _profile(source: Source) -> Chart:
    title = "Share of instances with score > τ"
    hover = tooltip(agent="Agent", score=("Score τ", ".3f"), share=("Share", ".3f"))
    spec: Spec = {
        "width": "container",
        "height": 300,
        "encoding": {"x": amount("score", "Score τ (1 optimal policy, 0 worst)"), "color": AGENT_COLOUR},
        "layer": [
            band("low", "high", title, interpolate="step-after"),
            {
                "mark": {"type": "line", "interpolate": "step-after"},
                "params": [{"name": "zoom", "select": "interval", "bind": "scales"}],
                "encoding": {"y": amount("share", title), "strokeDash": AGENT_DASH},
            },
            hover_points("share", hover),
        ],
    }
    text = (
        "The higher the curve, the better. Bands: 95 % at each threshold, for other seeds on these same environments."
    )
    rows = columnar(("regret", "agent", "score", "share", "low", "high"), _profile_rows(source))
    return Chart(f"{source.anchor}-profile", "Performance profile", text, spec, rows)


def _profile_rows(source: Source) -> Iterator[list[Any]]:
    results = source.results
    for regret in regrets_of(results):
        full = {agent: scores for agent, scores in results.scores(regret)[0].items() if is_full(scores)}
        random = random_scores(results, regret)
        known = np.concatenate([one.ravel() for one in (*full.values(), *([] if random is None else [random]))])
        thresholds = np.linspace(min(0.0, known.min()), max(1.0, known.max()), N_THRESHOLDS)
        for agent, mine in full.items():
            of_agent = profile_band(mine, thresholds)
            for at, share, low, high in zip(thresholds, *map(np.asarray, of_agent), strict=True):
                ends = [number(low, 4), number(high, 4)] if len(mine) >= FEWEST_FOR_BAND else [None, None]
                yield [TITLES[regret], results.agent_labels[agent], number(at, 4), number(share, 4), *ends]
        if random is not None:
            for at, share in zip(thresholds, performance_profile(random, thresholds), strict=True):
                yield [TITLES[regret], RANDOM_POLICY, number(at, 4), number(share, 4), None, None]


def _numbers(table: Table) -> Iterator[tuple[tuple[str, ...], str, Number]]:
    """Yield the labels of the row, the title of the column and the number of each cell that holds one."""
    for row in table.rows:
        for title, cell in zip(table.columns, row.cells, strict=True):
            if isinstance(cell, Number) and np.isfinite(cell.value):
                yield row.labels, title, cell


def _ends(cell: Number) -> list[float | None]:
    low, high = cell.interval or (None, None)
    return [number(low), number(high)]


def _improvement(source: Source) -> Chart:
    cells = _numbers(improvement.build(source.results))
    rows = ([*labels, column, number(cell.value), *_ends(cell)] for labels, column, cell in cells)
    hover = tooltip(
        agent="Agent", other="is better than", p=("Probability", ".3f"), low=("from", ".3f"), high=("to", ".3f")
    )
    scale = {"domain": [0, 1], "scheme": "purpleorange", "reverse": True}
    white = {"condition": {"test": "datum.p < 0.2 || datum.p > 0.8", "value": "#ffffff"}, "value": "#16181d"}
    colour = amount("p", "Probability", scale=scale)
    spec: Spec = {
        "width": "container",
        "height": {"step": 44},
        "encoding": {
            "x": name("other", "… is better than the agent of the column", sort=ORDER, axis={"labelAngle": -30}),
            "y": name("agent", sort=ORDER),
        },
        "layer": [
            {"mark": {"type": "rect", "cornerRadius": 3}, "encoding": {"color": colour, "tooltip": hover}},
            {"mark": {"type": "text", "fontSize": 12}, "encoding": {"text": amount("p", format=".2f"), "color": white}},
        ],
    }
    text = (
        "Mean over the environments of the probability that a run of the row's agent scores better than one of the "
        "column's."
    )
    fields = ("regret", "agent", "other", "p", "low", "high")
    return Chart(f"{source.anchor}-better", "Probability of improvement", text, spec, columnar(fields, rows))


def _aggregates(source: Source) -> Chart:
    better = {title: "higher" if one.more_is_better else "lower" for title, one in AGGREGATES.items()}
    titles = {title: f"{title} ({better[title]} is better)" for title in AGGREGATES}
    cells = _numbers(aggregates.build(source.results))
    rows = ([*labels, titles[column], number(cell.value), *_ends(cell)] for labels, column, cell in cells)
    hover = tooltip(
        agent="Agent", statistic="Statistic", value=("Score", ".4f"), low=("from", ".4f"), high=("to", ".4f")
    )
    free = {"zero": False}
    few = {"tickCount": 4, "labelOverlap": "greedy", "labelSeparation": 6}
    bar = {"x": amount("low", "Score", scale=free, axis=few), "x2": {"field": "high"}}
    inner: Spec = {
        "height": {"step": 26},
        "encoding": {"y": name("agent", sort=ORDER), "color": NO_LEGEND, "tooltip": hover},
        "layer": [
            {"mark": {"type": "bar", "opacity": 0.35, "height": 12}, "encoding": bar},
            {
                "mark": {"type": "tick", "thickness": 3, "size": 18},
                "encoding": {"x": amount("value", "Score", scale=free, axis=few)},
            },
        ],
    }
    spec: Spec = {
        "facet": name("statistic", sort=list(titles.values())),
        "spec": inner,
        "resolve": {"scale": {"x": "independent"}},
    }
    text = (
        "Score: 1 − regret a step (1 optimal policy, 0 worst). Bars: 95 % intervals, for other seeds on these same "
        "environments."
    )
    data = columnar(("regret", "agent", "statistic", "value", "low", "high"), rows)
    return Chart(f"{source.anchor}-aggregates", "Aggregates", text, spec, data, PANEL)


def _hardness(source: Source) -> Chart:
    hover = tooltip(
        mdp="Environment",
        parameters="Parameters",
        agent="Agent",
        value=("Regret a step", ".4f"),
        diameter=("Diameter", ".4~g"),
        norm=("Value norm", ".4~g"),
    )
    diameter = {"scale": {"type": "log", "nice": False, "padding": 12}, "axis": {"format": "~s", "tickCount": 4}}
    spec: Spec = {
        "facet": name("agent", sort=ORDER),
        "spec": {
            "height": 210,
            "mark": {"type": "point", "filled": True, "size": 110, "opacity": 0.9, "stroke": MUTED, "strokeWidth": 0.6},
            "encoding": {
                "x": amount("diameter", "Diameter", **diameter),
                "y": amount("norm", "Value norm", scale={"zero": False, "padding": 12}),
                "color": amount("value", "Regret a step", scale={"scheme": SCHEME}, legend={"orient": "bottom"}),
                "href": {"field": "href", "type": "nominal"},
                "tooltip": hover,
            },
        },
    }
    text = "A point an environment: point at one for its name and parameters, follow it to its row."
    fields = ("regret", "agent", "mdp", "parameters", "diameter", "norm", "value", "href")
    data = columnar(fields, _hardness_rows(source))
    return Chart(f"{source.anchor}-hardness", "Regret by hardness", text, spec, data, PANEL)


def _hardness_rows(source: Source) -> Iterator[list[Any]]:
    results = source.results
    measured, parameters = read_measures(source), results.parameters("mdp")
    for regret in regrets_of(results):
        for agent, values in zip(results.agents, results.final_values(regret), strict=True):
            for mdp, of_mdp in zip(results.mdps, values.T, strict=True):
                found = measured.get(mdp, {})
                place = [found.get("diameter"), found.get("value_norm")]
                if all(isinstance(one, float) for one in place) and np.isfinite(of_mdp).any():
                    yield [
                        TITLES[regret],
                        results.agent_labels[agent],
                        results.mdp_labels[mdp],
                        format_parameters(parameters[mdp]),
                        *map(number, place),  # type: ignore[arg-type]
                        number(float(np.nanmean(of_mdp))),
                        f"#{environment_target(source, mdp)}",
                    ]


def _times(source: Source) -> Chart:
    results = source.results
    keys = ["mdp_class", "mdp_scope", "agent_class", "agent_scope"]
    medians = results.summary.groupby(keys, observed=True)[["seconds", "steps_per_second"]].median()

    def rows() -> Iterator[list[Any]]:
        for (mdp, mdp_scope, agent, scope), (seconds, speed) in zip(
            medians.index, medians.to_numpy(float), strict=True
        ):
            if np.isfinite(seconds):
                labels = results.mdp_labels[Configured(mdp, mdp_scope)], results.agent_labels[Configured(agent, scope)]
                yield [*labels, number(seconds, 3), number(speed, 3)]

    axis = {"scale": {"type": "log"}, "axis": {"format": "~g", "tickCount": 5}}
    spec: Spec = {
        "width": "container",
        "height": {"step": 18},
        "mark": {"type": "point", "filled": True, "size": 70},
        "encoding": {
            "y": name("mdp", sort=list(results.mdp_labels.values())),
            "x": amount("seconds", "Seconds an instance, median over the seeds", **axis),
            "color": {**AGENT_COLOUR, "legend": LEGEND_OF_POINTS},
            "tooltip": tooltip(
                agent="Agent", mdp="Environment", seconds=("Seconds", ".3~r"), speed=("Steps per second", ",.3~r")
            ),
        },
    }
    text = "Medians over the seeds, of the machines that ran them. The axis is logarithmic."
    data = columnar(("mdp", "agent", "seconds", "speed"), rows())
    return Chart(f"{source.anchor}-times", "Time of an instance", text, spec, data)
