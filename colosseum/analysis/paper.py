"""How wide a picture is and how large its letters are: made for a column of a paper, never scaled down afterwards."""

import textwrap
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from typing import Any

from colosseum.errors import ConfigurationError

SMALLEST = 7.0
"""No letter of a picture is smaller, in points."""

WIDEST = 6.75
"""No picture is wider unless it is asked for, in inches: the text of a page in two columns."""

_WIDTHS, _SIZES = (2.0, 40.0), (SMALLEST, 40.0)
_NARROW = 4.5
_FAMILY = "DejaVu Sans"


@dataclass(frozen=True)
class Paper:
    """
    What a picture is made for.

    Attributes
    ----------
    width : float or None
        Width of the picture in inches; None: what it needs, at most `WIDEST`.
    fontsize : float or None
        Size of titles, labels and legends in points; ticks and remarks are a point smaller, but never below `SMALLEST`.
        None: 9, and 8 in a picture of one column.

    Raises
    ------
    ConfigurationError
        If the width is not between 2 and 40 inches, or the size of letters not between 7 and 40 points.
    """

    width: float | None = None
    fontsize: float | None = None

    def __post_init__(self) -> None:
        for name, value, (low, high), unit in (
            ("width", self.width, _WIDTHS, "inches"),
            ("fontsize", self.fontsize, _SIZES, "points"),
        ):
            if value is not None and not low <= value <= high:
                raise ConfigurationError(f"--{name} is {value:g}; {low:g} to {high:g} {unit} are expected.")

    def fit(self, natural: float) -> float:
        """Return how wide a picture is that needs so many inches by itself."""
        return self.width or min(natural, WIDEST)

    @property
    def is_narrow(self) -> bool:
        """Whether the picture is one of a single column."""
        return self.width is not None and self.width < _NARROW

    @property
    def size(self) -> float:
        """Points of titles, labels and legends."""
        return self.fontsize or (8.0 if self.is_narrow else 9.0)

    @property
    def small(self) -> float:
        """Points of ticks and remarks."""
        return max(SMALLEST, self.size - 1)

    @property
    def line(self) -> float:
        """Inches from one line of small letters to the next."""
        return 1.35 * self.small / 72

    def settings(self) -> dict[Any, float]:
        """Return matplotlib's settings of the sizes of letters."""
        labels = ("font.size", "axes.titlesize", "axes.labelsize", "legend.fontsize", "figure.titlesize")
        ticks = ("xtick.labelsize", "ytick.labelsize", "legend.title_fontsize")
        return {**dict.fromkeys(labels, self.size), **dict.fromkeys(ticks, self.small)}


def inches(texts: str | Iterable[str], points: float) -> float:
    """Return the width of the widest of some texts, in inches; of a text of several lines that of the widest."""
    lines = [line for text in ([texts] if isinstance(texts, str) else texts) for line in text.split("\n")]
    return max((_width(line) for line in lines), default=0.0) * points


def wrap(text: str, width: float, points: float) -> str:
    """Break a text into lines of at most so many inches; a word that is longer is broken at the end of the line."""
    if inches(text, points) <= width:
        return text
    per_letter = inches(text, points) / len(text)
    n_letters = max(1, int(width / per_letter))
    while True:
        lines = [broken for line in text.split("\n") for broken in textwrap.wrap(line, n_letters)]
        if n_letters == 1 or inches(lines, points) <= width:
            return "\n".join(lines)
        n_letters -= 1


@cache
def _width(line: str) -> float:
    """Inches of a line in letters of one point."""
    from matplotlib.font_manager import FontProperties
    from matplotlib.textpath import TextToPath

    points, _, _ = TextToPath().get_text_width_height_descent(line, FontProperties(family=_FAMILY, size=100), False)
    return float(points) / 100 / 72 * 1.05  # on the screen letters are set to whole pixels
