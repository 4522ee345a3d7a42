"""What became of each job of a submission, from all that is known of its Slurm job."""

from __future__ import annotations

from dataclasses import dataclass

from . import job_comment, slurm
from .submission import Submission

#: The state of a Slurm job that nothing remembers.
FORGOTTEN = "FORGOTTEN"


@dataclass
class Verdicts:
    """
    The state of a submission's jobs.

    Attributes
    ----------
    state : JobState
        Slurm's.
    ended : bool
        Whether the Slurm job is over.
    begun : bool
        Whether its runner said anything.
    report : Report
        One letter for each job; of one that ended without a letter, "r" if it stopped in its middle and "w" if its turn
        never came.
    """

    state: slurm.JobState
    ended: bool
    begun: bool
    report: job_comment.Report

    def final(self, number: int) -> bool:
        """Whether nothing more is to be learnt of a job."""
        letter = self.report.letters[number]
        return self.ended or letter == job_comment.DONE or letter in job_comment.REASONS

    @property
    def all_done(self) -> bool:
        return set(self.report.letters) == {job_comment.DONE}

    def failure(self, number: int) -> str:
        """Why a job failed, in words; "" if it did not."""
        letter, text = self.report.letters[number], self.report.texts.get(number, "")
        if letter in job_comment.REASONS:
            return job_comment.REASONS[letter] + (f" ({text})" if text else "")
        if letter == job_comment.RUNNING:
            return f"stopped with its Slurm job, which ended as {self.state.state}"
        return ""

    @property
    def trouble(self) -> str:
        """Why the submission could not run on this node, or on none, in words; "" if it could."""
        texts = self.report.texts
        return texts.get(job_comment.ANYWHERE) or texts.get(job_comment.HERE) or ""

    @property
    def hopeless(self) -> bool:
        """Whether to submit again what had not begun would help nothing."""
        return job_comment.ANYWHERE in self.report.texts or self.state.state == "CANCELLED"


def judge(submission: Submission, state: slurm.JobState, output: str) -> Verdicts:
    """
    Tell what became of the jobs of a submission.

    Parameters
    ----------
    submission : Submission
    state : JobState
        Slurm's, with the comment of the job.
    output : str
        What the submission printed, as far as the head can see it.
    """
    n = len(submission.entries)
    ended = state.ended or state.state == FORGOTTEN
    begun = job_comment.Report.decode(state.comment, n)
    report = begun or job_comment.Report.of(n)
    if state.state == "COMPLETED":
        report.letters = [job_comment.DONE] * n  # its exit status says so of all
    elif ended:
        for number, letter in job_comment.read_outcomes(output, n).items():
            report.letters[number] = letter
    if begun is None and state.state == "FAILED":
        said = next((line.strip() for line in reversed(output.split("\n")) if line.strip()), "it printed nothing")
        report.texts[job_comment.ANYWHERE] = f"the installation does not start on this node: {said}"
    return Verdicts(state, ended, begun is not None, report)
