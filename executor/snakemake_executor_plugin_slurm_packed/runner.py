"""What runs on the node: one process that works through the jobs of a submission.

`python -m snakemake_executor_plugin_slurm_packed.runner < ORDER`. It imports Snakemake once and forks a child for
each job, so a job that fails, hangs or takes too much memory loses itself only. A hook of the workflow may prepare it
(`hooks.Session`). All that a job writes outside its outputs goes below one scratch folder, removed at the end.
"""

from __future__ import annotations

import os
import platform
import re
import shlex
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from types import FrameType

from snakemake_interface_common.exceptions import WorkflowError

from . import hooks, job_comment, scratch
from .job_output import last_error
from .processes import Child
from .reporter import Reporter
from .staging import Storage, Store
from .submission import read_order, unpack

_POLL_S = 0.05
_WATCH_S = 1.0

#: Exit statuses; Slurm shows them, the reports explain them.
SOME_FAILED, NOT_STARTED = 1, 3


@dataclass
class Running:
    """A job and the process that it runs in."""

    number: int
    child: Child
    output: Path
    started: float


class Stopped(Exception):
    """Slurm asked the submission to end (time limit, cancelled)."""


class Runner:
    """Works through one submission.

    Parameters
    ----------
    order : dict
        `jobs` (each with argv or command, name, threads, mem_mb, seconds, outputs, staged_outputs), `workers`,
        `common_argv`, `precommand`, `workdir` (None: the node does not see it), `sources`, `storage`, `inputs` (their
        name in the storage), `scratch`, `session`, `versions_hook` and `versions` (see `hooks`), `environment`.
    folder : Path
        The scratch folder of this submission; exists and is removed by the caller.
    """

    def __init__(self, order: dict, folder: Path) -> None:
        self.order = order
        self.jobs = order["jobs"]
        self.folder = folder
        self.store: Store | None = None
        self.report = job_comment.Report.of(len(self.jobs))
        self.reporter = Reporter(self.report)

    def run(self) -> int:
        """Run all jobs; returns the exit status of the submission."""
        workdir = Path(self.order["workdir"] or self.folder / "work")
        workdir.mkdir(exist_ok=True)
        os.chdir(workdir)
        if self.order["sources"]:
            unpack(self.order["sources"], workdir)
        if self.order["storage"]:
            self.store = Store(Storage(**self.order["storage"]), workdir)
            self.store.get(self.order["inputs"])
        if self.order["precommand"]:
            done = subprocess.run(["bash", "-c", self.order["precommand"]], stdin=subprocess.DEVNULL, check=False)
            if done.returncode:
                self.report.texts[job_comment.HERE] = f"the preparation failed with exit status {done.returncode}"
                return NOT_STARTED
        with hooks.enter_session(self.order["session"], self.folder, len(self.jobs)):
            if self.order["workdir"] is None:
                os.environ["XDG_CACHE_HOME"] = str(self.folder / "cache")  # Snakemake's caches stay behind else
            if len(self.jobs) > 1:
                _load_for_children()
            self._work()
        return 0 if set(self.report.letters) == {job_comment.DONE} else SOME_FAILED

    def _work(self) -> None:
        waiting = list(range(len(self.jobs)))
        running: list[Running] = []
        watched = time.monotonic()
        try:
            while waiting or running:
                while waiting and len(running) < self.order["workers"]:
                    number = waiting.pop(0)
                    running.append(self._start(number))
                    self.report.letters[number] = job_comment.RUNNING
                time.sleep(_POLL_S)
                if time.monotonic() - watched > _WATCH_S:
                    watched = time.monotonic()
                    for job in running:
                        self._watch(job)
                for job in [job for job in running if job.child.ended()]:
                    running.remove(job)
                    self._finish(job)
                self.reporter.report()
        except (Stopped, OSError) as error:
            for job in running:
                job.child.kill()
                self._show(job, str(error))
            raise

    def _start(self, number: int) -> Running:
        job = self.jobs[number]
        output = self.folder / f"output-{number}"

        def child() -> int:
            for variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS"):
                os.environ[variable] = str(job["threads"])
            if job["command"]:
                return subprocess.run(["bash", "-c", seen_here(job["command"])], check=False).returncode
            from snakemake.cli import main

            argv = shlex.split(seen_here(shlex.join([*job["argv"], *self.order["common_argv"]])))
            sys.argv = ["snakemake", *argv]
            try:
                status = main(argv)
            except SystemExit as stop:
                status = stop.code
            if self.store is not None:
                self.store.put(job["staged_outputs"], job["outputs"])  # of a failed job, its log
            return status or 0

        if not self.folder.is_dir():
            raise FileNotFoundError(f"the scratch folder {self.folder} of node {platform.node()} has vanished")
        return Running(number, Child(child, output), output, time.monotonic())

    def _watch(self, running: Running) -> None:
        job = self.jobs[running.number]
        seconds = time.monotonic() - running.started
        if seconds > job["seconds"]:
            running.child.kill()
            self._fail(running.number, job_comment.TIME, f"limit {job['seconds']} s")
            return
        used = running.child.memory_mb()
        if used > job["mem_mb"]:
            running.child.kill()
            self._fail(running.number, job_comment.MEMORY, f"used {used:.0f} MiB, limit {job['mem_mb']} MiB")

    def _fail(self, number: int, letter: str, text: str) -> None:
        self.report.letters[number] = letter
        self.report.texts[number] = text

    def _finish(self, running: Running) -> None:
        number, status = running.number, running.child.status or 0
        letter = self.report.letters[number]
        if letter == job_comment.RUNNING and status == 0:
            self.report.letters[number] = job_comment.DONE
        elif letter == job_comment.RUNNING:
            # the kernel's out-of-memory killer and others that we did not ask
            how = f"killed by signal {-status}" if status is not None and status < 0 else f"exit status {status}"
            self._fail(number, job_comment.FAILED, f"{how}: {last_error(running.output)}")
        self._show(running, self.report.texts.get(number, "done"))

    def _show(self, running: Running, outcome: str) -> None:
        """One line for each job, for `job_comment.read_outcomes`, and after it the output of one that failed."""
        number = running.number
        seconds = time.monotonic() - running.started
        letter = self.report.letters[number]
        text = f"{self.jobs[number]['name']}: {outcome} ({seconds:.1f} s)"
        print(job_comment.outcome_line(letter, number, len(self.jobs), text), flush=True)
        if letter != job_comment.DONE and running.output.exists():
            with open(running.output, errors="replace") as output:
                for line in output:
                    sys.stdout.write(f"    {line}")
            sys.stdout.flush()
        running.output.unlink(missing_ok=True)


