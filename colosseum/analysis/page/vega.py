"""Plots as Vega-Lite specifications, whose data the page's script fills in: what is hidden leaves them."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

import numpy as np

Spec = dict[str, Any]

# what begins with @ the script puts in place: colours and dashes of the agents that are shown, their order, the theme
_LEGEND: Spec = {"orient": "top", "title": None}
LEGEND_OF_POINTS: Spec = {**_LEGEND, "symbolType": "circle", "symbolSize": 90, "symbolStrokeWidth": 0}
AGENT_COLOUR: Spec = {"field": "agent", "type": "nominal", "scale": "@colours", "legend": _LEGEND}
AGENT_DASH: Spec = {"field": "agent", "type": "nominal", "scale": "@dashes", "legend": _LEGEND}
NO_LEGEND: Spec = {**AGENT_COLOUR, "legend": None}
MUTED = "@muted"
SCHEME = "@scheme"
ORDER = "@order"


@dataclass(frozen=True)
class Chart:
    """
    A plot on the page.

    Attributes
    ----------
    id, title, text : str
        ``text`` is what stands beside it: how to read it.
    spec : dict
        Vega-Lite, without its data.
    rows : dict
        ``fields`` and ``rows``; the fields ``agent``, ``mdp`` and ``regret`` are what the page's controls choose by.
    options : dict
        ``facet``: least width of a panel, where there are several, and ``most``: most of them in a row; ``logs``:
        axes that may be logarithmic.
    """

    id: str
    title: str
    text: str
    spec: Spec
    rows: dict[str, list[Any]]
    options: dict[str, Any] = field(default_factory=dict)


def number(value: float | None, digits: int = 5) -> float | None:
    """Return a number as the page holds it: of so many significant digits, None where there is none."""
    return float(f"{value:.{digits}g}") if value is not None and np.isfinite(value) else None


def columnar(fields: Iterable[str], rows: Iterable[list[Any]]) -> dict[str, list[Any]]:
    """Return rows without repeating the names of their fields."""
    return {"fields": list(fields), "rows": list(rows)}


def amount(field: str, title: str | None = None, **more: Any) -> Spec:
    """Return the channel of a field of numbers."""
    return {"field": field, "type": "quantitative", **({"title": title} if title is not None else {}), **more}


def name(field: str, title: str | None = None, **more: Any) -> Spec:
    """Return the channel of a field of names."""
    return {"field": field, "type": "nominal", "title": title, **more}


def tooltip(**titles: str | tuple[str, str]) -> list[Spec]:
    """Return what is shown on hover: the title of each field, of numbers with their format."""
    return [
        name(field, title) if isinstance(title, str) else amount(field, title[0], format=title[1])
        for field, title in titles.items()
    ]


def chosen_or(chosen: Any, other: Any) -> Spec:
    """Return the channel of a constant that is another one where the field ``kind`` is ``chosen``."""
    return {"condition": {"test": "datum.kind === 'chosen'", "value": chosen}, "value": other}


def band(low: str, high: str, title: str, **mark: Any) -> Spec:
    """Return the layer of a band between two fields."""
    ends = {"y": amount(low, title), "y2": {"field": high}}
    return {"mark": {"type": "area", "opacity": 0.16, **mark}, "encoding": ends}


def hover_points(y: str, hover: list[Spec]) -> Spec:
    """Return the layer of points that show on hover, the nearest one with its values."""
    # the cells around points have the points as their data: Vega-Lite's own tooltip finds numbers there, but no names
    values = []
    for one in hover:
        value = f"(datum.datum || datum)['{one['field']}']"
        value = f"format({value}, '{one['format']}')" if "format" in one else value
        values.append(f"'{one['title']}': {value}")
    select = {"type": "point", "on": "pointerover", "nearest": True, "clear": "pointerout"}
    return {
        "mark": {"type": "point", "filled": True, "size": 55},
        "params": [{"name": "hover", "select": select}],
        "encoding": {
            "y": amount(y),
            "opacity": {"condition": {"param": "hover", "empty": False, "value": 1}, "value": 0},
            "tooltip": {"value": {"expr": f"{{{', '.join(values)}}}"}},
        },
    }
