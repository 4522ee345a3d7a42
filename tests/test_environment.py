"""The environment does not decide: commands set what they need, and give the same bytes whatever is set around them."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import colosseum
from colosseum.cli import main

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[1]
INTERACTION = "prms_0-RiverSwimContinuous____prms_0-QLearningContinuous"

# None: the variable is not set
ENVIRONMENTS = {
    "a backend for a screen": {"MPLBACKEND": "qtagg"},
    "no such backend": {"MPLBACKEND": "no_such_backend"},
    "the C locale": {"LC_ALL": "C", "LANG": None},
    "the C locale without coercion": {"LC_ALL": "C", "PYTHONCOERCECLOCALE": "0", "PYTHONUTF8": "0"},
    "ASCII streams": {"PYTHONIOENCODING": "ascii", "PYTHONUTF8": "0"},
    "no home": {"HOME": None, "XDG_CACHE_HOME": None, "XDG_CONFIG_HOME": None, "MPLCONFIGDIR": None},
    "a home that is not writable": {"HOME": "/proc/no/home", "XDG_CACHE_HOME": None, "COLOSSEUM_NUMBA_CACHE": None},
    "a long TMPDIR": {"TMPDIR": "{long}"},
    "many BLAS threads": {"OMP_NUM_THREADS": "4", "OPENBLAS_NUM_THREADS": "4", "MKL_NUM_THREADS": "4"},
    "a socket of a session that is gone": {"COLOSSEUM_WARM_SOCKET": "/tmp/of/a/session/that/is/gone"},
    "argv and columns": {"COLUMNS": "1", "PYTHONWARNINGS": "error::DeprecationWarning:colosseum", "TERM": "dumb"},
}


def write_benchmark(folder: Path) -> None:
    """Make the instances and the folder of a benchmark of one environment, which is named as no ASCII can."""
    folder.mkdir()
    agents, bench = folder / "agents.gin", folder / "bénch"
    assert main(["sample-agents", "QLearningContinuous", "--n", "1", "--seed", "1", "-o", str(agents)]) == 0
    small = ["--n-seeds", "1", "--n-steps", "400", "--log-every", "100"]
    assert main(["benchmark", "continuous_quick_test", "-o", str(bench), *small]) == 0
    for config in (bench / "mdp_configs").iterdir():
        if config.stem != "RiverSwimContinuous":
            config.unlink()
    agent = ["--agent", "QLearningContinuous", "--agent-config", str(agents), "--agent-scope", "prms_0"]
    assert main(["instances", "--benchmark", str(bench), *agent, "-o", str(folder / "instances")]) == 0
    (bench / "agents_configs").mkdir()
    shutil.copy(agents, bench / "agents_configs" / "QLearningContinuous.gin")


def environment(tmp_path: Path, changed: dict) -> dict:
    """Return this process's environment with the changes; kernels come from beside the sources."""
    long = tmp_path / ("t" * 136)
    long.mkdir(exist_ok=True)
    variables = os.environ | {"PYTHONPATH": str(ROOT), "COLOSSEUM_NUMBA_CACHE": "none"}
    variables |= {name: value.format(long=long) for name, value in changed.items() if value is not None}
    return {name: value for name, value in variables.items() if changed.get(name, "") is not None}


def run_all(folder: Path, variables: dict) -> dict[str, bytes | str]:
    """Run the four commands in a copy of a benchmark; return what they made and said."""
    [instance] = (folder / "instances").rglob("*.pkl")
    log = folder / "bénch" / "logs" / INTERACTION / "seed0_logs.csv"
    commands = (
        ["run", str(instance), "--log", str(log)],
        ["summarise", "bénch", "-o", "summary.csv", "--curves", "curves.csv"],
        ["plot", "summary.csv", "-o", "curves.svg", "curves.png"],
        ["status", "bénch"],
    )
    said = []
    for command in commands:
        done = subprocess.run(
            [sys.executable, "-m", "colosseum", *command], cwd=folder, env=variables, capture_output=True, timeout=300
        )
        assert done.returncode == 0, f"{command}\n{done.stderr.decode(errors='replace')}"
        assert b"Traceback" not in done.stderr
        said.append(done.stdout)
    # all but the column of seconds
    rows = [line.split(",") for line in log.read_text().splitlines()]
    timing = rows[0].index("steps_per_second")
    kept = [",".join(row[:timing] + row[timing + 1 :]) for row in rows]
    assert b"1" in said[-1] and (folder / "curves.svg").stat().st_size > 1000
    return {"log": "\n".join(kept), "png": (folder / "curves.png").read_bytes()}


@pytest.fixture(scope="module")
def plain(tmp_path_factory):
    """A benchmark, and what the commands make of it where nothing unusual is set."""
    folder = tmp_path_factory.mktemp("plain")
    write_benchmark(folder / "made")
    shutil.copytree(folder / "made", folder / "run")
    return folder / "made", run_all(folder / "run", environment(folder, {}))


