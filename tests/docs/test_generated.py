"""What is drawn for the site: flowcharts from Mermaid's language, and a picture and a row for each environment."""

import re

import pytest
from pages import PAGES, ROOT, blocks_of

GENERATE = ROOT / "docs/generate"
CHARTS = [(page, block.text) for page in PAGES for block in blocks_of(page) if block.language == "mermaid"]


@pytest.fixture(scope="module")
def flowchart(load_script):
    return load_script(GENERATE / "flowchart.py")


@pytest.fixture(scope="module")
def environments(load_script):
    return load_script(GENERATE / "environments.py")


@pytest.mark.parametrize(("page", "text"), CHARTS, ids=[page for page, _ in CHARTS])
def test_every_chart_is_drawn_whole(flowchart, page, text):
    chart = flowchart.parse(text)
    arrows = [line for line in text.splitlines() if ">" in line]
    assert len(chart.edges) == len(arrows) > 0
    drawn = flowchart.draw(text)
    assert drawn.count("<rect") == drawn.count("<text") == len(chart.labels)
    assert drawn.count('class="head"') == len(arrows) and drawn == flowchart.draw(text)


def test_arrows_lead_to_the_right_and_nodes_do_not_overlap(flowchart):
    text = 'flowchart TB\n a[first] --> b\n a --> c\n b --> d[last]\n c --> d\n a --> d\n e -. "why" .-> c\n'
    chart = flowchart.parse(text)
    assert chart.labels == {"a": "first", "b": "b", "c": "c", "d": "last", "e": "e"}
    assert chart.edges[-1] == ("e", "c", "why")
    layers = flowchart.layers_of(chart)
    assert layers == {"a": 0, "e": 0, "b": 1, "c": 1, "d": 2}
    drawn = flowchart.draw(text)
    assert "<title>why</title>" in drawn and 'class="dotted"' in drawn
    boxes = [tuple(map(float, box)) for box in re.findall(r'<rect x="([\d.]+)" y="([\d.]+)" width="([\d.]+)"', drawn)]
    assert len(boxes) == 5
    for i, (x, y, width) in enumerate(boxes):
        for left, top, other in boxes[:i]:
            assert x + width < left or left + other < x or abs(y - top) >= 24


def test_a_circle_has_an_arrow_that_leads_back(flowchart):
    chart = flowchart.parse("flowchart TB\n a --> b\n b --> c\n c --> a\n")
    assert flowchart.layers_of(chart) == {"a": 0, "b": 1, "c": 2}
    with pytest.raises(ValueError, match="'a{b}' is no node"):
        flowchart.parse("flowchart TB\n a{b}\n")


def test_hardness_beside_the_pictures_is_that_of_the_environments(environments):
    before, _, rest = environments.PAGE.read_text().partition(environments.BEGIN)
    assert rest.partition(environments.END)[0] == environments.table()
    assert before.startswith("# Environments")


def test_pictures_are_there_small_and_the_same_each_time(environments, tmp_path):
    names = set(environments.families())
    assert len(names) == 7
    assert {file.stem for file in environments.PICTURES.iterdir()} == names
    assert all(1_000 < file.stat().st_size < 100_000 for file in environments.PICTURES.iterdir())
    for file in (tmp_path / "a.png", tmp_path / "b.png"):
        environments.draw("RiverSwim", file)
    assert (tmp_path / "a.png").read_bytes() == (tmp_path / "b.png").read_bytes()
