"""A Slurm job of which `squeue` says nothing: just submitted, forgotten, or there all the same.

To run its jobs again while it goes on would make two copies of each, so nothing counts as gone that was not asked for
by its id, denied, and cancelled.
"""

from __future__ import annotations

import time
from typing import Any

from . import slurm
from .submission import Submission
from .verdicts import FORGOTTEN

#: Looks at Slurm in which a job is not listed before it is asked for by its id.
_MOST_MISSES = 3

#: How often a job is cancelled that Slurm denies, and yet takes the cancelling.
_MOST_CANCELLED = 3

#: Seconds without an answer on a job after which the run gives up.
_PATIENCE_S = 3600


def recalled(submission: Submission, state: slurm.JobState | None, logger: Any) -> slurm.JobState | None:
    """
    Return the state of a submission that `squeue` may not list.

    Parameters
    ----------
    submission : Submission
    state : JobState or None
        What `squeue` says.
    logger : object
        Snakemake's.

    Returns
    -------
    JobState or None
        None if it is to be asked again.

    Raises
    ------
    SlurmError
        If for an hour nothing tells whether the job is there.
    """
    if state is not None:
        submission.missed, submission.unclear_since = 0, None
        return state
    submission.missed += 1
    if submission.missed <= _MOST_MISSES:
        return None
    try:
        found = slurm.job_state(submission.job_id)
        if found is not None:
            _tell(submission, logger, f"is not listed by squeue, but it is there ({found.state})")
            submission.unclear_since = None
            return found
        if slurm.cancel_job(submission.job_id) and submission.cancelled < _MOST_CANCELLED:
            submission.cancelled += 1
            return None  # it was there, and ends now
    except slurm.SlurmError as error:
        _tell(submission, logger, f"is not listed by squeue; it goes on, asking again ({error})")
        if submission.unclear_since is None:
            submission.unclear_since = time.monotonic()
        if time.monotonic() - submission.unclear_since > _PATIENCE_S:
            raise
        return None
    accounted = slurm.accounted_state(submission.job_id)
    return slurm.JobState(accounted if accounted in slurm.ENDED else FORGOTTEN)


def _tell(submission: Submission, logger: Any, text: str) -> None:
    if not submission.told:  # once
        submission.told = True
        logger.warning(f"Slurm job {submission.job_id} {text}.")
