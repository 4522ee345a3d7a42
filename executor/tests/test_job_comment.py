"""What a submission tells of its jobs."""

import pytest
from snakemake_executor_plugin_slurm_packed import job_comment


def test_report_survives_its_way_through_a_comment():
    told = job_comment.Report(list("drfw"), {2: 'a "b" | c;\nd = 1', job_comment.HERE: "no room"})
    read = job_comment.Report.decode(told.encode(), 4)
    assert read.letters == list("drfw")
    assert read.texts[job_comment.HERE] == "no room"
    assert not set(read.texts[2]) & set("|;\"'\n=") and "a" in read.texts[2]


def test_report_stays_short():
    told = job_comment.Report(["f"] * 50, dict.fromkeys(range(50), "x" * 1000))
    assert len(told.encode()) <= 1500
    assert job_comment.Report.decode(told.encode(), 50).letters == ["f"] * 50


@pytest.mark.parametrize("line", ["", "(null)", "dd", "ddxd", "nightly run"])
def test_other_comments_are_no_reports(line):
    assert job_comment.Report.decode(line, 4) is None


def test_outcomes_are_found_among_other_output():
    lines = [
        "=== d 3 of 4: nobody wrote this number",
        job_comment.outcome_line("d", 1, 4, "run x: done"),
        "    === d 2 of 5: x",
    ]
    assert job_comment.read_outcomes("\n".join(lines), 4) == {3: "d", 1: "d"}
    assert job_comment.read_outcomes("\n".join(lines), 3) == {}
