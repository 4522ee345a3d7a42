"""What runs on the node: one process that works through the jobs of a submission.

`python -m snakemake_executor_plugin_colosseum_slurm.runner < ORDER`. It imports Snakemake once and forks a child for
each job, so a job that fails, hangs or takes too much memory loses itself only. Beside it a warm process
(`colosseum.warm.server`) has numba and the compiled kernels loaded and forks for each `python -m colosseum run`.
All that a job writes outside its outputs goes below one scratch folder, removed at the end.
"""

from __future__ import annotations

import contextlib
import os
import platform
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from types import FrameType

from snakemake_interface_common.exceptions import WorkflowError

from colosseum.cluster import report, scratch
from colosseum.cluster.processes import Child, fork
from colosseum.cluster.slurm import environment
from colosseum.warm import session

from .staging import Storage, Store
from .submission import differing_versions, read_order, unpack

_POLL_S = 0.05
_WATCH_S = 1.0

#: Seconds between two reports to Slurm's controller: a thousand submissions together stay below 200 a second.
_REPORT_S = 5.0

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
        name in the storage), `scratch`, `kernels` (where compiled kernels are kept), `versions`, `environment`.
    folder : Path
        The scratch folder of this submission; exists and is removed by the caller.
    """

    def __init__(self, order: dict, folder: Path) -> None:
        self.order = order
        self.jobs = order["jobs"]
        self.folder = folder
        self.store: Store | None = None
        self.report = report.Report.of(len(self.jobs))
        self._reporter: subprocess.Popen | None = None
        self._reported = ""
        self._reported_at = 0.0
        self._job_id = os.environ.get("SLURM_JOB_ID", "")

    # --- reports -------------------------------------------------------------------------------

    def tell(self, now: bool = False) -> None:
        """Write the report into the Slurm job's comment if there is news; at most one `scontrol` at a time."""
        line = self.report.encode()
        if not self._job_id or line == self._reported:
            return
        if self._reporter is not None and self._reporter.poll() is None:
            return
        if not now and time.monotonic() - self._reported_at < _REPORT_S:
            return
        self._reported, self._reported_at = line, time.monotonic()
        try:
            self._reporter = subprocess.Popen(
                ["scontrol", "update", f"JobId={self._job_id}", f"Comment={line}"],
                env=environment(),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
            )
        except OSError as error:
            print(f"colosseum: scontrol does not start on this node ({error}); reports come at the end", flush=True)
            self._job_id = ""

    def last_words(self, patience_s: float = 60.0) -> None:
        """Make sure that the final report arrives, for as long as that is worth."""
        end = time.monotonic() + patience_s
        while time.monotonic() < end:
            if self._reporter is not None:
                try:
                    if self._reporter.wait(max(0.1, end - time.monotonic())) != 0:
                        self._reported = ""
                        time.sleep(1)
                except subprocess.TimeoutExpired:
                    return
            if not self._job_id or self.report.encode() == self._reported:
                return
            self.tell(now=True)

    # --- the jobs ------------------------------------------------------------------------------

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
                self.report.texts[report.HERE] = f"the preparation failed with exit status {done.returncode}"
                return NOT_STARTED
        with session.warm_process(self.folder, self.order["kernels"], always=len(self.jobs) > 1):
            if self.order["workdir"] is None:
                os.environ["XDG_CACHE_HOME"] = str(self.folder / "cache")  # Snakemake's caches stay behind else
            if len(self.jobs) > 1:
                _load_for_children()
            self._work()
        return 0 if set(self.report.letters) == {report.DONE} else SOME_FAILED

    def _work(self) -> None:
        waiting = list(range(len(self.jobs)))
        running: list[Running] = []
        watched = time.monotonic()
        try:
            while waiting or running:
                while waiting and len(running) < self.order["workers"]:
                    number = waiting.pop(0)
                    running.append(self._start(number))
                    self.report.letters[number] = report.RUNNING
                time.sleep(_POLL_S)
                if time.monotonic() - watched > _WATCH_S:
                    watched = time.monotonic()
                    for job in running:
                        self._watch(job)
                for job in [job for job in running if job.child.ended()]:
                    running.remove(job)
                    self._finish(job)
                self.tell()
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
                return subprocess.run(["bash", "-c", job["command"]], check=False).returncode
            from snakemake.cli import main

            argv = [*job["argv"], *self.order["common_argv"]]
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
        return Running(number, fork(child, output), output, time.monotonic())

    def _watch(self, running: Running) -> None:
        job = self.jobs[running.number]
        seconds = time.monotonic() - running.started
        if seconds > job["seconds"]:
            running.child.kill()
            self._fail(running.number, report.TIME, f"limit {job['seconds']} s")
            return
        used = running.child.memory_mb()
        if used > job["mem_mb"]:
            running.child.kill()
            self._fail(running.number, report.MEMORY, f"used {used:.0f} MiB, limit {job['mem_mb']} MiB")

    def _fail(self, number: int, letter: str, text: str) -> None:
        self.report.letters[number] = letter
        self.report.texts[number] = text

    def _finish(self, running: Running) -> None:
        number, status = running.number, running.child.status
        letter = self.report.letters[number]
        if letter == report.RUNNING and status == 0:
            self.report.letters[number] = report.DONE
        elif letter == report.RUNNING:
            # the kernel's out-of-memory killer and others that we did not ask
            how = f"killed by signal {-status}" if status < 0 else f"exit status {status}"
            self._fail(number, report.FAILED, f"{how}: {_last_error(running.output)}")
        self._show(running, self.report.texts.get(number, "done"))

    def _show(self, running: Running, outcome: str) -> None:
        """One line for each job, which `report.read_outcomes` finds, and after it the output of one that failed."""
        number = running.number
        seconds = time.monotonic() - running.started
        letter = self.report.letters[number]
        text = f"{self.jobs[number]['name']}: {outcome} ({seconds:.1f} s)"
        print(report.outcome_line(letter, number, len(self.jobs), text), flush=True)
        if letter != report.DONE and running.output.exists():
            with open(running.output, errors="replace") as output:
                for line in output:
                    sys.stdout.write(f"    {line}")
            sys.stdout.flush()
        running.output.unlink(missing_ok=True)


