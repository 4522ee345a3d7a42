"""What is said of a job that failed."""

import pytest
from snakemake_executor_plugin_slurm_packed.job_output import last_error


@pytest.mark.parametrize(
    ("output", "said"),
    [
        ("Building DAG\ncolosseum run: error: a/seed1: it failed: X\nRuleException:\nmore", "a/seed1: it failed"),
        (
            "    resources: mem_mb=1\nsegmentation fault\nRuleException:\nCalledProcessError in file",
            "segmentation fault",
        ),
        ('FileNotFoundError in file "x.smk", line 3:\n[Errno 2] No such file', "[Errno 2]"),
        ("", "it printed nothing"),
    ],
)
def test_the_line_that_says_most(tmp_path, output, said):
    path = tmp_path / "output"
    path.write_text(output)
    assert said in last_error(path)


def test_the_log_of_a_rule_is_read(tmp_path):
    (tmp_path / "rule.log").write_text("colosseum run: error: from the log\n")
    path = tmp_path / "output"
    path.write_text(f"Error in rule run:\n    log: {tmp_path}/rule.log (check log file(s) for error details)\n")
    assert last_error(path) == "colosseum run: error: from the log"
