"""Logs: their text, what is read of them, and everything that is no whole log."""

import math
import time
from pathlib import Path

import numpy as np
import pytest

from colosseum.errors import ColosseumError, ConfigurationError, LogError
from colosseum.logs import columns
from colosseum.logs.columns import COLUMNS, INDICATORS, LOG_COLUMNS, check_indicator, column
from colosseum.logs.read import check_log, read_log, read_stop_notes
from colosseum.logs.write import format_log, write_log

HEADER = (
    "steps,cumulative_reward,cumulative_expected_reward,cumulative_regret,normalized_cumulative_reward,"
    "normalized_cumulative_expected_reward,normalized_cumulative_regret,"
    "cumulative_learning_regret,normalized_cumulative_learning_regret,"
    "random_cumulative_regret,random_cumulative_expected_reward,random_normalized_cumulative_regret,"
    "random_normalized_cumulative_expected_reward,"
    "random_cumulative_learning_regret,random_normalized_cumulative_learning_regret,"
    "worst_cumulative_regret,worst_cumulative_expected_reward,worst_normalized_cumulative_regret,"
    "worst_normalized_cumulative_expected_reward,"
    "worst_cumulative_learning_regret,worst_normalized_cumulative_learning_regret,"
    "optimal_cumulative_regret,optimal_cumulative_expected_reward,optimal_normalized_cumulative_regret,"
    "optimal_normalized_cumulative_expected_reward,"
    "optimal_cumulative_learning_regret,optimal_normalized_cumulative_learning_regret,"
    "steps_per_second,training_state"
)


