"""How plots look and how they are saved: the style file, the agents' colours, byte-reproducible files."""

import io
import textwrap
import zlib
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import matplotlib
from matplotlib.artist import Artist
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from colosseum.errors import ConfigurationError, nearest
from colosseum.utils.files import write_atomically

STYLE_FILE = Path(__file__).with_name("colosseum.mplstyle")

PALETTE = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#332288", "#882255")
"""Okabe and Ito's colours, yellow replaced: told apart with any kind of colour vision."""

_DASHES = ("-", (0, (5, 1.5)), (0, (1.5, 1.2)), (0, (5, 1.2, 1.2, 1.2)))
_MARKERS = ("o", "s", "D", "^", "v", "P", "X", "h")

_KNOWN = {"QLearning": 0, "PSRL": 1, "UCRL2": 2, "RandomAgent": 3}
"""Places in the palette of the packaged agents: the same in every picture, whatever else is in it."""

STATE_COLOURS = {
    "finished": "#a6cee3",
    "finished or optimal": "#66c2a5",
    "optimal": "#009E73",
    "time exceeded": "#E69F00",
    "failed": "#B2182B",
    "missing": "#ececec",
}
"""States of an instance in the completeness matrix; the second is that of logs that do not tell which of the two."""

NOT_TOLD = "finished or optimal"

BASELINE_STYLES = {"random": (0, (1, 1.5)), "worst": (0, (4, 2)), "optimal": (0, (7, 2, 1, 2))}
"""Line styles of the baselines, all of them grey."""

FEWEST_FOR_BAND = 3
"""With fewer seeds there are points in the place of a band, or none."""

BASELINE_COLOUR = "#777777"
MUTED = "#666666"
SUFFIXES = (".svg", ".png", ".pdf")


class AgentStyle(dict):
    """Colour, line style and marker of one agent, as keyword arguments of ``Axes.plot``."""


