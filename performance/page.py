"""
How large the results page of a big study is, and how long a browser takes to open it.

Makes a benchmark of 20 environments, 4 agents and 50 seeds (4,000 instances) from made-up logs, its page, and opens
that in Debian's Chromium: the time from the start of the navigation until its tables sort and its plots can be drawn.

    python performance/page.py [--seeds 50] [--times 3]
"""

import argparse
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "tests" / "analysis"))

import synthetic
from page_study import write_page, write_tables

AGENTS = ("QLearningEpisodic", "PSRLEpisodic", "SarsaEpisodic", "MyAgentEpisodic")
READY = "document.documentElement.dataset.ready !== undefined"


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=int, default=50)
    parser.add_argument("--times", type=int, default=3, help="how often it is opened")
    parser.add_argument("--keep", metavar="FILE", help="where to leave the page")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        logs = root / "results" / "benchmarking" / "large" / "benchmark_episodic_ergodic"
        study = root / "results" / "analysis" / "large"
        synthetic.write_benchmark(logs, AGENTS, n_seeds=args.seeds)
        write_tables(logs, study / logs.name)
        synthetic.write_hardness(study / logs.name)
        began = time.process_time()
        text = write_page(study)
        print(f"{20 * len(AGENTS) * args.seeds:,} instances: made in {time.process_time() - began:.1f} s of processor")
        page = Path(args.keep) if args.keep else root / "index.html"
        page.write_text(text, encoding="utf-8")
        print(f"size: {page.stat().st_size / 1e6:.2f} MB")
        for seconds in opened(page.resolve().as_uri(), args.times):
            print(f"opened in {seconds:.2f} s")


def opened(url: str, times: int) -> list[float]:
    """Return how long a page takes to be ready, each time in a window of its own."""
    from playwright.sync_api import sync_playwright

    found = []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox"])
        for _ in range(times):
            context = browser.new_context(viewport={"width": 1280, "height": 800})
            page = context.new_page()
            page.goto(url)
            page.wait_for_function(READY)
            found.append(page.evaluate("performance.now()") / 1000)
            context.close()
        browser.close()
    return found


if __name__ == "__main__":
    main()
