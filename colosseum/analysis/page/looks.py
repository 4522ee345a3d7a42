"""How agents look on the page: the colours and dashes of the plots, made lighter for a dark ground."""

from collections.abc import Iterable
from typing import Any

from colosseum.analysis.regrets import RANDOM_POLICY
from colosseum.analysis.style import BASELINE_COLOUR, agent_styles

_DARK = (0x16, 0x18, 0x1D)
_LEAST_CONTRAST = 4.5


def looks(labels: Iterable[str]) -> dict[str, dict[str, Any]]:
    """
    Return the looks of all agents of a page, and of the random policy.

    Parameters
    ----------
    labels : iterable of str

    Returns
    -------
    dict of str to dict
        ``light`` and ``dark``: colours on the two grounds; ``dash``: lengths of line and gap.
    """
    found = {
        label: {"light": style["color"], "dark": _lighter(style["color"]), "dash": _dash(style["linestyle"])}
        for label, style in agent_styles(labels).items()
    }
    return {**found, RANDOM_POLICY: {"light": BASELINE_COLOUR, "dark": _lighter(BASELINE_COLOUR), "dash": [2, 3]}}


def _dash(style: Any) -> list[float]:
    return [1, 0] if isinstance(style, str) else [round(2 * length, 1) for length in style[1]]


def _lighter(colour: str) -> str:
    """The colour with as much white as it takes to be told from a dark ground."""
    rgb = tuple(int(colour[i : i + 2], 16) for i in (1, 3, 5))
    for share in range(0, 100, 5):
        mixed = tuple(round(one + (255 - one) * share / 100) for one in rgb)
        if _contrast(mixed) >= _LEAST_CONTRAST:
            return "#" + "".join(f"{one:02x}" for one in mixed)
    return "#ffffff"


def _contrast(rgb: tuple[int, ...]) -> float:
    """The contrast with the dark ground, as WCAG 2 defines it."""
    return (_luminance(rgb) + 0.05) / (_luminance(_DARK) + 0.05)


def _luminance(rgb: tuple[int, ...]) -> float:
    linear = [one / 12.92 if one <= 0.04045 else ((one + 0.055) / 1.055) ** 2.4 for one in (part / 255 for part in rgb)]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
