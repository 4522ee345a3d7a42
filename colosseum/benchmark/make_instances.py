"""From agents and benchmarks to experiment instances."""

import os
import shutil
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from colosseum import layout, registry, settings
from colosseum.benchmark.benchmark import ColosseumBenchmark, check_one_setting
from colosseum.benchmark.utils import (
    fill_in_packaged_hyperparameters,
    instantiate_agent_configs,
    instantiate_benchmark_folder,
)
from colosseum.emission_maps import Tabular
from colosseum.errors import ConfigurationError, nearest
from colosseum.experiment.experiment_instance import ExperimentInstance
from colosseum.gin_config import check_values, split_scopes
from colosseum.published_names import accepts
from colosseum.utils import make_mdp_spec
from colosseum.utils.acme.specs import MDPSpec

AgentsAndBenchmarks = Iterable[tuple[Mapping[type, str | None], ColosseumBenchmark]]


def instantiate_and_get_exp_instances_from_agents_and_benchmarks(
    agents_and_benchmarks: AgentsAndBenchmarks,
    overwrite_previous_experiment: bool = False,
    experiment_folder: str | os.PathLike | None = None,
) -> list[ExperimentInstance]:
    """
    Write benchmarks and agents' configurations into their folders and return the instances to run.

    Parameters
    ----------
    agents_and_benchmarks : iterable of (dict of type to str or None, ColosseumBenchmark)
        Gin text of each agent class (None: the packaged hyperparameters) and the benchmark to run them on.
    overwrite_previous_experiment : bool
        Whether to delete a benchmark's folder first, its logs with it.
    experiment_folder : str or path, optional
        Where the benchmarks' folders are made; by default `colosseum.config.get_experiments_folder`.

    Returns
    -------
    list of ExperimentInstance
        One for each environment scope, agent scope and seed, for each pair in turn.

    Raises
    ------
    ConfigurationError
        If an agent and its benchmark are not both episodic or both continuous, a gin text is wrong, or a folder holds
        another benchmark or another configuration of an agent. Agents and texts are checked before anything is written.
    """
    base = settings.get_experiments_folder() if experiment_folder is None else experiment_folder
    pairs = [
        (check_agents(fill_in_packaged_hyperparameters(agents), benchmark), benchmark)
        for agents, benchmark in agents_and_benchmarks
    ]
    if overwrite_previous_experiment:
        for folder in {benchmark.get_log_folder(base) for _, benchmark in pairs}:
            _remove_benchmark_folder(folder)
    instances: list[ExperimentInstance] = []
    for agents_scopes, benchmark in pairs:
        folder = benchmark.get_log_folder(base)
        instantiate_benchmark_folder(benchmark, folder)
        instantiate_agent_configs({cls: "".join(texts.values()) for cls, texts in agents_scopes.items()}, folder)
        instances += make_instances(benchmark, agents_scopes, folder)
    return instances


@accepts(agents_and_benchmarks="agents_and_benchmarks_hyperopt", overwrite="overwrite_previous_experiment")
def instantiate_and_get_exp_instances_from_agents_and_benchmarks_for_hyperopt(
    agents_and_benchmarks_hyperopt: AgentsAndBenchmarks, overwrite_previous_experiment: bool = False
) -> list[ExperimentInstance]:
    """
    Do the same in the folder of the hyperparameter optimisation, `colosseum.config.get_hyperopt_folder`.

    Parameters and errors are those of `instantiate_and_get_exp_instances_from_agents_and_benchmarks`.
    """
    return instantiate_and_get_exp_instances_from_agents_and_benchmarks(
        agents_and_benchmarks_hyperopt, overwrite_previous_experiment, settings.get_hyperopt_folder()
    )


def instantiate_and_get_exp_instances_from_benchmark(
    agents_configs: Mapping[type, str | None],
    benchmark: ColosseumBenchmark,
    overwrite_previous_experiment: bool = False,
    experiment_folder: str | os.PathLike | None = None,
) -> list[ExperimentInstance]:
    """
    Do the same for one benchmark and the agents that meet it.

    Parameters and errors are those of `instantiate_and_get_exp_instances_from_agents_and_benchmarks`.
    """
    return instantiate_and_get_exp_instances_from_agents_and_benchmarks(
        [(agents_configs, benchmark)], overwrite_previous_experiment, experiment_folder
    )


