"""A line on standard error that tells how far long work is."""

import sys
import time


class ProgressLine:
    """
    A callable (done, total) that writes one line, over and over: ``diameter: 310 of 948, 2 s left``.

    Parameters
    ----------
    title : str
    every : float
        Seconds between two writes at least; work that is done sooner writes nothing.
    """

    def __init__(self, title: str, every: float = 0.5):
        self._title = title
        self._every = every
        self._begin = self._last = time.monotonic()
        self._width = 0

    def __call__(self, done: int, total: int) -> None:
        now = time.monotonic()
        if done < total and now - self._last >= self._every:
            self._last = now
            left = (now - self._begin) / done * (total - done)
            text = f"{self._title}: {done} of {total}, {left:.0f} s left"
            self._write(text)
        elif done >= total and self._width:
            self._write("")
            sys.stderr.write("\r")
            sys.stderr.flush()

    def _write(self, text: str) -> None:
        sys.stderr.write("\r" + text.ljust(self._width))
        sys.stderr.flush()
        self._width = max(self._width, len(text))
