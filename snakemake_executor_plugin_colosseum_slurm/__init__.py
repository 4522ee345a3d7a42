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
import time
from collections import deque
from collections.abc import AsyncGenerator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from snakemake.exceptions import CliException
from snakemake_interface_common.exceptions import WorkflowError
from snakemake_interface_executor_plugins.executors.base import SubmittedJobInfo
from snakemake_interface_executor_plugins.executors.remote import RemoteExecutor
from snakemake_interface_executor_plugins.jobs import JobExecutorInterface
from snakemake_interface_executor_plugins.settings import CommonSettings, ExecutorSettingsBase, SharedFSUsage
from snakemake_interface_executor_plugins.utils import format_cli_arg, join_cli_args

from colosseum.cluster import report, runs, slurm

from .submission import Entry, Submission, batch_script, pack, versions

#: How often a job is submitted again without blame: its submission ended before its turn came.
_MOST_DEFERRALS = 3

#: Looks at Slurm in which a job is unknown before it counts as forgotten.
_MOST_MISSES = 3

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

#: Resources of a rule or profile, by the names of Snakemake's own Slurm executor, and their options of `sbatch`.
_RESOURCE_OPTIONS = {
    "slurm_account": "account",
    "slurm_partition": "partition",
    "slurm_qos": "qos",
    "constraint": "constraint",
}

#: Seconds without an answer of the controller after which the run gives up.
_PATIENCE_S = 3600


@dataclass
class ExecutorSettings(ExecutorSettingsBase):
    """The keys of a profile; on the command line and in profiles each begins with `colosseum-slurm-`."""

    instances_per_submission: int = field(
        default=10, metadata={"help": "How many jobs share one Slurm job, at most (1: none shares)."}
    )
    cpus_per_submission: int = field(
        default=1, metadata={"help": "CPUs of one Slurm job: as many of its jobs run at a time."}
    )
    minutes_per_submission: int = field(
        default=240, metadata={"help": "Fewer jobs share a Slurm job where it would ask for more minutes than this."}
    )
    submissions: int = field(
        default=100,
        metadata={"help": "How many Slurm jobs wait or run at a time, at most; the rest stays on the head."},
    )
    linger: int = field(
        default=3, metadata={"help": "Seconds to wait for more ready jobs before submitting fewer than could share."}
    )
    python: str = field(
        default="",
        metadata={
            "help": "The command that starts Python on the nodes, if it is not the head's: a path, or 'apptainer exec "
            "IMAGE python'."
        },
    )
    prologue: str = field(default="", metadata={"help": "Shell lines to run first on the node ('module load ...')."})
    scratch: str = field(
        default="", metadata={"help": "Node-local folder for temporary files ('$TMPDIR'). Default: TMPDIR or /tmp."}
    )
    kernel_cache: str = field(
        default="",
        metadata={
            "help": "Folder, seen by the nodes, in which compiled kernels are kept from one submission to the next; "
            "'none' keeps none. Default: ~/.cache/colosseum/numba."
        },
    )
    logdir: str = field(
        default="",
        metadata={
            "help": "Where Slurm writes the output of its jobs; must be visible on the nodes. Default: "
            ".snakemake/colosseum-slurm/logs, or below the storage prefix if the nodes do not see that."
        },
    )
    keep_logs: bool = field(default=False, metadata={"help": "Keep the output of Slurm jobs without a failure too."})

    def __post_init__(self) -> None:
        for name, least in (
            ("instances_per_submission", 1),
            ("cpus_per_submission", 1),
            ("minutes_per_submission", 1),
            ("submissions", 1),
            ("linger", 0),
        ):
            if getattr(self, name) < least:
                raise CliException(
                    f"colosseum-slurm-{name.replace('_', '-')} is {getattr(self, name)}, but must be at least {least}."
                )
        _explain_lock()


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


def _explain_lock() -> None:
    """Say in time what Snakemake's own message about a locked folder leaves out."""
    for run in runs.find():
        if run.locks and not run.alive:
            raise CliException(
                f"The run {run.run_id} in this folder was killed; its Slurm jobs may go on. Type\n"
                "    python -m colosseum recover\n"
                "(it waits for those jobs, or with --cancel cancels them, and unlocks the folder), then repeat this "
                "command."
            )


class Executor(RemoteExecutor):
    """Packs jobs into submissions and follows them through Slurm.

    Snakemake's scheduler thread calls `run_jobs` and `cancel`; all else happens in the status thread.
    """

    def __post_init__(self) -> None:
        self.settings: ExecutorSettings = self.workflow.executor_settings
        usage = self.workflow.storage_settings.shared_fs_usage
        self.workdir = os.getcwd() if SharedFSUsage.SOURCES in usage else None
        self._incoming: deque[Entry] = deque()
        self._last_arrival = 0.0
        self._waiting: list[Entry] = []
        self._submissions: list[Submission] = []
        self._uncertain: Submission | None = None
        self._known: set[str] = set()
        self._exclude: set[str] = set()
        self._silent_since: float | None = None
        self._common: dict[str, Any] | None = None
        self._stopping = False
        _explain_lock()
        self.run = runs.Run.begin()
        self.logs = self._logs()
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
            self._look({})
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
            state = slurm.JobState(slurm.accounted_state(submission.job_id) or "FORGOTTEN", "", "")
            if not state.ended and state.state != "FORGOTTEN":
                return
        else:
            submission.missed = 0
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
            if told.letters == [report.DONE] * n and not self.settings.keep_logs and self.logs is not None:
                self._log(submission).unlink(missing_ok=True)

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
        first = next(iter(job.output), "")
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
        )

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
                "scratch": self.settings.scratch,
                "kernels": self.settings.kernel_cache,
                "versions": versions(),
                "environment": self.envvars(),
            }
        return self._common

    # --- small things --------------------------------------------------------------------------

    def _logs(self) -> Path | None:
        """Where Slurm writes the jobs' output; None if the nodes and the head have no folder in common."""
        storage = self.workflow.storage_settings
        if self.settings.logdir:
            path = Path(self.settings.logdir).absolute() / self.run.run_id
        elif self.workdir is not None:
            path = self.run.logs.absolute()
        elif storage.default_storage_provider == "fs" and str(storage.default_storage_prefix).startswith("/"):
            path = Path(storage.default_storage_prefix) / ".colosseum-slurm" / self.run.run_id
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
