"""Telling how far long work is: one line, on standard error, for whatever counts."""

import sys
import time
from collections import deque
from typing import Literal

from colosseum import settings

_WINDOW = 100
"""The time left follows from the pace of so many last counts."""


class Progress:
    """
    What is done of all, and the time left, on standard error.

    Parameters
    ----------
    total : int
        How many there are; `update` may tell another number.
    what : str
        What is counted: ``4 of 10 instances done (40 %), 12 s left``.
    title : str
        What stands before it, with a colon.
    every_s : float
        Seconds between two lines at least.
    style : {"line", "lines", "transient"}
        On a terminal one line is kept up to date, elsewhere (a file, a pipe) there are lines, and a last one; always
        lines; one line that is there while the work takes long, and gone in the end.
    failures : str
        What failures are called.
    has_clock : bool
        Whether each line begins with the time of day.
    enabled : bool
        Otherwise nothing is written.

    Examples
    --------
    >>> progress = Progress(10, every_s=0.0, style="lines", enabled=False)
    >>> progress.advance(failed=True)
    >>> progress.line().partition(",")[0]
    '1 of 10 instances done (10 %)'
    """

    def __init__(
        self,
        total: int = 0,
        what: str = "instances",
        title: str = "",
        every_s: float = 10.0,
        style: Literal["line", "lines", "transient"] = "line",
        failures: str = "failed",
        has_clock: bool = False,
        enabled: bool = True,
    ):
        self.total, self.done, self.failed = total, 0, 0
        self._what, self._title, self._failures = what, f"{title}: " if title else "", failures
        self._every_s, self._style, self._has_clock, self._enabled = every_s, style, has_clock, enabled
        self._start = self._written = time.monotonic()
        self._counts = deque([(self._start, 0.0)], maxlen=_WINDOW + 1)
        self._work: tuple[float, float] | None = None
        self._width = 0

    def advance(self, failed: bool = False) -> None:
        """Count one more as done."""
        self.failed += failed
        self._count(self.done + 1, self.total, failed)

    def update(self, done: int, total: int) -> None:
        """Say how many are done, of how many."""
        self._count(done, total, False)

    def weigh(self, done: float, left: float) -> None:
        """
        Say what is done and what is left in seconds of work; from then on the time left follows from these.

        To be called before each `update`: things that are counted may take a second or an hour.
        """
        self._work = done, left

    __call__ = update

    def line(self) -> str:
        """Return the line as it would be written now."""
        clock = f"[{time.strftime('%H:%M:%S')}] " if self._has_clock else ""
        share = f" ({100 * self.done // self.total} %)" if self.total else ""
        text = f"{clock}{self._title}{self.done} of {self.total} {self._what} done{share}"
        if self.failed:
            text += f", {self.failed} {self._failures}"
        (begin, before), (end, now) = self._counts[0], self._counts[-1]
        if self.done >= self.total:
            text += f", took {duration(end - self._start)}"
        elif now > before:
            left = self.total - self.done if self._work is None else self._work[1]
            text += f", {duration((end - begin) / (now - before) * left)} left"
        return text

    def _count(self, done: int, total: int, failed: bool) -> None:
        now = time.monotonic()
        self.done, self.total = done, total
        self._counts.append((now, done if self._work is None else self._work[0]))
        if not self._enabled:
            return
        last, due = done >= total, now - self._written >= self._every_s
        if (file := settings.get_verbose_logs_file()) is not None:
            if last or due:
                self._written = now
                with open(file, "a", encoding="utf-8") as log:
                    print(self.line(), file=log)
        elif self._style == "transient":
            if last and self._width:
                print(f"\r{' ' * self._width}\r", end="", file=sys.stderr, flush=True)
            elif due and not last:
                text = self.line()
                print(f"\r{text.ljust(self._width)}", end="", file=sys.stderr, flush=True)
                self._written, self._width = now, max(self._width, len(text))
        elif self._style == "line" and sys.stderr.isatty():
            print(f"\r\033[K{self.line()}", end="\n" if last or failed else "", file=sys.stderr, flush=True)
        elif last or due:
            self._written = now
            print(self.line(), file=sys.stderr, flush=True)


def duration(seconds: float) -> str:
    """
    Return a duration as it is read: ``12 s``, ``12 min``, ``3 h 5 min``.

    Examples
    --------
    >>> duration(42), duration(3000), duration(11100)
    ('42 s', '50 min', '3 h 5 min')
    """
    if seconds < 90:
        return f"{seconds:.0f} s"
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 90 else f"{minutes // 60} h {minutes % 60} min"
