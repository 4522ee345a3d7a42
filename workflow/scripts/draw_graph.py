"""
Draw the graph that `snakemake --rulegraph` or `--dag` prints, without Graphviz: layers from top to bottom.

Usage: snakemake --rulegraph | python workflow/scripts/draw_graph.py OUTPUT.svg
"""

import re
import sys
from collections import defaultdict
from pathlib import Path

import matplotlib
from matplotlib.colors import hsv_to_rgb
from matplotlib.figure import Figure
from matplotlib.patches import FancyBboxPatch, PathPatch
from matplotlib.path import Path as Curve

NODE = re.compile(r'^\s*(\d+)\[label = "(.*?)", color = "([\d.]+) ([\d.]+) ([\d.]+)"')
EDGE = re.compile(r"^\s*(\d+) -> (\d+)")
CHARACTER, LINE, GAP, LAYER = 0.072, 0.16, 0.25, 0.42  # inches
LONGEST_LINE = 24


def read(dot):
    """Return labels and colours by node, and the edges that no longer path implies."""
    labels, colours, below = {}, {}, defaultdict(set)
    for line in dot.splitlines():
        if match := NODE.match(line):
            node, label, *hsv = match.groups()
            labels[node] = wrap(label.replace("\\n", "\n"))
            colours[node] = hsv_to_rgb([float(x) for x in hsv])
        elif match := EDGE.match(line):
            below[match[1]].add(match[2])
    if not labels:
        raise SystemExit("draw_graph: error: standard input holds no graph; pipe `snakemake --rulegraph` into it")
    return labels, colours, {node: reduced(node, below) for node in labels}


def reduced(node, below):
    """The children of a node that are not also reached through another child."""
    implied, frontier = set(), [grandchild for child in below[node] for grandchild in below[child]]
    while frontier:
        reached = frontier.pop()
        if reached not in implied:
            implied.add(reached)
            frontier += below[reached]
    return sorted(below[node] - implied, key=int)


def wrap(label):
    """Break the lines of a label between words and around the ____ of an interaction."""
    lines = []
    for line in label.split("\n"):
        parts = re.split(r"(?<=____)|(?<=: )|(?<=/)|(?<=[a-z]_)(?=[a-z])", line)
        current = parts[0]
        for part in parts[1:]:
            if len(current) + len(part) > LONGEST_LINE:
                lines.append(current)
                current = part
            else:
                current += part
        lines.append(current)
    return "\n".join(lines)


def layers_of(labels, below):
    """Put each node into the layer below its last parent; a long edge passes through a dummy in each layer between."""
    depth = {}
    parents = defaultdict(list)
    for node, children in below.items():
        for child in children:
            parents[child].append(node)

    def level(node):
        if node not in depth:
            depth[node] = 1 + max(map(level, parents[node]), default=-1)
        return depth[node]

    for node in labels:
        level(node)
    for node in sorted(labels, key=lambda n: -depth[n]):  # sources come down to just above their first child
        if not parents[node] and below[node]:
            depth[node] = min(depth[child] for child in below[node]) - 1
    layers = [[] for _ in range(max(depth.values()) + 1)]
    for node in sorted(labels, key=int):
        layers[depth[node]].append(node)
    segments, routes = [], []
    for node, children in below.items():
        for child in children:
            route = [node]
            for between in range(depth[node] + 1, depth[child]):
                dummy = f"{node}>{child}@{between}"
                layers[between].append(dummy)
                route.append(dummy)
            route.append(child)
            routes.append(route)
            segments += zip(route[:-1], route[1:], strict=True)
    return layers, segments, routes


def place(labels, layers, segments):
    """Return the centre of each node: sweeps that put each one at the mean of its neighbours, without overlap."""
    width = defaultdict(lambda: 0.15)
    height = {}
    for node, label in labels.items():
        width[node] = max(map(len, label.split("\n"))) * CHARACTER + 0.2
        height[node] = (label.count("\n") + 1) * LINE + 0.14
    up, down = defaultdict(list), defaultdict(list)
    for a, b in segments:
        down[a].append(b)
        up[b].append(a)
    x = {node: float(i) for layer in layers for i, node in enumerate(layer)}
    for sweep in range(60):
        ahead = sweep % 2 == 0
        for layer in layers if ahead else layers[::-1]:
            near = up if ahead else down
            wish = {n: sum(x[m] for m in near[n]) / len(near[n]) if near[n] else x[n] for n in layer}
            layer.sort(key=lambda n: (wish[n], n))
            right = -1e9
            for node in layer:
                x[node] = max(wish[node], right + width[node] / 2)
                right = x[node] + width[node] / 2 + GAP
            shift = sum(wish[n] - x[n] for n in layer) / len(layer)
            for node in layer:
                x[node] += shift
    y, top = {}, 0.0
    for layer in layers:
        tallest = max(height.get(node, 0) for node in layer)
        for node in layer:
            y[node] = top - tallest / 2
        top -= tallest + LAYER
    return x, y, width, height


def draw(dot, output):
    """Write the picture."""
    labels, colours, below = read(dot)
    layers, segments, routes = layers_of(labels, below)
    x, y, width, height = place(labels, layers, segments)
    left = min(x[n] - width[n] / 2 for n in x) - 0.1
    right = max(x[n] + width[n] / 2 for n in x) + 0.1
    top = max(y[n] + height[n] / 2 for n in labels) + 0.1
    bottom = min(y[n] - height[n] / 2 for n in labels) - 0.1
    with matplotlib.rc_context({"svg.hashsalt": "colosseum", "svg.fonttype": "none", "font.family": "sans-serif"}):
        figure = Figure(figsize=(right - left, top - bottom))
        axes = figure.add_axes((0, 0, 1, 1), xlim=(left, right), ylim=(bottom, top))
        axes.axis("off")
        for route in routes:
            points, codes = [(x[route[0]], y[route[0]] - height[route[0]] / 2)], [Curve.MOVETO]
            for node in route[1:]:
                target = (x[node], y[node] + height.get(node, 0) / 2)
                (x0, y0), (x1, y1) = points[-1], target
                points += [(x0, (y0 + y1) / 2), (x1, (y0 + y1) / 2), target]
                codes += [Curve.CURVE4] * 3
            axes.add_patch(PathPatch(Curve(points, codes), facecolor="none", edgecolor="0.65", linewidth=1.2))
        for node, label in labels.items():
            corner = (x[node] - width[node] / 2, y[node] - height[node] / 2)
            axes.add_patch(
                FancyBboxPatch(
                    corner,
                    width[node],
                    height[node],
                    boxstyle="round,pad=0,rounding_size=0.06",
                    facecolor="white",
                    edgecolor=colours[node],
                    linewidth=1.8,
                )
            )
            axes.text(x[node], y[node], label, ha="center", va="center", fontsize=8.5, color="0.1")
        Path(output).parent.mkdir(parents=True, exist_ok=True)
        figure.savefig(output, metadata={"Date": None} if str(output).endswith(".svg") else None, facecolor="white")


if __name__ == "__main__":
    if len(sys.argv) != 2:
        raise SystemExit(__doc__.strip())
    draw(sys.stdin.read(), sys.argv[1])
