"""Write the graphs that Snakemake draws into README.md, docs/running.md and docs/rulegraph.md (make dag)."""

import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
PICTURED = (ROOT / "README.md", ROOT / "docs/running.md")
"""Pages with the rules of the smallest study."""
PAGE = ROOT / "docs/rulegraph.md"
TINY = ("--configfile", "studies/tiny.yaml")
# Nothing is there yet, and with the barrier off the whole graph is known before anything ran.
AS_IF_NEW = ("--config", "barrier=False", "results=.snakemake/not-there")
HEAD = """\
# The rules, and the jobs of a study

As Snakemake draws them (`make dag`), without the target `all`, which asks for everything. [Running a study](running.md)
shows those of the smallest study; `snakemake --rulegraph mermaid-js --configfile FILE` draws those of any other.
"""


def graph(*options: str) -> str:
    """Return the Mermaid block of the graph that Snakemake prints with these options."""
    command = [sys.executable, "-m", "snakemake", "--quiet", "all", *options, *AS_IF_NEW]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"{' '.join(command)}:\n{done.stderr}")
    return block(done.stdout)


def block(printed: str) -> str:
    """
    Return what Snakemake printed as a block that hosts render.

    The colours are left to the reader's theme, the target `all` is left out (an arrow from each of the others leads to
    it), and the arrows are sorted: Snakemake prints them in another order each time.
    """
    _, start, drawn = printed.partition("flowchart TB\n")
    lines = [line for line in drawn.splitlines() if line.strip() and "style id" not in line]
    target = next(line.split("[")[0].strip() for line in lines if line.endswith("[all]"))
    kept = [line for line in lines if not re.search(rf"\b{target}\b", line)]
    arrows = [line for line in kept if "-->" in line]
    boxes = [line for line in kept if "-->" not in line]
    arrows.sort(key=lambda line: [int(number) for number in re.findall(r"id(\d+)", line)])
    return "\n".join(["```mermaid", start + "\n".join([*boxes, *arrows]), "```\n"])


def simplified(drawn: str) -> str:
    """
    Return a block of few boxes, of rules that go in no circle: those of all tables are one, those of all plots are one.

    Arrows that a longer way says as well are left out.
    """
    boxes = dict(re.findall(r"(id\d+)\[(\w+)\]", drawn))
    kinds = {rule: re.sub(r"^(table|plot)_.*", r"\1_*", rule) for rule in boxes.values()}
    after: dict[str, set[str]] = {kind: set() for kind in kinds.values()}
    for before, later in re.findall(r"(id\d+) --> (id\d+)", drawn):
        after[kinds[boxes[before]]].add(kinds[boxes[later]])

    def reached(kind: str) -> set[str]:
        return after[kind].union(*(reached(later) for later in after[kind]))

    lines = [f'\t{number(i)}["{kind}"]' for i, kind in enumerate(after)]
    place = {kind: number(i) for i, kind in enumerate(after)}
    for kind, later in after.items():
        implied = set().union(*(reached(one) for one in later))
        lines += [f"\t{place[kind]} --> {place[one]}" for one in after if one in later - implied]
    return "\n".join(["```mermaid", "flowchart TB", *lines, "```\n"])


def number(i: int) -> str:
    """Return the name of a box, as Snakemake names them."""
    return f"id{i + 1}"


def pictured_text(page: Path) -> str:
    """Return a page with the rules of the smallest study in place of those that it shows."""
    before, start, rest = page.read_text(encoding="utf-8").partition("```mermaid\n")
    if not start:
        raise SystemExit(f"{page}: there is no mermaid block to renew.")
    return before + simplified(graph("--rulegraph", "mermaid-js", *TINY)) + rest.partition("```\n")[2]


def page_text() -> str:
    """Return the page with the rules of the default study and the jobs of the smallest."""
    return "\n".join(
        [
            HEAD,
            "## The rules of the default study\n",
            graph("--rulegraph", "mermaid-js"),
            "## The jobs of studies/tiny.yaml\n",
            graph("--dag", "mermaid-js", *TINY),
        ]
    )


if __name__ == "__main__":
    for page in PICTURED:
        page.write_text(pictured_text(page), encoding="utf-8")
    PAGE.write_text(page_text(), encoding="utf-8")
    print(*PICTURED, PAGE, sep="\n")
