"""Each statement of the page on tuning names a test that is there; what it tells of sizes and keys holds."""

import ast
import re
from pathlib import Path

import yaml

from colosseum.hyperopt.rungs import Rung, check_rungs, total_runs
from colosseum.study import Study

HERE = Path(__file__).parent
PAGE = (HERE.parents[1] / "docs" / "tuning.md").read_text()


def functions(file: str) -> set[str]:
    folders = (HERE.parent / folder for folder in ("agent", "analysis", "hyperopt"))
    (path,) = (folder / file for folder in folders if (folder / file).exists())
    return {node.name for node in ast.parse(path.read_text()).body if isinstance(node, ast.FunctionDef)}


def test_every_statement_names_a_test():
    named = re.findall(r"\| `(\w+\.py)::(\w+)` \|$", PAGE, re.MULTILINE)
    tables = re.findall(r"^\| statement \| test \|\n\|---\|---\|\n((?:\|.*\n)+)", PAGE, re.MULTILINE)
    assert len(named) == sum(table.count("\n") for table in tables) > 12
    for file, name in named:
        assert name in functions(file), f"{file}::{name}"


def test_the_example_is_a_study_and_its_sizes_are_those_that_are_told():
    (text,) = re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL)
    keys = yaml.safe_load(text)
    rungs = [Rung(**rung) for rung in keys["hyperopt"]["rungs"]]
    check_rungs(rungs, 50, 35, 3, "rungs")
    assert total_runs(rungs, 50) == 1_477
    del keys["hyperopt"]["search_spaces"]  # a file that lies where the workflow does
    study = Study({"agents": ["QLearningContinuous"], "benchmarks": ["continuous_quick_test"], **keys})
    study.check()
    *tuned, confirmed = study.hyperopt_benchmarks.values()
    assert {seed for stage in tuned for seed in stage.experiment.seeds} == {0, 1, 2}
    assert confirmed.experiment.seeds == range(3, 13)
    assert confirmed.n_instances() == 1_750 and sum(stage.n_instances() for stage in tuned) == 1_477
    assert next(iter(study.benchmarks.values())).experiment.first_seed == 13
