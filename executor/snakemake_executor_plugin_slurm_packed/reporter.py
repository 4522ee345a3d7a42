"""The runner's reports: what became of its jobs, in the comment of its Slurm job."""

from __future__ import annotations

import os
import subprocess
import time

from .job_comment import Report
from .slurm import environment

#: Seconds between two reports to Slurm's controller: a thousand submissions together stay below 200 a second.
_REPORT_S = 5.0


class Reporter:
    """
    Sends a report whenever there is news, at most one `scontrol` at a time.

    Parameters
    ----------
    state : Report
        Changed by the caller.
    """

    def __init__(self, state: Report) -> None:
        self.state = state
        self._job_id = os.environ.get("SLURM_JOB_ID", "")
        self._process: subprocess.Popen[bytes] | None = None
        self._reported = ""
        self._reported_at = 0.0

    def report(self, now: bool = False) -> None:
        """Write the report into the comment if there is news and, unless `now`, the last one was long enough ago."""
        line = self.state.encode()
        if not self._job_id or line == self._reported:
            return
        if self._process is not None and self._process.poll() is None:
            return
        if not now and time.monotonic() - self._reported_at < _REPORT_S:
            return
        self._reported, self._reported_at = line, time.monotonic()
        try:
            self._process = subprocess.Popen(
                ["scontrol", "update", f"JobId={self._job_id}", f"Comment={line}"],
                env=environment(),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
            )
        except OSError as error:
            print(f"slurm-packed: scontrol does not start on this node ({error}); reports come at the end", flush=True)
            self._job_id = ""

    def report_final(self, patience_s: float = 60.0) -> None:
        """Make sure that the final report arrives, for as long as that is worth."""
        end = time.monotonic() + patience_s
        while time.monotonic() < end:
            if self._process is not None:
                try:
                    if self._process.wait(max(0.1, end - time.monotonic())) != 0:
                        self._reported = ""
                        time.sleep(1)
                except subprocess.TimeoutExpired:
                    return
            if not self._job_id or self.state.encode() == self._reported:
                return
            self.report(now=True)
