"""The newcomer's walk of docs/architecture.md, gone with an instance: each step happens, there, then, and called so."""

import ast
import re
import sys
from pathlib import Path
from types import FrameType
from typing import NamedTuple

import pytest
import yaml

from colosseum import cli
from colosseum.registry import temporary_registrations
from colosseum.settings import temporary_settings
from colosseum.study import Study

ROOT = Path(__file__).parents[2]
AGENT = "QLearningContinuous"
PAIR = f"prms_0-RiverSwimContinuous____prms_0-{AGENT}"
LOGS = f"rivers/logs/{PAIR}"
#: What the rules of the workflow call, with the file that each must leave behind.
COMMANDS = {
    f"instances --benchmark rivers --agent {AGENT} --agent-config q.gin -o pickles": f"pickles/rivers/{PAIR}/seed0.pkl",
    f"run pickles/rivers/{PAIR}/seed0.pkl --log {LOGS}/seed0_logs.csv": f"{LOGS}/seed0_logs.csv",
    "summarise rivers -o summary.csv --curves curves.csv": "summary.csv",
    "table summary.csv --kind average -o average.csv": "average.csv",
}


class Call(NamedTuple):
    """A call of a function of the project, with what it was called from: file and qualified name of each."""

    file: str
    name: str
    callers: frozenset[tuple[str, str]]


@pytest.fixture(scope="module")
def steps(load_script):
    return load_script(ROOT / "docs/generate/architecture.py").read_data()["walk"]["step"]


def place_of(frame: FrameType) -> tuple[str, str]:
    code = frame.f_code
    return code.co_filename.removeprefix(f"{ROOT}/"), code.co_qualname


def go(folder: Path) -> None:
    """What `make run` does of one instance."""
    Study(yaml.safe_load((ROOT / "config.yaml").read_text())).check()
    for command, made in COMMANDS.items():
        assert cli.main(command.split()) == 0, command
        assert (folder / made).stat().st_size > 0


