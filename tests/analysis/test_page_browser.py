"""The results page in a browser, as large as a desk's, a small laptop's and a phone's: what is seen, clicked, saved."""

import csv
import io
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

CHROMIUM = shutil.which("chromium")
SIZES = {"desk": (1280, 800), "laptop": (1366, 768), "phone": (390, 844)}
EPISODIC = "benchmark-episodic-ergodic"
CURVES = f"figure[data-curves={EPISODIC}]"
PROFILE = f"figure[data-chart={EPISODIC}-profile]"
TEXTS = "h1, h2, h3, h4, p, li, dt, dd, label, summary, button, nav a"
ABOVE = "#answer li, #answer .first h2, #answer th, #answer td, .bar a, header > *"
RESET = """() => {
    const set = (one, name, value) => {
        if (one[name] === value) return;
        one[name] = value;
        one.dispatchEvent(new Event("change", { bubbles: true }));
    };
    document.querySelectorAll("dialog[open]").forEach((one) => one.close());
    document.querySelectorAll(".picker").forEach((one) => (one.open = false));
    document.querySelectorAll("select").forEach((one) => set(one, "value", ""));
    document.querySelectorAll("input[type=checkbox]").forEach((one) => set(one, "checked", one.defaultChecked));
    set(document.querySelector("input[type=radio][value^=Learning]"), "checked", true);
    scrollTo(0, 0);
}"""

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(CHROMIUM is None, reason="there is no chromium; make other-tools installs it"),
]


class Seen:
    """A page in a window, and what it said and asked for meanwhile."""

    def __init__(self, browser: Any, url: str, size: str, dark: bool = False):
        width, height = SIZES[size]
        scheme = "dark" if dark else "light"
        self.context = browser.new_context(viewport={"width": width, "height": height}, color_scheme=scheme)
        self.context.set_default_timeout(60_000)
        self.page = self.context.new_page()
        self.said: list[str] = []
        self.asked: list[str] = []
        self.page.on("console", lambda message: self.said.append(message.text))
        self.page.on("pageerror", lambda error: self.said.append(str(error)))
        self.page.on("request", lambda request: self.asked.append(request.url))
        self.page.goto(url)
        self.page.wait_for_function("document.documentElement.dataset.ready !== undefined")

    def draw(self, figure: str) -> Any:
        """Scroll to a plot, and wait until it is drawn."""
        found = self.page.locator(figure)
        found.scroll_into_view_if_needed()
        found.locator("svg.marks").wait_for()
        return found

    def waits(self, figure: str, condition: str) -> None:
        """Scroll to a plot, and wait until something holds of it, `figure` in the script."""
        self.page.locator(figure).scroll_into_view_if_needed()
        self.page.wait_for_function(f"((figure) => {condition})(document.querySelector('{figure}'))")

    def reset(self) -> None:
        """Bring the page back to what it was when it opened, whatever a test has left."""
        self.page.evaluate(RESET)
        self.page.mouse.move(0, 0)

    def saved(self, button: Any) -> str:
        """Click on what saves a file, and return what is in it."""
        with self.page.expect_download() as download:
            button.click()
        return Path(download.value.path()).read_text(encoding="utf-8", errors="replace")


@pytest.fixture(scope="module")
def url(demo_page: str, tmp_path_factory: pytest.TempPathFactory) -> str:
    written = tmp_path_factory.mktemp("page") / "index.html"
    written.write_text(demo_page)
    return written.as_uri()


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield chromium
        chromium.close()


@pytest.fixture(scope="module")
def opened(browser, url) -> Iterator[Any]:
    """Windows by size and theme, each opened once."""
    windows: dict[tuple[str, bool], Seen] = {}

    def find(size: str, dark: bool = False) -> Seen:
        if (size, dark) not in windows:
            windows[size, dark] = Seen(browser, url, size, dark)
        return windows[size, dark]

    yield find
    for window in windows.values():
        window.context.close()


@pytest.fixture
def desk(opened) -> Iterator[Seen]:
    window = opened("desk")
    yield window
    window.reset()


@pytest.mark.parametrize("size", SIZES)
def test_the_answer_is_seen_without_scrolling_and_nothing_lies_beside_the_window(opened, size):
    window = opened(size)
    page, (width, height) = window.page, SIZES[size]
    for sentence in page.locator("#answer .answers li").all():
        box = sentence.bounding_box()
        assert box["y"] >= 0 and box["y"] + box["height"] <= height and box["x"] + box["width"] <= width
    leader = page.locator("#answer table tbody tr").first.bounding_box()
    assert leader["y"] + leader["height"] <= height
    assert page.locator("header .progress").bounding_box()["y"] < 100
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    # a text is neither cut off nor under another one: what is wider than its place can be scrolled there
    cut = page.evaluate(
        """(texts) => [...document.querySelectorAll(texts)]
        .filter((one) => one.checkVisibility() && one.scrollWidth > one.clientWidth + 1 && one.clientWidth > 0)
        .map((one) => one.outerHTML.slice(0, 80))""",
        TEXTS,
    )
    assert cut == []
    clashes = page.evaluate(
        """(above) => {
        const boxes = [...document.querySelectorAll(above)]
            .filter((one) => one.checkVisibility()).map((one) => [one.textContent.trim(), one.getBoundingClientRect()]);
        return boxes.flatMap(([a, p], i) => boxes.slice(i + 1).filter(([b, q]) =>
            p.left < q.right - 1 && q.left < p.right - 1 && p.top < q.bottom - 1 && q.top < p.bottom - 1
        ).map(([b]) => [a, b]));
    }""",
        ABOVE,
    )
    assert clashes == []
    assert window.said == []


