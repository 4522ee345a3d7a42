"""A study: what a configuration file asks for, and the names of all files that follow from it.

Light on purpose (no numba, no Snakemake): the workflow reads it each time that it is parsed. Every name follows from
the configuration alone.
"""

import os
import shlex
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import Any

from colosseum import layout, registry
from colosseum.benchmark import folders
from colosseum.errors import ConfigurationError, nearest
from colosseum.hyperopt.config import HyperOptConfig, get_preset
from colosseum.hyperopt.spaces import Spaces, format_spaces, is_searched
from colosseum.study import names
from colosseum.study.contestants import (
    PACKAGED,
    Contestant,
    by_class,
    check_contestants,
    check_hyperparameters,
    read_contestants,
)
from colosseum.study.identity import experiment_identity, first_difference, write_note
from colosseum.study.interactions import Interactions
from colosseum.study.schema import read_schema, with_defaults, with_keys_of_today, with_scalars_read
from colosseum.study.sources import check_unique_names, class_name, find_benchmark, read_experiment, read_search_spaces
from colosseum.study.tuning import read_confirm, read_rungs, sampled_mdps, tuning_stages
from colosseum.study.validation import check_keys

MOST_INSTANCES = 10_000_000
"""Of a study: its graph takes about 2 ms and 10 KiB of memory for each."""

_SETTINGS = {True: "episodic", False: "continuous"}