def calls_of(folder: Path) -> list[Call]:
    """The calls of the project's functions, in their order."""
    found = []
    package = f"{ROOT}/colosseum/"

    def note(frame: FrameType, event: str, _: object) -> None:
        if event == "call" and frame.f_code.co_filename.startswith(package):
            callers, caller = set(), frame.f_back
            while caller is not None:
                if caller.f_code.co_filename.startswith(package):
                    callers.add(place_of(caller))
                caller = caller.f_back
            found.append(Call(*place_of(frame), frozenset(callers)))

    sys.setprofile(note)
    try:
        go(folder)
    finally:
        sys.setprofile(None)
    return found


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A benchmark of one instance."""
    folder = tmp_path_factory.mktemp("walk")
    (folder / "rivers/mdp_configs").mkdir(parents=True)
    (folder / "rivers/mdp_configs/RiverSwimContinuous.gin").write_text("prms_0/RiverSwimContinuous.size = 4\n")
    (folder / "rivers/experiment_config.yml").write_text(
        "n_seeds: 1\nn_steps: 200\nlog_every: 100\nmax_interaction_time_s: 60\nemission_map: null\n"
    )
    return folder


@pytest.fixture(scope="module")
def calls(folder):
    with pytest.MonkeyPatch.context() as patch, temporary_settings(), temporary_registrations():
        patch.chdir(folder)
        patch.setenv("COLOSSEUM_NUMBA_CACHE", "none")  # not filled for a walk: what it needs lies beside the sources
        assert cli.main(f"sample-agents {AGENT} --n 1 --seed 42 -o q.gin".split()) == 0
        go(folder)  # what is compiled or imported first is no part of the walk
        return calls_of(folder)


def names_of(path: Path) -> set[str]:
    """The functions and classes of a Python file, methods with their class."""
    tree = ast.parse(path.read_text())
    found = set()
    for node in tree.body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            found.add(node.name)
        if isinstance(node, ast.ClassDef):
            found |= {f"{node.name}.{child.name}" for child in node.body if isinstance(child, ast.FunctionDef)}
    return found


def is_there(step) -> bool:
    path = ROOT / step["file"]
    match path.suffix:
        case ".py":
            return step["at"] in names_of(path)
        case ".yaml":
            return step["at"] in yaml.safe_load(path.read_text())
        case ".smk":
            name = re.escape(step["at"])
            return (
                re.search(rf"^(rule {name}:|use rule \w+ as {name} with:|{name} = )", path.read_text(), re.M)
                is not None
            )
    return False


def with_callers(steps) -> list[tuple[dict, dict]]:
    """Each step but the first, with the one in whose call it happens."""
    by_file = {step["file"]: step for step in steps}
    return [
        (step, by_file[step["by"]] if "by" in step else before) for before, step in zip(steps, steps[1:], strict=False)
    ]


def test_each_file_is_visited_once_and_has_what_is_to_be_looked_for(steps):
    assert len(steps) >= 15 and steps[0]["file"] == "config.yaml"
    visited = [step["file"] for step in steps]
    assert len(set(visited)) == len(visited)
    assert [f"{step['file']}: {step['at']}" for step in steps if not is_there(step)] == []


def test_who_calls_a_step_comes_before_it(steps):
    position = {step["file"]: number for number, step in enumerate(steps)}
    assert [step["file"] for step in steps if "by" in step and position[step["by"]] >= position[step["file"]]] == []


@pytest.mark.slow
def test_each_step_is_called_by_the_one_that_is_said(steps, calls):
    """In a call of it, and after the step before; a class stands for what is in its file."""
    at = 0
    for step, caller in with_callers(steps):
        if not (step["file"].endswith(".py") and caller["file"].endswith(".py")):
            continue
        is_class = "." not in step["at"] and step["at"][0].isupper()
        for number, call in enumerate(calls[at:], at):
            same = call.file == step["file"] and (is_class or call.name == step["at"])
            if same and (caller["file"], caller["at"]) in call.callers:
                at = number + 1
                break
        else:
            pytest.fail(f"{step['file']}: {step['at']}: {caller['at']} of {caller['file']} does not call it here")


def test_rules_call_what_is_said(steps):
    """The workflow makes a study of the configuration, asks for names, and its rules call the commands by name."""
    checked = []
    for step, caller in with_callers(steps):
        if not caller["file"].endswith(".smk") or step["file"].endswith(".smk"):
            continue
        text = (ROOT / caller["file"]).read_text()
        name = Path(step["file"]).stem
        if "/commands/" in step["file"]:
            assert f'"python -m colosseum {name} ' in text, step
        elif step["at"].startswith("Study"):
            assert f"{caller['at']} = Study(config" in text and f"{caller['at']}.check()" in text
        else:
            assert f"{name}.{step['at']}(" in text, step
        checked.append(step["file"])
    assert len(checked) == 6
    text = (ROOT / "Snakefile").read_text()
    for step in steps:
        if step["file"].endswith(".smk"):
            assert f'include: "{step["file"]}"' in text
    assert f'configfile: "{steps[0]["file"]}"' in text


def test_the_configuration_names_the_agent_that_walks(steps):
    assert AGENT in yaml.safe_load((ROOT / "config.yaml").read_text())["agents"]
    assert any(step["at"] == f"{AGENT}.advance" for step in steps)


@pytest.mark.slow
def test_the_cell_is_in_the_table(calls, folder):
    rows = [line.split(",") for line in (folder / LOGS / "seed0_logs.csv").read_text().splitlines()]
    last = dict(zip(rows[0], rows[-1], strict=True))
    cells = (folder / "average.csv").read_text().splitlines()[1].split(",")
    expected = float(last["normalized_cumulative_learning_regret"]) / 200
    assert any(re.fullmatch(r"[-\d.e]+", cell) and float(cell) == pytest.approx(expected) for cell in cells), cells
