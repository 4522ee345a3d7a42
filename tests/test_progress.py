"""The line that tells how far long work is."""

import doctest
import re
import time

import pytest

from colosseum import progress
from colosseum.progress import Progress, duration


class Clock:
    """A clock that a test sets."""

    now = 0.0

    def monotonic(self) -> float:
        return self.now

    strftime = staticmethod(time.strftime)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(progress, "time", clock)
    return clock


def test_lines_in_a_file_and_a_last_one(clock: Clock, capsys: pytest.CaptureFixture[str]) -> None:
    shown = Progress(4, every_s=10)
    for seconds, failed in ((6, False), (12, True), (18, False), (24, False)):
        clock.now = seconds
        shown.advance(failed)
    assert capsys.readouterr().err.splitlines() == [
        "2 of 4 instances done (50 %), 1 failed, 12 s left",
        "4 of 4 instances done (100 %), 1 failed, took 24 s",
    ]


def test_on_a_terminal_one_line_is_kept_up_to_date(
    clock: Clock, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stderr.isatty", lambda: True, raising=False)
    shown = Progress(3)
    for _ in range(3):
        clock.now += 60
        shown.advance()
    assert capsys.readouterr().err == (
        "\r\033[K1 of 3 instances done (33 %), 2 min left\r\033[K2 of 3 instances done (66 %), 60 s left"
        "\r\033[K3 of 3 instances done (100 %), took 3 min\n"
    )


def test_a_transient_line_is_gone_in_the_end_and_never_there_where_it_is_quick(
    clock: Clock, capsys: pytest.CaptureFixture[str]
) -> None:
    shown = Progress(what="states", title="diameter of X", every_s=0.5, style="transient")
    for done in range(1, 11):
        shown(done, 10)
    assert capsys.readouterr().err == ""
    shown = Progress(what="states", title="diameter of X", every_s=0.5, style="transient")
    clock.now = 5
    shown(5, 10)
    text = "diameter of X: 5 of 10 states done (50 %), 5 s left"
    assert capsys.readouterr().err == f"\r{text}"
    shown(10, 10)
    assert capsys.readouterr().err == f"\r{' ' * len(text)}\r"


def test_the_time_left_follows_from_the_last_pace(clock: Clock) -> None:
    shown = Progress(what="jobs", style="lines", failures="failed attempts", has_clock=True, enabled=False)
    for done in range(1, 301):
        clock.now += 1 if done <= 200 else 3
        shown.update(done, 400)
    assert clock.now == 500
    shown.failed += 1
    assert re.fullmatch(
        r"\[\d\d:\d\d:\d\d\] 300 of 400 jobs done \(75 %\), 1 failed attempts, 5 min left", shown.line()
    )


def test_the_time_left_follows_from_the_work_where_that_is_known(clock: Clock) -> None:
    """Nine jobs of a second are done and two of 100 are left: three minutes, not two seconds."""
    shown = Progress(what="jobs", style="lines", enabled=False)
    for done in range(1, 10):
        clock.now += 1
        shown.weigh(float(done), 200.0 + 9 - done)
        shown.update(done, 11)
    assert shown.line() == "9 of 11 jobs done (81 %), 3 min left"


def test_durations_and_examples() -> None:
    assert [duration(s) for s in (0, 89.4, 90, 5390, 5400, 7300)] == [
        "0 s", "89 s", "2 min", "1 h 30 min", "1 h 30 min", "2 h 2 min",
    ]  # fmt: skip
    assert doctest.testmod(progress).failed == 0
