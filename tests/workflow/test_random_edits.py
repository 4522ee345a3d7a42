"""
A randomized model test: whatever is edited, lost, damaged or killed, the same command mends it.

It runs no more than it need. An edit takes a minute, so nothing is edited unless it is asked for:
``COLOSSEUM_EDITS=200 COLOSSEUM_EDIT_SEEDS=10 pytest tests/workflow/test_random_edits.py`` makes 200 from each of
ten seeds.
"""

import copy
import csv
import os
import random
import shutil
import signal
import subprocess
from pathlib import Path

import pytest
from user_project import TINY, Project, end_of_group, make_project

N_EDITS = int(os.environ.get("COLOSSEUM_EDITS", "0"))
N_EDIT_SEEDS = int(os.environ.get("COLOSSEUM_EDIT_SEEDS", "1"))

pytestmark = [pytest.mark.slow, pytest.mark.skipif(N_EDITS == 0, reason="COLOSSEUM_EDITS says how many edits to make")]

AGENTS = ["QLearningContinuous", "RandomAgentContinuous"]
TIMING = {"steps_per_second"}
KEPT_OLD = 10**9
"""A time of modification long ago."""


def plain(path: Path) -> object:
    """The content of a file, of a log without its columns of timing."""
    if path.suffix != ".csv":
        return path.read_bytes()
    with open(path, newline="") as file:
        return [{name: text for name, text in row.items() if name not in TIMING} for row in csv.DictReader(file)]


