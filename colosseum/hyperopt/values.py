"""What the logs of an agent's configurations say of an indicator: the figures that a choice is made by."""

import os
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from colosseum import layout
from colosseum.benchmark import folders
from colosseum.benchmark.utils import retrieve_benchmark
from colosseum.errors import LogError
from colosseum.experiment.instance_file import digest_for_log
from colosseum.gin_config import parse_gin_text
from colosseum.logs.read import read_log

if TYPE_CHECKING:
    from colosseum.agent.agents.base import BaseAgent

_LISTED = 10


@dataclass(frozen=True)
class Values:
    """
    The last values of an indicator in the logs of an agent in one benchmark.

    Attributes
    ----------
    configurations : dict of str to dict of str to object
        The hyperparameters of each gin scope, in ascending order of the scopes' indices.
    environments : tuple of str
        ``<scope>-<class>`` of each.
    seeds : range
    n_steps : int
        Steps of each log.
    values : ndarray of shape (n_configurations, n_environments, n_seeds)
    cut : ndarray of bool of the same shape
        Whether the agent's time was used up before the last step.
    failed : ndarray of bool of the same shape
        Whether the run failed and the worst policy stands in for it.
    """

    configurations: dict[str, dict[str, Any]]
    environments: tuple[str, ...]
    seeds: range
    n_steps: int
    values: np.ndarray
    cut: np.ndarray
    failed: np.ndarray


def read_values(
    agent_class: "type[BaseAgent]",
    benchmark_folder: str | os.PathLike,
    indicator: str,
    agents_gin_config: str | None = None,
    allow_cut: bool = True,
    scopes: Collection[str] | None = None,
) -> Values:
    """
    Read the logs of all configurations of an agent.

    Parameters
    ----------
    agent_class : type
    benchmark_folder : str or path
        The folder of an instantiated benchmark whose instances have been run.
    indicator : str
        A column of the logs.
    agents_gin_config : str, optional
        The configurations; by default those of the benchmark's folder.
    allow_cut : bool
        Whether logs of agents whose time was used up count like the others; else they cannot be used.
    scopes : collection of str, optional
        Only these configurations; by default all.

    Raises
    ------
    LogError
        If logs are missing, empty, truncated or foreign; the message lists them.
    ConfigurationError
        If the folder has no configurations of the agent.
    """
    benchmark = retrieve_benchmark(benchmark_folder)
    source = layout.agent_config_file(benchmark_folder, agent_class.__name__)
    text = folders.read_text(source) if agents_gin_config is None else agents_gin_config
    configurations = parse_gin_text(agent_class, text, source)
    if scopes is not None:
        configurations = {scope: prms for scope, prms in configurations.items() if scope in scopes}
    environments = [
        layout.Configured(cls.__name__, scope) for cls, scopes in benchmark.mdp_scopes().items() for scope in scopes
    ]
    seeds, n_steps = benchmark.experiment_config.seeds, benchmark.experiment_config.n_steps

    values = np.empty((len(configurations), len(environments), len(seeds)))
    cut, failed = np.zeros(values.shape, bool), np.zeros(values.shape, bool)
    faults: list[tuple[Path, str]] = []
    for i, agent_scope in enumerate(configurations):
        for j, mdp in enumerate(environments):
            for k, seed in enumerate(seeds):
                instance = layout.Instance(mdp, layout.Configured(agent_class.__name__, agent_scope), seed)
                log = Path(benchmark_folder, instance.log)
                try:
                    values[i, j, k], state, stop = _last_value(log, n_steps, indicator)
                    cut[i, j, k], failed[i, j, k] = state == "time_exceeded", state == "failed"
                    if cut[i, j, k] and not allow_cut:
                        raise LogError(f"{log}: cut: the agent's time was used up at step {stop}.")
                except LogError as error:
                    faults.append((log, str(error)))
    if faults:
        raise _unusable_logs(agent_class, faults, values.size)
    return Values(configurations, tuple(mdp.name for mdp in environments), seeds, n_steps, values, cut, failed)


def _last_value(path: Path, n_steps: int, indicator: str) -> tuple[float, str, int | None]:
    """The indicator and the training state at the last step, and the step at which training stopped."""
    log = read_log(path, n_steps, digest_for_log(path))
    if indicator not in log:
        raise LogError(f"{path}: line 1: it has no column {indicator!r}.")
    return log.last_value(indicator), log.last.get("training_state", ""), log.stop_step


def _unusable_logs(agent_class: "type[BaseAgent]", faults: list[tuple[Path, str]], n_logs: int) -> LogError:
    listed = "; ".join(message.rstrip(".") for _, message in faults[:_LISTED])
    more = f"; and {len(faults) - _LISTED} more" if len(faults) > _LISTED else ""
    return LogError(
        f"{agent_class.__name__}: {len(faults)} of {n_logs} logs cannot be used: {listed}{more}. Run their instances "
        f"(python -m colosseum run {layout.pickle_of_log(faults[0][0])} ..., or the workflow again) and select again."
    )