def agent_styles(labels: Iterable[str]) -> dict[str, AgentStyle]:
    """
    Return the looks of agents by their labels.

    Packaged agents have their own colours. Another agent has the colour that its name hashes to among the remaining
    ones, or, where an agent of the same picture has that, the next one: it is the same in all pictures of the same
    agents. When the colours are used up, line styles and markers differ.

    Parameters
    ----------
    labels : iterable of str
        Labels of all agents of a picture.

    Returns
    -------
    dict of str to AgentStyle
        In the order of `labels`.
    """
    labels = list(dict.fromkeys(labels))
    places = {name: _KNOWN[name] for name in labels if name in _KNOWN}
    n = len(PALETTE)
    free_first = [place for place in range(n) if place not in _KNOWN.values()]
    for name in sorted(set(labels) - places.keys()):
        start = free_first[zlib.crc32(name.encode()) % len(free_first)]
        taken = set(places.values())
        turn = 0
        while all(turn * n + k in taken for k in range(n)):
            turn += 1
        candidates = [turn * n + (start + k) % n for k in range(n)]
        # the packaged agents' colours are the last resort
        candidates.sort(key=lambda place: place % n in _KNOWN.values())
        places[name] = next(place for place in candidates if place not in taken)
    return {
        name: AgentStyle(
            color=PALETTE[places[name] % n],
            linestyle=_DASHES[places[name] // n % len(_DASHES)],
            marker=_MARKERS[places[name] // n % len(_MARKERS)],
        )
        for name in labels
    }


@contextmanager
def styled() -> Iterator[None]:
    """Apply the style file, and nothing of the user's own settings, inside the context."""
    with matplotlib.rc_context():
        matplotlib.rcdefaults()
        matplotlib.rcParams.update(matplotlib.rc_params_from_file(STYLE_FILE, use_default_template=False))
        yield


def new_figure(width: float, height: float) -> Figure:
    """
    Return an empty figure with a constrained layout, independent of pyplot.

    Parameters
    ----------
    width, height : float
        In inches.
    """
    figure = Figure(figsize=(width, height), layout="constrained")
    FigureCanvasAgg(figure)
    return figure


def save_figure(figure: Figure, path: str | Path) -> None:
    """
    Save a figure as SVG, PNG or PDF; the same figure gives the same bytes, whatever it was saved as before.

    Parameters
    ----------
    figure : Figure
        What to save.
    path : str or path
        Its suffix tells the format.

    Raises
    ------
    ConfigurationError
        If the suffix is none of `SUFFIXES`, or the file cannot be written.
    """
    path = Path(path)
    if path.suffix not in SUFFIXES:
        raise ConfigurationError(f"{path}: unknown kind of picture {path.suffix!r}; {nearest(path.suffix, SUFFIXES)}")
    dates = {".svg": {"Date": None}, ".png": {"Software": None}, ".pdf": {"CreationDate": None, "ModDate": None}}
    data = io.BytesIO()
    with styled():
        if figure.get_layout_engine() is not None:
            # each drawing would begin from where the one before it has placed the axes: they are placed once
            figure.draw_without_rendering()
            figure.set_layout_engine("none")
        figure.savefig(data, format=path.suffix[1:], metadata=dates[path.suffix])
    path.parent.mkdir(parents=True, exist_ok=True)
    write_atomically(path, data.getvalue())


def add_note(figure: Figure, note: str) -> None:
    """Write what an incomplete benchmark lacks above a figure that has no legend (see `add_legend`)."""
    if note:
        note = _wrapped(figure, note)
        figure.suptitle(note, color=STATE_COLOURS["failed"], fontsize=9, x=0.01, ha="left", weight="bold")


def _wrapped(figure: Figure, note: str) -> str:
    """Break a note into lines that fit; the figure grows by all lines but the first."""
    lines = textwrap.wrap(note, int(figure.get_figwidth() / 0.08))
    figure.set_figheight(figure.get_figheight() + 0.16 * max(0, len(lines) - 1))
    return "\n".join(lines)


def add_legend(figure: Figure, handles: Sequence[Artist], note: str, remark: str = "") -> None:
    """
    Add a legend above all panels, in as many rows as its longest label asks for, filled row by row.

    Parameters
    ----------
    figure : Figure
        With a constrained layout, of its final size.
    handles : sequence of Artist
        What to explain, with labels.
    note : str
        What an incomplete benchmark lacks; in red above the legend.
    remark : str
        A line of explanation above the legend.
    """
    if not handles:
        add_note(figure, note)
        return
    longest = max(len(str(handle.get_label())) for handle in handles)
    per_row = max(1, int(figure.get_figwidth() / (0.55 + 0.075 * longest)))
    n_rows = -(-len(handles) // per_row)
    n_columns = -(-len(handles) // n_rows)
    # matplotlib fills column by column, the first columns being one longer: put the handles where that gives rows
    by_column = [
        handles[row * n_columns + column]
        for column in range(n_columns)
        for row in range(n_rows)
        if row * n_columns + column < len(handles)
    ]
    # a title of the figure would lie over a legend outside of the axes: the note is the legend's title
    title = "\n".join(filter(None, [_wrapped(figure, note), remark]))
    legend = figure.legend(handles=by_column, loc="outside upper center", ncol=n_columns, title=title or None)
    colour, weight = (STATE_COLOURS["failed"], "bold") if note else (MUTED, "normal")
    legend.get_title().set(fontsize=9 if note else 8, color=colour, weight=weight, ha="center")


def band_remark(n_seeds: int, where: str) -> str:
    """Return what bands show at each point of a plot, or why there are none."""
    if n_seeds == 1:
        return "One seed: no interval."
    if n_seeds < FEWEST_FOR_BAND:
        return f"{n_seeds} seeds: too few for bands."
    return f"Bands: 95 % at {where}, for other seeds on these same environments."


def format_count(value: float, _position: int | None = None) -> str:
    """Return a large number as it is read: ``20k``, ``1.5M``; small ones as they are."""
    for size, letter in ((1e9, "G"), (1e6, "M"), (1e3, "k")):
        if abs(value) >= size * 0.9995:
            return f"{value / size:.4g}{letter}".replace("-", "\N{MINUS SIGN}")
    return f"{value:.4g}".replace("-", "\N{MINUS SIGN}")