class Model:
    """A project and what is known of it: its logs and pickles as they were when all was well."""

    def __init__(self, project: Project, seed: int):
        self.project = project
        self.rng = random.Random(seed)
        self.study = copy.deepcopy(TINY)
        self.study["experiment"]["n_steps"] = self.study["hyperopt"]["n_steps"] = 200
        self.sizes = [4, 6]
        self.write()
        self.good: dict[str, tuple[bytes, bytes]] = {}

    def write(self) -> None:
        self.project.write(self.study)
        gin = self.project.folder / "my_rivers/mdp_configs/RiverSwimContinuous.gin"
        gin.write_text("".join(f"prms_{i}/RiverSwimContinuous.size = {n}\n" for i, n in enumerate(self.sizes)))

    def files(self, *patterns: str) -> list[Path]:
        return sorted(path for pattern in patterns for path in self.project.folder.glob(f"results/{pattern}"))

    def logs(self) -> dict[str, tuple[bytes, bytes]]:
        """Each log with its pickle."""
        found = {}
        for log in self.files("*/tiny/*/logs/*/*.csv"):
            benchmark = log.parents[2]
            seed = log.name.removesuffix("_logs.csv")
            pickle = benchmark.parent / "experiment_instances" / benchmark.name / log.parent.name / f"{seed}.pkl"
            found[str(log)] = log.read_bytes(), pickle.read_bytes() if pickle.exists() else b""
        return found

    # ---------------------------------------------------------------------------------------------------- the edits

    def edit(self) -> str:
        """Make one edit and return what it was."""
        edits = [self.seeds, self.samples, self.agents, self.environments, self.resize, self.older]
        edits += [self.files_, self.files_, self.files_, self.files_, self.kill, self.twice]
        return self.rng.choice(edits)()

    def seeds(self) -> str:
        stage = self.rng.choice(["hyperopt", "experiment"])
        self.study[stage]["n_seeds"] = self.rng.randint(1, 3)
        self.write()
        return f"{stage}: n_seeds = {self.study[stage]['n_seeds']}"

    def samples(self) -> str:
        self.study["hyperopt"]["n_samples_agents"] = self.rng.randint(1, 3)
        self.write()
        return f"n_samples_agents = {self.study['hyperopt']['n_samples_agents']}"

    def agents(self) -> str:
        self.study["agents"] = self.rng.choice([AGENTS, AGENTS[:1], AGENTS[1:]])
        self.write()
        return f"agents = {self.study['agents']}"

    def environments(self) -> str:
        if len(self.sizes) > 1 and self.rng.random() < 0.5:
            self.sizes.pop()
        else:
            self.sizes.append(self.rng.randint(4, 8))
        self.write()
        return f"sizes = {self.sizes}"

    def resize(self) -> str:
        self.sizes[self.rng.randrange(len(self.sizes))] = self.rng.randint(4, 8)
        self.write()
        return f"sizes = {self.sizes}"

    def older(self) -> str:
        said = self.resize()
        os.utime(self.project.folder / "my_rivers/mdp_configs/RiverSwimContinuous.gin", (KEPT_OLD, KEPT_OLD))
        return f"{said}, by an older file"

    def files_(self) -> str:
        found = self.files(
            "*/tiny/**/*.gin", "*/tiny/**/*.yml", "*/tiny/**/*.pkl", "*/tiny/**/*.csv", "*/tiny/**/*.html"
        )
        path = self.rng.choice([path for path in found if path.name != "study.yml"])
        data = path.read_bytes()
        how = self.rng.choice(["deleted", "truncated", "corrupted", "touched", "aged", "emptied"])
        match how:
            case "deleted":
                path.unlink()
            case "truncated":
                path.write_bytes(data[: self.rng.randrange(max(1, len(data)))])
            case "corrupted":
                i = self.rng.randrange(max(1, len(data)))
                path.write_bytes(data[:i] + b"\x00" + data[i + 1 :])
            case "touched":
                path.touch()
            case "aged":
                os.utime(path, (KEPT_OLD, KEPT_OLD))
            case "emptied":
                path.write_bytes(b"")
        return f"{path.relative_to(self.project.folder)} {how}"

    def kill(self) -> str:
        said = self.rng.choice([self.seeds, self.resize, self.files_])()
        run, after = self.project.start(), self.rng.uniform(0, 8)
        try:
            run.wait(after)
        except subprocess.TimeoutExpired:
            run.send_signal(signal.SIGKILL)
        end_of_group(run)
        self.project.colosseum("recover")
        return f"{said}; killed after {after:.1f} s"

    def twice(self) -> str:
        said = self.rng.choice([self.seeds, self.resize])()
        runs = [self.project.start(), self.project.start()]
        statuses = [run.wait(900) for run in runs]
        assert 0 in statuses, statuses
        return f"{said}; started twice"

    # --------------------------------------------------------------------------------------------------- the command

    def check(self, edit: str) -> None:
        """Run the same command as ever, and see that it ran no instance that it need not."""
        before, numbers = self.logs(), self.project.logs()
        kept = self.project.folder / "kept"
        shutil.rmtree(kept, ignore_errors=True)
        kept.mkdir()
        for i, path in enumerate(before):
            os.link(path, kept / str(i))  # else its number could be given to another file
        self.project.run()
        after = self.logs()
        ran = {name for name, number in self.project.logs().items() if numbers.get(name) != number}
        for path, (_, pickle) in after.items():
            parts = Path(path).relative_to(self.project.folder / "results").parts
            if f"{parts[0]}/{parts[4]}/{parts[5]}" not in ran:
                continue
            was_lost = path not in before
            was_damaged = path in self.good and not was_lost and before[path][0] != self.good[path][0]
            is_another = path not in self.good or pickle != self.good[path][1]
            assert was_lost or was_damaged or is_another, f"{edit}: {path} was run again, and need not"
        self.good.update(after)

    def compare(self, fresh: Project) -> None:
        """Compare the results with those of a fresh run."""
        fresh.write(self.study)
        shutil.copytree(self.project.folder / "my_rivers", fresh.folder / "my_rivers", dirs_exist_ok=True)
        fresh.run()
        kinds = {".gin", ".yml", ".pkl", ".csv"}
        made = [path for path in fresh.folder.glob("results/*/tiny/**/*") if path.suffix in kinds and path.is_file()]
        assert made
        for path in made:
            name = path.relative_to(fresh.folder)
            if name.parts[1] == "analysis" or name.name == "study.yml":
                continue  # with times; and with the settings of earlier runs
            assert plain(self.project.folder / name) == plain(path), name


@pytest.mark.parametrize("seed", range(N_EDIT_SEEDS))
def test_the_same_command_mends_whatever_was_edited(tmp_path, seed):
    model = Model(make_project(tmp_path / "project"), seed)
    model.check("nothing")
    edits = []
    for i in range(N_EDITS):
        edits.append(model.edit())
        print(f"{i}: {edits[-1]}", flush=True)
        model.check(edits[-1])
    fresh = make_project(tmp_path / "fresh")
    fresh.environment["XDG_CACHE_HOME"] = model.project.environment["XDG_CACHE_HOME"]
    model.compare(fresh)
