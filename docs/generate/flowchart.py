"""
Draw a flowchart that Mermaid's language describes as SVG, for a site that reads without a network.

Only what Snakemake prints and `make architecture` writes is understood: nodes, arrows, and dotted arrows with a text.
The layout is that of Sugiyama, Tagawa and Toda (1981): layers by the longest path, an order within each by barycentres.
"""

import html
import itertools
import re
from statistics import fmean
from typing import NamedTuple

_NODE = re.compile(r'(\w+)(?:\["?([^]"]*)"?\])?$')
_EDGE = re.compile(r'(?P<source>.+?) (?:-->|-\. "(?P<text>[^"]*)" \.->) (?P<target>.+)$')

_WIDTH, _HEIGHT, _GAP, _COLUMNS = 7.2, 24, 10, 48  # of a letter, of a node, between nodes, between layers
_SWEEPS = 12


class Edge(NamedTuple):
    """An arrow; one with a text is dotted."""

    source: str
    target: str
    text: str | None


class Chart(NamedTuple):
    """The labels of the nodes, and the arrows between them."""

    labels: dict[str, str]
    edges: list[Edge]


def parse(text: str) -> Chart:
    """
    Read a flowchart.

    Raises
    ------
    ValueError
        At a line that is neither a node nor an arrow.
    """
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    labels: dict[str, str] = {}
    edges = []

    def named(node: str) -> str:
        match = _NODE.match(node.strip())
        if match is None:
            raise ValueError(f"a flowchart: {node!r} is no node")
        if match[2] is not None or match[1] not in labels:
            labels[match[1]] = match[2] or match[1]
        return match[1]

    for line in lines[1:]:
        if (edge := _EDGE.match(line)) is not None:
            edges.append(Edge(named(edge["source"]), named(edge["target"]), edge["text"]))
        else:
            named(line)
    return Chart(labels, edges)


def layers_of(chart: Chart) -> dict[str, int]:
    """
    Return the layer of each node: one more than that of the last of those before it.

    Of arrows that go round in a circle, as rules do that are run for several stages, the one that closes it leads back.
    """
    after: dict[str, list[str]] = {node: [] for node in chart.labels}
    for edge in chart.edges:
        after[edge.source].append(edge.target)
    back: set[tuple[str, str]] = set()
    done: set[str] = set()
    for root in chart.labels:
        path, waiting = [root], [iter(after[root])]
        while root not in done:
            node = next((node for node in waiting[-1] if node not in done), None)
            if node is None:
                done.add(path.pop())
                waiting.pop()
            elif node in path:
                back.add((path[-1], node))
            else:
                path.append(node)
                waiting.append(iter(after[node]))
    before: dict[str, set[str]] = {node: set() for node in chart.labels}
    for edge in chart.edges:
        if edge[:2] not in back:
            before[edge.target].add(edge.source)
    layers: dict[str, int] = {}
    while len(layers) < len(before):
        ready = [node for node in before if node not in layers and before[node] <= layers.keys()]
        layers.update({node: 1 + max((layers[other] for other in before[node]), default=-1) for node in ready})
    for node in chart.labels:  # what begins is next to what it leads to
        if not before[node] and after[node]:
            layers[node] = max(0, min(layers[other] for other in after[node]) - 1)
    return layers


def draw(text: str) -> str:
    """Return the SVG element, layers from left to right; its colours are those of the text around it."""
    chart = parse(text)
    layers = layers_of(chart)
    columns: list[list[str]] = [[] for _ in range(1 + max(layers.values()))]
    for node, layer in layers.items():
        columns[layer].append(node)
    paths = []  # an arrow over several layers passes through a place in each
    for i, edge in enumerate(chart.edges):
        first, last = sorted(edge[:2], key=layers.__getitem__)
        between = [f"{i}:{layer}" for layer in range(layers[first] + 1, layers[last])]
        for layer, place in enumerate(between, layers[first] + 1):
            columns[layer].append(place)
        paths.append([first, *between, last])
    links = [pair for path in paths for pair in itertools.pairwise(path)]
    _order(columns, links)
    heights = {node: _HEIGHT if node in chart.labels else 4 for column in columns for node in column}
    y = _places(columns, links, heights)
    widths = [
        max((_width(chart.labels[node]) for node in column if node in chart.labels), default=8) for column in columns
    ]
    x, right = {}, 1.0
    for column, width in zip(columns, widths, strict=True):
        x.update(
            {node: (right, right + (_width(chart.labels[node]) if node in chart.labels else width)) for node in column}
        )
        right += width + _COLUMNS
    parts = [_arrow(edge, path, x, y) for edge, path in zip(chart.edges, paths, strict=True)]
    for node, label in chart.labels.items():
        left, end = x[node]
        parts.append(
            f'<rect x="{left:.1f}" y="{y[node] - _HEIGHT / 2:.1f}" width="{end - left:.1f}" height="{_HEIGHT}" rx="4"/>'
            f'<text x="{(left + end) / 2:.1f}" y="{y[node] + 4:.1f}">{html.escape(label)}</text>'
        )
    bottom = max(y[node] for node in chart.labels) + _HEIGHT / 2 + 1
    size = f'width="{right - _COLUMNS + 1:.0f}" height="{bottom:.0f}"'
    return f'<svg class="flowchart" {size} role="img" xmlns="http://www.w3.org/2000/svg">{_STYLE}{"".join(parts)}</svg>'


