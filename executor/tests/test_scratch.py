"""The scratch folder of a submission."""

import os
import shlex
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from children import end_of
from snakemake_executor_plugin_slurm_packed import runner, scratch
from snakemake_executor_plugin_slurm_packed.processes import Child


def test_scratch_is_gone_afterwards(tmp_path):
    with scratch.folder(str(tmp_path)) as path:
        assert os.environ["SLURM_PACKED_SCRATCH"] == str(path) and Path(os.environ["TMPDIR"]).is_dir()
        (path / "file").write_text("x")
    assert list(tmp_path.iterdir()) == [] and "SLURM_PACKED_SCRATCH" not in os.environ


def test_what_a_killed_submission_left_is_swept(tmp_path):
    def leave():
        with scratch.folder(str(tmp_path)):
            os.kill(os.getpid(), signal.SIGKILL)

    end_of(Child(leave))
    [left] = tmp_path.iterdir()
    with scratch.folder(str(tmp_path)) as first:
        assert not left.exists()
        with scratch.folder(str(tmp_path)):
            assert first.exists()  # in use


@pytest.mark.parametrize("home", ["missing", "not writable", "a file", "there"])
def test_caches_go_below_the_scratch_where_there_is_no_home(tmp_path, monkeypatch, home):
    folders = {"missing": "/proc/no/home", "not writable": "/sys/kernel", "a file": str(tmp_path / "file")}
    (tmp_path / "file").touch()
    (tmp_path / "scratch").mkdir()
    monkeypatch.setenv("HOME", folders.get(home, str(tmp_path)))
    monkeypatch.delenv("XDG_CACHE_HOME", raising=False)
    with scratch.folder(str(tmp_path / "scratch")) as path:
        caches = os.environ.get("XDG_CACHE_HOME")
        assert caches == (None if home == "there" else str(path / "cache"))
        # Snakemake itself makes it
        done = subprocess.run([sys.executable, "-m", "snakemake", "-n", "-s", "/dev/null"], cwd=tmp_path, check=False)
        assert done.returncode == 0
    assert "XDG_CACHE_HOME" not in os.environ


@pytest.mark.parametrize("name", ["cache", "a b", "it's", 'say "x" $HOME'])
def test_the_head_s_cache_of_sources_is_named_only_where_it_is_seen(tmp_path, name):
    words = ["--snakefile", "a b", "--runtime-source-cache-path", str(tmp_path / name), "--mode", "remote"]
    assert shlex.split(runner.seen_here(shlex.join(words))) == ["--snakefile", "a b", "--mode", "remote"]
    (tmp_path / name).mkdir()
    assert runner.seen_here(shlex.join(words)) == shlex.join(words)
    assert runner.seen_here("python -m snakemake --mode remote") == "python -m snakemake --mode remote"


def test_a_missing_scratch_is_named(tmp_path):
    with pytest.raises(OSError, match=f"scratch folder {tmp_path}/none of node .* cannot be used: No such file"):
        with scratch.folder(str(tmp_path / "none")):
            pass
