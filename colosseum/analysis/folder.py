"""The published layout of a benchmark's folder: what its configuration asks for, and which logs are there."""

import os
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import NamedTuple

import yaml

from colosseum.errors import ConfigurationError

CONFIG_FILE = "experiment_config.yml"
MDPS_FOLDER = "mdp_configs"
AGENTS_FOLDER = "agents_configs"
LOGS_FOLDER = "logs"
ERRORS_FOLDER = "errors"
"""Optional: ``errors/<interaction>/seed<k>.log`` is what a run wrote to standard error; nothing where all went well."""

_INTERACTION = re.compile(r"(?P<mdp_scope>\w+)-(?P<mdp_class>\w+)____(?P<agent_scope>\w+)-(?P<agent_class>\w+)")
_LOG_NAME = re.compile(r"seed(\d+)_logs\.csv")
_BINDING = re.compile(r"^(?:(\w+)/)?([\w.]+)\.(\w+)\s*=\s*", re.MULTILINE)
_NO_BINDING = ("#", "import ", "from ", "include ")


class Configured(NamedTuple):
    """A class with the gin scope of its parameters."""

    class_name: str
    scope: str


class Instance(NamedTuple):
    """One agent with one seed in one environment."""

    mdp: Configured
    agent: Configured
    seed: int

    @property
    def interaction(self) -> str:
        """Name of the folder that holds the logs of all seeds."""
        return f"{self.mdp.scope}-{self.mdp.class_name}____{self.agent.scope}-{self.agent.class_name}"

    @property
    def log(self) -> str:
        """Path of the log inside the benchmark's folder, with forward slashes."""
        return f"{LOGS_FOLDER}/{self.interaction}/seed{self.seed}_logs.csv"

    @property
    def error(self) -> str:
        """Path of what its run wrote to standard error, likewise."""
        return f"{ERRORS_FOLDER}/{self.interaction}/seed{self.seed}.log"


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
        Seeds are 0 to ``n_seeds - 1``.
    n_steps, log_every : int or None
        Steps of each instance and between two log points; None in a folder without ``experiment_config.yml``.
    max_seconds : float or None
        Interaction time after which training stops.
    logs : frozenset of Instance
        The logs that exist, whatever is in them.
    """

    path: Path
    mdps: dict[Configured, dict[str, str]]
    agents: dict[Configured, dict[str, str]]
    n_seeds: int
    n_steps: int | None
    log_every: int | None
    max_seconds: float | None
    logs: frozenset[Instance] = field(repr=False)

    @property
    def name(self) -> str:
        """Name of the benchmark: that of its folder."""
        return self.path.resolve().name

    def instances(self) -> Iterator[Instance]:
        """Yield every instance that the configuration asks for: by environment, agent, seed."""
        for mdp in self.mdps:
            for agent in self.agents:
                for seed in range(self.n_seeds):
                    yield Instance(mdp, agent, seed)

    def with_agents(self, names: Iterable[str]) -> "BenchmarkFolder":
        """Return the same folder asking for agents of these classes, too, with scope ``prms_0`` where it has none."""
        known = {agent.class_name for agent in self.agents}
        agents = {**self.agents, **{Configured(name, "prms_0"): {} for name in names if name not in known}}
        return replace(self, agents={agent: agents[agent] for agent in sorted(agents, key=natural_key)})

    def has_error(self, instance: Instance) -> bool:
        """Tell whether a run of an instance left an error behind (see `ERRORS_FOLDER`)."""
        try:
            return os.stat(self.path / instance.error).st_size > 0
        except OSError:
            return False

    def strangers(self) -> list[Instance]:
        """Return the logs that exist though the configuration does not ask for them, in order."""
        expected = set(self.instances())
        return sorted((log for log in self.logs if log not in expected), key=_natural_instance)


def is_benchmark_folder(path: str | os.PathLike) -> bool:
    """Tell whether a folder looks like a benchmark's: it has environments or logs."""
    return any(os.path.isdir(os.path.join(path, name)) for name in (MDPS_FOLDER, LOGS_FOLDER))


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
            f"{path}: not a benchmark's folder (a folder with {MDPS_FOLDER}/, {AGENTS_FOLDER}/, {CONFIG_FILE} and "
            f"{LOGS_FOLDER}/ is expected)."
        )
    logs = scan_logs(path)
    settings = _read_settings(path / CONFIG_FILE)
    benchmark = BenchmarkFolder(
        path=path,
        mdps=_read_configured(path / MDPS_FOLDER, {log.mdp for log in logs}),
        agents=_read_configured(path / AGENTS_FOLDER, {log.agent for log in logs}),
        n_seeds=_read_number(settings, "n_seeds", path) or 1 + max((log.seed for log in logs), default=-1),
        n_steps=_read_number(settings, "n_steps", path),
        log_every=_read_number(settings, "log_performance_indicators_every", path),
        max_seconds=_read_number(settings, "max_interaction_time_s", path),
        logs=logs,
    )
    if not (benchmark.mdps and benchmark.agents and benchmark.n_seeds):
        lacking = MDPS_FOLDER if not benchmark.mdps else AGENTS_FOLDER if not benchmark.agents else CONFIG_FILE
        raise ConfigurationError(f"{path}: nothing to analyse; {lacking} and {LOGS_FOLDER}/ are empty or missing.")
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
        children = sorted(entry.path for entry in os.scandir(root) if entry.is_dir() and not entry.name.startswith("."))
    except OSError as error:
        raise ConfigurationError(f"{root}: {error.strerror or error}.") from error
    return [found for child in children for found in find_benchmark_folders(child, depth - 1)]


