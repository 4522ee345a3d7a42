"""What a study comes to when its commands are typed one by one into an empty folder: the oracle of the workflow."""

import contextlib
import csv
import io
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

from colosseum import layout
from colosseum.warm import client

RIVER, SEA = "RiverSwimContinuous", "DeepSeaContinuous"
HYPEROPT, BENCHMARK, ANALYSIS = (
    "results/hyperopt/tiny/hyperopt_continuous",
    "results/benchmarking/tiny/my_rivers",
    "results/analysis/tiny",
)
TIMING = {"steps_per_second", "seconds"}
"""The columns of logs and summaries that differ each time."""

Plain = bytes | list[dict[str, str]]


@dataclass(frozen=True)
class Asked:
    """
    What a study asks for, as far as the edits change it.

    Attributes
    ----------
    agents : tuple of str
    n_samples : int
        Of each agent.
    n_seeds : tuple of int
        Of the hyperparameter optimisation and of the benchmark.
    rivers, seas : tuple of int
        The sizes of the benchmark's environments.
    """

    agents: tuple[str, ...] = ("QLearningContinuous", "RandomAgentContinuous")
    n_samples: int = 2
    n_seeds: tuple[int, int] = (1, 1)
    rivers: tuple[int, ...] = (4, 6)
    seas: tuple[int, ...] = ()

    def study(self) -> dict[str, object]:
        """The study file."""
        settings = {"n_steps": 200, "log_every": 100, "max_interaction_time_s": 30}
        sampled = {"n_samples_agents": self.n_samples, "n_samples_mdps": 1, "mdp_classes": [RIVER]}
        return {
            "study": "tiny",
            "agents": list(self.agents),
            "hyperopt": {**settings, **sampled, "n_seeds": self.n_seeds[0]},
            "benchmarks": ["my_rivers"],
            "experiment": {**settings, "n_seeds": self.n_seeds[1]},
        }

    def write_benchmark(self, folder: Path) -> None:
        """Write the folder of the benchmark; a file that says the same already is left as it is."""
        for name, sizes in ((RIVER, self.rivers), (SEA, self.seas)):
            path = folder / "mdp_configs" / f"{name}.gin"
            text = "".join(f"prms_{i}/{name}.size = {n}\n" for i, n in enumerate(sizes))
            if not text:
                path.unlink(missing_ok=True)
            elif not path.exists() or path.read_text() != text:
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(text)


def plain(path: Path | str, data: bytes) -> Plain:
    """The content of a file; of a table without its columns of timing."""
    if Path(path).suffix != ".csv" or b"\0" in data:
        return data
    try:
        rows = list(csv.DictReader(io.StringIO(data.decode(), newline="")))
    except (ValueError, csv.Error):
        return data
    return [{name: text for name, text in row.items() if name not in TIMING} for row in rows]


@dataclass
class Typist:
    """
    Types the commands of studies, by way of a warm process that listens on `client.VARIABLE`.

    Parameters
    ----------
    folder : Path
        Where its results go, a folder for each study.
    """

    folder: Path
    _logs: dict[bytes, bytes] = field(default_factory=dict)
    _results: dict[Asked, dict[str, Plain]] = field(default_factory=dict)

    def results(self, asked: Asked) -> dict[str, Plain]:
        """Return each file that a study comes to, by its name in the study's folder."""
        if asked not in self._results:
            here = self.folder / "typed"
            here.mkdir(parents=True)
            with contextlib.chdir(here):
                self._type(asked)
                kinds = {".gin", ".yml", ".pkl", ".csv", ".html", ".tex"}
                files = [path for path in Path("results").rglob("*") if path.suffix in kinds]
                self._results[asked] = {str(path): plain(path, path.read_bytes()) for path in files}
            shutil.rmtree(here)
        return self._results[asked]

    def _type(self, asked: Asked) -> None:
        asked.write_benchmark(Path("my_rivers"))
        for agent in asked.agents:
            gin = layout.agent_config_file(HYPEROPT, agent)
            colosseum("sample-agents", agent, "--n", asked.n_samples, "--seed", 42, "-o", gin)
        colosseum("sample-mdps", RIVER, "--n", 1, "--seed", 42, "-o", layout.mdp_config_file(HYPEROPT, RIVER))
        self._interact(asked, HYPEROPT, HYPEROPT, asked.n_seeds[0])
        for agent in asked.agents:
            chosen = layout.selection_file(HYPEROPT, agent)
            table = layout.selection_table(HYPEROPT, agent)
            colosseum("select", "--benchmark", HYPEROPT, "--agent", agent, "-o", chosen, "--table", table)
            Path(BENCHMARK, "agents_configs").mkdir(parents=True, exist_ok=True)
            shutil.copy(chosen, layout.agent_config_file(BENCHMARK, agent))
        self._interact(asked, "my_rivers", BENCHMARK, asked.n_seeds[1])
        colosseum("table", f"{ANALYSIS}/my_rivers/summary.csv", "--kind", "average", "-o", *average_table())

    def _interact(self, asked: Asked, source: str, folder: str, n_seeds: int) -> None:
        settings = ["--n-steps", 200, "--log-every", 100, "--max-time", 30, "--no-stop-when-optimal"]
        colosseum("benchmark", source, "-o", folder, "--force", "--n-seeds", n_seeds, *settings)
        pickles = Path(folder).parent / layout.EXPERIMENT_INSTANCES
        for agent in asked.agents:
            gin = layout.agent_config_file(folder, agent)
            scopes = set(re.findall(layout.SCOPE_PATTERN, Path(gin).read_text()))
            for scope in scopes or {layout.FIRST_SCOPE}:  # one that has no parameters has one configuration
                instances = ["--benchmark", folder, "--agent", agent, "--agent-config", gin]
                colosseum("instances", *instances, "--agent-scope", scope, "-o", pickles)
        for pickle in pickles.glob("*/*/*.pkl"):
            self._run(pickle, Path(folder, "logs", pickle.parent.name, f"{pickle.stem}_logs.csv"))
        summary = [f"{ANALYSIS}/{Path(folder).name}/{kind}.csv" for kind in ("summary", "curves")]
        colosseum("summarise", folder, "-o", summary[0], "--curves", summary[1], "--agents", *asked.agents)

    def _run(self, pickle: Path, log: Path) -> None:
        data = pickle.read_bytes()
        log.parent.mkdir(parents=True, exist_ok=True)
        if data not in self._logs:
            colosseum("run", pickle, "--log", log)
            self._logs[data] = log.read_bytes()
        log.write_bytes(self._logs[data])


def average_table() -> list[str]:
    """The files of the table of averages."""
    return [f"{ANALYSIS}/my_rivers/tables/average.{end}" for end in ("html", "tex", "csv")]


def colosseum(*arguments: object) -> None:
    """Run a command in the working directory."""
    argv = list(map(str, arguments))
    status = client.delegate(argv)
    if status is None:
        command = [sys.executable, "-m", "colosseum", *argv]
        status = subprocess.run(command, stdin=subprocess.DEVNULL, check=False).returncode
    assert status == 0, argv
