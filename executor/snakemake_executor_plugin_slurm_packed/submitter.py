"""Handing submissions to Slurm, which may be busy, refuse, or take one and lose its answer."""

from __future__ import annotations

import time
from enum import Enum, auto
from typing import Any

from . import slurm
from .submission import Submission, batch_script

#: What `sbatch` says when the same submission may do later; Slurm may have taken it all the same.
_NOT_NOW = ("contact slurm controller", "timed out", "gave no answer", "connection refused", "temporarily")

#: What it says of a limit of the person: jobs that wait or run count, and so one may do when some have ended.
_LIMITED = ("violates accounting/qos policy", "submit limit", "submitjob")

#: ... and of a limit of the job itself, which nothing changes.
_NEVER = ("perjoblimit", "perjob limit")

#: Looks at Slurm in which an uncertain submission is not to be seen before it counts as not taken.
_MOST_UNSEEN = 3

#: Refusals for a limit while nothing of the run is queued, before it counts as one that never changes.
_MOST_LIMITED = 5

#: Seconds without a submission, with nothing of the run queued, after which the run's jobs count as refused.
_PATIENCE_S = 3600


class Answer(Enum):
    """What came of a submission."""

    TAKEN = auto()
    UNKNOWN = auto()  # Slurm takes none now, or took it and the answer was lost: `Submitter.resolve` tells
    AGAIN = auto()  # to be tried at once
    REFUSED = auto()  # for ever


class Submitter:
    """
    Submits the jobs of a run.

    Parameters
    ----------
    run_id : str
        The name of all its Slurm jobs.
    options : list of str
        Options of `sbatch` that all have.
    python : str
        The command that starts Python on the nodes.
    prologue : str
        Shell lines to run first.
    logger : object
        Snakemake's.

    Attributes
    ----------
    uncertain : Submission or None
        The one that was submitted and perhaps not taken; no other may be sent until that is known.
    avoided : set of str
        Nodes on which nothing is to run.
    refusal : str
        Why the last one was refused.
    """

    def __init__(self, run_id: str, options: list[str], python: str, prologue: str, logger: Any) -> None:
        self._options = [f"--job-name={run_id}", "--no-requeue", "--nodes=1", "--ntasks=1", *options]
        self._python, self._prologue = python, prologue
        self._logger = logger
        self._known: set[str] = set()
        self.uncertain: Submission | None = None
        self.avoided: set[str] = set()
        self.refusal = ""
        self._looks = 0  # at Slurm, that are left to find the uncertain one
        self._refusal_is_sure = False
        self._gave_up = False  # an uncertain one that may still appear
        self._limited = 0  # refusals for a limit in a row, with nothing of the run queued
        self._stuck_since: float | None = None
        self._warned = ""

    def send(self, submission: Submission, common: dict[str, Any], queued: bool) -> Answer:
        """
        Submit.

        Parameters
        ----------
        submission : Submission
            Gets the id of its Slurm job if that is taken.
        common : dict
            What the runners of all submissions must know.
        queued : bool
            Whether submissions of the run wait or run.
        """
        script = batch_script(submission, self._python, self._prologue, common)
        exclude = [f"--exclude={','.join(sorted(self.avoided))}"] if self.avoided else []
        try:
            job_id = slurm.submit(script, [*self._options, *submission.options(), *exclude])
        except slurm.SlurmError as error:
            return self._refused(submission, error, queued)
        self._take(submission, job_id)
        return Answer.TAKEN

    def _refused(self, submission: Submission, error: slurm.SlurmError, queued: bool) -> Answer:
        """Tell what an answer without a job's id means."""
        said = str(error).lower()
        limited = any(words in said for words in _LIMITED) and not any(words in said for words in _NEVER)
        if limited or isinstance(error, slurm.UnclearAnswer) or any(words in said for words in _NOT_NOW):
            now = time.monotonic()
            if queued or self._stuck_since is None:
                self._stuck_since = now
            self._limited = self._limited + 1 if limited and not queued else 0
            if self._limited <= _MOST_LIMITED and now - self._stuck_since <= _PATIENCE_S:
                if said != self._warned:  # once, however often it is tried
                    self._warned = said
                    self._logger.warning(f"Slurm takes no job now, trying again ({error}).")
                self.uncertain = submission
                self._refusal_is_sure = limited
                self._looks = 1 if limited else _MOST_UNSEEN
                return Answer.UNKNOWN
        elif self.avoided:
            self._logger.warning(f"No node would be left without {','.join(sorted(self.avoided))}: using it again.")
            self.avoided.clear()
            return Answer.AGAIN
        self.refusal = f"refused by Slurm: {error}"
        return Answer.REFUSED

    def resolve(self, states: dict[str, slurm.JobState]) -> bool | None:
        """
        Was the uncertain submission taken? Then it is the run's only job that we do not know.

        Returns
        -------
        bool or None
            None if it may still appear: Slurm is to be asked again.
        """
        submission = self.uncertain
        unknown = set(states) - self._known
        if self.strays(states):
            return None
        if submission is not None and unknown and not self._gave_up:
            self._take(submission, unknown.pop())
            self.uncertain = None
            return True
        self._looks -= 1
        if submission is not None and self._looks > 0:
            return None
        self._gave_up = self._gave_up or not self._refusal_is_sure
        self.uncertain = None
        return False

    def strays(self, states: dict[str, slurm.JobState]) -> list[str]:
        """
        The jobs of the run that wait or run and of which nobody knows which instances they are.

        Slurm took them long after they had counted as never taken. To cancel them costs little; their instances may
        have been submitted again.
        """
        unknown = [job for job, state in states.items() if job not in self._known and not state.ended]
        return unknown if self.uncertain is None or self._gave_up or len(unknown) > 1 else []

    def _take(self, submission: Submission, job_id: str) -> None:
        submission.job_id = job_id
        self._known.add(job_id)
        self._limited, self._stuck_since, self._warned = 0, None, ""