def make_rows(n, seed=0):
    rng = np.random.default_rng(seed)
    numbers = rng.normal(size=(n, len(COLUMNS))) * 10 ** rng.uniform(-12, 12, (n, len(COLUMNS)))
    for i, name in enumerate(COLUMNS):
        if name in columns.NOT_NEGATIVE:
            numbers[:, i] = abs(numbers[:, i])
        if name in columns.AT_MOST_ONE_A_STEP:
            numbers[:, i] = np.minimum(numbers[:, i], 100)
    states = ["running"] * (n - n // 2) + ["optimal"] * (n // 2)
    return [
        dict(zip(COLUMNS, row.tolist(), strict=True)) | {"steps": 100 * (i + 1), "training_state": states[i]}
        for i, row in enumerate(numbers)
    ]


def test_the_header():
    assert ",".join(COLUMNS) == HEADER
    assert set(INDICATORS) <= set(COLUMNS)


def test_a_row_has_twelve_digits_and_six_of_the_speed():
    row = dict.fromkeys(COLUMNS, 1 / 3) | {"steps": 7, "training_state": "running", "cumulative_reward": -2e-20}
    assert format_log([row]) == f"{HEADER}\n7,-2e-20,{'0.333333333333,' * 25}0.333333,running\n"


def test_a_log_of_before_learning_regret_lacks_it():
    old = columns.HEADERS[2]
    assert set(COLUMNS) - set(old) == {name for name in COLUMNS if "learning_regret" in name}
    Path("log.csv").write_text(",".join(old) + "\n100," + "0.5," * (len(old) - 2) + "running\n")
    log = read_log("log.csv", 100)
    assert not log.is_foreign and log.last_value("cumulative_regret") == 0.5
    assert math.isnan(log.last_value("cumulative_learning_regret")) and "cumulative_learning_regret" not in log


def test_what_is_better_and_what_is_a_sum_follows_from_the_column():
    assert {c.name for c in LOG_COLUMNS if c.higher_is_better is False} == {n for n in COLUMNS if "regret" in n}
    assert {c.name for c in LOG_COLUMNS if c.is_sum} == {n for n in COLUMNS if "cumulative" in n}
    assert {c.name for c in LOG_COLUMNS if c.higher_is_better is None} == {"steps", "training_state"}
    assert column("worst_normalized_cumulative_regret").unit == "1" != column("worst_cumulative_regret").unit
    assert check_indicator("steps_per_second").unit == "1/s"
    with pytest.raises(ConfigurationError, match="^selection.indicator: there is no 'cumulative_regrets'; did you"):
        check_indicator("cumulative_regrets", "selection.indicator")
    with pytest.raises(ConfigurationError):
        check_indicator("worst_cumulative_regret")


def test_reading_what_was_written():
    rows = make_rows(40)
    write_log("a/log.csv", rows)
    log = read_log("a/log.csv", 4_000)
    assert list(log) == list(COLUMNS) and log.n_steps == log.steps[-1] == 4_000 and not log.is_foreign
    for name in COLUMNS[1:-2]:
        np.testing.assert_allclose(log[name], [row[name] for row in rows], rtol=1e-11)
        assert log[name][-1] == log.last_value(name) == float(log.last[name])
    assert log["steps"].tolist() == list(log.steps) == [row["steps"] for row in rows]
    assert log["training_state"].tolist() == list(log.states) == [row["training_state"] for row in rows]
    assert log.stop_step == 2_100
    assert log.seconds == pytest.approx(4_000 / rows[-1]["steps_per_second"], rel=1e-5)
    row = check_log("a/log.csv", 4_000)
    assert list(row) == list(COLUMNS) and (row["steps"], row["training_state"]) == (4_000, "optimal")
    assert all(row[name] == log.last_value(name) for name in COLUMNS[1:-1])
    with pytest.raises(KeyError):
        log["nothing"]


def test_every_position_of_the_stop_is_found():
    rows = make_rows(20)
    for n_running in range(21):
        states = ["running"] * n_running + ["time_exceeded"] * (20 - n_running)
        write_log("log.csv", [row | {"training_state": state} for row, state in zip(rows, states, strict=True)])
        assert read_log("log.csv").stop_step == (100 * (n_running + 1) if n_running < 20 else None)


DIGEST = "0123456789abcdef" * 4


def test_a_log_says_in_every_row_which_instance_made_it():
    rows = make_rows(40)
    text = format_log(rows, DIGEST)
    assert text.startswith(f"{HEADER.replace('training_state', 'instance,training_state')}\n")
    without = format_log(rows)
    assert text.replace(f",{DIGEST[:16]},", ",").replace(",instance,", ",") == without
    write_log("log.csv", rows, DIGEST)
    assert Path("log.csv").read_text() == text
    log = read_log("log.csv", 4_000, DIGEST)
    assert log.instance == DIGEST[:16] and set(log["instance"]) == {DIGEST[:16]} and not log.is_foreign
    assert log.columns == columns.HEADERS[0] and len(log["cumulative_regret"]) == 40
    assert check_log("log.csv", 4_000, DIGEST) == check_log("log.csv", 4_000)
    other = "f" * 64
    with pytest.raises(
        LogError, match=r"^log\.csv: of another instance: 0123456789abcdef made it and not ffffffffffffff"
    ):
        read_log("log.csv", 4_000, other)
    write_log("log.csv", rows)
    assert read_log("log.csv", 4_000, DIGEST).instance == "", "of an older version: it does not say whose it is"


@pytest.mark.parametrize(
    ("digest", "message"),
    [
        ("0123456789abcdee", "line 3: instance is 0123456789abcdee, and 0123456789abcdef in the line before"),
        ("0123456789abcde", "line 3: instance is '0123456789abcde' and no digest of 16 hexadecimal digits"),
        ("0123456789ABCDEF", "line 3: instance is '0123456789ABCDEF' and no digest"),
        ("", "line 3: instance is '' and no digest"),
        ("12", "line 3: instance is '12' and no digest"),
    ],
)
def test_rows_of_two_instances_are_no_log(digest, message):
    lines = format_log(make_rows(3), DIGEST).splitlines(keepends=True)
    lines[2] = lines[2].replace(DIGEST[:16], digest)
    Path("log.csv").write_text("".join(lines))
    with pytest.raises(LogError, match=rf"^log\.csv: {message}"):
        read_log("log.csv", 300)


def test_a_log_of_another_program_says_nothing_of_an_instance():
    Path("log.csv").write_text("steps,cumulative_regret,instance\n10,1.5,mine\n")
    log = read_log("log.csv", 10, DIGEST)
    assert log.is_foreign and log.instance == ""


def test_a_byte_order_mark_and_line_ends_of_windows_are_read():
    write_log("log.csv", make_rows(3))
    plain = read_log("log.csv", 300)
    Path("other.csv").write_bytes(b"\xef\xbb\xbf" + Path("log.csv").read_bytes().replace(b"\n", b"\r\n"))
    other = read_log("other.csv", 300)
    assert (other.last, other.lines, other.states) == (plain.last, plain.lines, plain.states)


def test_five_thousand_rows_are_formatted_quickly():
    rows = make_rows(5_000)
    seconds = []
    for _ in range(5):
        start = time.process_time()  # others may work on this machine
        format_log(rows)
        seconds.append(time.process_time() - start)
    assert min(seconds) < 0.5  # 0.05 is usual


def test_a_log_is_judged_faster_than_line_by_line():
    from colosseum.logs.read import _parse_at_once, _parse_rows

    body = format_log(make_rows(400)).partition("\n")[2]

    def seconds(parse, *arguments):
        found = []
        for _ in range(5):
            start = time.process_time()
            parse(body, *arguments)
            found.append(time.process_time() - start)
        return min(found)

    assert _parse_at_once(body, COLUMNS) == _parse_rows(body, COLUMNS)
    assert seconds(_parse_at_once, COLUMNS) < seconds(_parse_rows, COLUMNS)


GOOD = format_log(make_rows(3))


def swap(i, text, lines=None):
    """A good log with another line i, counted from 1."""
    lines = (lines or GOOD).splitlines()
    lines[i - 1] = text
    return "\n".join(lines) + "\n"


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", "empty."),
        ("\n", "empty."),
        (b"\xef\xbb\xbf", "empty."),
        (HEADER + "\n", "truncated: it has a header and no row."),
        (HEADER[:-3], "line 1: not a log of this program: column 29 is 'training_st' where 'training_state'"),
        (GOOD[:-1], "line 4: truncated in the middle of a row."),
        (GOOD[:-20], "line 4: truncated in the middle of a row."),
        (GOOD[:-20].replace("\n200,", "\nx,"), "line 3: steps is 'x' and no whole number."),
        ("time,value\n1,2\n", "line 1: not a log: 'time,value' has no column 'steps' and no indicator."),
        (GOOD.replace("cumulative_regret", "regret"), "line 1: not a log of this program: column 4 is 'regret' where "),
        (GOOD.replace(",steps_per_second", "", 1), "line 1: not a log of this program: column 28 is 'training_state'"),
        (GOOD.replace("training_state", "training_state,x"), "line 1: not a log of this program: column 29 is "),
        (GOOD.replace("training_state", "state"), "line 1: not a log of this program: column 29 is 'state' where "),
        (GOOD + "\n", "line 5: '' has 1 fields and not 29."),
        (GOOD + "1,2,3\n", "line 5: '1,2,3' has 3 fields and not 29."),
        (GOOD.replace(",optimal\n", ",finished\n"), "line 4: training_state is 'finished' and none of running, "),
        (GOOD.replace("\n300,", "\nthree,"), "line 4: steps is 'three' and no whole number."),
        (GOOD.replace("\n300,", "\n3_00,"), "line 4: steps is '3_00' and no whole number."),
        (GOOD.replace("\n300,", "\n300.0,"), "line 4: steps is '300.0' and no whole number."),
        (GOOD.replace("\n300,", "\n200,"), "line 4: steps is 200, not above 200 of the line before."),
        (GOOD.replace("\n100,", "\n0,"), "line 2: steps is 0, not above 0 of the line before."),
        (swap(3, "200," + "0," * 26 + "1_0,running"), "line 3: steps_per_second is 1_0 and no finite number."),
        (swap(3, "200," + "0," * 26 + "inf,running"), "line 3: steps_per_second is inf and no finite number."),
        (swap(3, "200," + "0," * 25 + ",1,running"), "line 3: optimal_normalized_cumulative_learning_regret is '' and"),
        (swap(2, "100," + "0," * 27 + "optimal"), "line 3: training goes on though the line before says 'optimal'."),
        # a comma and a line's end have changed places
        (GOOD.replace(",running\n200,", "\nrunning,200,"), "line 2: "),
        (b"\x80\x04\x95\x00" * 30, "line 1: not a log: "),
    ],
)
def test_what_is_no_log(content, message):
    Path("log.csv").write_bytes(content if isinstance(content, bytes) else content.encode())
    with pytest.raises(LogError) as caught:
        read_log("log.csv")
    assert str(caught.value).startswith(f"log.csv: {message}")
    assert "\n" not in str(caught.value)


