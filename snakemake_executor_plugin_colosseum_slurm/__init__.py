"""A Snakemake executor for Slurm in which several short jobs share one submission.

Snakemake's own `slurm` executor pays two starts of Snakemake for every job, and in its job groups one failing member
takes the finished ones with it. Here the head packs ready jobs into submissions, one process on the node forks a
child for each (see `runner`), and each job is reported to Snakemake by itself: its success, its failure, its retry.
An accounting database is not needed.
"""

import asyncio
import contextlib
import os
import shlex
import sys
import time
from collections import deque
from collections.abc import AsyncGenerator
from dataclasses import asdict
from pathlib import Path
from typing import Any

from snakemake_interface_common.exceptions import WorkflowError
from snakemake_interface_executor_plugins.executors.base import SubmittedJobInfo
from snakemake_interface_executor_plugins.executors.real import RealExecutor
from snakemake_interface_executor_plugins.executors.remote import RemoteExecutor
from snakemake_interface_executor_plugins.jobs import JobExecutorInterface
from snakemake_interface_executor_plugins.settings import CommonSettings, SharedFSUsage
from snakemake_interface_executor_plugins.utils import format_cli_arg, join_cli_args

from colosseum.cluster import report, runs, slurm

from .settings import ExecutorSettings, refuse_killed_run
from .staging import Ledger, Storage, Store, storage_of
from .submission import Entry, Submission, archive, batch_script, pack, versions

#: How often a job is submitted again without blame: its submission ended before its turn came.
_MOST_DEFERRALS = 3

#: Looks at Slurm in which a job is unknown before it counts as forgotten.
_MOST_MISSES = 3

#: Attempts to fetch the outputs of a submission from the storage.
_MOST_FETCHES = 10

#: Seconds of submitting between two looks.
_SUBMIT_S = 5

#: What `sbatch` says when the same submission may do later.
_NOT_NOW = (
    "contact slurm controller",
    "timed out",
    "gave no answer",
    "connection refused",
    "temporarily",
    "submit limit",
    "submitjob",
)

#: Bytes of the workflow's sources in a batch script; Slurm takes scripts of 4 MiB by default.
_LARGEST_SOURCES = 2 << 20

#: Why a job may wait for ever.
_ENDLESS = frozenset(
    "AccountNotAllowed BadConstraints InvalidAccount InvalidQOS PartitionDown PartitionInactive PartitionNodeLimit "
    "PartitionTimeLimit QOSNotAllowed AssocMaxWallDurationPerJobLimit QOSMaxWallDurationPerJobLimit".split()
)

#: Resources of a rule or profile, by the names of Snakemake's own Slurm executor, and their options of `sbatch`.
_RESOURCE_OPTIONS = {
    "slurm_account": "account",
    "slurm_partition": "partition",
    "slurm_qos": "qos",
    "constraint": "constraint",
}

#: Seconds without an answer of the controller after which the run gives up.
_PATIENCE_S = 3600


common_settings = CommonSettings(
    non_local_exec=True,
    implies_no_shared_fs=False,
    job_deploy_sources=False,
    pass_default_storage_provider_args=True,
    pass_default_resources_args=True,
    pass_envvar_declarations_to_cmd=False,
    auto_deploy_default_storage_provider=False,
    init_seconds_before_status_checks=1,
)


