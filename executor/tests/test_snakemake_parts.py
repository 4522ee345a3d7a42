"""Parts of Snakemake that it does not promise to keep, and that the executor leans on: each fails here by its name."""

import inspect
import subprocess
import sys
from pathlib import Path

import pytest
import snakemake.cli
from snakemake import spawn_jobs
from snakemake.scheduling.job_scheduler import JobScheduler
from snakemake.workflow import Workflow
from snakemake_executor_plugin_slurm_packed import snakemake_state

PARTS = {
    # executor.cancel: what ended before Ctrl-C counts as finished
    "JobScheduler._finish_jobs": lambda: callable(JobScheduler._finish_jobs),
    "JobScheduler._lock": lambda: "_lock" in JobScheduler.__init__.__code__.co_names,
    "Workflow.scheduler": lambda: hasattr(Workflow, "scheduler"),
    # jobs.pack_sources
    "Workflow.main_snakefile": lambda: hasattr(Workflow, "main_snakefile"),
    "Workflow.configfiles": lambda: "configfiles" in Workflow.__post_init__.__code__.co_names,
    # runner: Snakemake in a fork, loaded before
    "snakemake.cli.main(argv)": lambda: snakemake.cli.main.__code__.co_varnames[0] == "argv",
    "snakemake.cli.get_argument_parser()": lambda: snakemake.cli.get_argument_parser().prog is not None,
    # runner.seen_here
    "--runtime-source-cache-path": lambda: "--runtime-source-cache-path" in inspect.getsource(spawn_jobs),
}


@pytest.mark.parametrize("part", PARTS)
def test_part_is_there(part):
    assert PARTS[part](), f"{part} has vanished from this Snakemake"


def test_locks_and_marks_are_where_they_are_read(tmp_path, monkeypatch):
    """A job of a real workflow looks at what Snakemake keeps while it runs."""
    monkeypatch.chdir(tmp_path)
    output = f"{'a_long_name' * 20}/out.txt"
    # the mark comes a moment after the job's start
    wait = 'until [ -n "$(find .snakemake/incomplete -type f)" ]; do sleep 0.1; done'
    Path("Snakefile").write_text(
        f"rule look:\n    output: {output!r}\n    shell: '{wait}; cp -r .snakemake seen; touch {{output}}'\n"
    )
    done = subprocess.run(
        [sys.executable, "-m", "snakemake", "--cores", "1", "--quiet", "all"],
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    Path("while").mkdir()
    Path("seen").rename("while/.snakemake")
    assert snakemake_state.locks("while"), "locks of Snakemake"
    [(mark, named)] = snakemake_state.marks("while")
    assert str(named) == output and mark == Path("while/.snakemake/incomplete") / snakemake_state.mark_of(output)
    assert snakemake_state.locks() == [] and list(snakemake_state.marks()) == []
