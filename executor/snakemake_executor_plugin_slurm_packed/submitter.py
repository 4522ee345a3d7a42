"""Handing submissions to Slurm, which may be busy, refuse, or take one and lose its answer."""

from __future__ import annotations

from enum import Enum, auto
from typing import Any

from . import slurm
from .submission import Submission, batch_script

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

    def send(self, submission: Submission, common: dict[str, Any]) -> Answer:
        """
        Submit.

        Parameters
        ----------
        submission : Submission
            Gets the id of its Slurm job if that is taken.
        common : dict
            What the runners of all submissions must know.
        """
        script = batch_script(submission, self._python, self._prologue, common)
        exclude = [f"--exclude={','.join(sorted(self.avoided))}"] if self.avoided else []
        try:
            job_id = slurm.submit(script, [*self._options, *submission.options(), *exclude])
        except slurm.SlurmError as error:
            if any(words in str(error).lower() for words in _NOT_NOW):
                self._logger.warning(f"Slurm takes no job now, trying again ({error}).")
                self.uncertain = submission
                return Answer.UNKNOWN
            if exclude:
                self._logger.warning(f"No node would be left without {','.join(sorted(self.avoided))}: using it again.")
                self.avoided.clear()
                return Answer.AGAIN
            self.refusal = f"refused by Slurm: {error}"
            return Answer.REFUSED
        self._take(submission, job_id)
        return Answer.TAKEN

    def resolve(self, states: dict[str, slurm.JobState]) -> bool:
        """Was the uncertain submission taken? Then it is the run's only job that we do not know."""
        submission, self.uncertain = self.uncertain, None
        unknown = set(states) - self._known
        if submission is None or not unknown:
            return False
        self._take(submission, unknown.pop())
        return True

    def _take(self, submission: Submission, job_id: str) -> None:
        submission.job_id = job_id
        self._known.add(job_id)
