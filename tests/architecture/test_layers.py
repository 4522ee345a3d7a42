"""The imports of the package against docs/architecture.toml: arrows point one way, nothing goes round in a circle."""

from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
OF_WORKFLOW = ("snakemake", "snakefmt")
MOST_LINES = 400


@pytest.fixture(scope="module")
def drawn(load_script):
    """The generator of docs/architecture.md."""
    return load_script(ROOT / "docs/generate/architecture.py")


@pytest.fixture(scope="module")
def files(drawn):
    return drawn.reader.modules(ROOT / "colosseum")


@pytest.fixture(scope="module")
def graph(drawn, files):
    return drawn.reader.imports(files)


def test_a_part_imports_only_from_parts_below_it(drawn):
    parts = drawn.read_data()["part"]
    height = {part["name"]: -number for number, part in enumerate(parts)}
    upwards = [
        f"{module} -> {target} ({here} -> {there})"
        for here, by_target in drawn.arrows(parts).items()
        for there, imports in by_target.items()
        for module, target in imports
        if height[there] >= height[here]
    ]
    assert upwards == []


def test_every_package_belongs_to_a_part_of_its_own_or_to_the_ground(drawn, files):
    parts = drawn.read_data()["part"]
    named = {name for part in parts for name in part["modules"]}
    assert all(name in files for name in named)
    packages = {name for name, path in files.items() if path.name == "__init__.py" and name.count(".") == 1}
    assert packages - named == {"colosseum.utils"}
    assert all(len(part["about"].split()) > 15 for part in parts)


def test_no_modules_import_each_other_in_a_circle(drawn, graph):
    assert len(graph) > 150
    assert drawn.reader.circles(graph) == []


def test_no_packages_import_each_other_in_a_circle(drawn, files, graph):
    """At every level: what lies side by side in a package is drawn together to a node each."""
    packages = [name for name, path in files.items() if path.name == "__init__.py"]
    assert len(packages) > 20
    for package in packages:
        siblings: dict[str, set[str]] = {}
        for module, targets in graph.items():
            here = child(package, module)
            siblings.setdefault(here, set()).update(there for t in targets if (there := child(package, t)) != here)
        siblings.pop("", None)
        inside = {here: targets - {""} for here, targets in siblings.items()}
        assert drawn.reader.circles(inside) == [], package


def child(package: str, module: str) -> str:
    """What of a package a module belongs to: a module or a package directly in it; nothing if it is elsewhere."""
    prefix = f"{package}."
    return prefix + module.removeprefix(prefix).partition(".")[0] if module.startswith(prefix) else ""


def test_the_package_imports_nothing_of_snakemake_or_of_the_executor(drawn, files):
    found = {
        f"{module}: {top}"
        for module, tops in drawn.reader.foreign_imports(files).items()
        for top in tops
        if top.startswith(OF_WORKFLOW)
    }
    assert found == set()
    # by name, too, nothing but what `recover` hands over to; and no file of Snakemake's own folder
    named = [name for name, path in files.items() if "snakemake_executor" in path.read_text()]
    assert named == ["colosseum.commands._executor"]
    assert [name for name, path in files.items() if ".snakemake" in path.read_text()] == []


def test_imports_are_read_as_python_reads_them(drawn, tmp_path):
    package = tmp_path / "zoo"
    (package / "cats").mkdir(parents=True)
    for name, text in {
        "__init__": "",
        "dogs": "from zoo.cats import lion\nfrom zoo.cats import roar\n",
        "food": "def later():\n    import zoo.dogs, json\n",
        "cats/__init__": "from .lion import roar\n",
        "cats/lion": "from ..food import meat\nif TYPE_CHECKING:\n    import zoo.dogs\n",
    }.items():
        (package / f"{name}.py").write_text(text)
    read = drawn.reader
    imports = read.imports(read.modules(package))
    assert imports == {
        "zoo": set(),
        "zoo.dogs": {"zoo.cats", "zoo.cats.lion"},
        "zoo.food": {"zoo.dogs"},
        "zoo.cats": {"zoo.cats.lion"},
        "zoo.cats.lion": {"zoo.food"},
    }
    assert read.circles(imports) == [["zoo.cats", "zoo.cats.lion", "zoo.dogs", "zoo.food"]]
    assert read.foreign_imports(read.modules(package))["zoo.food"] == {"json"}


def test_the_page_is_that_of_the_imports(drawn):
    assert drawn.PAGE.read_text() == drawn.page_text(), "make architecture"


@pytest.mark.parametrize("folder", ["colosseum", "executor"])
def test_no_file_is_longer_than_can_be_read_at_a_sitting(folder):
    lengths = {path: len(path.read_text().splitlines()) for path in (ROOT / folder).rglob("*.py")}
    assert lengths
    assert {str(path.relative_to(ROOT)): n for path, n in lengths.items() if n > MOST_LINES} == {}


def test_no_two_files_of_tests_have_one_name():
    """Pytest imports them by it, and collects nothing where two meet."""
    names = [path.name for folder in ("tests", "executor/tests") for path in (ROOT / folder).rglob("test_*.py")]
    assert len(names) > 100
    assert sorted(name for name in set(names) if names.count(name) > 1) == []
