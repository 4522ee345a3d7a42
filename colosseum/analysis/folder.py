"""The published layout of a benchmark's folder: what its configuration asks for, and which logs are there."""

import os
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import yaml

from colosseum import layout, registry
from colosseum.benchmark.folders import read_scopes, read_text
from colosseum.errors import ConfigurationError
from colosseum.gin_config import format_value
from colosseum.layout import Configured, Instance

__all__ = [
    "BenchmarkFolder",
    "Configured",
    "Instance",
    "find_benchmark_folders",
    "is_benchmark_folder",
    "natural_key",
    "read_benchmark_folder",
    "scan_logs",
]

natural_key = Configured.natural_key


@dataclass(frozen=True)
class BenchmarkFolder:
    """
    What a benchmark's folder asks for and holds.

    Attributes
    ----------
    path : Path
        The folder.
    mdps, agents : dict of Configured to dict of str to str
        Environments and agents in their natural order, with their parameters as gin texts.
    n_seeds : int
        How many seeds there are.
    n_steps : int or None
        Steps of each instance; None in a folder without ``experiment_config.yml``.
    logs : frozenset of Instance
        The logs that exist, whatever is in them.
    first_seed : int
        The seeds are ``first_seed`` to ``first_seed + n_seeds - 1``.
    """

    path: Path
    mdps: dict[Configured, dict[str, str]]
    agents: dict[Configured, dict[str, str]]
    n_seeds: int
    n_steps: int | None
    logs: frozenset[Instance] = field(repr=False)
    first_seed: int = 0

    @property
    def name(self) -> str:
        """Name of the benchmark: that of its folder."""
        return self.path.resolve().name

    def instances(self) -> Iterator[Instance]:
        """Yield every instance that the configuration asks for: by environment, agent, seed."""
        for mdp in self.mdps:
            for agent in self.agents:
                for seed in range(self.first_seed, self.first_seed + self.n_seeds):
                    yield Instance(mdp, agent, seed)

    def with_agents(self, names: Iterable[str]) -> "BenchmarkFolder":
        """
        Return the same folder with its agents in the order of these classes, and asking for them all.

        A class without a configuration gets the first scope; classes that are not named follow in their natural order.
        """
        places = {name: place for place, name in enumerate(names)}
        known = {agent.class_name for agent in self.agents}
        agents = {**self.agents, **{Configured(name, layout.FIRST_SCOPE): {} for name in places if name not in known}}
        order = sorted(agents, key=lambda one: (places.get(one.class_name, len(places)), one.natural_key()))
        return replace(self, agents={agent: agents[agent] for agent in order})

    def has_error(self, instance: Instance) -> bool:
        """Tell whether a run of an instance left an error behind (see `colosseum.layout`)."""
        try:
            return os.stat(self.path / instance.error).st_size > 0
        except OSError:
            return False

    def strangers(self) -> list[Instance]:
        """Return the logs that exist though the configuration does not ask for them, in order."""
        expected = set(self.instances())
        return sorted((log for log in self.logs if log not in expected), key=Instance.natural_key)


def is_benchmark_folder(path: str | os.PathLike) -> bool:
    """Tell whether a folder looks like a benchmark's: it has environments or logs."""
    return any(os.path.isdir(os.path.join(path, name)) for name in (layout.MDP_CONFIGS, layout.LOGS))