@pytest.mark.parametrize("name", ENVIRONMENTS)
def test_commands_give_the_same(plain, tmp_path, name):
    made, expected = plain
    folder = tmp_path / "run"
    shutil.copytree(made, folder)
    assert run_all(folder, environment(tmp_path, ENVIRONMENTS[name])) == expected


def test_byte_order_marks(plain, tmp_path):
    """What an editor of Windows puts before a gin file, a YAML file or a table is no part of it."""
    made, expected = plain
    folder = tmp_path / "run"
    shutil.copytree(made, folder)
    mark = b"\xef\xbb\xbf"
    marked = [*folder.rglob("*.gin"), *folder.rglob("*.yml")]
    assert len(marked) == 4
    for path in marked:
        path.write_bytes(mark + path.read_bytes())
    assert run_all(folder, environment(tmp_path, {})) == expected
    for name in ("summary.csv", "curves.csv"):
        (folder / name).write_bytes(mark + (folder / name).read_bytes())
    command = ["plot", "summary.csv", "-o", "marked.svg", "marked.png"]
    subprocess.run(
        [sys.executable, "-m", "colosseum", *command],
        cwd=folder,
        env=environment(tmp_path, {}),
        check=True,
        timeout=300,
    )
    assert (folder / "marked.png").read_bytes() == expected["png"]


def test_a_warm_process_below_a_long_tmpdir(tmp_path):
    """The path of a Unix socket has at most 107 bytes; a folder of 136 is no reason to run without a warm process."""
    variables = environment(tmp_path, {"TMPDIR": "{long}", "NUMBA_CACHE_DIR": None})
    script = "import os; path = os.environ['COLOSSEUM_WARM_SOCKET']; print(len(path) < 104, os.path.dirname(path))"
    done = subprocess.run(
        [sys.executable, "-m", "colosseum.warm.session", sys.executable, "-c", script],
        env=variables,
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0 and "Traceback" not in done.stderr, done.stderr
    fits, folder = done.stdout.split()
    assert fits == "True" and not Path(folder).exists()


def test_a_session_that_cannot_begin_says_so_in_one_line(tmp_path):
    command = [sys.executable, "-m", "colosseum.warm.session", str(tmp_path / "no_such_program")]
    done = subprocess.run(command, env=environment(tmp_path, {}), capture_output=True, text=True, timeout=120)
    assert done.returncode == 2 and len(done.stderr.splitlines()) == 1 and "no_such_program" in done.stderr


def without_proc(code: str) -> subprocess.CompletedProcess:
    """Run Python where /proc is empty: in a namespace, or, without the right to one, by a path that is not there."""
    command = [sys.executable, "-c", code]
    mounted = ["unshare", "-m", "sh", "-c", 'mount -t tmpfs none /proc && exec "$@"', "sh", *command]
    variables = os.environ | {"PYTHONPATH": str(ROOT)}
    if os.geteuid() == 0 and subprocess.run(["unshare", "-m", "true"], capture_output=True).returncode == 0:
        command = mounted
    else:
        hidden = "import pathlib; old = pathlib.Path.exists\n"
        hidden += "pathlib.Path.exists = lambda path: not str(path).startswith('/proc') and old(path)\n"
        command[-1] = hidden + code
    return subprocess.run(command, env=variables, capture_output=True, text=True, timeout=120)


def test_recover_without_proc_ends_in_one_line():
    done = without_proc("import sys; from colosseum.cli import main; sys.exit(main(['recover']))")
    assert done.returncode == 2
    [line] = done.stderr.splitlines()
    assert line.startswith("colosseum recover: error: /proc is not there, so what is still running cannot be seen")


@pytest.mark.parametrize("broken", ["there is none", "it fails"])
def test_without_prctl_a_warm_process_ends_with_its_parent(broken):
    libc = {"there is none": "object()", "it fails": "type('L', (), {'prctl': lambda self, *_: -1})()"}[broken]
    child = f"""
import ctypes, sys, time
ctypes.CDLL = lambda *_: {libc}
from colosseum.warm.server import die_with_parent
die_with_parent()
print("ready", flush=True)
time.sleep(60)
"""
    parent = f"import subprocess, sys; p = subprocess.Popen([sys.executable, '-c', {child!r}]); input()"
    variables = os.environ | {"PYTHONPATH": str(ROOT)}
    with subprocess.Popen(
        [sys.executable, "-c", parent], env=variables, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout.readline() == "ready\n"
        process.kill()
        # the child holds the pipe's other end: it is closed when the child is gone, long before its minute is over
        assert process.stdout.read() == ""


def test_reading_is_independent_of_the_working_directory(plain, tmp_path, monkeypatch):
    made, _ = plain
    monkeypatch.chdir(tmp_path)
    shutil.copytree(made, tmp_path / "copy")
    monkeypatch.chdir("/")
    [instance] = (tmp_path / "copy" / "instances").rglob("*.pkl")
    assert main(["run", str(instance), "--log", str(tmp_path / "log.csv")]) == 0
    assert (tmp_path / "log.csv").stat().st_size > 100 and colosseum.__version__
