"""The executor: packs jobs into submissions and follows them through Slurm."""

import asyncio
import contextlib
import os
import time
from collections import deque
from collections.abc import AsyncGenerator
from pathlib import Path

from snakemake_interface_common.exceptions import WorkflowError
from snakemake_interface_executor_plugins.executors.base import SubmittedJobInfo
from snakemake_interface_executor_plugins.executors.real import RealExecutor
from snakemake_interface_executor_plugins.executors.remote import RemoteExecutor
from snakemake_interface_executor_plugins.jobs import JobExecutorInterface
from snakemake_interface_executor_plugins.settings import SharedFSUsage

from colosseum.cluster import report, runs, slurm

from .orders import Orders
from .settings import ExecutorSettings, refuse_killed_run
from .staging import Stage, Storage, storage_of
from .submission import Entry, Submission, batch_script, pack

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
        self.workdir = os.getcwd() if SharedFSUsage.SOURCES in usage and storage is None else None
        self._incoming: deque[Entry] = deque()
        self._last_arrival = 0.0
        self._orders = Orders(self)
        self._waiting: list[Entry] = []
        self._submissions: list[Submission] = []
        self._uncertain: Submission | None = None
        self._known: set[str] = set()
        self._exclude: set[str] = set()
        self._silent_since: float | None = None
        self._warned: set[str] = set()
        self._stopping = False
        refuse_killed_run()
        self.run = runs.Run.begin()
        self.stage = Stage(storage, self.run.run_id, self.run.ledger, self.logger) if storage is not None else None
        self.logs = self._logs()
        self.logger.info(f"Slurm run ID: {self.run.run_id}")

    # --- called by Snakemake's scheduler -------------------------------------------------------

    def run_jobs(self, jobs: list[JobExecutorInterface]) -> None:
        for job in jobs:
            self.run_job_pre(job)
            self._incoming.append(self._orders.entry(job))
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
            if self.stage is not None and letter != report.WAITING:
                problem = self.stage.fetch(submission, number)
                if problem and letter == report.DONE:
                    submission.unfetched += 1
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
            if self.stage is not None:
                self.stage.discard(submission.staged)
            if told.letters == [report.DONE] * n and not self.settings.keep_logs and self.logs is not None:
                self._log(submission).unlink(missing_ok=True)

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
            self._orders.limit_s,
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
        if self.stage is not None and not self.stage.send(submission):
            self._waiting[:0] = submission.entries
            return False
        python = self.settings.python or self.get_python_executable()
        script = batch_script(submission, python, self.settings.prologue, self._orders.shared())
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

    def get_job_args(self, job: JobExecutorInterface) -> str:
        if self.stage is None:
            return super().get_job_args(job)
        # a node without a common file system has nothing to wait for
        return RealExecutor.get_job_args(self, job)

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
        if self._submissions or self._uncertain is not None:
            try:
                slurm.cancel(self.run.run_id)
            except slurm.SlurmError as error:
                self.logger.error(f"The Slurm jobs may go on, see `python -m colosseum recover` ({error}).")