def test_leaderboards_sort(desk):
    page = desk.page
    table = page.locator(f"#{EPISODIC}-board")

    def agents() -> list[str]:
        return table.locator("tbody th[scope=row]").all_inner_texts()

    first = agents()
    assert first[0] == "PSRL" and "Random policy" in first
    head = table.locator("thead th", has_text="Learning regret: mean").first

    def values() -> list[float]:
        order = "cells => cells.map((cell) => cell.dataset.order)"
        return [float(value) for value in table.locator("tbody tr td:nth-child(3)").evaluate_all(order)]

    expected = sorted(values())
    head.click()
    wait_until(page, lambda: values() == expected)
    head.click()
    wait_until(page, lambda: values() == expected[::-1])
    head.click()
    wait_until(page, lambda: agents() == first)


def wait_until(page, holds) -> None:
    """Wait for what a click brings, which the table does when it finds time."""
    for _ in range(200):
        if holds():
            return
        page.wait_for_timeout(50)
    assert holds()


def test_what_is_hidden_leaves_every_table_and_plot(desk):
    page = desk.page
    assert "PSRL" in desk.draw(PROFILE).locator("svg").text_content()
    page.locator("summary", has_text="Agents").click()
    box = page.get_by_role("checkbox", name="PSRL")
    box.uncheck()
    assert page.locator("[data-count=agent]").inner_text() == "4 of 5"
    page.keyboard.press("Escape")
    desk.waits(PROFILE, "!figure.querySelector('svg').textContent.includes('PSRL')")
    shown = page.locator("#answer tr, #leaderboards tr, #per-environment th").filter(has_text="PSRL", visible=True)
    assert shown.count() == 0
    curves = desk.draw(CURVES)
    assert "Sarsa" in curves.locator("svg").text_content() and "PSRL" not in curves.locator("svg").text_content()
    page.locator("summary", has_text="Agents").click()
    box.check()
    desk.waits(CURVES, "figure.querySelector('svg').textContent.includes('PSRL')")


def test_environments_are_hidden_and_shown_again(desk):
    page = desk.page
    desk.draw(CURVES)
    page.locator("summary", has_text="Environments").click()
    page.get_by_role("checkbox", name="RiverSwim").uncheck()
    desk.waits(CURVES, "!figure.querySelector('svg').textContent.includes('RiverSwim')")
    rows = page.locator("#per-environment tr, #environments tr").filter(has_text="RiverSwim", visible=True)
    assert rows.count() == 0
    page.locator("[data-all=mdp][data-to=on]").click()
    page.keyboard.press("Escape")
    desk.waits(CURVES, "figure.querySelector('svg').textContent.includes('RiverSwim')")
    assert rows.count() > 0


def test_the_regret_is_switched_everywhere(desk):
    page = desk.page
    desk.draw(CURVES)
    last = f"document.querySelector('{CURVES}').rows.findLast((row) => row.agent === 'PSRL').mean"
    learning = page.evaluate(last)
    titles = page.locator("#per-environment h4")
    assert "Policy regret, normalized, per step" not in titles.filter(visible=True).all_inner_texts()
    page.get_by_role("radio", name="Policy").check()
    desk.waits(CURVES, "figure.querySelector('svg').textContent.includes('Policy')")
    assert "Learning regret, normalized, per step" not in titles.filter(visible=True).all_inner_texts()
    assert page.evaluate(last) != learning
    page.get_by_role("radio", name="Learning").check()
    desk.waits(CURVES, "figure.querySelector('svg').textContent.includes('Learning')")
    assert page.evaluate(last) == learning


def test_curves_tell_values_on_hover_zoom_and_show_single_seeds(desk):
    page = desk.page
    figure = desk.draw(CURVES)
    figure.locator("select").select_option("RiverSwim")
    desk.waits(CURVES, "figure.view.height() > 300")
    assert figure.locator("path[stroke-width='0.8']").count() == 0
    figure.get_by_label("Single seeds").check()
    desk.waits(CURVES, "figure.querySelectorAll(\"path[stroke-width='0.8']\").length === 20")
    marks = figure.locator("svg.marks")
    marks.scroll_into_view_if_needed()
    box = marks.bounding_box()
    middle = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    tip = page.locator("#vg-tooltip-element.visible")
    page.mouse.move(*middle)
    page.mouse.move(middle[0] + 5, middle[1])
    tip.wait_for()
    for text in ("Agent", "RiverSwim", "Mean"):
        assert text in tip.inner_text()
    low = page.evaluate(f"document.querySelector('{CURVES}').view.scale('x').domain()")
    page.mouse.wheel(0, -600)
    desk.waits(CURVES, f"figure.view.scale('x').domain()[1] < {low[1]}")
    figure.get_by_label("Logarithmic steps").check()
    desk.waits(CURVES, "figure.view.scale('x').type === 'log'")