def test_numbers_that_no_interaction_gives_are_damage():
    rows = make_rows(3)
    regret = "normalized_cumulative_regret"
    for name, value, said in (
        ("cumulative_learning_regret", -0.5, "-0.5 and cannot be negative"),
        ("optimal_cumulative_regret", -1, "-1 and cannot be negative"),
        ("steps_per_second", -3, "-3 and cannot be negative"),
        (regret, 207.5, "207.5 and can be 200 at most"),
    ):
        write_log("log.csv", [rows[0], {**rows[1], name: value}, rows[2]])
        with pytest.raises(LogError, match=rf"^log\.csv: line 3: {name} is {said}\.$"):
            read_log("log.csv", 300)
    # rounding, and a log of another program, whose numbers are its own matter
    write_log("log.csv", [rows[0], {**rows[1], regret: 200.001, "cumulative_regret": -1e-9}, rows[2]])
    assert read_log("log.csv", 300)[regret][1] == 200.001
    Path("log.csv").write_text(f"steps,{regret}\n10,75\n")
    assert read_log("log.csv", 10).last_value(regret) == 75


def test_numbers_whose_sum_is_too_large_are_finite():
    numbers = ["1" if name in columns.AT_MOST_ONE_A_STEP else "1e308" for name in COLUMNS[1:-1]]
    Path("log.csv").write_text(swap(2, ",".join(["100", *numbers, "running"])))
    assert read_log("log.csv")["cumulative_regret"][0] == 1e308


