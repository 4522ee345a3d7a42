"""Running instances: one, or many on one core or several; and pickling them."""

import os
import traceback
from collections.abc import Iterable, Sequence
from pathlib import Path

from colosseum import layout, settings
from colosseum.errors import ColosseumError, ConfigurationError, LogError
from colosseum.experiment.experiment_instance import ExperimentInstance, load_instance
from colosseum.logs.read import check_log
from colosseum.logs.write import write_log
from colosseum.progress import Progress
from colosseum.published_names import accepts

InstanceOrPath = ExperimentInstance | str | os.PathLike


class InstanceFailedError(ColosseumError):
    """
    An agent or environment raised an exception while an instance was running; no log was written.

    Attributes
    ----------
    traceback : str
        Of the exception.
    """

    def __init__(self, message: str, traceback_text: str = ""):
        super().__init__(message, traceback_text)
        self.traceback = traceback_text

    def __str__(self) -> str:
        return self.args[0]


def save_instances_to_folder(
    experiment_instances: Iterable[ExperimentInstance],
    store_instances_folder: str | os.PathLike,
    *,
    overwrite: bool = False,
) -> list[str]:
    """
    Pickle instances, each ready to be run anywhere by `run_experiment_instance` or ``python -m colosseum run``.

    Parameters
    ----------
    experiment_instances : iterable of ExperimentInstance
    store_instances_folder : str or path
        The files are ``<this folder>/<benchmark>/<mdp_scope>-<MDP>____<agent_scope>-<Agent>/seed<k>.pkl``.
    overwrite : bool
        Whether to replace files that hold other instances. A file that holds the same instance is left as it is.

    Returns
    -------
    list of str
        Path of each instance, in their order.

    Raises
    ------
    ConfigurationError
        If a file holds another instance and `overwrite` is False; nothing is written then.
    ColosseumError
        If a file cannot be written.
    """
    instances = list(experiment_instances)
    folder = store_instances_folder
    paths = [Path(layout.pickle_file(f"{folder}/{i.benchmark_name}", i.interaction, i.seed)) for i in instances]
    if not overwrite:
        for instance, path in zip(instances, paths, strict=True):
            if path.exists() and not instance.is_saved_in(path):
                raise ConfigurationError(
                    f"{path}: this file holds another instance; pass overwrite=True to replace it, or choose another "
                    "folder."
                )
    for instance, path in zip(instances, paths, strict=True):
        instance.save(path)
    return [str(path) for path in paths]


def get_experiment_instances_from_folder(folder: str | os.PathLike) -> list[ExperimentInstance]:
    """
    Load the instances that `save_instances_to_folder` pickled below a folder.

    Parameters
    ----------
    folder : str or path
        That folder, or a benchmark's in it.

    Returns
    -------
    list of ExperimentInstance
        In the order of their paths.

    Raises
    ------
    ConfigurationError
        If there is none.
    InstanceError
        If a file holds no instance that can be loaded.
    """
    paths = sorted(Path(folder).rglob("*.pkl"))
    if not paths:
        raise ConfigurationError(f"{os.fspath(folder)}: no instance is saved there; save_instances_to_folder does so.")
    return [load_instance(path) for path in paths]


@accepts(instance_or_path="exp_ins")
def run_experiment_instance(
    exp_ins: InstanceOrPath, log_path: str | os.PathLike | None = None, *, overwrite: bool = False
) -> str:
    """
    Run an instance and write its log.

    Parameters
    ----------
    exp_ins : ExperimentInstance, str or path
        The instance, or the file that it was pickled to.
    log_path : str or path, optional
        By default where the instance says: in the folder of its benchmark.
    overwrite : bool
        Whether to run it though there is a complete log.

    Returns
    -------
    str
        Path of the log.

    Raises
    ------
    InstanceError
        If the file holds no instance that can be loaded.
    InstanceFailedError
        If the agent or the environment raised an exception: the message names the instance, the class and the step.
    ColosseumError
        If a configuration makes no sense or the log cannot be written.
    """
    instance = _load(exp_ins)
    path = os.fspath(instance.log_path if log_path is None else log_path)
    if overwrite or not _is_complete(path, instance):
        write_log(path, interact(instance), instance.digest)
    return path