def make_instances(
    benchmark: ColosseumBenchmark,
    agents_scopes: Mapping[type, Mapping[str, str]],
    result_folder: str | os.PathLike,
    environments: Iterable[str] | None = None,
) -> list[ExperimentInstance]:
    """
    Return the instances of a benchmark without writing anything.

    Parameters
    ----------
    benchmark : ColosseumBenchmark
    agents_scopes : dict of type to dict of str to str
        Canonical gin text of each scope of each agent class (`colosseum.gin_config.split_scopes`).
    result_folder : str or path
        The benchmark's folder, which the logs are for.
    environments : iterable of str, optional
        Only these environments of the benchmark, ``<mdp_scope>-<MDPClass>``; by default all.

    Returns
    -------
    list of ExperimentInstance
        Agents outermost, then environments, then seeds in ascending order.

    Raises
    ------
    ConfigurationError
        If the benchmark has no such environment.
    """
    mdps = {
        f"{scope}-{cls.__name__}": (cls, scope, text)
        for cls, scopes in benchmark.mdp_scopes().items()
        for scope, text in scopes.items()
    }
    wanted = set(mdps if environments is None else environments)
    for name in sorted(wanted - mdps.keys()):
        raise ConfigurationError(
            f"benchmark {benchmark.name!r}: there is no environment {name!r}; {nearest(name, mdps)}"
        )
    return [
        ExperimentInstance(
            seed=seed,
            benchmark_name=benchmark.name,
            mdp_class=mdp_class,
            mdp_scope=mdp_scope,
            mdps_gin_config=mdp_text,
            agent_class=agent_class,
            agent_scope=agent_scope,
            agents_gin_config=agent_text,
            experiment_config=benchmark.experiment_config,
            result_folder=Path(result_folder).as_posix(),
        )
        for agent_class, agent_texts in agents_scopes.items()
        for agent_scope, agent_text in agent_texts.items()
        for name, (mdp_class, mdp_scope, mdp_text) in mdps.items()
        if name in wanted
        for seed in benchmark.experiment_config.seeds
    ]


def check_agents(
    agents_configs: Mapping[type[Any], str], benchmark: ColosseumBenchmark, sources: Mapping[type, str] | None = None
) -> dict[type, dict[str, str]]:
    """
    Check that agents can be run on a benchmark, and register those that are not packaged.

    Parameters
    ----------
    agents_configs : dict of type to str
        Gin text of each agent class.
    benchmark : ColosseumBenchmark
    sources : dict of type to str, optional
        Where each text is from; errors begin with it.

    Returns
    -------
    dict of type to dict of str to str
        Canonical gin text of each scope of each agent class.

    Raises
    ------
    ConfigurationError
        If one is no agent class, is of the other setting, does not accept tabular observations, or its text or a value
        in it is wrong.
    """
    scopes = {}
    for cls, text in agents_configs.items():
        registry.register_agent_class(cls)
        check_one_setting({cls: None, **benchmark.mdps_gin_configs}, f"{cls.__name__} on benchmark {benchmark.name!r}")
        if not cls.is_emission_map_accepted(benchmark.experiment_config.emission_map or Tabular()):
            raise ConfigurationError(
                f"{cls.__name__} on benchmark {benchmark.name!r}: the agent does not accept tabular observations."
            )
        source = sources[cls] if sources else f"configuration of {cls.__name__}"
        n_steps = benchmark.experiment_config.n_steps
        check_values(cls, text, source, seed=0, mdp_specs=_smallest_spec(cls), n_steps=n_steps)
        scopes[cls] = split_scopes(cls, text, source)
    return scopes


def _smallest_spec(agent_class: type[Any]) -> MDPSpec:
    mdp_class: Any = registry.resolve_mdp_class(f"RiverSwim{'Episodic' if agent_class.is_episodic() else 'Continuous'}")
    return make_mdp_spec(mdp_class(seed=0, size=2))


def _remove_benchmark_folder(folder: str) -> None:
    if not os.path.isdir(folder):
        return
    if foreign := sorted(set(os.listdir(folder)) - layout.PARTS_OF_A_BENCHMARK):
        raise ConfigurationError(
            f"{folder}: not overwritten, because it holds what no benchmark has: {', '.join(foreign[:10])}; "
            "remove the folder by hand, or choose another experiment name."
        )
    shutil.rmtree(folder)
