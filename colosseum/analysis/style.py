"""How plots look and how they are saved: the style file, the agents' colours, byte-reproducible files."""

import io
import zlib
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import matplotlib
from matplotlib.artist import Artist
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from colosseum.analysis.paper import WIDEST, Paper, inches, wrap
from colosseum.errors import ConfigurationError, nearest
from colosseum.utils.files import write_atomically

if TYPE_CHECKING:
    from colosseum.analysis.results import Results

STYLE_FILE = Path(__file__).with_name("colosseum.mplstyle")

PALETTE = ("#0072B2", "#D55E00", "#009E73", "#EE99CC", "#F0AD1E", "#4B0082", "#6B3A00", "#111111")
"""
Colours that stay apart with any kind of colour vision. The first three are Okabe and Ito's; the others were chosen so
that the distance to each of these, and between them, is large for deuteranopes and protanopes, too.
"""

_DASHES: tuple[Any, ...] = (
    "-",
    (0, (4, 1.3)),
    (0, (1.3, 1.1)),
    (0, (6, 1.2, 1.2, 1.2)),
    (0, (2.4, 1.1)),
    (0, (8, 1.6)),
    (0, (4, 1.1, 1.1, 1.1, 1.1, 1.1)),
)
_MARKERS = ("o", "s", "D", "^", "v", "P", "X")

_KNOWN = {"QLearning": 0, "PSRL": 1, "UCRL2": 2, "RandomAgent": 3}
"""Places in the palette of the packaged agents: the same in every picture, whatever else is in it."""

STATE_COLOURS = {
    "trained to the end": "#c6dbef",
    "trained to the end or optimal": "#9ecae1",
    "policy optimal": "#4292c6",
    "cut by the time limit": "#F0AD1E",
    "failed": "#B2182B",
    "missing": "#f4f4f4",
}
"""States of an instance in the completeness matrix; the second is that of logs that do not tell which of the two."""

NOT_TOLD = "trained to the end or optimal"

BASELINE_STYLES = {"random": (0, (1, 1.5)), "worst": (0, (4, 2)), "optimal": (0, (7, 2, 1, 2))}
"""Line styles of the baselines, all of them grey."""

FEWEST_FOR_BAND = 3
"""With fewer seeds there are points in the place of a band, or none."""

BASELINE_COLOUR = "#777777"
MUTED = "#666666"
SUFFIXES = (".svg", ".png", ".pdf")

_HANDLE, _GAP, _COLUMN_GAP = 2.6, 0.6, 1.5
"""Of a legend: the length of a handle, the gap behind it and the one between columns, in sizes of its letters."""


class AgentStyle(dict):
    """Colour, line style and marker of one agent, as keyword arguments of ``Axes.plot``."""


def agent_styles(labels: Iterable[str]) -> dict[str, AgentStyle]:
    """
    Return the looks of agents by their labels.

    Packaged agents have their own colours. Another agent has the colour that its name hashes to among the remaining
    ones, or, where an agent of the same picture has that, the next one: it is the same in all pictures of the same
    agents. Agents of different colours have different dashes and markers as well, so that lines that lie on each other
    are seen; when the colours are used up, those of agents of the same colour differ.

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
            linestyle=_DASHES[(places[name] % n + places[name] // n) % len(_DASHES)],
            marker=_MARKERS[(places[name] % n + places[name] // n) % len(_MARKERS)],
        )
        for name in labels
    }


def styles_of(results: "Results") -> dict[str, AgentStyle]:
    """Return the looks of a benchmark's agents by their labels: whatever they are called, and whoever is left out."""
    names = (results.whole or results).agent_names()
    looks = agent_styles(names.values())
    return {results.agent_labels[agent]: looks[names[agent]] for agent in results.agents}


def drawing_order(style: AgentStyle) -> float:
    """Return the zorder of an agent's line: those with longer gaps lie above those that they would hide."""
    return 3 + _DASHES.index(style["linestyle"]) / 10


@contextmanager
def styled(paper: Paper = Paper()) -> Iterator[None]:  # noqa: B008 (frozen)
    """Apply the style file and the sizes of letters, and nothing of the user's own settings, inside the context."""
    with matplotlib.rc_context():
        matplotlib.rcdefaults()
        matplotlib.rcParams.update(matplotlib.rc_params_from_file(STYLE_FILE, use_default_template=False))
        matplotlib.rcParams.update(paper.settings())
        yield