def interact(instance: ExperimentInstance) -> list[dict]:
    """
    Run an instance and return the rows of its log.

    Parameters and errors are those of `run_experiment_instance`.
    """
    from colosseum.experiment.agent_mdp_interaction import MDPLoop  # imports numba, which who only pickles needs not

    budget = instance.experiment_config
    what = f"{_path_of(instance.mdp_class)} failed while it was built"
    loop = None
    try:
        mdp = instance.instantiate_mdp()
        what = f"{_path_of(instance.agent_class)} failed while it was built"
        agent = instance.instantiate_agent(mdp)
        what = f"{_path_of(instance.agent_class)} in {_path_of(instance.mdp_class)}"
        loop = MDPLoop(mdp, agent, stop_when_optimal=budget.stop_when_optimal)
        loop.run(budget.n_steps, budget.log_every, budget.max_interaction_time_s)
    except Exception as error:
        if isinstance(error, ColosseumError) and loop is None:
            if str(error).startswith(instance.name):
                raise
            raise type(error)(f"{instance.name}: {error}") from error
        if loop is not None:
            what += f" failed at step {loop.steps + 1}{' or later' if loop.is_compiled else ''}"
        reason = " ".join(f"{type(error).__name__}: {error}".split())
        raise InstanceFailedError(f"{instance.name}: {what}: {reason}", traceback.format_exc()) from error
    return loop.logger.data


def run_experiment_instances(
    experiment_instances: Sequence[InstanceOrPath],
    use_ray: bool | None = None,
    *,
    overwrite: bool = False,
    start_method: str | None = None,
) -> list[str]:
    """
    Run instances and write their logs; one that fails does not stop the others.

    They are run one after the other, or, after `colosseum.config.enable_multiprocessing` or
    `colosseum.config.set_available_cores`, in `colosseum.config.get_available_cores` processes. With
    `colosseum.config.enable_verbose_logging` a line on standard error tells how many are done and the time left.

    Parameters
    ----------
    experiment_instances : sequence of ExperimentInstance, str or path
    use_ray : bool, optional
        The published name of: whether to use several processes (ours are no ray's); by default whether that is enabled.
    overwrite : bool
        Whether to run those too that have a complete log.
    start_method : {"fork", "forkserver", "spawn"}, optional
        How processes are started. By default "fork" on Linux, so that classes of a notebook or of the main module are
        known to them; "spawn" elsewhere, which needs user-defined classes in modules that can be imported.

    Returns
    -------
    list of str
        Paths of the logs, in the order of the instances.

    Raises
    ------
    InstanceError
        If a file holds no instance that can be loaded; nothing is run then.
    InstanceFailedError
        If instances failed: after all others were run. The message lists them.
    """
    instances = [_load(item) for item in experiment_instances]
    paths = [instance.log_path for instance in instances]
    if not overwrite:
        instances = [i for i, path in zip(instances, paths, strict=True) if not _is_complete(path, i)]
    progress = Progress(len(instances), enabled=settings.is_verbose_logging_enabled())
    several = settings.is_multiprocessing_enabled() if use_ray is None else use_ray
    n_processes = min(settings.get_available_cores(), len(instances)) if several else 1
    if n_processes > 1:
        from colosseum.experiment.pool import run_in_processes  # not where a single instance is run

        outcomes = run_in_processes(run_and_catch, instances, n_processes, start_method)
    else:
        outcomes = map(run_and_catch, instances)
    problems: list[tuple[str, str]] = []
    for problem in outcomes:
        if problem is not None:
            problems.append(problem)
        progress.advance(failed=problem is not None)
    if problems:
        lines = "; ".join(message for message, _ in problems)
        raise InstanceFailedError(
            f"{len(problems)} of {len(instances)} instances failed: {lines}", "\n".join(text for _, text in problems)
        )
    return paths


def run_and_catch(instance: ExperimentInstance) -> tuple[str, str] | None:
    """Run an instance that is to be run; return None, or what went wrong and the traceback, if there is one."""
    try:
        run_experiment_instance(instance, overwrite=True)
    except ColosseumError as error:
        return str(error), getattr(error, "traceback", "")
    return None


def _load(item: InstanceOrPath) -> ExperimentInstance:
    return item if isinstance(item, ExperimentInstance) else load_instance(item)


def _is_complete(path: str, instance: ExperimentInstance) -> bool:
    try:
        check_log(path, instance.experiment_config.n_steps, instance.digest)
    except LogError:
        return False
    return True


def _path_of(cls: type) -> str:
    return f"{cls.__module__}:{cls.__qualname__}"
