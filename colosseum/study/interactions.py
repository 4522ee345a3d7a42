"""The interactions of a benchmark in one stage of a study, and the names of their files."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from colosseum import layout
from colosseum.experiment import ExperimentConfig

MOST_OUTPUTS = 200
"""A job that makes instances makes at most about so many: the time to build the graph grows with their square."""


@dataclass(frozen=True)
class Interactions:
    """
    The interactions of a benchmark in one stage of a study: every agent in every environment with every seed.

    Attributes
    ----------
    name : str
        The benchmark's name.
    root : str
        The stage's folder, ``<results>/hyperopt/<study>`` or ``<results>/benchmarking/<study>``.
    episodic : bool
    mdps : tuple of str
        ``<gin scope>-<class>`` of each environment.
    agents : dict of str to tuple of str
        The gin scopes of each agent's class name.
    experiment : ExperimentConfig
    given : str or None
        How the configuration names the benchmark (a default one, or a folder); None where environments are sampled.
    below : tuple of str
        The benchmarks whose logs choose the agents' configurations of this one, a rung of an optimisation.
    """

    name: str
    root: str
    episodic: bool
    mdps: tuple[str, ...]
    agents: dict[str, tuple[str, ...]]
    experiment: ExperimentConfig
    given: str | None = None
    below: tuple[str, ...] = ()

    @property
    def folder(self) -> str:
        """The folder of its configurations and logs."""
        return layout.benchmark_folder(self.root, self.name)

    @property
    def pickles_folder(self) -> str:
        """The folder of its pickled instances."""
        return layout.instances_folder(self.root, self.name)

    @property
    def mdp_classes(self) -> tuple[str, ...]:
        """The class names of its environments, each once."""
        return tuple(dict.fromkeys(layout.Configured.parse(mdp).class_name for mdp in self.mdps))

    def mdp_scopes(self, mdp_class: str) -> list[str]:
        """Return the gin scopes of its environments of one class."""
        configured = map(layout.Configured.parse, self.mdps)
        return [one.scope for one in configured if one.class_name == mdp_class]

    def n_instances(self) -> int:
        """Return the number of its instances."""
        return len(self.mdps) * self.experiment.n_seeds * sum(map(len, self.agents.values()))

    def parts(self) -> list[tuple[str, ...]]:
        """Return its environments in as few groups as keep a job that makes instances below `MOST_OUTPUTS`."""
        size = max(1, MOST_OUTPUTS // self.experiment.n_seeds)
        return [self.mdps[i : i + size] for i in range(0, len(self.mdps), size)]

    def names(self, agent: str, scopes: Iterable[str] | None = None) -> Iterator[tuple[str, int]]:
        """Yield ``(<environment>____<scope>-<agent>, seed)`` of each instance of an agent (of some of its scopes)."""
        for scope in self.agents[agent] if scopes is None else scopes:
            configured = layout.Configured(agent, scope).name
            for mdp in self.mdps:
                name = layout.interaction_name(mdp, configured)
                for seed in self.experiment.seeds:
                    yield name, seed

    def pickles(self, agent: str) -> list[str]:
        """Return the pickles of an agent's instances."""
        return [layout.pickle_file(self.pickles_folder, name, seed) for name, seed in self.names(agent)]

    def logs(self, agent: str) -> list[str]:
        """Return the logs of an agent's instances, in the order of `pickles`."""
        return [layout.log_file(self.folder, name, seed) for name, seed in self.names(agent)]