def _load_for_children() -> None:
    """Load once what Snakemake would load again for each job: that is half of the time that it takes."""
    import smart_open  # noqa: F401
    import snakemake.cli

    import colosseum.experiment.estimate
    import colosseum.study  # noqa: F401

    snakemake.cli.get_argument_parser()  # finds and imports all plugins


def _last_error(output: Path) -> str:
    """The line of a job's output that says most about its failure."""
    try:
        text = output.read_text(errors="replace")
    except OSError as error:
        return f"its output is lost: {error}"
    lines = [line.rstrip() for line in text.splitlines() if line.strip()][-1000:]
    for line in [*_rule_logs(lines), *lines]:
        if line.startswith("colosseum ") and ": error: " in line:
            return line
    for number, line in enumerate(lines):
        # Snakemake's own words on a failed command come after those of the command
        if line == "RuleException:" and number and not lines[number - 1].startswith("    resources:"):
            return lines[number - 1]
    for number, line in enumerate(lines):
        if line.split(":")[0].split(" ")[0].endswith(("Error", "Exception")) and not line.startswith("Error in"):
            # "FileNotFoundError in file "common.smk", line 7:" has its text on the next line
            return f"{line} {lines[number + 1].strip()}" if line.endswith(":") and number + 1 < len(lines) else line
    return lines[-1].strip() if lines else "it printed nothing"


def _rule_logs(lines: list[str]) -> list[str]:
    """The lines of the log files that Snakemake names: a rule may send its errors there."""
    found = []
    for line in lines:
        name, _, rest = line.strip().partition(": ")
        if name == "log" and rest.endswith("(check log file(s) for error details)"):
            for path in rest.removesuffix("(check log file(s) for error details)").split(","):
                with contextlib.suppress(OSError):
                    found += Path(path.strip()).read_text(errors="replace").splitlines()
    return found


def _stop(signum: int, frame: FrameType | None) -> None:
    raise Stopped("stopped by Slurm")


def main() -> int:
    """Read an order on the standard input and run it."""
    signal.signal(signal.SIGTERM, _stop)
    order = read_order(sys.stdin.read())
    runner = Runner(order, Path())
    status = NOT_STARTED
    print(f"colosseum: submission of {len(order['jobs'])} on {platform.node()}", flush=True)
    try:
        os.environ.update(order["environment"])
        different = differing_versions(order["versions"])
        if different:
            runner.report.texts[report.ANYWHERE] = f"the node's installation differs from the head's: {different}"
        else:
            with scratch.folder(order["scratch"]) as folder:
                runner.folder = folder
                try:
                    status = runner.run()
                finally:
                    os.chdir("/")
    except Stopped:
        status = SOME_FAILED
    except (OSError, WorkflowError) as error:
        runner.report.texts[report.HERE] = str(error)
    for key in (report.HERE, report.ANYWHERE):
        if key in runner.report.texts:
            print(f"colosseum: {runner.report.texts[key]}", flush=True)
    runner.last_words()
    return status


if __name__ == "__main__":
    # a node's own bin folder first, so that `python` in a rule is this very installation
    os.environ["PATH"] = os.pathsep.join([os.path.dirname(sys.executable), os.environ.get("PATH", "")])
    sys.exit(main())