class Executor(RemoteExecutor):
    """Packs jobs into submissions and follows them through Slurm.

    Snakemake's scheduler thread calls `run_jobs` and `cancel`; all else happens in the status thread.
    """

    def __post_init__(self) -> None:
        self.settings: ExecutorSettings = self.workflow.executor_settings
        usage = self.workflow.storage_settings.shared_fs_usage
        self.storage = self._storage()
        self.workdir = os.getcwd() if SharedFSUsage.SOURCES in usage and self.storage is None else None
        self._incoming: deque[Entry] = deque()
        self._last_arrival = 0.0
        self._waiting: list[Entry] = []
        self._submissions: list[Submission] = []
        self._uncertain: Submission | None = None
        self._known: set[str] = set()
        self._exclude: set[str] = set()
        self._silent_since: float | None = None
        self._limits: dict[str, int | None] | None = None
        self._warned: set[str] = set()
        self._serial = 0
        self._common: dict[str, Any] | None = None
        self._stopping = False
        refuse_killed_run()
        self.run = runs.Run.begin()
        self.logs = self._logs()
        if self.storage is not None:
            self._store = Store(self.storage, Path.cwd())
            self._ledger = Ledger(self.run.ledger)
            self._ledger.begin(self.storage)
        self.logger.info(f"Slurm run ID: {self.run.run_id}")

    # --- called by Snakemake's scheduler -------------------------------------------------------

    def run_jobs(self, jobs: list[JobExecutorInterface]) -> None:
        for job in jobs:
            self.run_job_pre(job)
            self._incoming.append(self._entry(job))
        self._last_arrival = time.monotonic()

    def run_job(self, job: JobExecutorInterface) -> None:
        self.run_jobs([job])

    def cancel(self) -> None:
        self._stopping = True
        self._cancel_all()
        self.shutdown()
        # a submission may have been under way
        if self._submissions:
            self._cancel_all()
            # what was finished before counts as finished: Snakemake would run it again
            self._look(set())
            with self.workflow.scheduler._lock:
                self.workflow.scheduler._finish_jobs()
            self._submissions.clear()
            self.run.end()

    def cancel_jobs(self, active_jobs: list[SubmittedJobInfo]) -> None:
        self._cancel_all()

    def shutdown(self) -> None:
        super().shutdown()
        # jobs without a head are for `recover`
        if not self._submissions and self._uncertain is None:
            self.run.end()
            if self.logs is not None:
                with contextlib.suppress(OSError):
                    self.logs.rmdir()  # only where no output was kept

    async def sleep(self) -> None:
        end = time.monotonic() + self.workflow.remote_execution_settings.seconds_between_status_checks
        while self.wait and time.monotonic() < end:
            await asyncio.sleep(0.1)

    # --- the status thread ---------------------------------------------------------------------

    async def check_active_jobs(self, active_jobs: list[SubmittedJobInfo]) -> AsyncGenerator[SubmittedJobInfo, None]:
        self.run.beat()
        settled: set[int] = set()
        if self._submissions or self._uncertain is not None:
            self._look(settled)
        self._submit()
        for info in active_jobs:
            if id(info.job) not in settled:
                yield info

    def _look(self, settled: set[int]) -> None:
        """Ask Slurm once, and tell Snakemake of every job that ended; their ids are added to `settled`."""
        try:
            states = slurm.job_states(self.run.run_id)
        except slurm.SlurmError as error:
            now = time.monotonic()
            if self._silent_since is None:
                self._silent_since = now
                self.logger.warning(f"Slurm does not answer; its jobs go on, asking again ({error}).")
            if now - self._silent_since > _PATIENCE_S:
                raise WorkflowError(f"Slurm has not answered for {_PATIENCE_S} s: {error}") from error
            return
        if self._silent_since is not None:
            self.logger.info("Slurm answers again.")
            self._silent_since = None
        if self._uncertain is not None:
            self._resolve(states)
        for submission in list(self._submissions):
            self._follow(submission, states.get(submission.job_id), settled)

    def _follow(self, submission: Submission, state: slurm.JobState | None, settled: set[int]) -> None:
        if state is None:
            # just submitted, or ended so long ago that squeue forgot it
            submission.missed += 1
            if submission.missed <= _MOST_MISSES:
                return
            state = slurm.JobState(slurm.accounted_state(submission.job_id) or "FORGOTTEN")
            if not state.ended and state.state != "FORGOTTEN":
                return
        else:
            submission.missed = 0
        self._warn_of_endless_wait(submission, state)
        ended = state.ended or state.state == "FORGOTTEN"
        n = len(submission.entries)
        begun = report.Report.decode(state.comment, n)
        told = begun or report.Report.of(n)
        if state.state == "COMPLETED":
            told.letters = [report.DONE] * n  # its exit status says so of all
        elif ended:
            for number, letter in report.read_outcomes(self._output(submission), n).items():
                told.letters[number] = letter

        for number, entry in enumerate(submission.entries):
            letter = told.letters[number]
            if number in submission.reported or not (ended or letter == report.DONE or letter in report.REASONS):
                continue
            if self.storage is not None and letter != report.WAITING:
                problem = self._fetch(submission, number, letter)
                if problem and letter == report.DONE:
                    if submission.unfetched <= _MOST_FETCHES:
                        continue
                    letter = report.FAILED
                    told.texts[number] = f"its outputs did not arrive: {problem}"
            submission.reported.add(number)
            settled.add(id(entry.job))
            if letter == report.DONE:
                self.report_job_success(SubmittedJobInfo(entry.job, external_jobid=submission.job_id))
            elif letter in report.REASONS:
                text = told.texts.get(number, "")
                self._error(submission, number, state, report.REASONS[letter] + (f" ({text})" if text else ""))
            elif letter == report.RUNNING:
                self._error(submission, number, state, f"stopped with its Slurm job, which ended as {state.state}")
            else:
                self._never_ran(submission, number, state, begun)
        if len(submission.reported) == n:
            self._submissions.remove(submission)
            if self.storage is not None:
                self._discard(submission.staged)
            if told.letters == [report.DONE] * n and not self.settings.keep_logs and self.logs is not None:
                self._log(submission).unlink(missing_ok=True)

    def _fetch(self, submission: Submission, number: int, letter: str) -> str:
        """Bring a job's outputs, or the logs of one that failed, from the storage; why not, if not."""
        name = submission.staged_outputs(number)
        try:
            self._store.get(name)
        except (OSError, WorkflowError) as error:
            submission.unfetched += letter == report.DONE
            return str(error)
        self._discard(name)
        return ""

    def _discard(self, name: str) -> None:
        try:
            self._store.remove(name)
        except (OSError, WorkflowError) as error:
            self.logger.warning(f"{name} stays behind in the storage ({error}).")

    def _warn_of_endless_wait(self, submission: Submission, state: slurm.JobState) -> None:
        if state.state == "PENDING" and state.reason in _ENDLESS and state.reason not in self._warned:
            self._warned.add(state.reason)
            self.logger.warning(
                f"Slurm job {submission.job_id} waits because of {state.reason}, which may never change: compare the "
                f"profile with `scontrol show job {submission.job_id}`."
            )

    def _never_ran(
        self, submission: Submission, number: int, state: slurm.JobState, begun: report.Report | None
    ) -> None:
        """The submission ended before the job's turn: not the job's fault, unless it cannot be helped."""
        entry = submission.entries[number]
        texts = begun.texts if begun else {}
        if begun is None and state.state == "FAILED":
            lines = self._output(submission).split("\n")
            said = next((line.strip() for line in reversed(lines) if line.strip()), "it printed nothing")
            texts[report.ANYWHERE] = f"the installation does not start on this node: {said}"
        why = texts.get(report.ANYWHERE) or texts.get(report.HERE)
        if why:
            self._exclude.add(state.node)
        if report.ANYWHERE in texts or state.state == "CANCELLED" or entry.deferred >= _MOST_DEFERRALS:
            self._error(submission, number, state, why or f"its Slurm job ended as {state.state} before its turn came")
        else:
            if number == 0:
                self.logger.warning(
                    f"Slurm job {submission.job_id} on node {state.node} ended as {state.state}"
                    f"{f' ({why})' if why else ''}; the jobs whose turn had not come are submitted again."
                )
            entry.deferred += 1
            self._waiting.append(entry)

    def _error(self, submission: Submission, number: int, state: slurm.JobState, text: str) -> None:
        entry = submission.entries[number]
        log = self._log(submission)
        where = f"Slurm job {submission.job_id}{f' on node {state.node}' if state.node else ''}"
        self.report_job_error(
            SubmittedJobInfo(entry.job, external_jobid=submission.job_id),
            msg=f"{entry.name}: {text}. {where}; its output: {log or 'not kept, set colosseum-slurm-logdir'}. ",
            aux_logs=[str(log)] if log else [],
        )

    # --- submitting ----------------------------------------------------------------------------

    def _submit(self) -> None:
        while self._incoming:
            self._waiting.append(self._incoming.popleft())
        if not self._waiting or self._uncertain is not None:
            return
        packs = pack(
            self._waiting,
            self.settings.instances_per_submission,
            self.settings.cpus_per_submission,
            60 * self.settings.minutes_per_submission,
            self._limit_s,
            partial=time.monotonic() - self._last_arrival >= self.settings.linger,
        )
        begun = time.monotonic()
        # the finished jobs must not wait for a long queue of submissions
        while len(self._submissions) < self.settings.submissions and time.monotonic() - begun < _SUBMIT_S:
            submission = next(packs, None)
            if submission is None or self._stopping or not self._send(submission):
                if submission is not None and submission is not self._uncertain and self._stopping:
                    self._waiting.extend(submission.entries)
                return

    def _send(self, submission: Submission) -> bool:
        """Submit; False if Slurm can take nothing now."""
        options = [
            f"--job-name={self.run.run_id}",
            "--no-requeue",
            "--nodes=1",
            "--ntasks=1",
            f"--chdir={self.workdir or '/'}",
            f"--output={self.logs / '%j.log' if self.logs else '/dev/null'}",
            *submission.options(),
        ]
        if self.storage is not None and not self._stage(submission):
            return False
        script = batch_script(
            submission, self.settings.python or self.get_python_executable(), self.settings.prologue, self._shared()
        )
        exclude = [f"--exclude={','.join(sorted(self._exclude))}"] if self._exclude else []
        try:
            job_id = slurm.submit(script, options + exclude)
        except slurm.SlurmError as error:
            if any(words in str(error).lower() for words in _NOT_NOW):
                self.logger.warning(f"Slurm takes no job now, trying again ({error}).")
                # it may have been taken although the answer was lost
                self._uncertain = submission
                return False
            if exclude:
                self.logger.warning(f"No node would be left without {exclude[0].partition('=')[2]}: using it again.")
                self._exclude.clear()
                self._waiting[:0] = submission.entries
                return True
            for entry in submission.entries:
                self.report_job_error(SubmittedJobInfo(entry.job), msg=f"{entry.name}: refused by Slurm: {error}. ")
            return True
        self._sent(submission, job_id)
        return True

    def _stage(self, submission: Submission) -> bool:
        """Put the inputs of a submission into the storage."""
        self._serial += 1
        submission.staged = f"{self.run.run_id}-{self._serial}"
        try:
            self._store.put(submission.staged, dict.fromkeys(path for e in submission.entries for path in e.inputs))
        except (OSError, WorkflowError) as error:
            self.logger.warning(f"The inputs cannot be stored now, trying again: {error}")
            self._waiting[:0] = submission.entries
            return False
        self._ledger.expect(submission.staged, [])
        for number, entry in enumerate(submission.entries):
            self._ledger.expect(submission.staged_outputs(number), entry.outputs)
        return True

    def _sent(self, submission: Submission, job_id: str) -> None:
        submission.job_id = job_id
        self._known.add(job_id)
        self._submissions.append(submission)
        if len(submission.entries) > 1 or submission.entries[0].deferred:
            self.logger.info(f"Submitted {len(submission.entries)} jobs as Slurm job {job_id}.")
        for entry in submission.entries:
            self.report_job_submission(SubmittedJobInfo(entry.job, external_jobid=job_id))

    def _resolve(self, states: dict[str, slurm.JobState]) -> None:
        """Was the submission taken whose `sbatch` failed? Then it is the run's only job that we do not know."""
        submission, self._uncertain = self._uncertain, None
        unknown = set(states) - self._known
        if unknown:
            self._sent(submission, unknown.pop())
        else:
            self._waiting[:0] = submission.entries

    def _entry(self, job: JobExecutorInterface) -> Entry:
        resources = job.resources
        runtime, mem_mb = resources.get("runtime"), resources.get("mem_mb")
        seconds = resources.get("runtime_s") or 60 * (runtime if isinstance(runtime, int) else 10)
        options = [
            f"--{option}={resources.get(name)}" for name, option in _RESOURCE_OPTIONS.items() if resources.get(name)
        ]
        options += shlex.split(str(resources.get("slurm_extra") or ""))
        inputs, outputs = list(map(str, job.input)), [str(path) for path in (*job.output, *job.log)]
        if self.storage is not None:
            for path in (*inputs, *outputs):
                if os.path.isabs(path) or path.startswith(".."):
                    raise WorkflowError(
                        f"{path}: with colosseum-slurm-storage all files must lie below the working directory."
                    )
        first = next(iter(job.output), "")
        if getattr(first, "is_storage", False):
            first = first.storage_object.query
        return Entry(
            job=job,
            # a group is a Snakemake of its own, with several jobs in it
            argv=[] if job.is_group() else shlex.split(self.get_job_args(job)),
            command=self.format_job_exec(job) if job.is_group() else "",
            name=f"{job.name} {first}".strip(),
            threads=max(1, job.threads),
            mem_mb=mem_mb if isinstance(mem_mb, int) else 1000,
            seconds=int(seconds),
            options=tuple(options),
            inputs=inputs,
            outputs=outputs,
        )

    def get_job_args(self, job: JobExecutorInterface) -> str:
        if self.storage is None:
            return super().get_job_args(job)
        # a node without a common file system has nothing to wait for
        return RealExecutor.get_job_args(self, job)

    def _shared(self) -> dict[str, Any]:
        """What is the same for all submissions of the run."""
        if self._common is None:
            factory = self.workflow.spawned_job_args_factory
            argv = join_cli_args(
                [
                    format_cli_arg("--snakefile", self.get_snakefile()),
                    factory.general_args(executor_common_settings=self.common_settings),
                    format_cli_arg("--mode", self.get_exec_mode().item_to_choice()),
                ]
            )
            self._common = {
                "common_argv": shlex.split(argv),
                "precommand": factory.precommand(executor_common_settings=self.common_settings),
                "workdir": self.workdir,
                "sources": self._sources() if self.workdir is None else "",
                "storage": asdict(self.storage) if self.storage is not None else None,
                "scratch": self.settings.scratch,
                "kernels": self.settings.kernel_cache,
                "versions": versions(),
                "environment": self.envvars(),
            }
        return self._common

    def _limit_s(self, entry: Entry) -> int:
        """Seconds that the entry's partition allows: Slurm takes a job that asks for more, and never starts it."""
        if self._limits is None:
            try:
                self._limits = slurm.time_limits()
            except slurm.SlurmError:
                return sys.maxsize  # asked again the next time
        partition = next((word.partition("=")[2] for word in entry.options if word.startswith("--partition=")), "")
        minutes = self._limits.get(partition)
        return sys.maxsize if minutes is None else 60 * minutes

    def _sources(self) -> str:
        """What a job needs of the working directory, for nodes that do not see it, as the text of an archive."""
        roots = [Path("workflow"), *map(Path, self.settings.sources.split())]
        paths = [path for root in roots for path in ([root] if root.is_file() else sorted(root.rglob("*")))]
        paths += [Path(os.path.relpath(path)) for path in [self.workflow.main_snakefile, *self.workflow.configfiles]]
        paths = [path for path in dict.fromkeys(paths) if path.is_file() and "__pycache__" not in path.parts]
        outside = [str(path) for path in paths if path.is_absolute() or ".." in path.parts]
        if outside:
            raise WorkflowError(f"{outside[0]}: lies outside the working directory, so it cannot travel to the nodes.")
        text = archive(paths)
        if len(text) > _LARGEST_SOURCES:
            raise WorkflowError(
                f"The sources ({', '.join(map(str, roots))}) have {len(text) >> 10} KiB, more than a batch script can "
                "carry; install modules of your own on the nodes instead of naming them in colosseum-slurm-sources."
            )
        return text

    # --- small things --------------------------------------------------------------------------

    def _storage(self) -> Storage | None:
        if not self.settings.storage:
            return None
        known = self.workflow.storage_provider_settings.get(self.settings.storage)
        settings = known.get_settings() if known is not None else None
        return storage_of(self.settings.storage, os.path.expandvars(self.settings.storage_prefix), settings)

    def _logs(self) -> Path | None:
        """Where Slurm writes the jobs' output; None if the nodes and the head have no folder in common."""
        if self.settings.logdir:
            path = Path(self.settings.logdir).absolute() / self.run.run_id
        elif self.workdir is not None:
            path = self.run.logs.absolute()
        elif self.storage is not None and self.storage.provider == "fs":
            path = Path(self.storage.prefix).absolute() / "slurm-logs" / self.run.run_id
        else:
            return None
        path.mkdir(parents=True, exist_ok=True)
        return path

    def _log(self, submission: Submission) -> Path | None:
        return self.logs / f"{submission.job_id}.log" if self.logs else None

    def _output(self, submission: Submission) -> str:
        log = self._log(submission)
        try:
            return log.read_text(errors="replace") if log else ""
        except OSError:
            return ""  # the node wrote none, or does not share the folder

    def _cancel_all(self) -> None:
        if self._submissions or self._uncertain is not None:
            try:
                slurm.cancel(self.run.run_id)
            except slurm.SlurmError as error:
                self.logger.error(f"The Slurm jobs may go on, see `python -m colosseum recover` ({error}).")
