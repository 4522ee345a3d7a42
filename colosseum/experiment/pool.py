"""Running instances in several processes."""

import multiprocessing
import signal
import sys
from collections.abc import Callable, Generator, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from multiprocessing.context import BaseContext
from typing import Any

from colosseum import registry
from colosseum.errors import KILLED, ConfigurationError
from colosseum.experiment.experiment_instance import ExperimentInstance

Outcome = tuple[str, str] | None


def run_in_processes(
    function: Callable[[ExperimentInstance], Outcome],
    instances: Sequence[ExperimentInstance],
    n_processes: int,
    start_method: str | None = None,
) -> Iterator[Outcome]:
    """
    Call a function on each instance, in processes.

    Parameters
    ----------
    function : callable
        Of a module that can be imported.
    instances : sequence of ExperimentInstance
    n_processes : int
    start_method : {"fork", "forkserver", "spawn"}, optional
        By default "fork" on Linux and "spawn" elsewhere.

    Yields
    ------
    tuple of (str, str) or None
        What the function returned, in the order in which it did. If a process is killed, the instances that had not
        been finished are run again, each in a process of its own; one whose process is killed again has failed.

    Raises
    ------
    ConfigurationError
        If a class cannot be imported by a new process, and processes are not forked.
    """
    context = multiprocessing.get_context(start_method or ("fork" if sys.platform.startswith("linux") else "spawn"))
    setup = _setup_arguments(instances, context)
    unfinished = yield from _run(function, instances, context, n_processes, setup)
    for instance in unfinished:
        if (yield from _run(function, [instance], context, 1, setup)):
            yield f"{instance.name}: {KILLED}", ""


def _run(
    function: Callable[[ExperimentInstance], Outcome],
    instances: Sequence[ExperimentInstance],
    context: BaseContext,
    n_processes: int,
    setup: tuple[Any, ...],
) -> Generator[Outcome, None, list[ExperimentInstance]]:
    """Yield outcomes; return the instances that have none because a process was killed."""
    unfinished = []
    others = set(multiprocessing.active_children())
    with ProcessPoolExecutor(n_processes, context, initializer=_set_up, initargs=setup) as pool:
        futures = {pool.submit(function, instance): instance for instance in instances}
        try:
            for future in as_completed(futures):
                try:
                    outcome = future.result()
                except BrokenProcessPool:
                    unfinished.append(futures[future])
                else:
                    yield outcome
        except BaseException:
            # A signal, or the caller has enough: end what runs, instead of waiting for it.
            pool.shutdown(wait=False, cancel_futures=True)
            for process in set(multiprocessing.active_children()) - others:
                process.terminate()
            raise
    return unfinished


def _setup_arguments(instances: Sequence[ExperimentInstance], context: BaseContext) -> tuple[Any, ...]:
    """Register the instances' user-defined classes here, and say how a process that is not forked comes by them."""
    for instance in instances:
        if not instance.agent_class.__module__.startswith("colosseum."):
            registry.register_agent_class(instance.agent_class)
        if not instance.mdp_class.__module__.startswith("colosseum."):
            registry.register_mdp_class(instance.mdp_class)
    external = [*registry.get_external_agent_classes(), *registry.get_external_mdp_classes()]
    if context.get_start_method() == "fork":
        return ((),)
    for cls in external:
        if cls.__module__ == "__main__" or "." in cls.__qualname__:
            raise ConfigurationError(
                f"{cls.__module__}:{cls.__qualname__}: a process that is started by {context.get_start_method()!r} "
                "cannot import this class; put it at the top level of a module of its own, or disable multiprocessing."
            )
    return ([f"{cls.__module__}:{cls.__name__}" for cls in external],)


def _set_up(paths: Sequence[str]) -> None:
    def end(signal_number: int, frame: object) -> None:
        raise SystemExit(128 + signal_number)

    signal.signal(signal.SIGTERM, end)  # as an exception: no temporary file stays behind
    for path in paths:
        registry.register_from_path(path)
