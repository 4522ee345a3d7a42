"""Logs: their text, their last row, and everything that is no complete log."""

import os
import time
from pathlib import Path

import numpy as np
import pytest

from colosseum.errors import ColosseumError, LogError
from colosseum.logs.columns import COLUMNS, INDICATORS
from colosseum.logs.read import check_log, read_last_row, read_log
from colosseum.logs.write import format_log, write_log

HEADER = (
    "steps,cumulative_reward,cumulative_expected_reward,cumulative_regret,normalized_cumulative_reward,"
    "normalized_cumulative_expected_reward,normalized_cumulative_regret,"
    "random_cumulative_regret,random_cumulative_expected_reward,random_normalized_cumulative_regret,"
    "random_normalized_cumulative_expected_reward,"
    "worst_cumulative_regret,worst_cumulative_expected_reward,worst_normalized_cumulative_regret,"
    "worst_normalized_cumulative_expected_reward,"
    "optimal_cumulative_regret,optimal_cumulative_expected_reward,optimal_normalized_cumulative_regret,"
    "optimal_normalized_cumulative_expected_reward,steps_per_second,training_state"
)


def make_rows(n, seed=0):
    rng = np.random.default_rng(seed)
    numbers = rng.normal(size=(n, len(COLUMNS))) * 10 ** rng.uniform(-12, 12, (n, len(COLUMNS)))
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
    assert format_log([row]) == f"{HEADER}\n7,-2e-20,{'0.333333333333,' * 17}0.333333,running\n"


def test_reading_what_was_written():
    rows = make_rows(40)
    write_log("a/log.csv", rows)
    assert read_last_row("a/log.csv")["steps"] == 4_000
    assert check_log("a/log.csv", 4_000)["training_state"] == "optimal"
    columns = read_log("a/log.csv")
    assert list(columns) == list(COLUMNS)
    for name in COLUMNS[1:-2]:
        np.testing.assert_allclose(columns[name], [row[name] for row in rows], rtol=1e-11)
        assert columns[name][-1] == read_last_row("a/log.csv")[name]
    assert columns["training_state"].tolist() == [row["training_state"] for row in rows]


def test_five_thousand_rows_are_formatted_quickly():
    rows = make_rows(5_000)
    seconds = []
    for _ in range(5):
        start = time.perf_counter()
        format_log(rows)
        seconds.append(time.perf_counter() - start)
    assert min(seconds) < 0.15


def test_the_last_row_of_a_long_log_is_read_without_the_rest():
    row = make_rows(1)[0]
    write_log("short.csv", [row])
    write_log("long.csv", [row | {"steps": i} for i in range(1, 50_001)])
    assert os.path.getsize("long.csv") > 1e7
    start = time.perf_counter()
    for _ in range(100):
        read_last_row("long.csv")
    assert time.perf_counter() - start < 0.1
    assert read_last_row("long.csv") == read_last_row("short.csv") | {"steps": 50_000}


GOOD = format_log(make_rows(3))


@pytest.mark.parametrize("read", [read_last_row, read_log])
@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", "empty"),
        (HEADER + "\n", "truncated: it has a header and no row"),
        (GOOD[:-1], "truncated in the middle of a row"),
        (GOOD[:-20], "truncated in the middle of a row"),
        (GOOD[: len(HEADER) - 3], "not a log of this program"),
        ("time,value\n1,2\n", "not a log of this program"),
        (GOOD.replace("cumulative_regret", "regret"), "not a log of this program"),
        (GOOD + "\n", "corrupt: '' is no row of a log"),
        (GOOD + "1,2,3\n", "corrupt: '1,2,3' is no row of a log"),
        (GOOD.replace(",optimal\n", ",finished\n"), "corrupt: 'finished' is no training state"),
        (GOOD.replace("\n300,", "\nthree,"), "corrupt: 'three,"),
        (b"\x80\x04\x95\x00" * 30, "not a log of this program"),
    ],
)
def test_what_is_no_log(read, content, message):
    Path("log.csv").write_bytes(content if isinstance(content, bytes) else content.encode())
    with pytest.raises(LogError) as caught:
        read("log.csv")
    assert str(caught.value).startswith(f"log.csv: {message}")
    assert "\n" not in str(caught.value)


def test_a_missing_log_and_one_that_ends_too_early():
    with pytest.raises(LogError, match=r"^nowhere\.csv: missing\.$"):
        check_log("nowhere.csv", 300)
    with pytest.raises(LogError, match=r"^\.: Is a directory"):
        read_last_row(".")
    Path("log.csv").write_text(GOOD)
    assert check_log("log.csv", 300)["steps"] == 300
    with pytest.raises(LogError, match=r"^log\.csv: it ends at step 300 and not at 400\.$"):
        check_log("log.csv", 400)


def test_a_log_that_cannot_be_written():
    Path("file").write_text("")
    with pytest.raises(ColosseumError, match="file/log.csv: cannot be written"):
        write_log("file/log.csv", make_rows(1))
