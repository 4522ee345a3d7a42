"""Whether everything that is written in a figure can be read."""

from itertools import combinations

from matplotlib.figure import Figure
from matplotlib.text import Text
from matplotlib.transforms import Bbox

from colosseum.analysis.paper import SMALLEST


def visible_texts(figure: Figure) -> list[tuple[str, Bbox]]:
    """Return every text that is drawn outside the cells and marks of the axes, with its box in pixels."""
    figure.draw_without_rendering()
    renderer = figure.canvas.get_renderer()
    texts = [text for text in (figure._suptitle, figure._supxlabel, figure._supylabel) if text is not None]
    for legend in figure.legends:
        texts += [*legend.get_texts(), legend.get_title()]
    for axis in figure.axes:
        if not axis.axison:  # a remark in the place of a plot
            texts += axis.texts
            continue
        texts += [axis.title, axis.xaxis.label, axis.yaxis.label]
        for along in (axis.xaxis, axis.yaxis):
            low, high = sorted(along.get_view_interval())
            for tick in along.get_major_ticks():
                if low <= tick.get_loc() <= high:
                    texts += [tick.label1, tick.label2]
    shown = [text for text in texts if text.get_visible() and text.get_text().strip()]
    return [(text.get_text(), text.get_window_extent(renderer)) for text in shown]


def assert_legible(figure: Figure) -> None:
    texts = visible_texts(figure)
    assert texts
    for text, box in texts:
        inside = box.x0 >= -1 and box.y0 >= -1 and box.x1 <= figure.bbox.width + 1 and box.y1 <= figure.bbox.height + 1
        assert inside, f"{text!r} is cut off"
    for (one, box), (other, other_box) in combinations(texts, 2):
        shared = Bbox.intersection(box, other_box)
        assert shared is None or shared.width < 1.5 or shared.height < 1.5, f"{one!r} and {other!r} overlap"
    sizes = {text.get_text(): text.get_fontsize() for text in figure.findobj(Text) if text.get_text().strip()}
    assert min(sizes.values()) >= SMALLEST, sizes
    for legend in figure.legends:
        box = legend.get_window_extent()
        for axis in figure.axes:
            shared = Bbox.intersection(box, axis.get_window_extent())
            assert shared is None or shared.height < 1, "the legend lies over data"