def test_a_missing_log_and_one_that_ends_too_early():
    with pytest.raises(LogError, match=r"^nowhere\.csv: missing\.$"):
        check_log("nowhere.csv", 300)
    with pytest.raises(LogError, match=r"^\.: Is a directory"):
        read_log(".")
    Path("log.csv").write_text(GOOD)
    assert check_log("log.csv", 300)["steps"] == 300
    for other in (400, 301, 200):
        with pytest.raises(LogError, match=rf"^log\.csv: line 4: it ends at step 300 and not at {other}\.$"):
            check_log("log.csv", other)


def test_a_log_of_another_program_has_what_it_has():
    """The published package's: fewer columns, in another order, steps from zero, no training state."""
    lines = ["normalized_cumulative_regret,steps,extra", *(f"{t / 4},{t}.0,x" for t in (9, 19, 29))]
    Path("seed1_logs.csv").write_text("\r\n".join(lines) + "\r\n")
    log = read_log("seed1_logs.csv", 30)
    assert log.is_foreign and log.steps == (9, 19, 29) and log.n_steps == 30 and log.stop_step is None
    assert math.isnan(log.seconds) and math.isnan(log.last_value("cumulative_regret"))
    assert log["normalized_cumulative_regret"].tolist() == [2.25, 4.75, 7.25] and "cumulative_regret" not in log
    assert check_log("seed1_logs.csv", 30) == {"steps": 29, "normalized_cumulative_regret": 7.25}
    assert read_log("seed1_logs.csv", 29).n_steps == 29 == read_log("seed1_logs.csv").n_steps
    with pytest.raises(LogError, match="line 4: it ends at step 29 and not at 28"):
        read_log("seed1_logs.csv", 28)
    assert read_stop_notes(".") == {}
    Path("time_exceeded.txt").write_text("last training step at (12) for logs/seed1_logs.csv\n")
    assert read_stop_notes(".") == {"seed1_logs.csv": 12}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("steps,cumulative_regret\n", "truncated: it has a header and no row."),
        ("steps,cumulative_regret\n10,x\n", "line 2: cumulative_regret is 'x' and no number."),
        ("steps,cumulative_regret\n9,1\n10,nan\n", "line 3: cumulative_regret is nan and no finite number."),
        ("steps,cumulative_regret\n10,1,2\n", "line 2: '10,1,2' has 3 fields and not 2."),
        ("steps,cumulative_regret\n10,1\n9,1\n10,1\n", "line 3: steps is 9, not above 10"),
        ("steps,cumulative_regret\n9.5,1\n", "line 2: steps is '9.5' and no whole number."),
        ("steps,cumulative_regret\ninf,1\n", "line 2: steps is 'inf' and no whole number."),
        ("steps,cumulative_regret\n10,1", "line 2: truncated in the middle of a row."),
        ("steps,cumulative_regret,steps\n10,1,2\n", "line 1: the column 'steps' is there twice."),
    ],
)
def test_what_is_wrong_with_a_log_of_another_program(text, message):
    Path("log.csv").write_text(text)
    with pytest.raises(LogError) as caught:
        read_log("log.csv")
    assert str(caught.value).startswith(f"log.csv: {message}")


def test_logs_of_earlier_formats_are_read(monkeypatch):
    """A log lacks what a later format has; one that has a part of it is none."""
    from colosseum.logs import read

    later = [(*COLUMNS[:7], "later", "latest", *COLUMNS[7:]), (*COLUMNS[:7], "later", *COLUMNS[7:]), COLUMNS]
    monkeypatch.setattr(read, "HEADERS", later)
    read._judge_header.cache_clear()
    Path("log.csv").write_text(GOOD)
    log = read_log("log.csv", 300)
    assert not log.is_foreign and log.columns == COLUMNS and math.isnan(log.last_value("later"))
    Path("log.csv").write_text(GOOD.replace("training_state", "training_state,latest"))
    with pytest.raises(LogError, match="column 8 is 'cumulative_learning_regret' where 'later' is expected"):
        read_log("log.csv", 300)
    read._judge_header.cache_clear()
    assert columns.HEADERS[-1][:3] == ("steps", "cumulative_reward", "cumulative_expected_reward")


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
def test_a_log_with_numbers_that_are_none_is_not_written(value):
    rows = make_rows(3)
    rows[1]["cumulative_regret"] = value
    with pytest.raises(LogError, match=rf"^log\.csv: not written: cumulative_regret is {value} at step 200 and no fin"):
        write_log("log.csv", rows)
    assert not Path("log.csv").exists()


def test_a_log_that_cannot_be_written():
    Path("file").write_text("")
    with pytest.raises(ColosseumError, match="file/log.csv: cannot be written"):
        write_log("file/log.csv", make_rows(1))
