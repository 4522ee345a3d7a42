"""A project that is edited, damaged and killed at random, and what the same command may do about it."""

import os
import random
import re
import shutil
import signal
import subprocess
import time
from dataclasses import replace
from pathlib import Path

from typed_study import ANALYSIS, Asked, Typist, average_table, plain
from user_project import Project, end_of_group

from colosseum.study import run_lock

LONG_AGO = 10**9
"""A time of modification."""

TARGETS = [
    "logs",
    f"{ANALYSIS}/my_rivers/summary.csv",
    f"{ANALYSIS}/hyperopt_continuous/summary.csv",
    average_table()[0],
]
"""All but the plots and the other tables, which take most of a small study's time."""

RUN = re.compile(r"^(?:local)?rule run_\w+:\n(?:    .*\n)*?    output: (.*)$", re.MULTILINE)
"""A run in Snakemake's log file."""

FILES = {
    "log": ["*/tiny/*/logs/**/*.csv"],
    "pickle": ["*/tiny/experiment_instances/**/*.pkl"],
    "configuration": ["*/tiny/*/*_configs/*.gin", "*/tiny/*/experiment_config.yml"],
    "choice": ["*/tiny/*/selection/*"],
    "analysis": ["analysis/tiny/**/*.csv", "analysis/tiny/**/*.html", "analysis/tiny/**/*.tex"],
    "notes": ["*/tiny/contents.jsonl"],
}


