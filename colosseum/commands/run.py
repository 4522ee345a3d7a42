"""`python -m colosseum run`: run pickled instances."""

import argparse
import os
import sys
from types import ModuleType
from typing import TYPE_CHECKING, cast

if TYPE_CHECKING:
    from colosseum.experiment.experiment_instance import ExperimentInstance

HELP = "run pickled instances and write their logs"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.description = (
        "Run pickled instances, one after the other. All that determines a log is in its pickle, but for the code of "
        "user-defined classes (--register). A log appears whole or not at all, and replaces the one that was there. If "
        "an instance fails, the others are run all the same, and the exit status is 1 (but see --failed)."
    )
    parser.add_argument("instances", nargs="+", metavar="INSTANCE.pkl", help="what the command 'instances' wrote")
    parser.add_argument(
        "--log",
        metavar="LOG.csv",
        help="the log of a single instance (default: where the instance says, in the folder of its benchmark)",
    )
    parser.add_argument(
        "--failed",
        choices=("refuse", "worst"),
        default="refuse",
        help="what becomes of an instance whose agent raises an error: refuse writes no log and ends with status 1; "
        "worst tells it and writes the log of the worst policy, with training state 'failed' (default: %(default)s)",
    )


def prepare(args: argparse.Namespace) -> None:
    """Find the compiled kernels, or compile them, if there is an instance to run."""
    from colosseum.warm import numba_cache

    numba_cache.attach(fill=any(map(os.path.exists, args.instances)))


def main(args: argparse.Namespace) -> int:
    """Run the command."""
    from colosseum.errors import ColosseumError, ConfigurationError
    from colosseum.experiment.experiment_instance import load_instance
    from colosseum.experiment.experiment_instances import InstanceFailedError
    from colosseum.progress import Progress

    if args.log is not None and len(args.instances) > 1:
        raise ConfigurationError(f"--log names one log, and {len(args.instances)} instances are given.")
    progress = Progress(len(args.instances), enabled=len(args.instances) > 1)
    status = 0
    for path in args.instances:
        problem = ""
        try:
            instance = load_instance(path)
            if not args.register:
                _load_numba_without_blas()
            problem = _run(instance, args)
        except InstanceFailedError as error:
            status, problem = 1, f"{error}\n{error.traceback}"
        except ColosseumError as error:
            status, problem = status or 2, f"{error}\n"
        progress.advance(failed=bool(problem))
        if problem:
            print(f"colosseum run: error: {problem}", file=sys.stderr, end="", flush=True)
    return status


def _run(instance: "ExperimentInstance", args: argparse.Namespace) -> str:
    """Run an instance; return what was wrong with it where a log stands in for its own."""
    from colosseum.experiment.experiment_instances import InstanceFailedError, run_experiment_instance
    from colosseum.experiment.stand_in import worst_rows
    from colosseum.logs.write import write_log

    try:
        run_experiment_instance(instance, args.log, overwrite=True)
    except InstanceFailedError as error:
        if args.failed == "refuse":
            raise
        try:
            rows = worst_rows(instance)
        except Exception:  # the environment fails by itself: no agent is to blame
            raise error from None
        write_log(args.log or instance.log_path, rows, instance.digest)
        return f"{error} (the worst policy stands in for it)\n{error.traceback}"
    return ""


def _load_numba_without_blas() -> None:
    """
    Let numba believe that scipy has no BLAS, which it looks for when its array functions are imported.

    No kernel of this package multiplies matrices, and to import scipy.linalg takes a fifth of the time that an instance
    of moderate size takes altogether. Not done where there are user-defined classes, which may use ``np.dot``.
    """
    blas = "scipy.linalg.cython_blas"
    if blas in sys.modules or "numba.np.arraymath" in sys.modules:
        return
    sys.modules[blas] = cast(ModuleType, None)  # makes its import fail
    try:
        import numba.np.arraymath  # noqa: F401
    finally:
        del sys.modules[blas]