class Study:
    """
    A study that was read from a configuration.

    Classes are imported only where a user-defined class must say whether it is episodic, and environments are listed
    only where they are asked for, so that making the object costs next to nothing.

    Parameters
    ----------
    configuration : mapping
        The keys of the schema.
    source : str
        Names the configuration in errors.

    Examples
    --------
    >>> import colosseum
    >>> keys = {"agents": ["QLearningContinuous"], "hyperopt": None, "benchmarks": ["benchmark_continuous_quick_test"]}
    >>> study = colosseum.Study(keys)
    >>> study.check()
    >>> list(study.benchmarks)
    ['benchmark_continuous_quick_test']
    """

    def __init__(self, configuration: Mapping[str, Any], source: str = "config.yaml"):
        schema = read_schema()
        self._given = with_scalars_read(with_keys_of_today(configuration), schema)
        self.source = source
        self.configuration: dict[str, Any] = with_defaults(self._given, schema)
        results, benchmarks = self.configuration["results"], self.configuration["benchmarks"]
        if isinstance(results, str):
            self.configuration["results"] = os.path.normpath(names.expanded(results)) if results else results
        if isinstance(benchmarks, list):
            self.configuration["benchmarks"] = [names.expanded(b) if isinstance(b, str) else b for b in benchmarks]

    def check(self) -> None:
        """
        Check everything that can be checked before a job starts.

        Raises
        ------
        ConfigurationError
            In one line: the key, the bad value, and what would do.
        """
        check_keys(self._given, self.source)
        with self._blame("study"):
            names.check_lengths([self.configuration["study"]])
        with self._blame("results"):
            names.check_path(self.configuration["results"])
        with self._blame("benchmarks"):
            for given in self.configuration["benchmarks"]:
                names.check_path(given)
        with self._blame("agents"):
            check_unique_names(one.path for one in self.contestants)
            check_contestants(self.contestants)
            for agent in self.agents:
                self.is_episodic(agent)
        self.search_spaces  # noqa: B018 - reads and checks them
        with self._blame("mdps"):
            check_unique_names(self.configuration["mdps"])
            for path in self.configuration["mdps"]:
                registry.resolve_mdp_class(path)
        if self.hyperopt is not None:
            for interactions in self.hyperopt_benchmarks.values():
                if not interactions.mdps:
                    raise self._error(
                        "hyperopt.mdp_classes",
                        f"has no {_SETTINGS[interactions.episodic]} environment for "
                        f"{', '.join(interactions.agents)}; add one.",
                    )
        with self._blame():
            check_hyperparameters(self.configuration["hyperparameters"], self.contestants, self.hyperopt is not None)
        self._check_selection()
        self._check_benchmarks()
        self._check_size()

    def _check_selection(self) -> None:
        from colosseum.logs.columns import INDICATORS

        if self.configuration["selection"]["confirm"] is not None and self.hyperopt is None:
            raise self._error("selection.confirm", "there is nothing to confirm: hyperopt is null; leave it out.")
        indicator = self.configuration["selection"]["indicator"]
        if indicator not in INDICATORS:
            raise self._error("selection.indicator", f"there is no {indicator!r}; {nearest(indicator, INDICATORS)}")

    def _check_benchmarks(self) -> None:
        for benchmark in self.benchmarks.values():
            if not benchmark.agents:
                setting = _SETTINGS[benchmark.episodic]
                raise self._error(
                    "benchmarks", f"{benchmark.name} is {setting}, but none of the agents is; leave it out or add one."
                )
        without = [a for a in self.agents if not any(a in b.agents for b in self.benchmarks.values())]
        if self.benchmarks and without:
            setting = _SETTINGS[self.is_episodic(without[0])]
            raise self._error("benchmarks", f"none is {setting}, as {without[0]} needs it; add one or leave it out.")

        with self._blame("benchmarks"):
            for benchmark in self.benchmarks.values():
                names.check_benchmark_name(benchmark.name)
            names.check_parts(self.benchmarks.values())

    def _check_size(self) -> None:
        for interactions in self.interactions():
            for agent in interactions.agents:
                longer = "benchmarks" if len(interactions.name) > len(agent) else "agents"
                with self._blame(f"{longer}: the files of {agent[:40]} in {interactions.name[:40]}"):
                    names.check_files(interactions, agent)
        n = self.n_instances()
        if n > MOST_INSTANCES:
            largest = max(self.interactions(), key=lambda one: one.n_instances())
            raise self._error(
                "experiment.n_seeds" if largest.given else "hyperopt",
                f"the study has {n:,} instances, {largest.n_instances():,} of them in {largest.name}, and "
                f"{MOST_INSTANCES:,} are the most; take fewer seeds, samples, agents or environments.",
            )

    def check_results(self) -> None:
        """
        Check that the results that are there were made by this study.

        A study may grow (seeds, samples, agents, environments, benchmarks); what its logs depend on otherwise may not
        change under its name, because every log would be replaced.

        Raises
        ------
        ConfigurationError
            If the folder has the results of another study.
        """
        path = Path(self.identity_file)
        if not path.is_file():
            return
        here = self.identity()
        different = first_difference(path, here)
        if different is not None:
            key, noted = different
            raise ConfigurationError(
                f"{path.parent}: this is the folder of another study: its {key} is {noted!r}, and "
                f"{self.source} has {here[key]!r}; change that, choose another name (study: ...), or remove the "
                f"study's results ({', '.join(self.roots())})."
            )

    def identity(self) -> dict[str, Any]:
        """Return what must not change under the name of a study, as plain values by configuration key."""
        found: dict[str, Any] = {}
        if self.hyperopt is not None:
            for name in ("seed", "n_steps", "log_every", "max_interaction_time_s", "stop_when_optimal"):
                found[f"hyperopt.{name}"] = getattr(self.hyperopt, name)
            for agent, spaces in self.search_spaces.items():
                found[f"hyperopt.search_spaces.{agent}"] = format_spaces(spaces)
        for benchmark in self.benchmarks.values():
            found.update(experiment_identity(benchmark.name, benchmark.experiment))
        return found

    def write_identity(self) -> None:
        """Note in the results whose they are; what other runs of the study noted stays."""
        write_note(Path(self.identity_file), self.identity())

    @property
    def identity_file(self) -> str:
        """The note that tells whose results they are."""
        return layout.study_identity_file(self.root(layout.BENCHMARKING))

    def root(self, stage: str) -> str:
        """Return the study's folder of a stage: hyperopt, benchmarking or analysis."""
        return layout.stage_folder(self.configuration["results"], stage, self.configuration["study"])

    def roots(self) -> list[str]:
        """Return the study's folders of all stages."""
        return [self.root(stage) for stage in layout.STAGES]

    @cached_property
    def agents(self) -> dict[str, str]:
        """The agents by class name: the name itself, or the import path of a user-defined class."""
        return {class_name(one.path): one.path for one in self.contestants}

    @cached_property
    def contestants(self) -> list[Contestant]:
        """The configurations of the agents that are compared, in the order in which they are given."""
        return read_contestants(self.configuration["agents"])

    @property
    def tuned(self) -> set[str]:
        """The agents that have a configuration which the study itself tunes, or takes from the package."""
        return {class_name(one.path) for one in self.contestants if one.config is None}

    def configs(self, agent: str) -> list[str]:
        """Return where the configurations of an agent come from: gin files, ``packaged`` or ``published``."""
        tuned = [i.folder for i in self.hyperopt_benchmarks.values() if agent in i.agents and not i.below]
        own = layout.selection_file(tuned[0], agent) if tuned else self.configuration["hyperparameters"].get(agent)
        return [one.config or own or PACKAGED for one in by_class(self.contestants)[agent]]

    @cached_property
    def user_mdps(self) -> dict[str, str]:
        """The import path of each user-defined environment class, by class name."""
        hyperopt = self.configuration["hyperopt"]
        listed = hyperopt.get("mdp_classes") or [] if isinstance(hyperopt, Mapping) else []
        return {class_name(p): p for p in (*self.configuration["mdps"], *listed) if ":" in p}

    @property
    def has_user_classes(self) -> bool:
        """Whether there are classes that are not the package's."""
        return bool(self.user_mdps) or any(":" in path for path in self.agents.values())

    def user_classes(self) -> dict[str, str | None]:
        """Return the import paths of the user-defined classes, each with the gin file that the study has for it."""
        found: dict[str, str | None] = {
            path: self.configuration["hyperparameters"].get(name)
            for name, path in self.agents.items()
            if ":" in path and name in self.tuned
        }
        for name, path in self.user_mdps.items():
            files = [layout.mdp_config_file(find_benchmark(b)[0], name) for b in self.configuration["benchmarks"]]
            found[path] = next(filter(os.path.isfile, files), None)
        return found

    def is_episodic(self, agent: str) -> bool:
        """Return whether an agent of the study is episodic; a user-defined class is imported to know."""
        path = self.agents[agent]
        if path in registry.PACKAGED_AGENTS and path in registry.agent_class_names():
            return path.endswith("Episodic")
        return registry.resolve_agent_class(path).is_episodic()

    def _is_episodic_mdp(self, path: str) -> bool:
        if path in registry.PACKAGED_MDPS or path in registry.CUSTOM_MDPS:
            return path.endswith("Episodic")
        return registry.resolve_mdp_class(self.user_mdps.get(path, path)).is_episodic()

    def class_path(self, name: str) -> str:
        """Return what the command line wants for a class of the study: its name, or its import path."""
        return self.agents.get(name) or self.user_mdps.get(name, name)

    def registrations(self, *class_names: str) -> str:
        """Return the options that make the user-defined classes among these names known to a command."""
        paths = (self.class_path(name) for name in class_names)
        return " ".join(f"--register {shlex.quote(path)}" for path in paths if ":" in path)

    @cached_property
    def hyperopt(self) -> HyperOptConfig | None:
        """The settings of the hyperparameter optimisation; None if there is none."""
        given = self.configuration["hyperopt"]
        if given is None:
            return None
        if isinstance(given, str):
            with self._blame():
                return get_preset(given)
        resolved_here = ("preset", "mdp_classes", "search_spaces", "rungs")
        values = {key: value for key, value in given.items() if key not in resolved_here}
        given_values = {key: value for key, value in values.items() if value is not None}
        with self._blame():
            return replace(get_preset(given["preset"]), **given_values)

    @cached_property
    def search_spaces(self) -> Spaces:
        """The search spaces that the study has in place of its agents' own, by class name."""
        with self._blame():
            return read_search_spaces(self.configuration["hyperopt"], self.agents)

    def n_samples(self, agent: str) -> int:
        """Return how many samples of an agent are tried: one where there is nothing to search."""
        assert self.hyperopt is not None
        searched = is_searched(self.agents[agent], self.search_spaces.get(agent, {}))
        return self.hyperopt.n_samples_agents if searched else 1

    @cached_property
    def hyperopt_benchmarks(self) -> dict[str, Interactions]:
        """The interactions of the hyperparameter optimisation by benchmark name, rungs in order; empty if none."""
        if self.hyperopt is None:
            return {}
        given = self.configuration["hyperopt"]
        listed = given.get("mdp_classes") if isinstance(given, Mapping) else None
        with self._blame("hyperopt.mdp_classes"):
            classes = [*registry.PACKAGED_MDPS, *self.configuration["mdps"]] if listed is None else listed
            episodic_of = {class_name(path): self._is_episodic_mdp(path) for path in classes}
        found: dict[str, Interactions] = {}
        for episodic, setting in sorted(_SETTINGS.items()):
            agents = [agent for agent in self.agents if agent in self.tuned and self.is_episodic(agent) == episodic]
            if agents:
                whole = Interactions(
                    name=f"hyperopt_{setting}",
                    root=self.root(layout.HYPEROPT),
                    episodic=episodic,
                    mdps=sampled_mdps([n for n, its in episodic_of.items() if its == episodic], self.hyperopt),
                    agents={agent: tuple(map(layout.scope_name, range(self.n_samples(agent)))) for agent in agents},
                    experiment=self.hyperopt.experiment_config,
                )
                rungs, confirm = read_rungs(given), read_confirm(self.configuration["selection"])
                with self._blame():
                    stages = tuning_stages(whole, self.hyperopt.n_samples_agents, rungs, confirm)
                found.update({stage.name: stage for stage in stages})
        return found

    @cached_property
    def benchmarks(self) -> dict[str, Interactions]:
        """The interactions of the benchmark stage by benchmark name."""
        found: dict[str, Interactions] = {}
        for given in self.configuration["benchmarks"]:
            with self._blame("benchmarks"):
                benchmark = self._benchmark(given)
            if benchmark.name in found:
                raise self._error("benchmarks", f"{given!r}: a second one is named {benchmark.name!r}; rename it.")
            found[benchmark.name] = benchmark
        return found

    def _benchmark(self, given: str) -> Interactions:
        folder, name = find_benchmark(given)
        scopes = folders.list_mdp_scopes(folder)
        known = {*registry.PACKAGED_MDPS, *registry.CUSTOM_MDPS, *self.user_mdps}
        unknown = [cls for cls in scopes if cls not in known]
        if unknown:
            hint = nearest(unknown[0], [*registry.mdp_class_names(), *self.user_mdps])
            raise ConfigurationError(
                f"{folder}: there is no environment class {unknown[0]!r}; {hint} A user-defined one goes under mdps."
            )
        episodic = {self._is_episodic_mdp(cls) for cls in scopes}
        if len(episodic) > 1:
            raise ConfigurationError(
                f"{folder}: mixes episodic and continuous environments ({', '.join(scopes)}); make two benchmarks."
            )
        with self._blame("experiment"):
            experiment = read_experiment(folder, self.configuration["experiment"])
        return Interactions(
            name=name,
            root=self.root(layout.BENCHMARKING),
            episodic=episodic.copy().pop(),
            mdps=tuple(layout.Configured(cls, scope).name for cls, of_class in scopes.items() for scope in of_class),
            agents={
                agent: tuple(layout.scope_name(i) for i in range(len(of_class)))
                for agent, of_class in by_class(self.contestants).items()
                if self.is_episodic(agent) in episodic
            },
            experiment=experiment,
            given=given,
        )

    def interactions(self) -> list[Interactions]:
        """Return the interactions of both stages, the hyperparameter optimisation first."""
        return [*self.hyperopt_benchmarks.values(), *self.benchmarks.values()]

    def n_instances(self) -> int:
        """Return the number of instances of the whole study."""
        return sum(interactions.n_instances() for interactions in self.interactions())

    def _error(self, key: str, text: str) -> ConfigurationError:
        return ConfigurationError(f"{self.source}: {key}: {text}")

    @contextmanager
    def _blame(self, key: str = "") -> Iterator[None]:
        try:
            yield
        except ConfigurationError as error:
            if str(error).startswith(self.source):
                raise
            raise ConfigurationError(f"{self.source}: {key + ': ' if key else ''}{error}") from None
