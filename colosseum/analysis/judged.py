"""What became of every instance of a benchmark, the same for all commands: its log, or what is wrong with it."""

from collections.abc import Iterator
from dataclasses import dataclass

from colosseum.analysis.folder import BenchmarkFolder
from colosseum.errors import LogError
from colosseum.experiment.instance_file import digest_for_log
from colosseum.layout import EXPERIMENT_CONFIG, Configured, Instance
from colosseum.logs.read import Log, read_log


@dataclass(frozen=True)
class Judged:
    """
    An instance and what became of it.

    Attributes
    ----------
    instance : Instance
    log : Log or None
        Its log, if that is whole.
    problem : str
        What is wrong: with a log that is not, or with the run that left none; empty where there is no trace of any.
    """

    instance: Instance
    log: Log | None = None
    problem: str = ""


def judge(benchmark: BenchmarkFolder) -> Iterator[Judged]:
    """
    Read and judge the log of every instance that a benchmark asks for, in their order.

    Where the pickles of a study are beside the folder, each log must be of the instance that its pickle holds.

    Where the folder does not say how many steps there are, the logs of an environment must end at the same one: those
    that end before the last are not whole.
    """
    ends = _last_steps(benchmark) if benchmark.n_steps is None else {}
    for instance in benchmark.instances():
        if instance not in benchmark.logs:
            error = f"its run ended in an error, see {instance.error}" if benchmark.has_error(instance) else ""
            yield Judged(instance, problem=error)
            continue
        path = f"{benchmark.path}/{instance.log}"
        try:
            log = read_log(path, benchmark.n_steps, digest_for_log(path))
            if instance.mdp in ends:
                _check_end(log, *ends[instance.mdp])
            yield Judged(instance, log)
        except LogError as error:
            yield Judged(instance, problem=str(error).removeprefix(f"{path}: "))


def _last_steps(benchmark: BenchmarkFolder) -> dict[Configured, tuple[int, str]]:
    """The last step of the logs of each environment, and one of those that have it."""
    ends: dict[Configured, tuple[int, str]] = {}
    for instance in sorted(benchmark.logs, key=Instance.natural_key):
        try:
            step = read_log(benchmark.path / instance.log).steps[-1]
        except LogError:
            continue
        if instance.mdp not in ends or step > ends[instance.mdp][0]:
            ends[instance.mdp] = step, instance.log
    return ends


def _check_end(log: Log, n_steps: int, longest: str) -> None:
    # another program's steps may be counted from zero
    if log.steps[-1] not in ((n_steps, n_steps - 1) if log.is_foreign else (n_steps,)):
        raise LogError(
            f"{log.path}: line {len(log.steps) + 1}: it ends at step {log.steps[-1]} and {longest} at {n_steps}: the "
            f"logs of an environment end at different steps, and no {EXPERIMENT_CONFIG} says which is right."
        )
