"""The twelve tasks of the how-to are done in one folder, block by block; each takes the files that the page says."""

import os
import re
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml
from pages import ROOT, Block, blocks_of

import colosseum

pytestmark = pytest.mark.slow

PAGE = "docs/howto.md"
BLOCKS = blocks_of(PAGE)
TABLE = dict(re.findall(r"^\| \[([^\]]*)\]\(#[\w-]+\) \| (.*) \|$", (ROOT / PAGE).read_text(), re.MULTILINE))
TASKS = list(TABLE)

MOST = {"n_steps": 300, "n_seeds": 1, "n_samples_agents": 1, "log_every": 100, "max_interaction_time_s": 30}
"""What is run here of a study; the page's own sizes are a user's."""

MORE = {"The budget": {"n_steps": 400}, "More seeds": {"n_seeds": 2}}
"""What a task raises."""


class Folder:
    """What `init` made, in which the page is followed."""

    def __init__(self, folder: Path):
        self.folder = folder
        self.most: dict[str, int] = dict(MOST)
        self.environment = os.environ | {
            "PYTHONPATH": os.pathsep.join([str(ROOT), str(ROOT / "executor")]),
            "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
            "XDG_CACHE_HOME": str(folder.parent / "cache"),
        }

    def files(self) -> dict[str, str]:
        """What is the user's: not what was made from it."""
        found = {path: path.relative_to(self.folder) for path in self.folder.rglob("*") if path.is_file()}
        made = {"results", "paper", ".snakemake", "__pycache__"}
        return {str(inner): path.read_text() for path, inner in found.items() if not made & set(inner.parts)}

    def run(self, command: str, cwd: Path | None = None) -> str:
        done = subprocess.run(
            ["bash", "-euo", "pipefail", "-c", command],
            cwd=cwd or self.folder,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=600,
        )
        assert done.returncode == 0, f"{command}\n{done.stdout[-4000:]}"
        return done.stdout

    def follow(self, block: Block) -> str:
        """Do what a block says, at the sizes of this test; return what is printed."""
        if block.language == "sh":
            # a cluster's jobs are run by tests/slurm; here they are planned
            text = re.sub(r"^(snakemake --profile \S+)$", r"\1 --executor local -n --quiet all", block.text, flags=re.M)
            return self.run(text.replace("--cores all", "--cores 2"))
        if block.language == "python":
            return self.run(f"python - <<'END'\n{block.text}\nEND")
        assert block.file is not None
        file = self.folder / block.file
        file.parent.mkdir(parents=True, exist_ok=True)
        if block.file == "config.yaml":
            study = merged(yaml.safe_load(file.read_text()), yaml.safe_load(block.text))
            file.write_text(yaml.safe_dump(at_most(study, self.most), sort_keys=False))
        else:
            file.write_text(block.text)
        return ""

    def logs(self) -> dict[str, int]:
        """The logs of the comparison, with the numbers of their files: a log that is made again has another one."""
        found = (self.folder / "results/benchmarking/my_study/my_rivers/logs").rglob("*.csv")
        return {f"{path.parent.name}/{path.name}": path.stat().st_ino for path in found}


def merged(study: Any, change: Any) -> Any:
    """A mapping with another one laid over it, level by level."""
    if not isinstance(study, Mapping) or not isinstance(change, Mapping):
        return change
    return {**study, **{key: merged(study.get(key), value) for key, value in change.items()}}


def at_most(study: Any, most: Mapping[str, int]) -> Any:
    if not isinstance(study, Mapping):
        return study
    cut = {key: at_most(value, most) for key, value in study.items()}
    return {key: min(value, most[key]) if key in most and value is not None else value for key, value in cut.items()}


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Folder:
    made = Folder(tmp_path_factory.mktemp("howto") / "my_study")
    made.run("python -m colosseum init my_study", made.folder.parent)
    made.follow(Block("", "yaml", "# config.yaml\n{experiment: {}}\n"))  # the sizes of this test
    return made


def test_each_task_has_a_section_and_a_block():
    sections = re.findall(r"^## (.*)$", (ROOT / PAGE).read_text(), re.MULTILINE)
    assert sections == TASKS and len(TASKS) == 12
    assert {block.section for block in BLOCKS} == set(TASKS)


def test_the_page_is_followed(folder):
    """The steps build on each other, so this is one test."""
    said: dict[str, str] = {}
    for task in TASKS:
        before, logs = folder.files(), folder.logs()
        if task == "Resume":
            lost = next((folder.folder / "results/benchmarking/my_study/my_rivers/logs").rglob("*.csv"))
            lost.unlink()
        folder.most |= MORE.get(task, {})
        said[task] = "".join(folder.follow(block) for block in BLOCKS if block.section == task)
        after = folder.files()
        assert set(before) <= set(after), task
        written = {name for name, text in after.items() if before.get(name) != text}
        assert written == set(re.findall(r"`([\w./]+)`", TABLE[task])), f"{task}: {sorted(written)}"
        assert (TABLE[task] == "none") == (written == set())
        if task in ("Resume", "More seeds", "An ablation"):
            CHECKS[task](logs, folder.logs())
    assert "my_lab.mine:Mine: right" in said["An agent"]
    assert "my_lab.cliff:CliffEpisodic: right" in said["A family of environments"]
    # 2 agents on samples of 2 families, and on 2 rivers
    assert "config.yaml: right, 8 instances" in said["The budget"]
    assert "Mine" in said["Into pandas"] and "cumulative_reward" in said["Into pandas"]
    results = colosseum.load_results(folder.folder / "results/analysis/my_study/my_rivers")
    assert set(results.summary["agent_label"]) == {"tuned", "greedy"}
    for name in ("average.tex", "average.csv", "curves.pdf", "intervals.pdf", "mdp.pdf"):
        assert (folder.folder / "paper" / name).stat().st_size > 100, name


def resumed(before: dict[str, int], after: dict[str, int]) -> None:
    assert set(before) == set(after) and len(after) == 4
    assert [name for name in after if after[name] != before[name]] in [[name] for name in after]


def extended(before: dict[str, int], after: dict[str, int]) -> None:
    assert len(after) == 8 and before.items() < after.items()


def compared(before: dict[str, int], after: dict[str, int]) -> None:
    assert len(set(after) - set(before)) == 4  # 2 rivers x 2 seeds of the one without exploration


CHECKS = {"Resume": resumed, "More seeds": extended, "An ablation": compared}