_STYLE = (
    "<style>.flowchart{font:12px monospace;fill:currentColor;text-anchor:middle}"
    ".flowchart rect{fill:none;stroke:currentColor}"
    ".flowchart path{fill:none;stroke:currentColor;opacity:.45}.flowchart .head{fill:currentColor;stroke:none}"
    ".flowchart .dotted{stroke-dasharray:4 3}</style>"
)


def _width(label: str) -> float:
    return _WIDTH * len(label) + 12


def _neighbours(links: list[tuple[str, str]]) -> tuple[dict[str, list[str]], dict[str, list[str]]]:
    before: dict[str, list[str]] = {}
    after: dict[str, list[str]] = {}
    for source, target in links:
        before.setdefault(target, []).append(source)
        after.setdefault(source, []).append(target)
    return before, after


def _order(columns: list[list[str]], links: list[tuple[str, str]]) -> None:
    """Sort each layer by the mean place of its neighbours in the one before, then after, and again."""
    before, after = _neighbours(links)
    for sweep in range(_SWEEPS):
        forwards = sweep % 2 == 0
        place = {node: i for column in columns for i, node in enumerate(column)}
        for column in columns if forwards else columns[::-1]:
            others = before if forwards else after
            wanted = {node: fmean([place[other] for other in others.get(node, [node])]) for node in column}
            column.sort(key=lambda node: (wanted[node], place[node]))
            place.update({node: i for i, node in enumerate(column)})


def _places(columns: list[list[str]], links: list[tuple[str, str]], heights: dict[str, float]) -> dict[str, float]:
    """Move each node towards its neighbours, as far as those beside it let it."""
    before, after = _neighbours(links)
    y: dict[str, float] = {}
    for column in columns:
        _apart(column, heights, y, dict.fromkeys(column, 0.0))
    for sweep in range(_SWEEPS):
        for column in columns if sweep % 2 == 0 else columns[::-1]:
            others = {node: before.get(node, []) + after.get(node, []) for node in column}
            _apart(column, heights, y, {node: fmean([y[o] for o in others[node] or [node]]) for node in column})
    top = min(y[node] - heights[node] / 2 for node in y) - 1
    return {node: value - top for node, value in y.items()}


def _apart(column: list[str], heights: dict[str, float], y: dict[str, float], wanted: dict[str, float]) -> None:
    """Place a layer's nodes where they want to be, in order, with a gap between any two; their mean stays."""
    edge = float("-inf")
    for node in column:
        y[node] = max(wanted[node], edge + heights[node] / 2)
        edge = y[node] + heights[node] / 2 + _GAP
    shift = fmean([wanted[node] - y[node] for node in column])
    for node in column:
        y[node] += shift


def _arrow(edge: Edge, path: list[str], x: dict[str, tuple[float, float]], y: dict[str, float]) -> str:
    leads_back = path[0] != edge.source
    start, end = x[path[0]][1] + 6 * leads_back, x[path[-1]][0] - 6 * (not leads_back)
    points = [(start, y[path[0]])]
    for node in path[1:-1]:
        points += [(x[node][0], y[node]), (x[node][1], y[node])]
    points.append((end, y[path[-1]]))
    drawn = f"M{points[0][0]:.1f} {points[0][1]:.1f}"
    for (x_0, y_0), (x_1, y_1) in itertools.pairwise(points):
        middle = (x_0 + x_1) / 2
        drawn += f"C{middle:.1f} {y_0:.1f} {middle:.1f} {y_1:.1f} {x_1:.1f} {y_1:.1f}"
    tip, point = (points[0], -6) if leads_back else (points[-1], 6)
    head = f'<path class="head" d="M{tip[0]:.1f} {tip[1] - 4:.1f}l{point} 4l{-point} 4z"/>'
    if edge.text is None:
        return f'<path d="{drawn}"/>{head}'
    return f'<path class="dotted" d="{drawn}"><title>{html.escape(edge.text)}</title></path>{head}'
