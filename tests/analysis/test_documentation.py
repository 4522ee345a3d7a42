"""Each statement of the page on the analysis about a method is shown by a test, whose name stands beside it."""

import ast
import re
from pathlib import Path

from colosseum.analysis.registry import available_kinds

HERE = Path(__file__).parent
PAGE = HERE.parents[1] / "docs" / "analysis.md"


def test_every_statement_about_a_method_has_a_test() -> None:
    section = PAGE.read_text().partition("## Scores and statistics")[2].partition("What is not shown")[0]
    statements = [line for line in section.splitlines() if line.startswith("| ") and line != "| statement | test |"]
    named = [re.search(r"\| `(\w+\.py)::(\w+)` \|$", line) for line in statements]
    assert len(statements) > 25 and all(named), [line for line, one in zip(statements, named, strict=True) if not one]
    tests: dict[str, set[str]] = {}
    for one in filter(None, named):
        file, name = one.groups()
        if file not in tests:
            tree = ast.parse((HERE / file).read_text())
            tests[file] = {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}
        assert name in tests[file], f"{PAGE.name} names {file}::{name}, which is not there"


def test_every_caption_exists_and_names_what_bold_means() -> None:
    report = PAGE.parents[1] / "workflow" / "report"
    rules = (PAGE.parents[1] / "workflow" / "rules" / "common.smk").read_text()
    for what in ("table", "plot"):
        listed = re.search(rf"^{what.upper()}S = {{\n(.*?)^}}", rules, re.DOTALL | re.MULTILINE)
        assert listed is not None
        kinds = re.findall(r'^    "(\w+)":', listed.group(1), re.MULTILINE)
        assert kinds and set(kinds) <= set(available_kinds(what))
        for kind in kinds:
            assert (report / f"{what}_{kind}.rst").is_file()
    for kind in ("average", "indicators"):
        assert "at 5 % for" in (report / f"table_{kind}.rst").read_text()
