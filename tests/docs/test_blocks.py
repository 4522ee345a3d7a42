"""Every code block of a page is run by a test, or says that it is none that is typed."""

import ast

import pytest
from pages import PAGES, ROOT, blocks_of

OUTPUT = {"text", "mermaid", "{eval-rst}", "{toctree}"}
"""Languages of blocks that nobody types: what is printed, a usage, a picture, directives of the site."""

RUN = {
    "CONTRIBUTING.md": "tests/packaging/test_metadata.py::test_contributing_names_what_is_there",
    "README.md": "tests/test_readme.py::test_commands_run_in_order",
    "config/README.md": "tests/docs/test_blocks.py::test_the_module_of_the_page_is_the_one_that_is_tried",
    "docs/analysis.md": "tests/analysis/test_page_commands.py::test_commands_of_a_page_run",
    "docs/cluster.md": "tests/slurm/test_runs.py::test_as_typed",
    "docs/development.md": "tests/test_readme.py::test_commands_run_in_order",
    "docs/first_study.md": "tests/packaging/test_wheel.py::test_from_init_to_a_report",
    "docs/howto.md": "tests/docs/test_howto.py::test_the_page_is_followed",
    "docs/page.md": "tests/analysis/test_page_commands.py::test_commands_of_a_page_run",
    "docs/running.md": "tests/test_readme.py::test_commands_run_in_order",
    "docs/tuning.md": (
        "tests/hyperopt/test_tuning_page.py::test_the_example_is_a_study_and_its_sizes_are_those_that_are_told"
    ),
    "docs/tutorials/scaling.md": "tests/tutorials/test_scaling.py::test_the_tutorial_runs_as_it_is_printed",
    "docs/two_regrets.md": "tests/analysis/test_page_commands.py::test_commands_of_a_page_run",
    "examples/README.md": "tests/examples/test_examples.py::test_agent_and_family_pass_the_suites",
    "executor/README.md": "tests/slurm/test_foreign_workflow.py::test_three_rules",
}
"""The test of each page that has blocks to type."""


def test_every_block_says_what_it_is():
    unknown = {
        (page, block.language)
        for page in PAGES
        for block in blocks_of(page)
        if block.language not in OUTPUT | {"sh", "python", "yaml", "ini", "snakemake"}
    }
    assert not unknown


def test_every_page_with_something_to_type_names_the_test_that_does_it():
    assert RUN.keys() == {page for page in PAGES if any(block.language not in OUTPUT for block in blocks_of(page))}


@pytest.mark.parametrize("page", RUN)
def test_the_test_of_a_page_is_there(page):
    file, _, name = RUN[page].partition("::")
    tree = ast.parse((ROOT / file).read_text())
    assert name in {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}


def test_the_module_of_the_page_is_the_one_that_is_tried():
    """By tests/workflow/test_module.py, which fills in where the Snakefile is."""
    tree = ast.parse((ROOT / "tests/workflow/test_module.py").read_text())
    [tried] = [
        ast.literal_eval(node.value)
        for node in tree.body
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "USER_SNAKEFILE"
    ]
    [block] = [block for block in blocks_of("config/README.md") if block.language == "snakemake"]
    written = block.text.replace('"path/to/Snakefile"', "{where}")
    assert "".join(written.split()) in "".join(tried.split())
