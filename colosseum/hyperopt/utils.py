"""Sampling of agents' hyperparameters and of environments for a hyperparameter optimisation."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

from colosseum import registry
from colosseum.agent.utils import sample_agent_gin_configs_file
from colosseum.benchmark.benchmark import ColosseumBenchmark
from colosseum.errors import ConfigurationError
from colosseum.hyperopt.config import HyperOptConfig
from colosseum.hyperopt.spaces import spaces_of_study
from colosseum.utils.miscellanea import get_colosseum_mdp_classes, sample_mdp_gin_configs_file

if TYPE_CHECKING:
    from colosseum.agent.agents.base import BaseAgent
    from colosseum.mdp.base import BaseMDP

HYPEROPT_BENCHMARKS = {True: "hyperopt_episodic", False: "hyperopt_continuous"}
"""Name of the benchmark of each setting: episodic or not."""


def sample_agent_configs_and_benchmarks_for_hyperopt(
    agent_cls: Iterable[type["BaseAgent"]], hpoc: HyperOptConfig
) -> list[tuple[dict[type["BaseAgent"], str], ColosseumBenchmark]]:
    """
    Sample hyperparameters for agents, and the environments to try them on.

    Parameters
    ----------
    agent_cls : iterable of subclasses of BaseAgent
    hpoc : HyperOptConfig

    Returns
    -------
    list of (dict of type to str, ColosseumBenchmark)
        The gin text of each agent and the benchmark ``hyperopt_episodic`` or ``hyperopt_continuous``: one entry for
        each setting that has agents, episodic first.

    Raises
    ------
    ConfigurationError
        If a class is no agent, no environment class is of an agent's setting, or there is a search space of another
        agent or of a hyperparameter that an agent does not have.
    """
    by_setting: dict[bool, list[type[BaseAgent]]] = {True: [], False: []}
    for cls in dict.fromkeys(agent_cls):
        by_setting[registry.register_agent_class(cls).is_episodic()].append(cls)
    paths = {cls.__name__: cls.__name__ for classes in by_setting.values() for cls in classes}
    spaces = spaces_of_study(hpoc.search_spaces, paths, "hyperopt: search_spaces")
    pairs = []
    for episodic, classes in by_setting.items():
        if not classes:
            continue
        agents = {
            cls: sample_agent_gin_configs_file(cls, hpoc.n_samples_agents, hpoc.seed, spaces.get(cls.__name__))
            for cls in classes
        }
        mdps = {
            cls: sample_mdp_gin_configs_file(cls, hpoc.n_samples_mdps, hpoc.seed)
            for cls in _mdp_classes(hpoc, episodic)
        }
        name = HYPEROPT_BENCHMARKS[episodic]
        pairs.append((agents, ColosseumBenchmark(name, mdps, hpoc.experiment_config)))
    return pairs


def _mdp_classes(hyperopt_config: HyperOptConfig, episodic: bool) -> "list[type[BaseMDP]]":
    if hyperopt_config.mdp_classes is None:
        return get_colosseum_mdp_classes(episodic)
    classes = [registry.register_mdp_class(cls) for cls in dict.fromkeys(hyperopt_config.mdp_classes)]
    of_setting = [cls for cls in classes if cls.is_episodic() == episodic]
    if not of_setting:
        raise ConfigurationError(
            f"hyperopt: mdp_classes has only {'continuous' if episodic else 'episodic'} environments "
            f"({', '.join(cls.__name__ for cls in classes)}), but there are agents of the other setting."
        )
    return of_setting
