"""The warm process."""

import os
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

from colosseum.warm import client


def test_without_a_warm_process_nothing_is_delegated(monkeypatch, tmp_path):
    monkeypatch.delenv(client.VARIABLE, raising=False)
    assert client.delegate(["run", "x.pkl"]) is None
    monkeypatch.setenv(client.VARIABLE, str(tmp_path / "nobody"))
    assert client.delegate(["run", "x.pkl"]) is None
    assert client.delegate(["table"]) is None
    assert client.delegate([]) is None


# what the server's own streams are must not matter
@pytest.mark.parametrize("seekable", [False, pytest.param(True, marks=pytest.mark.slow)])
def test_a_warm_process_runs_as_the_client_would(tmp_path, seekable):
    """Same working directory, streams, exit status and process group; and it survives its clients."""
    path = str(tmp_path / "socket")
    own = (tmp_path / "own.txt").open("w+") if seekable else subprocess.DEVNULL
    server = subprocess.Popen(
        [
            sys.executable,
            "-c",
            "from colosseum.cli import main; from colosseum.serve import prepare;"
            "from colosseum.warm import numba_cache, server; numba_cache.load = int;"
            f"server.serve({path!r}, main, prepare)",
        ],
        stdin=own,
        stdout=own,
        stderr=own,
    )
    try:
        while not os.path.exists(path):
            time.sleep(0.02)
        plainly = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])}
        environment = {**plainly, client.VARIABLE: path}
        for arguments, status, words in (
            (["run", "missing.pkl"], 2, "colosseum run: error: missing.pkl"),
            (["run"], 2, "the following arguments are required"),
            (["run", "--help"], 0, "usage"),
            (["sample-mdps", "RiverSwimContinuous", "--n", "1", "-o", "made.gin"], 0, ""),
            (["benchmark", "missing", "-o", "made"], 2, "colosseum benchmark: error: "),
            (["plot", "missing", "-o", "made.svg"], 2, "colosseum plot: error: missing"),
        ):
            command = [sys.executable, "-m", "colosseum", *arguments]
            plain = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, env=plainly)
            warmed = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, env=environment)
            assert (warmed.returncode, warmed.stdout, warmed.stderr) == (plain.returncode, plain.stdout, plain.stderr)
            assert warmed.returncode == status and words in warmed.stdout + warmed.stderr
        # one that leaves at once harms nobody
        leaver = socket.socket(socket.AF_UNIX)
        leaver.connect(path)
        leaver.close()
        done = subprocess.run([sys.executable, "-m", "colosseum", "run"], env=environment, capture_output=True)
        assert done.returncode == 2 and server.poll() is None
    finally:
        server.kill()
        server.wait()