def small() -> float:
    """Return the size of small letters, in points, inside `styled`."""
    return float(matplotlib.rcParams["xtick.labelsize"])


def new_figure(width: float, height: float) -> Figure:
    """
    Return an empty figure with a constrained layout, independent of pyplot.

    Parameters
    ----------
    width, height : float
        In inches; a legend (`add_legend`) or a note adds its own height.
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
    _fix_ticks(figure)
    if note:
        text = wrap(note, 0.96 * figure.get_figwidth(), 1.1 * small())  # bold letters are wider
        _grow(figure, 1.3 * small() / 72 * (1 + text.count("\n")) + 0.1)
        figure.suptitle(text, color=STATE_COLOURS["failed"], fontsize=small(), x=0.01, ha="left", weight="bold")


def _fix_ticks(figure: Figure) -> None:
    """Give ticks that are yet to be made their size; it would be that of the settings in which they are made."""
    for axis in figure.axes:
        axis.tick_params(which="both", labelsize=small())


def _grow(figure: Figure, height: float) -> None:
    figure.set_figheight(figure.get_figheight() + height)


def add_legend(figure: Figure, handles: Sequence[Artist], note: str, remark: str = "") -> None:
    """
    Add a legend above all panels, in as many rows as its labels ask for, filled row by row; the figure grows by it.

    Parameters
    ----------
    figure : Figure
        With a constrained layout, of the height that its panels need.
    handles : sequence of Artist
        What to explain, with labels.
    note : str
        What an incomplete benchmark lacks; in red above the legend.
    remark : str
        A line of explanation above the legend.
    """
    if not handles:
        add_note(figure, " ".join(filter(None, [note, remark])) if note else "")
        return
    _fix_ticks(figure)
    size = small() if figure.get_figwidth() < WIDEST - 1 else float(matplotlib.rcParams["legend.fontsize"])
    width = 0.96 * figure.get_figwidth()
    room = (_HANDLE + _GAP + _COLUMN_GAP) * size / 72
    texts = [wrap(str(handle.get_label()), width - room, size) for handle in handles]
    for handle, text in zip(handles, texts, strict=True):
        handle.set_label(text)
    n_columns = _columns_that_fit([inches(text, size) + room for text in texts], width + _COLUMN_GAP * size / 72)
    n_rows = -(-len(handles) // n_columns)
    # matplotlib fills column by column, the first columns being one longer: put the handles where that gives rows
    by_column = [
        handles[row * n_columns + column]
        for column in range(n_columns)
        for row in range(n_rows)
        if row * n_columns + column < len(handles)
    ]
    # a title of the figure would lie over a legend outside of the axes: the note is the legend's title
    lines = [wrap(note, width, 1.1 * small()), wrap(remark, width, 1.1 * small() if note else small())]
    title = "\n".join(filter(None, lines))
    legend = figure.legend(
        handles=by_column,
        loc="outside upper center",
        ncol=n_columns,
        title=title or None,
        fontsize=size,
        handlelength=_HANDLE,
        handletextpad=_GAP,
        columnspacing=_COLUMN_GAP,
        borderaxespad=0.1,
        labelspacing=0.35,
    )
    colour, weight = (STATE_COLOURS["failed"], "bold") if note else (MUTED, "normal")
    legend.get_title().set(fontsize=small(), color=colour, weight=weight, ha="center")
    heights = [1.5 * size + 1.2 * size * max(text.count("\n") for text in texts)] * n_rows
    if title:
        heights.append(1.3 * small() * (1 + title.count("\n")))
    _grow(figure, sum(heights) / 72 + 0.05)


def _columns_that_fit(widths: Sequence[float], width: float) -> int:
    """Return the most columns, rows filled one after the other, in which entries of these widths fit."""
    for n_columns in range(len(widths), 1, -1):
        n_rows = -(-len(widths) // n_columns)
        balanced = -(-len(widths) // n_rows)
        if sum(max(widths[column::balanced]) for column in range(balanced)) <= width:
            return balanced
    return 1


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
