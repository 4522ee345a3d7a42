"""Benchmarks in folders: make one there, read one from there, add agents to it."""

import os
from collections.abc import Callable, Iterable, Mapping
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from colosseum import layout
from colosseum.agent.hyperparameters import get_default_gin_config
from colosseum.benchmark import folders
from colosseum.benchmark.benchmark import ColosseumBenchmark, check_one_setting, describe_difference
from colosseum.errors import ConfigurationError
from colosseum.experiment import ExperimentConfig
from colosseum.gin_config import split_scopes
from colosseum.utils.files import write_atomically

if TYPE_CHECKING:
    from colosseum.mdp.base import BaseMDP

_WAY_OUT = "choose another experiment name, or overwrite it (which deletes its logs)"


def get_mdps_configs_from_mdps(mdps: Iterable["BaseMDP"]) -> dict[type, str]:
    """
    Turn environments into the configurations that a benchmark takes.

    Parameters
    ----------
    mdps : iterable of BaseMDP
        Their seeds are left out: an experiment instance brings its own.

    Returns
    -------
    dict of type to str
        Gin text of each class; the k-th environment of a class has scope ``prms_<k>``.
    """
    texts: dict[type, list[str]] = {}
    for mdp in mdps:
        of_class = texts.setdefault(type(mdp), [])
        of_class.append(mdp.get_gin_config(len(of_class)).strip("\n") + "\n")
    return {cls: "".join(of_class) for cls, of_class in texts.items()}


def instantiate_benchmark_folder(benchmark: ColosseumBenchmark, benchmark_folder: str | os.PathLike) -> None:
    """
    Write a benchmark into a folder, unless the folder has it already.

    Parameters
    ----------
    benchmark : ColosseumBenchmark
    benchmark_folder : str or path
        The benchmark's own folder.

    Raises
    ------
    ConfigurationError
        If the folder holds another benchmark; the message says what differs first and what to do.
    """
    folder = Path(benchmark_folder)
    asked = {cls.__name__: (cls, text) for cls, text in benchmark.mdps_gin_configs.items()}
    complete = Path(layout.experiment_config_file(folder)).is_file()
    there = {path.stem for path in (folder / layout.MDP_CONFIGS).glob("*.gin")}
    for name in sorted(there | asked.keys()):
        path = Path(layout.mdp_config_file(folder, name))
        if name not in asked:
            raise _other_content(folder, f"it has {path.name}, which this benchmark has not")
        if name in there:
            cls, text = asked[name]
            if difference := describe_difference(cls, folders.read_text(path), text, str(path)):
                raise _other_content(folder, difference)
        elif complete:  # an interrupted call wrote some of the files, but never the experiment settings
            raise _other_content(folder, f"it lacks {path.name}")
    if not complete:
        benchmark.instantiate(folder)
        return
    old, new = folders.read_experiment_config(folder), benchmark.experiment_config
    for field in sorted(vars(new)):
        if getattr(old, field) != getattr(new, field):
            raise _other_content(folder, f"{field} is {getattr(old, field)!r} there and {getattr(new, field)!r} here")


def instantiate_agent_configs(agents_configs: Mapping[type, str | None], benchmark_folder: str | os.PathLike) -> None:
    """
    Write agents' configurations into the folder of a benchmark.

    Agents that the folder has already and that are not given stay there: agents can be added one by one.

    Parameters
    ----------
    agents_configs : dict of type to str or None
        Gin text of each agent class; None takes the packaged hyperparameters.
    benchmark_folder : str or path

    Raises
    ------
    ConfigurationError
        If the folder has another configuration of one of the agents, a text is wrong, or episodic and continuous
        agents are mixed.
    """
    folder = Path(benchmark_folder)
    texts = fill_in_packaged_hyperparameters(agents_configs)
    check_one_setting(texts, f"agents for {folder}")
    for cls, text in texts.items():
        path = Path(layout.agent_config_file(folder, cls.__name__))
        split_scopes(cls, text, f"configuration of {cls.__name__}")
        if not path.is_file():
            write_atomically(path, text.strip("\n") + "\n")
        elif difference := describe_difference(cls, folders.read_text(path), text, str(path)):
            raise _other_content(folder, difference)


def fill_in_packaged_hyperparameters(agents_configs: Mapping[type, str | None]) -> dict[type, str]:
    """Return the configurations with the packaged hyperparameters wherever there is None."""
    return {cls: get_default_gin_config(cls) if text is None else text for cls, text in agents_configs.items()}


def retrieve_benchmark(
    benchmark_folder: str | os.PathLike, experiment_config: ExperimentConfig | None = None, postfix: str = ""
) -> ColosseumBenchmark:
    """
    Read a benchmark from its folder.

    Parameters
    ----------
    benchmark_folder : str or path
        Has ``mdp_configs/<Class>.gin`` and ``experiment_config.yml``.
    experiment_config : ExperimentConfig, optional
        Takes the place of the folder's.
    postfix : str
        Added to the name, which is that of the folder.

    Raises
    ------
    ConfigurationError
        If the folder lacks them or one is wrong.
    """
    return ColosseumBenchmark(
        Path(os.path.abspath(benchmark_folder)).name + postfix,
        folders.read_mdp_configs(benchmark_folder),
        experiment_config or folders.read_experiment_config(benchmark_folder),
    )


def retrieve_experiment_config(benchmark_folder: str | os.PathLike) -> ExperimentConfig:
    """Read the experiment settings from a benchmark's folder."""
    return folders.read_experiment_config(benchmark_folder)


def retrieve_mdp_configs(
    benchmark_folder: str | os.PathLike, return_string: bool = True
) -> dict[type, str] | dict[type, dict[str, str]]:
    """
    Read the environments' configurations from a benchmark's folder.

    Parameters
    ----------
    benchmark_folder : str or path
    return_string : bool
        True: one text for each class; False: a dictionary from scope to canonical text for each class.
    """
    configs = folders.read_mdp_configs(benchmark_folder)
    if return_string:
        return configs
    return _split(configs, partial(layout.mdp_config_file, benchmark_folder))


def retrieve_agent_configs(
    benchmark_folder: str | os.PathLike, return_string: bool = True
) -> dict[type, str] | dict[type, dict[str, str]]:
    """Read the agents' configurations from a benchmark's folder; see `retrieve_mdp_configs`."""
    configs = folders.read_agent_configs(benchmark_folder)
    if return_string:
        return configs
    return _split(configs, partial(layout.agent_config_file, benchmark_folder))


def _split(configs: Mapping[type, str], file_of: Callable[[str], str]) -> dict[type, dict[str, str]]:
    return {cls: split_scopes(cls, text, file_of(cls.__name__)) for cls, text in configs.items()}


def _other_content(folder: Path, difference: str) -> ConfigurationError:
    return ConfigurationError(f"{folder}: the folder holds another benchmark: {difference}; {_WAY_OUT}.")
