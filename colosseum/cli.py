"""The command line: ``python -m colosseum COMMAND``; each command is a module of `colosseum.commands`."""

import argparse
import importlib
import io
import os
import pkgutil
import signal
import sys
from collections.abc import Sequence
from types import FrameType, ModuleType

import colosseum
import colosseum.commands
from colosseum import neighbours
from colosseum.errors import ColosseumError, nearest

_DESCRIPTION = "Benchmark reinforcement-learning agents in tabular Markov decision processes."
_EPILOG = (
    "'python -m colosseum COMMAND --help' tells what a command takes. "
    "Exit status: 0 done, 1 a run failed, 2 a mistake in what was asked for (one line on standard error says which)."
)
USAGE_ERROR, FAILURE = 2, 1


def main(argv: Sequence[str] | None = None) -> int:
    """
    Run a command.

    Parameters
    ----------
    argv : sequence of str, optional
        The arguments after ``python -m colosseum``; by default those of this process.

    Returns
    -------
    int
        The exit status: 0, 1 if a run failed, 2 if what was asked for is wrong.
    """
    if (line := neighbours.in_front()) is not None:
        return _report("", line)
    argv = list(sys.argv[1:] if argv is None else argv)
    names = command_names()
    wanted = argv[0] if argv and not argv[0].startswith("-") else None
    if wanted is not None and wanted not in names:
        return _report("", f"there is no command {wanted!r}; {nearest(wanted, names)}")
    parser = _make_parser(names if wanted is None else [wanted])
    if not argv:
        parser.print_help(sys.stderr)
        return USAGE_ERROR
    args = parser.parse_args(argv)
    if args.command is None:
        parser.error("a command is missing")
    _end_on_sigterm()
    settle_environment()
    try:
        if args.prepare:  # before numba is imported
            args.prepare(args)
        if args.register:
            _register(args.register)
        return args.main(args) or 0
    except ColosseumError as error:
        return _report(args.command, str(error))
    except BrokenPipeError:  # `... | head` has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return FAILURE
    except KeyboardInterrupt:
        print("interrupted", file=sys.stderr)
        return 128 + signal.SIGINT


def command_names() -> list[str]:
    """Return the names of all commands, in alphabetical order."""
    modules = pkgutil.iter_modules(colosseum.commands.__path__)
    return sorted(module.name.replace("_", "-") for module in modules if not module.name.startswith("_"))


def _make_parser(names: Sequence[str]) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="colosseum", usage="python -m colosseum COMMAND ...", description=_DESCRIPTION, epilog=_EPILOG
    )
    parser.add_argument("--version", action="version", version=f"colosseum {colosseum.__version__}")
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", title="commands")
    for name in names:
        module = _import_command(name)
        command = commands.add_parser(
            name, prog=f"python -m colosseum {name}", help=module.HELP, description=_sentence(module.HELP)
        )
        module.add_arguments(command)
        command.add_argument(
            "--register",
            action="append",
            metavar="MODULE:CLASS",
            help="make a user-defined agent or environment class known; MODULE is looked for in the working directory "
            "too; may be repeated",
        )
        command.set_defaults(main=module.main, prepare=getattr(module, "prepare", None))
    return parser


def _import_command(name: str) -> ModuleType:
    return importlib.import_module(f"colosseum.commands.{name.replace('-', '_')}")


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:] + "."


def _register(paths: Sequence[str]) -> None:
    from colosseum import registry

    if os.getcwd() not in sys.path:  # `python -m` puts it there, the installed script does not
        sys.path.insert(0, os.getcwd())
    for path in paths:
        registry.register_from_path(path)


def _report(command: str, message: str) -> int:
    print(f"{f'colosseum {command}'.strip()}: error: {message}", file=sys.stderr)
    return USAGE_ERROR


def settle_environment() -> None:
    """Set what would otherwise decide from outside whether a command works: plots need no screen, names no UTF-8."""
    os.environ["MPLBACKEND"] = "agg"
    for variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
        os.environ.setdefault(variable, "1")  # an instance is one core's job
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def _end_on_sigterm() -> None:
    """Let SIGTERM end this process as an exception does (SIGINT does already), so that no temporary file stays."""
    asked = int(signal.SIGTERM)

    def end(number: int, frame: FrameType | None) -> None:
        nonlocal asked
        if number != signal.SIGALRM:
            asked = number
        while frame is not None:
            if _takes_no_exception(frame):  # come back when it is over
                signal.setitimer(signal.ITIMER_REAL, 0.05)
                return
            frame = frame.f_back
        if asked == signal.SIGINT:
            raise KeyboardInterrupt
        raise SystemExit(128 + signal.SIGTERM)

    try:
        signal.signal(signal.SIGTERM, end)
        signal.signal(signal.SIGALRM, end)
        if signal.getsignal(signal.SIGINT) is signal.default_int_handler:  # neither ignored nor somebody's
            signal.signal(signal.SIGINT, end)
    except ValueError:  # not in the main thread: somebody calls `main` as a function
        return


def _takes_no_exception(frame: FrameType) -> bool:
    """
    Whether an exception in a call would be lost, or worse.

    Python forgets one in ``__del__``. numba (0.68) calls `ctypes.cast` for each generator that compiled code is given,
    does not look whether that failed, and then there is a segmentation fault.
    """
    code = frame.f_code
    return code.co_name == "__del__" or (code.co_name == "cast" and "ctypes" in code.co_filename)