def read_benchmark_folder(path: str | os.PathLike) -> BenchmarkFolder:
    """
    Read the configuration of a benchmark's folder and the names of its logs.

    What the configuration lacks is taken from the logs: a folder with logs alone (another program's) asks for just
    those environments, agents and seeds.

    Parameters
    ----------
    path : str or path
        Folder in the published layout.

    Raises
    ------
    ConfigurationError
        If it is no such folder, or asks for nothing.
    """
    path = Path(path)
    if not is_benchmark_folder(path):
        raise ConfigurationError(
            f"{path}: not a benchmark's folder (a folder with {layout.MDP_CONFIGS}/, {layout.AGENTS_CONFIGS}/, "
            f"{layout.EXPERIMENT_CONFIG} and {layout.LOGS}/ is expected)."
        )
    logs = scan_logs(path)
    file = layout.experiment_config_file(path)
    settings = _read_settings(file)
    n_seeds, n_steps = _read_number(settings, "n_seeds", file), _read_number(settings, "n_steps", file)
    mdps, agents = {log.mdp for log in logs}, {log.agent for log in logs}
    benchmark = BenchmarkFolder(
        path=path,
        mdps=_read_configured(path / layout.MDP_CONFIGS, mdps, registry.resolve_mdp_class),
        agents=_read_configured(path / layout.AGENTS_CONFIGS, agents, registry.resolve_agent_class),
        n_seeds=n_seeds or 1 + max((log.seed for log in logs), default=-1),
        n_steps=n_steps,
        logs=logs,
        first_seed=_read_number(settings, "first_seed", file, least=0) or 0,
    )
    if not (benchmark.mdps and benchmark.agents and benchmark.n_seeds):
        lacking = layout.EXPERIMENT_CONFIG
        if not (benchmark.mdps and benchmark.agents):
            lacking = layout.AGENTS_CONFIGS if benchmark.mdps else layout.MDP_CONFIGS
        raise ConfigurationError(f"{path}: nothing to analyse; {lacking} and {layout.LOGS}/ are empty or missing.")
    return benchmark


def find_benchmark_folders(root: str | os.PathLike, depth: int = 4) -> list[Path]:
    """
    Find the benchmark folders in a folder, at most `depth` levels down, in alphabetical order.

    Parameters
    ----------
    root : str or path
        The folder to search; it may itself be a benchmark's.
    depth : int
        How far down to look. Benchmark folders are not searched for further ones.
    """
    if is_benchmark_folder(root):
        return [Path(root)]
    if depth == 0:
        return []
    try:
        children = sorted(
            entry.path for entry in os.scandir(os.fspath(root)) if entry.is_dir() and not entry.name.startswith(".")
        )
    except OSError as error:
        raise ConfigurationError(f"{root}: {error.strerror or error}.") from error
    return [found for child in children for found in find_benchmark_folders(child, depth - 1)]


def scan_logs(benchmark: str | os.PathLike) -> frozenset[Instance]:
    """Return the instances that have a log in a benchmark's folder, whatever is in it."""
    return frozenset(_scan_logs(layout.logs_folder(benchmark)))


def _scan_logs(folder: str) -> Iterator[Instance]:
    if not os.path.isdir(folder):
        return
    with os.scandir(folder) as interactions:
        for interaction in interactions:
            found = layout.parse_interaction(interaction.name)
            if found is None or not interaction.is_dir():
                continue
            for name in os.listdir(interaction.path):
                seed = layout.parse_log_name(name)
                if seed is not None:
                    yield Instance(*found, seed)


def _read_configured(
    folder: Path, in_logs: set[Configured], resolve: Callable[[str], type]
) -> dict[Configured, dict[str, str]]:
    found: dict[Configured, dict[str, str]] = {}
    for file in sorted(folder.glob("*.gin")) if folder.is_dir() else ():
        configured = {
            Configured(file.stem, scope): {name: format_value(value) for name, value in parameters.items()}
            for scope, parameters in read_scopes(file, resolve).items()
        }
        if not configured:  # a class without parameters has no line: its scope is the one in the logs, or the first
            configured = {one: {} for one in in_logs if one.class_name == file.stem} or {
                Configured(file.stem, layout.FIRST_SCOPE): {}
            }
        found.update(configured)
    found = found or {one: {} for one in in_logs}
    return {one: found[one] for one in sorted(found, key=Configured.natural_key)}


def _read_settings(file: str) -> dict[str, Any]:
    if not os.path.isfile(file):
        return {}
    try:
        settings = yaml.safe_load(read_text(file))
    except yaml.YAMLError as error:
        raise ConfigurationError(f"{file}: not readable as YAML: {' '.join(str(error).split())}.") from error
    if not isinstance(settings, dict):
        raise ConfigurationError(f"{file}: a mapping with n_seeds and n_steps is expected, not {settings!r}.")
    return settings


def _read_number(settings: dict[str, Any], key: str, file: str, least: int = 1) -> int | None:
    value = settings.get(key)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int) or value < least:
        raise ConfigurationError(f"{file}: {key} is {value!r}; a whole number of at least {least} is expected.")
    return value
