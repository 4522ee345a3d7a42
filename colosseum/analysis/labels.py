"""Place short texts beside points so that they cover neither points nor each other."""

import math
from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes

_ANGLES = [math.radians(degrees) for degrees in (45, 135, -45, -135, 90, -90, 0, 180, 67, 113, -67, -113, 22, -22)]


def place_labels(
    axis: Axes, x: np.ndarray, y: np.ndarray, texts: Sequence[str], fontsize: float, clearance: float
) -> None:
    """
    Write a text beside each point, at the first free place around it, the nearest ones being tried first.

    A text that had to move away is joined to its point by a thin line. Deterministic: points are served in the order
    of the least free space.

    Parameters
    ----------
    axis : Axes
        Where to write; its limits and the layout of its figure are final.
    x, y : ndarray of shape (n_points,)
        The points, in data coordinates.
    texts : sequence of str
        Their texts.
    fontsize : float
        In points.
    clearance : float
        Radius of the points' markers, in points.
    """
    scale = axis.figure.dpi / 72
    points = axis.transData.transform(np.column_stack([x, y])) / scale
    frame = axis.get_window_extent()
    left, bottom, right, top = (edge / scale for edge in (frame.x0, frame.y0, frame.x1, frame.y1))
    crowd = (np.hypot(*(points[:, None] - points[None]).T) < 6 * clearance).sum(axis=0)
    taken: list[tuple[float, float, float, float]] = []
    for i in sorted(range(len(texts)), key=lambda i: (-crowd[i], i)):
        width, height = 0.64 * fontsize * len(texts[i]), 0.8 * fontsize
        best: tuple[float, float, int, tuple[float, float, float, float]] = (0.0, 0.0, 0, (0.0, 0.0, 0.0, 0.0))
        least = math.inf
        for ring in range(5):
            radius = clearance + 1.5 + ring * 0.8 * fontsize
            for turn, angle in enumerate(_ANGLES):
                centre_x = points[i, 0] + math.cos(angle) * (radius + width / 2)
                centre_y = points[i, 1] + math.sin(angle) * (radius + height / 2)
                box = (centre_x - width / 2, centre_y - height / 2, centre_x + width / 2, centre_y + height / 2)
                cost = ring * 0.5 + turn * 0.01
                cost += 10 * sum(_overlap(box, other) for other in taken)
                cost += 4 * sum(
                    _overlap(box, (px - clearance, py - clearance, px + clearance, py + clearance)) for px, py in points
                )
                outside = max(left - box[0], box[2] - right, bottom - box[1], box[3] - top, 0.0)
                cost += 5 * outside
                if cost < least:
                    best, least = (centre_x, centre_y, ring, box), cost
        assert best is not None  # a cost is finite, and the first one is the least until then
        centre_x, centre_y, ring, box = best
        taken.append(box)
        offset = (centre_x - points[i, 0], centre_y - points[i, 1])
        axis.annotate(
            texts[i],
            (x[i], y[i]),
            offset,
            textcoords="offset points",
            ha="center",
            va="center_baseline",
            fontsize=fontsize,
            zorder=6,
            annotation_clip=False,
            arrowprops={"arrowstyle": "-", "lw": 0.5, "color": "#888888", "shrinkA": 1, "shrinkB": clearance}
            if ring > 0
            else None,
        )


def _overlap(a: tuple[float, float, float, float], b: tuple[float, float, float, float]) -> float:
    """Return the area that two boxes share, in square points."""
    return max(0.0, min(a[2], b[2]) - max(a[0], b[0])) * max(0.0, min(a[3], b[3]) - max(a[1], b[1]))
