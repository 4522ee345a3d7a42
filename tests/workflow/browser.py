"""A report in a real browser: Debian's Chromium, without a window, driven by a script in a copy of the page."""

import html
import json
import re
import shutil
import subprocess
from pathlib import Path

CHROMIUM = shutil.which("chromium")
OPTIONS = (
    *("--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-sync", "--hide-scrollbars"),
    *("--disable-background-networking", "--disable-component-update", "--host-resolver-rules=MAP * ~NOTFOUND"),
    *("--window-size=1400,1000", "--virtual-time-budget=60000"),
)

# The page is a React application: what it shows follows from clicks, not from its address.
TOOLS = r"""
const pause = ms => new Promise(resolve => setTimeout(resolve, ms));
const app = () => document.querySelector('#app');
const links = () => [...app().querySelectorAll('a')];
const click = async what => { what.click(); await pause(300); };
const open = async name => {
    const found = links().filter(a => a.textContent.trim() === name);
    if (!found.length) throw new Error('no link ' + name);
    await click(found[found.length - 1]);
};
const menu = () => [...app().querySelectorAll('nav ul a')].map(a => a.textContent.trim());
const rows = () => [...app().querySelectorAll('nav tbody tr')];
const view = () => [...app().querySelectorAll('img, iframe')].filter(e => !e.closest('h1')).map(e => ({
    width: e.tagName === 'IMG' ? e.naturalWidth : e.clientWidth,
}));
// what is opened may stand in place of the list: each item is looked for from the start
const items = async path => {
    const found = [];
    for (let i = 0, n = 1; i < n; i++) {
        await go(path);
        n = rows().length;
        const title = rows()[i].innerText.trim();
        await click(rows()[i].querySelector('a[iconname=eye]'));
        const shown = view();
        await go(path);
        await click(rows()[i].querySelector('a[iconname=information-circle]'));
        found.push({title: title, shown: shown, about: app().innerText});
    }
    return found;
};
const go = async path => {
    if (links().some(a => a.textContent.trim() === 'Results')) await open('Results');
    for (const name of path) await open(name);
};
const ready = async () => {
    for (let i = 0; i < 100 && !links().some(a => a.textContent === 'About'); i++) await pause(200);
};
"""

WALK = r"""
await ready();
const result = {start: app().innerText, categories: {}};
const start = menu();
for (const category of start.slice(start.indexOf('About') + 1)) {
    await go([category]);
    result.categories[category] = {};
    for (const part of rows().length ? [''] : menu())
        result.categories[category][part] = await items(part ? [category, part] : [category]);
}
return result;
"""


def _copy(report: Path, folder: Path, script: str) -> Path:
    """Write a copy of the page that runs a script once it is shown."""
    text = report.read_text()
    end = text.rindex("</body>")
    code = f"""<script>(async () => {{ {TOOLS}
        const record = async () => {{ {script} }};
        let found;
        try {{ found = await record(); }} catch (error) {{ found = {{error: String(error)}}; }}
        const element = document.createElement('pre');
        element.id = 'record';
        element.hidden = true;
        element.textContent = JSON.stringify(found || null);
        document.body.appendChild(element);
    }})();</script>"""
    copy = folder / "page.html"
    copy.write_text(text[:end] + code + text[end:])
    return copy


def _chromium(folder: Path, page: Path, *options: str) -> str:
    profile = folder / "profile"
    command = [CHROMIUM, *OPTIONS, f"--user-data-dir={profile}", *options, page.as_uri()]
    return subprocess.run(command, capture_output=True, text=True, check=True, timeout=180).stdout


def walk(report: Path, folder: Path) -> dict:
    """Open every item of every category, and return what the page showed."""
    page = _chromium(folder, _copy(report, folder, WALK), "--dump-dom")
    record = re.search(r'<pre id="record"[^>]*>(.*?)</pre>', page, re.DOTALL)
    assert record, "the script did not come to its end"
    found = json.loads(html.unescape(record[1]))
    assert "error" not in found, found
    return found


def screenshot(report: Path, folder: Path, picture: Path, *names: str, item: int | None = None) -> Path:
    """Take a picture of the page after clicks on links, and perhaps on an item's eye."""
    clicks = "".join(f"await open({json.dumps(name)});" for name in names)
    if item is not None:
        clicks += f"await click(rows()[{item}].querySelector('a[iconname=eye]'));"
    _chromium(folder, _copy(report, folder, f"await ready(); {clicks}"), f"--screenshot={picture}")
    return picture
