"""The executor: packs jobs into submissions and follows them through Slurm."""

import asyncio
import contextlib
import os
import shlex
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
from snakemake_interface_executor_plugins.settings import SharedFSUsage
from snakemake_interface_executor_plugins.utils import format_cli_arg, join_cli_args

from . import hooks, job_comment, run_notes, slurm
from .jobs import TimeLimits, check_folder, entry_of, pack_sources, words
from .missing import recalled
from .settings import ExecutorSettings, refuse_killed_run
from .staging import Stage, Storage, storage_of
from .submission import Entry, Submission, pack
from .submitter import Answer, Submitter
from .verdicts import FORGOTTEN, Verdicts, judge

#: How often a job is submitted again without blame: its submission ended before its turn came.
_MOST_DEFERRALS = 3

#: Attempts to fetch the outputs of a submission from the storage.
_MOST_FETCHES = 10

#: Seconds of submitting between two looks.
_SUBMIT_S = 5

#: Why a job may wait for ever.
_ENDLESS = frozenset(
    "AccountNotAllowed BadConstraints InvalidAccount InvalidQOS PartitionDown PartitionInactive PartitionNodeLimit "
    "PartitionTimeLimit QOSNotAllowed AssocMaxWallDurationPerJobLimit QOSMaxWallDurationPerJobLimit".split()
)

#: Seconds without an answer of the controller after which the run gives up.
_PATIENCE_S = 3600


