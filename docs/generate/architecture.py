"""Write docs/architecture.md from docs/architecture.toml and the imports of the package (make architecture)."""

import importlib.util
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs/architecture.md"
DATA = ROOT / "docs/architecture.toml"
GROUND = "ground"
HEAD = """\
# Architecture

Generated from [architecture.toml](architecture.toml) and from the imports of the package by `make architecture`; a test
holds the imports against it.

## The parts

A part imports only from parts below it. The arrows are those imports that do not follow from others; what leads to the
ground is left out, as every part uses it. The workflow and the executor are no part of the package: it imports nothing
of them.
"""

_spec = importlib.util.spec_from_file_location("imports", Path(__file__).with_name("imports.py"))
assert _spec is not None and _spec.loader is not None
reader = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(reader)


def read_data() -> dict[str, Any]:
    """Return the parts and the walk, as docs/architecture.toml has them."""
    return tomllib.loads(DATA.read_text(encoding="utf-8"))


def part_of(module: str, parts: list[dict[str, Any]]) -> str:
    """Return the name of the part that a module belongs to: the one with the longest prefix that fits."""
    prefixes = {prefix: part["name"] for part in parts for prefix in part["modules"]}
    return prefixes[max((p for p in prefixes if f"{module}.".startswith(f"{p}.")), key=len)]


def arrows(parts: list[dict[str, Any]]) -> dict[str, dict[str, list[tuple[str, str]]]]:
    """Return the imports that lead from part to part."""
    found: dict[str, dict[str, list[tuple[str, str]]]] = {part["name"]: {} for part in parts}
    for module, targets in reader.imports(reader.modules(ROOT / "colosseum")).items():
        for target in targets:
            here, there = part_of(module, parts), part_of(target, parts)
            if here != there:
                found[here].setdefault(there, []).append((module, target))
    return found


def reduced(graph: Mapping[str, set[str]]) -> dict[str, set[str]]:
    """Return a graph without circles less the arrows that follow from others."""

    def reachable(node: str) -> set[str]:
        return {node}.union(*(reachable(target) for target in graph[node]))

    return {
        node: {t for t in targets if not any(t in reachable(other) for other in targets - {t})}
        for node, targets in graph.items()
    }


def page_text() -> str:
    """Return the text of the page."""
    data = read_data()
    parts = data["part"]
    graph = {here: set(there) - {GROUND} for here, there in arrows(parts).items() if here != GROUND}
    lines = ["```mermaid", "flowchart TB"]
    lines += [f"\t{part['name']}" for part in parts if part["name"] != GROUND]
    lines += [f"\t{here} --> {there}" for here, targets in reduced(graph).items() for there in sorted(targets)]
    lines += ['\tworkflow["Snakefile, workflow/"] -. "python -m colosseum" .-> commands']
    lines += ['\texecutor["executor/"] -. "hooks that a profile names" .-> warm', "```", ""]
    text = HEAD + "\n" + "\n".join(lines)
    for part in parts:
        names = ", ".join(f"`{_path(name)}`" for name in part["modules"])
        text += f"\n**{part['name']}** ({names}). {part['about'].strip()}\n"
    walk = data["walk"]
    text += f"\n## From config.yaml to a cell of a table\n\n{walk['about'].strip()}\n\n"
    for number, step in enumerate(walk["step"], 1):
        text += f"{number}. [{step['file']}](../{step['file']}), `{step['at']}`: {step['does']}\n"
    return text


def _path(module: str) -> str:
    path = module.replace(".", "/")
    return f"{path}/" if (ROOT / path).is_dir() else f"{path}.py"


if __name__ == "__main__":
    PAGE.write_text(page_text(), encoding="utf-8")
    print(PAGE)