class RandomEdits:
    """
    A project and what is asked of it.

    Parameters
    ----------
    project : Project
    typist : Typist
        Knows what each study comes to.
    seed : int
    """

    def __init__(self, project: Project, typist: Typist, seed: int):
        self.project = project
        self.typist = typist
        self.rng = random.Random(seed)
        self.asked = Asked()
        self.lines: list[str] = []
        self.known_logs: set[Path] = set()
        self.write()

    def write(self) -> None:
        self.project.write(self.asked.study())
        self.asked.write_benchmark(self.project.folder / "my_rivers")

    def ask(self, **changes: object) -> str:
        self.asked = replace(self.asked, **changes)
        self.write()
        return ", ".join(f"{name} = {value}" for name, value in changes.items())

    # --- what is asked

    def seeds(self) -> str:
        n_seeds = list(self.asked.n_seeds)
        n_seeds[self.rng.randrange(2)] = self.rng.randint(1, 3)
        return self.ask(n_seeds=tuple(n_seeds))

    def samples(self) -> str:
        return self.ask(n_samples=self.rng.randint(1, 3))

    def agents(self) -> str:
        both = Asked().agents
        return self.ask(agents=self.rng.choice([both, both[:1], both[1:], both[::-1]]))

    def environments(self) -> str:
        """Add one, remove one, or change one."""
        name = self.rng.choice(["rivers", "rivers", "seas"])
        sizes = list(getattr(self.asked, name))
        match self.rng.choice(["add", "remove", "change"]):
            case "add" if len(sizes) < 3:
                sizes.append(self.rng.randint(4, 8))
            case "remove" if len(sizes) > (name == "rivers"):
                sizes.pop(self.rng.randrange(len(sizes)))
            case _ if sizes:
                sizes[self.rng.randrange(len(sizes))] = self.rng.randint(4, 8)
        return self.ask(**{name: tuple(sizes)})

    def older(self) -> str:
        """Change an environment by a file that is older than all that was made from it."""
        said = self.environments()
        for path in self.project.folder.glob("my_rivers/mdp_configs/*.gin"):
            os.utime(path, (LONG_AGO, LONG_AGO))
        return f"{said}, by older files"

    # --- what is there

    def files(self, kind: str) -> list[Path]:
        return sorted(path for pattern in FILES[kind] for path in self.project.folder.glob(f"results/{pattern}"))

    def damage(self) -> str:
        """Damage a file that the workflow made."""
        kind = self.rng.choice([kind for kind in FILES if self.files(kind)])
        path = self.rng.choice(self.files(kind))
        data = path.read_bytes()
        i = self.rng.randrange(len(data)) if data else 0
        how = self.rng.choice(["deleted", "truncated", "corrupted", "flipped", "emptied", "doubled", "touched", "aged"])
        if how == "flipped" and kind == "log":
            how = "corrupted"  # a digit for another cannot be seen
        match how:
            case "deleted":
                path.unlink()
            case "truncated":
                path.write_bytes(data[:i])
            case "corrupted":
                path.write_bytes(data[:i] + b"\0" + data[i + 1 :])
            case "flipped":
                path.write_bytes(data[:i] + bytes([(data or b"0")[i] ^ 1 << self.rng.randrange(8)]) + data[i + 1 :])
            case "emptied":
                path.write_bytes(b"")
            case "doubled":
                path.write_bytes(data + data[i:])
            case "touched":
                path.touch()
            case "aged":
                os.utime(path, (LONG_AGO, LONG_AGO))
        return f"{path.relative_to(self.project.folder)} {how}" + (f" at {i} of {len(data)}" if i else "")

    def folder(self) -> str:
        """Delete a folder, Snakemake's own among them."""
        patterns = ["results/*/tiny/*", "results/*/tiny/*/*", ".snakemake", ".snakemake/metadata"]
        found = [path for pattern in patterns for path in self.project.folder.glob(pattern) if path.is_dir()]
        path = self.rng.choice(sorted(found))
        shutil.rmtree(path)
        return f"{path.relative_to(self.project.folder)} deleted"

    def copy(self) -> str:
        """Make of the folder a copy that has lost the times of its files, and Snakemake's notes."""
        paths = [path for path in self.project.folder.rglob("results/**/*") if path.is_file()]
        self.rng.shuffle(paths)
        for i, path in enumerate(paths):
            os.utime(path, (LONG_AGO + i, LONG_AGO + i))
        shutil.rmtree(self.project.folder / ".snakemake", ignore_errors=True)
        return "a copy without times"

    # --- the command

    def start(self) -> subprocess.Popen[str]:
        return subprocess.Popen(
            self.project.command(*TARGETS),
            cwd=self.project.folder,
            env=self.project.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            process_group=0,
        )

    def kill(self) -> str:
        """Kill a start at a random time, with or without its jobs; recover, perhaps before these have ended."""
        run, after = self.start(), self.rng.uniform(0.5, 6)
        whole_group = self.rng.random() < 0.5
        time.sleep(after)
        try:
            (os.killpg if whole_group else os.kill)(run.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
        run.wait()
        said = f"killed {'with its jobs ' if whole_group else ''}after {after:.1f} s"
        assert run.stdout is not None
        run.stdout.close()
        if self.rng.random() < 0.7:
            end_of_group(run)
            said += ", waited for its jobs"
        folder, asks = self.project.folder, self.rng.random() < 0.4
        if run_lock.find(folder) or any(folder.glob(".snakemake/locks/*")):
            if asks:
                told = self.project.run(*TARGETS, status=1)
                assert "python -m colosseum recover" in told and "Traceback" not in told, told
                said += ", refused"
            self.project.colosseum("recover")
        else:
            said += ", before its jobs"
        return said

    def twice(self) -> str:
        """Start two at once, or nearly so: one of them goes on."""
        first, pause = self.start(), self.rng.choice([0, 0, self.rng.uniform(0, 4)])
        time.sleep(pause)
        runs = [first, self.start()]
        told = [run.communicate(timeout=900)[0] for run in runs]
        statuses = [run.returncode for run in runs]
        assert 0 in statuses, told
        for status, text in zip(statuses, told, strict=True):
            assert status == 0 or (status == 1 and "is being run: wait for its end" in text), text
            assert "Traceback" not in text, text
        return f"started twice, {pause:.1f} s apart: {statuses}"

    def recover(self) -> str:
        told = self.project.colosseum("recover")
        assert "nothing to recover" in told, told
        return "recovered"

    # --- the check

    def edit(self) -> str:
        """Make up to three edits; return what they were."""
        quiet = [self.seeds, self.samples, self.agents, self.environments, self.older, self.folder, self.copy]
        quiet += 5 * [self.damage]
        said = [self.rng.choice(quiet)() for _ in range(self.rng.choice([1, 1, 2, 3]))]
        if self.rng.random() < 0.25:
            said.append(self.observed(self.rng.choice([self.kill, self.twice])))
        elif self.rng.random() < 0.1:
            said.append(self.recover())
        return "; ".join(said)

    def observed(self, act) -> str:
        """Do what runs instances, and see that it ran none that it need not."""
        kept = self.kept()
        said = act()
        ran = self.ran()
        assert not kept & set(ran), f"{said}: run again, and need not: {sorted(kept & set(ran))}"
        if act == self.twice:
            assert len(ran) == len(set(ran)), f"{said}: run twice: {sorted(ran)}"
        return said

    def kept(self) -> set[str]:
        """The logs that are there as they ought to be: by their names."""
        folder = self.project.folder
        expected = self.typist.results(self.asked)
        logs = [name for name in expected if "/logs/" in name and (folder / name).exists()]
        return {name for name in logs if plain(name, (folder / name).read_bytes()) == expected[name]}

    def ran(self) -> list[str]:
        """The logs of the instances that were run since the last time that this was asked."""
        logs = set(self.project.folder.glob(".snakemake/log/*.log")) - self.known_logs
        self.known_logs |= logs
        return [name for log in sorted(logs) for name in RUN.findall(log.read_text())]

    def command(self) -> str:
        self.project.run(*TARGETS)
        return "the command"

    def check(self) -> None:
        """Give the same command as ever: it does what it must, and runs no instance that it need not."""
        self.observed(self.command)
        self.compare(self.typist.results(self.asked))
        leftovers = [path for path in self.project.folder.rglob("results/**/*") if path.suffix in {".previous", ".tmp"}]
        assert not leftovers and not any(self.project.folder.glob("results/.running/*"))
        if self.rng.random() < 0.1:
            assert "Nothing to be done" in self.project.run(*TARGETS)

    def compare(self, expected: dict) -> None:
        for name, content in expected.items():
            path = self.project.folder / name
            assert path.exists(), name
            assert plain(name, path.read_bytes()) == content, name
