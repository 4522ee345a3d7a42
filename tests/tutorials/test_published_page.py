"""Every statement of the published tutorials is listed on the page, with its test or the reason why it is not run."""

import ast
import re
from pathlib import Path

HERE = Path(__file__).parent
PAGE = (HERE.parents[1] / "docs/published.md").read_text()

TUTORIALS = {
    "agent-implementation",
    "agent-performance-analysis",
    "benchmark-analysis",
    "benchmark-custom",
    "benchmark-introduction",
    "benchmark-running",
    "benchmark-scaling",
    "colosseum-configurations",
    "hardness-analysis",
    "hyperopt",
    "mdp-functionalities",
    "mdp-visual-representations",
    "quickstart",
}


def functions_of(file: Path) -> set[str]:
    names = {node.name for node in ast.parse(file.read_text()).body if isinstance(node, ast.FunctionDef)}
    return {name for name in names if name.startswith("test_")}


def test_each_statement_has_a_test_or_a_reason():
    table = PAGE.partition("| tutorial | statements | here |")[2].splitlines()[2:]
    rows = [line.strip("|").split(" | ") for line in table if line.startswith("|")]
    listed, named = "", {}
    for row in rows:
        assert len(row) == 3, row
        listed = row[0].strip() or listed
        statements, here = row[1].strip(), row[2].strip()
        assert len(statements) > 5, row
        test = re.fullmatch(r"`(test_\w+\.py)::(test_\w+)`", here)
        if test:
            assert test[2] in functions_of(HERE / test[1]), here
            named.setdefault(listed, []).append(test[2])
        else:
            assert len(here) > 15 and "::" not in here, row
    assert set(named) == TUTORIALS  # each has something that runs
    parts = [HERE / f"test_published_{part}.py" for part in ("agents", "benchmarks", "mdps")]
    assert set().union(*map(functions_of, parts)) <= {name for names in named.values() for name in names}
