"""`python -m colosseum`: help, mistakes, running instances, exit statuses, signals, start-up."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import user_agents
from making import make_instance, without_times

from colosseum import cli
from colosseum.experiment.experiment_instances import run_experiment_instance
from colosseum.logs.read import check_log

TESTS = str(Path(__file__).parents[1])


def call(capsys, *argv):
    """Return exit status, standard output and standard error."""
    try:
        status = cli.main([str(a) for a in argv])
    except SystemExit as stop:
        status = stop.code
    captured = capsys.readouterr()
    return status, captured.out, captured.err


def start(*argv, **environment):
    return subprocess.Popen(
        [sys.executable, "-m", "colosseum", *map(str, argv)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=os.environ | {"PYTHONPATH": os.environ["PYTHONPATH"] + os.pathsep + TESTS} | environment,
    )


@pytest.fixture(autouse=True)
def _signal_as_before():
    before = signal.getsignal(signal.SIGTERM)
    yield
    signal.signal(signal.SIGTERM, before)


# ----------------------------------------------------------------------------------------------------------- the frame


def test_help_lists_every_command(capsys):
    status, out, err = call(capsys, "--help")
    assert (status, err) == (0, "")
    for name in cli.command_names():
        assert f"\n    {name}" in out


def test_the_names_of_the_commands():
    assert {"benchmark", "instances", "run", "sample-agents", "sample-mdps", "select", "summarise"} <= {
        *cli.command_names()
    }


@pytest.mark.parametrize("name", cli.command_names())
def test_every_command_has_help_that_reads_well(capsys, name):
    module = cli._import_command(name)
    assert "\n" not in module.HELP and module.HELP[0].islower() and not module.HELP.endswith(".")
    status, out, err = call(capsys, name, "--help")
    assert (status, err) == (0, "")
    assert out.startswith(f"usage: python -m colosseum {name} ")
    assert "--register MODULE:CLASS" in out
    paragraph = out.split("\n\n")[1]
    assert paragraph[0].isupper() and paragraph.rstrip().endswith((".", ":")), paragraph
    for line in out.splitlines():
        assert line.strip() not in ("-o OUTPUT", "--output OUTPUT"), "an option without a word about it"


@pytest.mark.parametrize(
    ("argv", "message"),
    [
        (["rnu"], "colosseum: error: there is no command 'rnu'; did you mean 'run'? Valid: "),
        (["run", "nowhere.pkl"], "colosseum run: error: nowhere.pkl: No such file or directory.\n"),
        (["run", "a.pkl", "b.pkl", "--log", "c.csv"], "colosseum run: error: --log names one log, and 2 instances are"),
        (["run", "a.pkl", "--register", "nothing"], "colosseum run: error: 'nothing' is not a class path"),
        (["run", "a.pkl", "--register", "nowhere:Agent"], "colosseum run: error: nowhere:Agent: there is no module"),
        (["run", "a.pkl", "--register", "user_agents:Agnet"], "colosseum run: error: user_agents:Agnet: module"),
    ],
)
def test_mistakes_are_one_line_and_the_status_is_two(capsys, argv, message):
    status, out, err = call(capsys, *argv)
    assert (status, out) == (2, "")
    assert err.startswith(message)
    assert err.count("\n") == 1


@pytest.mark.parametrize("argv", [[], ["run"], ["--log"], ["run", "--lgo", "x"]])
def test_unusable_arguments(capsys, argv):
    status, out, err = call(capsys, *argv)
    assert (status, out) == (2, "")
    assert "usage: python -m colosseum" in err


def test_the_version(capsys):
    assert call(capsys, "--version")[:2] == (0, "colosseum 0.2.0\n")


# ------------------------------------------------------------------------------------------------------------------ run


def test_run_writes_the_log_that_is_asked_for(capsys):
    instance = make_instance()
    instance.save("one.pkl")
    assert call(capsys, "run", "one.pkl", "--log", "logs/one.csv") == (0, "", "")
    assert call(capsys, "run", "one.pkl") == (0, "", "")
    assert without_times("logs/one.csv") == without_times(instance.log_path)


def test_run_always_runs(capsys):
    instance = make_instance()
    instance.save("one.pkl")
    call(capsys, "run", "one.pkl", "--log", "one.csv")
    os.utime("one.csv", (1_000, 1_000))
    call(capsys, "run", "one.pkl", "--log", "one.csv")
    assert os.stat("one.csv").st_mtime > 1_000


def test_a_failing_agent_has_its_traceback_below_the_line_and_no_log(capsys):
    make_instance(user_agents.FailingAgent).save("bad.pkl")
    Path("bad.csv").write_text("what was there")
    argv = ["run", "bad.pkl", "--log", "bad.csv", "--register", "user_agents:FailingAgent"]
    status, out, err = call(capsys, *argv)
    assert (status, out) == (1, "")
    first, second, *_, last, end = err.split("\n")
    assert first == (
        "colosseum run: error: swimming/prms_0-RiverSwimContinuous____prms_0-FailingAgent/seed0: "
        "user_agents:FailingAgent in colosseum.mdp.river_swim:RiverSwimContinuous failed at step 37: "
        "RuntimeError: the model exploded"
    )
    assert second == "Traceback (most recent call last):"
    assert (last, end) == ("exploded", "")
    assert Path("bad.csv").read_text() == "what was there"


def test_of_several_instances_each_is_run_and_each_failure_told(capsys):
    good = [make_instance(seed=seed, n_steps=200) for seed in (1, 2)]
    for i, instance in enumerate(good):
        instance.save(f"good{i}.pkl")
    run_experiment_instance(make_instance(seed=3, n_steps=200))  # compiles, which would count as time
    make_instance(user_agents.FailingAgent).save("bad.pkl")
    Path("none.pkl").write_text("no pickle")
    argv = ["run", "good0.pkl", "bad.pkl", "none.pkl", "good1.pkl", "--register", "user_agents:FailingAgent"]
    status, out, err = call(capsys, *argv)
    assert (status, out) == (1, "")
    errors = [line for line in err.splitlines() if line.startswith("colosseum run: error: ")]
    assert len(errors) == 2
    assert "failed at step 37" in errors[0] and errors[1].startswith("colosseum run: error: none.pkl: damaged or no")
    assert err.splitlines()[-1] == "4 of 4 instances done (100 %), 2 failed, took 0 s"
    for instance in good:
        check_log(instance.log_path, 200)


def test_mistakes_alone_give_the_status_two_for_several_instances_too(capsys):
    make_instance(n_steps=200).save("good.pkl")
    status, _, err = call(capsys, "run", "nowhere.pkl", "good.pkl")
    assert status == 2
    assert "nowhere.pkl: No such file" in err


def test_a_class_that_is_not_registered(capsys):
    make_instance(user_agents.UniformContinuous).save("own.pkl")
    status, _, err = call(capsys, "run", "own.pkl")
    assert status == 2
    assert "run with --register user_agents:UniformContinuous" in err


def test_a_module_of_the_working_directory_is_found():
    """By the installed script too, which has not the working directory on its path."""
    Path("mine.py").write_text(
        "import gin\nfrom user_agents import PolicyAgent\n@gin.configurable\nclass Mine(PolicyAgent):\n    pass\n"
    )
    code = (
        "import sys; sys.path[:] = [p for p in sys.path if p not in ('', sys.argv[2])]; sys.path.append(sys.argv[1])\n"
        "from colosseum.cli import main\n"
        "sys.exit(main(['run', 'nowhere.pkl', '--register', 'mine:Mine']))"
    )
    done = subprocess.run([sys.executable, "-c", code, TESTS, os.getcwd()], capture_output=True, text=True)
    assert done.stderr == "colosseum run: error: nowhere.pkl: No such file or directory.\n"


def test_a_full_disk_is_told_in_one_line(capsys):
    instance = make_instance(n_steps=2_000, log_every=1)
    instance.save("one.pkl")
    limit = "import resource; resource.setrlimit(resource.RLIMIT_FSIZE, (10_000, 10_000))\n"
    code = "import sys; from colosseum.cli import main; sys.exit(main(['run', 'one.pkl', '--log', sys.argv[1]]))"
    # the compiler's cache would meet the limit, too: a process like the one that is tested fills it
    subprocess.run([sys.executable, "-c", code, "warm.csv"], check=True)
    done = subprocess.run([sys.executable, "-c", limit + code, "logs/one.csv"], capture_output=True, text=True)
    assert done.returncode == 2
    assert done.stderr == "colosseum run: error: logs/one.csv: cannot be written: File too large.\n"
    assert os.listdir("logs") == []


@pytest.mark.parametrize(("number", "ended"), [(signal.SIGTERM, "SystemExit"), (signal.SIGINT, "KeyboardInterrupt")])
def test_a_signal_while_numba_takes_a_generator_apart_ends_no_process(number, ended):
    """An exception in the `ctypes.cast` that numba calls then would be a segmentation fault."""
    code = (
        "import ctypes, os, colosseum\n"
        "from colosseum import cli\n"
        "mdp = colosseum.make_mdp('continuous_quick_test/RiverSwim/0', seed=0)\n"
        "mdp.reset(), mdp.step(0)\n"
        "cli._end_on_sigterm()\n"
        "cast = ctypes._cast\n"
        "def signalled(*arguments):\n"
        "    ctypes._cast = cast\n"
        f"    os.kill(os.getpid(), {int(number)})\n"
        "    return cast(*arguments)\n"
        "ctypes._cast = signalled\n"
        "try:\n"
        "    while True:\n"
        "        mdp.step(0)\n"
        "except BaseException as error:\n"
        "    print(type(error).__name__)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=120)
    assert (done.returncode, done.stdout) == (0, f"{ended}\n"), done.stderr


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_a_run_at_once_and_leaves_nothing(number):
    text = "prms_0/SlowAgent.pause = 0.02\n"
    make_instance(user_agents.SlowAgent, n_steps=10**6, agents_gin_config=text, max_time=600).save("slow.pkl")
    process = start(
        "run", "slow.pkl", "--log", "logs/slow.csv", "--register", "user_agents:SlowAgent", OWN_AGENTS_MARK="started"
    )
    while not Path("started").exists():
        assert process.poll() is None
        time.sleep(0.05)
    process.send_signal(number)
    _, err = process.communicate(timeout=30)  # it would run for hours
    assert process.returncode == 128 + number
    assert "Traceback" not in err
    assert not Path("logs").exists()


def test_a_signal_during_a_finalizer_is_not_lost():
    code = (
        "import signal, time\n"
        "from colosseum import cli\n"
        "cli._end_on_sigterm()\n"
        "class Held:\n"
        "    def __del__(self):\n"
        "        signal.raise_signal(signal.SIGTERM)\n"
        "Held()\n"
        "time.sleep(20)\n"
        "print('still here')"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert (done.returncode, done.stdout, done.stderr) == (128 + signal.SIGTERM, "", "")


def test_the_process_of_a_run_imports_nothing_that_it_does_not_need():
    make_instance(n_steps=200).save("one.pkl")
    code = (
        "import sys\n"
        "from colosseum.cli import main\n"
        "assert main(['run', 'one.pkl', '--log', 'one.csv']) == 0\n"
        # scipy itself and yaml are imported by numba, which looks at their versions and settings
        "heavy = ('pandas', 'scipy.sparse', 'scipy.linalg', 'scipy.stats', 'matplotlib', 'snakemake',"
        " 'colosseum.hyperopt', 'colosseum.benchmark', 'colosseum.analysis', 'colosseum.experiment.pool')\n"
        "print([name for name in heavy if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


def test_what_was_kept_from_numba_is_there_afterwards():
    make_instance(n_steps=200).save("one.pkl")
    code = (
        "from colosseum.cli import main\n"
        "assert main(['run', 'one.pkl', '--log', 'one.csv']) == 0\n"
        "import scipy.linalg.cython_blas, scipy.linalg\n"
        "print(scipy.linalg.norm([3.0, 4.0]))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.stdout == "5.0\n", done.stderr


def test_help_and_mistakes_are_quick():
    code = (
        "import sys\n"
        "from colosseum.cli import main\n"
        "assert main(['run', 'nowhere.pkl']) == 2\n"
        "print([name for name in ('numba', 'pandas', 'gin') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"