class Executor(RemoteExecutor):
    """Packs jobs into submissions and follows them through Slurm.

    Snakemake's scheduler thread calls `run_jobs` and `cancel`; all else happens in the status thread.
    """

    def __post_init__(self) -> None:
        self.settings: ExecutorSettings = self.workflow.executor_settings
        usage = self.workflow.storage_settings.shared_fs_usage
        storage = self._storage()
        check_folder(os.getcwd())
        self.workdir = os.getcwd() if SharedFSUsage.SOURCES in usage and storage is None else None
        self._incoming: deque[Entry] = deque()
        self._last_arrival = 0.0
        self._limits = TimeLimits()
        self._common: dict[str, Any] | None = None
        self._waiting: list[Entry] = []
        self._submissions: list[Submission] = []
        self._silent_since: float | None = None
        self._warned: set[str] = set()
        self._stopping = False
        try:
            self._versions = hooks.versions(self.settings.versions)
        except hooks.HookError as error:
            raise WorkflowError(f"slurm-packed-versions: {error}") from error
        refuse_killed_run(self.settings.recover)
        self.run = run_notes.Run.begin(whole=self.settings.whole)
        self.stage = Stage(storage, self.run.run_id, self.run.ledger, self.logger) if storage is not None else None
        self.logs = self._logs()
        self._submitter = Submitter(
            self.run.run_id,
            [f"--chdir={self.workdir or '/'}", f"--output={self.logs / '%j.log' if self.logs else '/dev/null'}"],
            self.settings.python or shlex.quote(self.get_python_executable()),
            self.settings.prologue,
            self.logger,
        )
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
        if not self._submissions and self._submitter.uncertain is None:
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
        if self._submissions or self._submitter.uncertain is not None:
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
        self._cancel_strays(states)
        if (uncertain := self._submitter.uncertain) is not None:
            found = self._submitter.resolve(states)
            if found:
                self._taken(uncertain)
            elif found is not None:
                self._waiting[:0] = uncertain.entries
        for submission in list(self._submissions):
            self._follow(submission, states.get(submission.job_id), settled)

    def _follow(self, submission: Submission, state: slurm.JobState | None, settled: set[int]) -> None:
        """Tell Snakemake of the jobs of a submission about which there is news."""
        try:
            state = recalled(submission, state, self.logger)
        except slurm.SlurmError as error:
            raise WorkflowError(f"Slurm tells nothing of job {submission.job_id}: {error}") from error
        if state is None:
            return
        self._warn_of_endless_wait(submission, state)
        over = state.ended or state.state == FORGOTTEN
        verdicts = judge(submission, state, self._output(submission) if over else "")
        for number, entry in enumerate(submission.entries):
            if number in submission.reported or not verdicts.final(number):
                continue
            if self.stage is not None and not self._fetched(self.stage, submission, number, verdicts):
                continue
            submission.reported.add(number)
            settled.add(id(entry.job))
            self._settle(submission, number, verdicts)
        if len(submission.reported) == len(submission.entries):
            self._submissions.remove(submission)
            self.run.note_job(submission.job_id, ended=True)
            if self.stage is not None:
                self.stage.discard(submission.staged)
            log = self._log(submission)
            if log is not None and verdicts.all_done and not self.settings.keep_logs:
                log.unlink(missing_ok=True)

    def _cancel_strays(self, states: dict[str, slurm.JobState]) -> None:
        for job in self._submitter.strays(states):
            self.logger.warning(f"Slurm took job {job} long after its answer was due: cancelled.")
            try:
                slurm.cancel_job(job)
            except slurm.SlurmError:
                pass  # it is seen again

    @staticmethod
    def _fetched(stage: Stage, submission: Submission, number: int, verdicts: Verdicts) -> bool:
        """Bring a job's files from the storage; False if they may come later."""
        letters = verdicts.report.letters
        if letters[number] == job_comment.WAITING:
            return True
        problem = stage.fetch(submission, number)
        if problem and letters[number] == job_comment.DONE:
            submission.unfetched += 1
            if submission.unfetched <= _MOST_FETCHES:
                return False
            letters[number] = job_comment.FAILED
            verdicts.report.texts[number] = f"its outputs did not arrive: {problem}"
        return True

    def _settle(self, submission: Submission, number: int, verdicts: Verdicts) -> None:
        """Tell Snakemake of one job."""
        if verdicts.report.letters[number] == job_comment.DONE:
            entry = submission.entries[number]
            self.report_job_success(SubmittedJobInfo(entry.job, external_jobid=submission.job_id))
        elif failure := verdicts.failure(number):
            self._error(submission, number, verdicts.state, failure)
        else:
            self._never_ran(submission, number, verdicts)

    def _warn_of_endless_wait(self, submission: Submission, state: slurm.JobState) -> None:
        if state.state == "PENDING" and state.reason in _ENDLESS and state.reason not in self._warned:
            self._warned.add(state.reason)
            self.logger.warning(
                f"Slurm job {submission.job_id} waits because of {state.reason}, which may never change: compare the "
                f"profile with `scontrol show job {submission.job_id}`."
            )

    def _never_ran(self, submission: Submission, number: int, verdicts: Verdicts) -> None:
        """The submission ended before the job's turn: not the job's fault, unless it cannot be helped."""
        entry, state, why = submission.entries[number], verdicts.state, verdicts.trouble
        if why:
            self._submitter.avoided.add(state.node)
        if verdicts.hopeless or entry.deferred >= _MOST_DEFERRALS:
            self._error(submission, number, state, why or f"its Slurm job ended as {state.state} before its turn came")
            return
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
            msg=f"{entry.name}: {text}. {where}; its output: {log or 'not kept, set slurm-packed-logdir'}. ",
            aux_logs=[str(log)] if log else [],
        )

    # --- submitting ----------------------------------------------------------------------------

    def _submit(self) -> None:
        while self._incoming:
            self._waiting.append(self._incoming.popleft())
        if not self._waiting or self._submitter.uncertain is not None:
            return
        packs = pack(
            self._waiting,
            self.settings.jobs_per_submission,
            self.settings.cpus_per_submission,
            60 * self.settings.minutes_per_submission,
            self._limits.seconds,
            partial=time.monotonic() - self._last_arrival >= self.settings.linger,
        )
        begun = time.monotonic()
        # the finished jobs must not wait for a long queue of submissions
        while len(self._submissions) < self.settings.submissions and time.monotonic() - begun < _SUBMIT_S:
            submission = next(packs, None)
            if submission is None or self._stopping or not self._send(submission):
                if submission is not None and submission is not self._submitter.uncertain and self._stopping:
                    self._waiting.extend(submission.entries)
                return

    def _send(self, submission: Submission) -> bool:
        """Submit; False if Slurm can take nothing now."""
        if self.stage is not None and not self.stage.send(submission):
            self._waiting[:0] = submission.entries
            return False
        answer = self._submitter.send(submission, self._shared(), queued=bool(self._submissions))
        if answer == Answer.TAKEN:
            self._taken(submission)
        elif answer == Answer.AGAIN:
            self._waiting[:0] = submission.entries
        elif answer == Answer.REFUSED:
            for entry in submission.entries:
                self.report_job_error(SubmittedJobInfo(entry.job), msg=f"{entry.name}: {self._submitter.refusal}. ")
        return answer != Answer.UNKNOWN

    def _taken(self, submission: Submission) -> None:
        self._submissions.append(submission)
        self.run.note_job(submission.job_id)
        if len(submission.entries) > 1 or submission.entries[0].deferred:
            self.logger.info(f"Submitted {len(submission.entries)} jobs as Slurm job {submission.job_id}.")
        for entry in submission.entries:
            self.report_job_submission(SubmittedJobInfo(entry.job, external_jobid=submission.job_id))

    def get_job_args(self, job: JobExecutorInterface) -> str:
        if self.stage is None:
            return super().get_job_args(job)
        # a node without a common file system has nothing to wait for
        return RealExecutor.get_job_args(self, job)

    # --- small things --------------------------------------------------------------------------

    def _entry(self, job: JobExecutorInterface) -> Entry:
        # a group is a Snakemake of its own, with several jobs in it
        argv = [] if job.is_group() else words(self.get_job_args(job))
        command = self.format_job_exec(job) if job.is_group() else ""
        return entry_of(job, argv, command, staged=self.stage is not None)

    def _shared(self) -> dict[str, Any]:
        """What the runners of all submissions must know (see `runner.Order`)."""
        if self._common is None:
            factory = self.workflow.spawned_job_args_factory
            argv = join_cli_args(
                [
                    format_cli_arg("--snakefile", self.get_snakefile()),
                    factory.general_args(executor_common_settings=self.common_settings),
                    format_cli_arg("--mode", self.get_exec_mode().item_to_choice()),
                ]
            )
            named = self.settings.sources.split()
            self._common = {
                "common_argv": words(argv),
                "precommand": factory.precommand(executor_common_settings=self.common_settings),
                "workdir": self.workdir,
                "sources": pack_sources(self.workflow, named) if self.workdir is None else "",
                "storage": asdict(self.stage.storage) if self.stage is not None else None,
                "scratch": self.settings.scratch,
                "session": self.settings.session,
                "versions_hook": self.settings.versions,
                "versions": self._versions,
                "environment": self.envvars(),
            }
        return self._common

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
        elif self.stage is not None and self.stage.storage.provider == "fs":
            path = Path(self.stage.storage.prefix).absolute() / "slurm-logs" / self.run.run_id
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
        if self._submissions or self._submitter.uncertain is not None:
            try:
                slurm.cancel(self.run.run_id)
            except slurm.SlurmError as error:
                self.logger.error(f"The Slurm jobs may go on, see `{self.settings.recover}` ({error}).")