def parse_gin(text: str) -> dict[tuple[str, str], dict[str, str]]:
    """
    Read the bindings of a gin text without gin, whose state is global and which needs the classes.

    Parameters
    ----------
    text : str
        Lines ``scope/Class.parameter = value``; a value may go on over several lines.

    Returns
    -------
    dict of (scope, class name) to dict of parameter to text of the value
    """
    text = "\n".join(line for line in text.splitlines() if not line.lstrip().startswith(_NO_BINDING))
    matches = list(_BINDING.finditer(text))
    ends = [*(match.start() for match in matches), len(text)][1:]
    found: dict[tuple[str, str], dict[str, str]] = {}
    for match, end in zip(matches, ends, strict=True):
        scope, class_name, parameter = match.groups()
        value = " ".join(text[match.end() : end].replace("\\\n", " ").split())
        found.setdefault((scope or "prms_0", class_name.rpartition(".")[2]), {})[parameter] = value
    return found


def natural_key(configured: Configured) -> tuple:
    """Sort key of a class and scope: by name, then by the number of the scope."""
    number = re.search(r"\d+$", configured.scope)
    return configured.class_name, int(number.group()) if number else -1, configured.scope


def _natural_instance(instance: Instance) -> tuple:
    return natural_key(instance.mdp), natural_key(instance.agent), instance.seed


def scan_logs(benchmark: str | os.PathLike) -> frozenset[Instance]:
    """Return the instances that have a log in a benchmark's folder, whatever is in it."""
    return frozenset(_scan_logs(os.path.join(benchmark, LOGS_FOLDER)))


def _scan_logs(folder: str) -> Iterator[Instance]:
    if not os.path.isdir(folder):
        return
    with os.scandir(folder) as interactions:
        for interaction in interactions:
            match = _INTERACTION.fullmatch(interaction.name)
            if match is None or not interaction.is_dir():
                continue
            mdp = Configured(match["mdp_class"], match["mdp_scope"])
            agent = Configured(match["agent_class"], match["agent_scope"])
            for name in os.listdir(interaction.path):
                log = _LOG_NAME.fullmatch(name)
                if log is not None:
                    yield Instance(mdp, agent, int(log[1]))


def _read_configured(folder: Path, in_logs: set[Configured]) -> dict[Configured, dict[str, str]]:
    found: dict[Configured, dict[str, str]] = {}
    for file in sorted(folder.glob("*.gin")) if folder.is_dir() else ():
        try:
            text = file.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise ConfigurationError(f"{file}: not readable as a gin text: {error}.") from error
        configured = {Configured(name, scope): prms for (scope, name), prms in parse_gin(text).items()}
        if not configured:  # a class without parameters has no line: its scope is the one in the logs, or the first
            configured = {one: {} for one in in_logs if one.class_name == file.stem} or {
                Configured(file.stem, "prms_0"): {}
            }
        found.update(configured)
    found = found or {one: {} for one in in_logs}
    return {one: found[one] for one in sorted(found, key=natural_key)}


def _read_settings(file: Path) -> dict:
    if not file.is_file():
        return {}
    try:
        settings = yaml.safe_load(file.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise ConfigurationError(f"{file}: not readable as YAML: {' '.join(str(error).split())}.") from error
    if not isinstance(settings, dict):
        raise ConfigurationError(f"{file}: a mapping with n_seeds and n_steps is expected, not {settings!r}.")
    return settings


def _read_number(settings: dict, key: str, path: Path) -> int | float | None:
    value = settings.get(key)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, (int, float)) or value <= 0:
        raise ConfigurationError(f"{path / CONFIG_FILE}: {key} is {value!r}; a number above 0 is expected.")
    return value
