"""Slurm's commands without Slurm, which can be made to answer oddly.

`install(folder)` makes them. A job is a process of this host; what is known of it lies in the folder: `ID.name`,
`ID.pid`, `ID.comment`, and, when it has ended, `ID.state`. Every call is a line of `calls`. `odd.json` says what is:

- `notice`: every command prints lines before and after its answer;
- `unlisted_s`: for so many seconds from the first submission `squeue` lists no job;
- `silent`: commands that print nothing and succeed;
- `denies`: `scontrol show job` denies every job;
- `refuses`: what `sbatch` says instead of taking a job;
- `lost`: so many answers of `sbatch` are lost, though the job is taken.
"""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

COMMANDS = ("sbatch", "squeue", "scancel", "scontrol", "sinfo", "sacct")


def install(folder: Path) -> dict[str, str]:
    """Make the commands; returns the environment in which they are found."""
    (folder / "bin").mkdir(parents=True)
    for name in COMMANDS:
        command = folder / "bin" / name
        command.write_text(f'#!/bin/sh\nexec {sys.executable} -S {__file__} {folder} {name} "$@"\n')
        command.chmod(0o755)
    make_odd(folder)
    return {**os.environ, "PATH": f"{folder / 'bin'}:{os.environ['PATH']}"}


def make_odd(folder: Path, **odd) -> None:
    """Say what is odd from now on."""
    temporary = folder / "odd.new"
    temporary.write_text(json.dumps(odd))
    temporary.replace(folder / "odd.json")


def calls(folder: Path, command: str) -> list[str]:
    """The arguments of every call of a command."""
    path = folder / "calls"
    lines = path.read_text().splitlines() if path.exists() else []
    return [line.partition(" ")[2] for line in lines if line.split()[0] == command]


class FakeSlurm:
    """What the commands do."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.odd = json.loads((folder / "odd.json").read_text())

    def state(self, job: str) -> str:
        path = self.folder / f"{job}.state"
        return path.read_text() if path.exists() else "RUNNING"

    def comment(self, job: str) -> str:
        path = self.folder / f"{job}.comment"
        return path.read_text() if path.exists() else "(null)"

    def jobs(self) -> list[str]:
        return sorted((path.stem for path in self.folder.glob("*.name")), key=int)

    def sbatch(self, *options: str) -> int:
        given = dict(word.removeprefix("--").split("=", 1) for word in options if "=" in word)
        if text := self.odd.get("refuses"):
            print(f"sbatch: error: Batch job submission failed: {text}", file=sys.stderr)
            return 1
        job = str(len(self.jobs()) + 1)
        script = self.folder / f"{job}.sh"
        script.write_text(sys.stdin.read())
        with open(given["output"].replace("%j", job), "w") as output:
            words = [sys.executable, "-S", __file__, str(self.folder), "run", job]
            subprocess.Popen(words, stdin=subprocess.DEVNULL, stdout=output, stderr=output, start_new_session=True)
        (self.folder / f"{job}.name").write_text(given["job-name"])
        if job not in map(str, range(1, self.odd.get("lost", 0) + 1)):
            print(job)
        return 0

    def run(self, job: str) -> int:
        environment = {**os.environ, "SLURM_JOB_ID": job}
        child = subprocess.Popen(["bash", self.folder / f"{job}.sh"], env=environment, start_new_session=True)
        (self.folder / f"{job}.pid").write_text(str(child.pid))
        status = child.wait()
        state = self.folder / f"{job}.state"
        if not state.exists():
            state.write_text("COMPLETED" if status == 0 else "FAILED")
        return 0

    def squeue(self, *options: str) -> int:
        name = next(word.partition("=")[2] for word in options if word.startswith("--name="))
        if "--noheader" not in options:
            print("JOBID|STATE|NODELIST|REASON|COMMENT")
        jobs = [job for job in self.jobs() if (self.folder / f"{job}.name").read_text() == name]
        if jobs and time.time() - (self.folder / f"{jobs[0]}.name").stat().st_mtime < self.odd.get("unlisted_s", 0):
            return 0
        for job in jobs:
            print(f"{job}|{self.state(job)}|n1|None|{self.comment(job)}")
        return 0

    def scontrol(self, action: str, *words: str) -> int:
        if action == "update":
            values = dict(word.split("=", 1) for word in words)
            (self.folder / f"{values['JobId']}.comment").write_text(values["Comment"])
            return 0
        job = words[1]
        if job not in self.jobs() or self.odd.get("denies"):
            print("slurm_load_jobs error: Invalid job id specified", file=sys.stderr)
            return 1
        print(f"JobId={job} JobName=x\n   JobState={self.state(job)} Reason=None Dependency=(null)\n   NodeList=n1")
        print(f"   Comment={self.comment(job)}")
        return 0

    def scancel(self, word: str) -> int:
        if word.startswith("--name="):
            wanted = [job for job in self.jobs() if (self.folder / f"{job}.name").read_text() == word[7:]]
        else:
            wanted = [word]
        for job in wanted:
            if job not in self.jobs():
                print(f"scancel: error: Kill job error on job id {job}: Invalid job id specified", file=sys.stderr)
                return 1
            if self.state(job) == "RUNNING":
                (self.folder / f"{job}.state").write_text("CANCELLED")
                os.killpg(int((self.folder / f"{job}.pid").read_text()), signal.SIGTERM)
        return 0

    def sinfo(self, *options: str) -> int:
        if "--noheader" not in options:
            print("PARTITION|TIMELIMIT")
        print("main*|1:00:00\nlong|7-00:00:00\nshort|10:00\nfree|infinite")
        return 0

    def sacct(self, *options: str) -> int:
        job = options[options.index("-j") + 1]
        print("JobID|State")
        if job in self.jobs():
            print(f"{job}|{self.state(job)}{' by 0' if self.state(job) == 'CANCELLED' else ''}")
        return 0


def main() -> int:
    """Do what the command would do."""
    folder, command, *arguments = sys.argv[1:]
    slurm = FakeSlurm(Path(folder))
    if command == "run":
        return slurm.run(*arguments)
    with open(slurm.folder / "calls", "a") as file:
        file.write(" ".join([command, *arguments]) + "\n")
    if command in slurm.odd.get("silent", []):
        return 0
    if slurm.odd.get("notice"):
        print("*** Maintenance on 2026-12-01 | see https://hpc.example/news ***\nQuota: 12|RUNNING|of 20\n", flush=True)
    status = getattr(slurm, command)(*arguments)
    if slurm.odd.get("notice"):
        print(f"{command}: note: this command will be replaced in version 99", flush=True)
    return status


if __name__ == "__main__":
    sys.exit(main())