def seen_here(command: str) -> str:
    """
    Leave the head's cache of sources out of a command of Snakemake, where this node does not see it.

    It lies in the head's home. Snakemake then fills one on the node, from the sources themselves.
    """
    given = re.search(r"""--runtime-source-cache-path[= ]((?:'[^']*'|"[^"]*"|[^\s'"])+)""", command)
    if given is None or os.path.isdir(shlex.split(given[1])[0]):
        return command
    return command.replace(given[0], "", 1)


def _load_for_children() -> None:
    """Load once what Snakemake would load again for each job: that is half of the time that it takes."""
    import smart_open  # noqa: F401
    import snakemake.cli

    snakemake.cli.get_argument_parser()  # finds and imports all plugins


def _stop(signum: int, frame: FrameType | None) -> None:
    raise Stopped("stopped by Slurm")


def main() -> int:
    """Read an order on the standard input and run it."""
    signal.signal(signal.SIGTERM, _stop)
    order = read_order(sys.stdin.read())
    runner = Runner(order, Path())
    status = NOT_STARTED
    print(f"slurm-packed: submission of {len(order['jobs'])} on {platform.node()}", flush=True)
    try:
        os.environ.update(order["environment"])
        different = hooks.differing_versions(order["versions"], order["versions_hook"])
        if different:
            runner.report.texts[job_comment.ANYWHERE] = f"the node's installation differs from the head's: {different}"
        else:
            with scratch.folder(order["scratch"]) as folder:
                runner.folder = folder
                try:
                    status = runner.run()
                finally:
                    os.chdir("/")
    except Stopped:
        status = SOME_FAILED
    except hooks.HookError as error:  # no other node will do
        runner.report.texts[job_comment.ANYWHERE] = str(error)
    except (OSError, WorkflowError) as error:
        runner.report.texts[job_comment.HERE] = str(error)
    for key in (job_comment.HERE, job_comment.ANYWHERE):
        if key in runner.report.texts:
            print(f"slurm-packed: {runner.report.texts[key]}", flush=True)
    runner.reporter.report_final()
    return status


if __name__ == "__main__":
    # a node's own bin folder first, so that `python` in a rule is this very installation
    os.environ["PATH"] = os.pathsep.join([os.path.dirname(sys.executable), os.environ.get("PATH", "")])
    sys.exit(main())