def test_a_profile_tells_values_on_hover(desk):
    marks = desk.draw(PROFILE).locator("svg.marks")
    marks.evaluate("(one) => one.scrollIntoView({block: 'center'})")
    box = marks.bounding_box()
    desk.page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    desk.page.mouse.move(box["x"] + box["width"] / 2 + 5, box["y"] + box["height"] / 2)
    tip = desk.page.locator("#vg-tooltip-element.visible")
    tip.wait_for()
    assert "Score τ" in tip.inner_text() and "undefined" not in tip.inner_text()


def test_a_cell_leads_to_its_seeds_their_logs_and_commands(desk):
    page = desk.page
    page.locator("#per-environment button.cell").first.click()
    dialog = page.get_by_role("dialog")
    assert dialog.locator("tbody tr").count() == 5
    said = dialog.locator("tbody tr").first.inner_text()
    assert "seed0_logs.csv" in said and "python -m colosseum run " in said and "seed0.pkl --log again.csv" in said
    dialog.locator("h2 a").click()
    assert not dialog.is_visible()
    assert page.evaluate("document.querySelector('tr:target') !== null")


def test_tables_and_plots_are_saved(desk):
    page = desk.page
    rows = list(csv.reader(io.StringIO(desk.saved(page.locator(f"[data-csv={EPISODIC}-board]")))))
    assert len(rows) == 6 and rows[0][:2] == ["#", "Agent"]
    figure = desk.draw(PROFILE)
    assert desk.saved(figure.get_by_role("button", name="Performance profile as SVG")).startswith("<svg")
    assert "PNG" in desk.saved(figure.get_by_role("button", name="Performance profile as PNG"))[:8]
    saved = desk.saved(figure.get_by_role("button", name="Performance profile as CSV"))
    assert saved.startswith("regret,agent,score,share,low,high\nLearning regret,")


def test_dark_mode_is_that_of_the_system_and_can_be_switched(opened):
    page = opened("phone", dark=True).page
    ground = "getComputedStyle(document.body).backgroundColor"
    assert page.evaluate(ground) == "rgb(22, 24, 29)"
    swatches = "[...document.querySelectorAll('[data-agent-swatch]')].map((one) => one.style.background)"
    dark = page.evaluate(swatches)
    button = page.get_by_role("button", name="Dark mode")
    assert button.get_attribute("aria-pressed") == "true"
    button.focus()
    page.keyboard.press("Enter")
    assert page.evaluate(ground) == "rgb(255, 255, 255)" and page.evaluate(swatches) != dark
    page.keyboard.press("Enter")
    assert page.evaluate(ground) == "rgb(22, 24, 29)" and page.evaluate(swatches) == dark


@pytest.mark.parametrize(("size", "dark"), [("desk", False), ("phone", True)])
def test_everybody_can_read_it(opened, size, dark):
    from axe_playwright_python.sync_playwright import Axe

    window = opened(size, dark)
    window.draw(CURVES)
    window.draw(PROFILE)
    window.page.evaluate("document.querySelectorAll('details').forEach((one) => (one.open = !one.matches('.picker')))")
    # what is drawn in a plot: its name is judged, thousands of lines are not; of a table the first rows stand for all
    what = {"exclude": [["svg.marks > g"], ["tbody tr:nth-child(n+5)"]]}
    found = Axe().run(window.page, context=what, options={"resultTypes": ["violations"]}).response["violations"]
    grave = [
        (one["id"], one["nodes"][0]["html"][:120], one["nodes"][0]["failureSummary"])
        for one in found
        if one["impact"] in ("serious", "critical")
    ]
    window.page.evaluate("document.querySelectorAll('details').forEach((one) => (one.open = false))")
    assert grave == []


def test_every_plot_is_drawn_and_nothing_is_complained_of_nor_asked_of_a_host(desk):
    names = desk.page.locator("figure.chart").evaluate_all("""all => all.map(({ dataset }) =>
        dataset.chart ? `[data-chart=${dataset.chart}]` : `[data-curves=${dataset.curves}]`)""")
    assert len(names) >= 14
    for name in names:
        figure = desk.draw(f"figure{name}")
        box = figure.locator("svg.marks").bounding_box()
        assert box["width"] > 200 and box["height"] > 60, name
        assert figure.locator("svg.marks").get_attribute("aria-label") or figure.locator(".vega-embed").count()
    assert desk.said == []
    assert {url.partition(":")[0] for url in desk.asked} <= {"file", "data", "blob"}
    assert desk.page.evaluate("document.documentElement.scrollWidth") <= SIZES["desk"][0]
