"""A line that tells how far long work is."""

import sys
import time

_SECONDS_BETWEEN_LINES = 10.0


class Progress:
    """
    Jobs done of all and the time left, on standard error.

    On a terminal one line is kept up to date; elsewhere (a file, a pipe) there is a line every ten seconds and a last
    one.

    Parameters
    ----------
    n_jobs : int
    enabled : bool
        Otherwise nothing is printed.
    """

    def __init__(self, n_jobs: int, enabled: bool = True):
        self._n_jobs, self._enabled = n_jobs, enabled
        self._n_done = self._n_failed = 0
        self._start = self._last_line = time.monotonic()

    def advance(self, failed: bool = False) -> None:
        """Count one more job as done."""
        self._n_done += 1
        self._n_failed += failed
        if not self._enabled:
            return
        now = time.monotonic()
        last = self._n_done == self._n_jobs
        if sys.stderr.isatty():
            end = "\n" if last or failed else ""
            print(f"\r\033[K{self._line(now)}", end=end, file=sys.stderr, flush=True)
        elif last or now - self._last_line >= _SECONDS_BETWEEN_LINES:
            self._last_line = now
            print(self._line(now), file=sys.stderr, flush=True)

    def _line(self, now: float) -> str:
        failures = f", {self._n_failed} failed" if self._n_failed else ""
        seconds = now - self._start
        if self._n_done < self._n_jobs:
            when = f"{_duration(seconds / self._n_done * (self._n_jobs - self._n_done))} left"
        else:
            when = f"took {_duration(seconds)}"
        return f"{self._n_done} of {self._n_jobs} instances done{failures}, {when}"


def _duration(seconds: float) -> str:
    minutes, seconds = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02d}:{seconds:02d}" if hours else f"{minutes}:{seconds:02d}"
