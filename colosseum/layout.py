"""
The layout of results: every folder, file and composed name of configurations, instances and logs, built and parsed.

Benchmarks lie side by side in a root (a stage of a study, an experiments folder)::

    <root>/<benchmark>/experiment_config.yml
                       mdp_configs/<MDP>.gin
                       agents_configs/<Agent>.gin
                       selection/<Agent>.gin, <Agent>.csv, <Agent>_ranges.csv
                       promotion/<Agent>.csv
                       logs/<interaction>/seed<k>_logs.csv
                       errors/<interaction>/seed<k>.log
    <root>/experiment_instances/<benchmark>/<interaction>/seed<k>.pkl
    <root>/job_logs/<job>.log

An interaction is ``<scope>-<MDP>____<scope>-<Agent>``, a scope ``prms_<i>``. Paths are texts with forward slashes. A
part may be a pattern such as ``"{seed}"``: Snakemake's rules ask here for the names that they match.
"""

import os
import re
from pathlib import PurePath
from typing import NamedTuple

MDP_CONFIGS = "mdp_configs"
AGENTS_CONFIGS = "agents_configs"
EXPERIMENT_CONFIG = "experiment_config.yml"
LOGS = "logs"
ERRORS = "errors"
SELECTION = "selection"
PROMOTION = "promotion"
PARTS_OF_A_BENCHMARK = frozenset({MDP_CONFIGS, AGENTS_CONFIGS, EXPERIMENT_CONFIG, LOGS, ERRORS, SELECTION, PROMOTION})
"""What the folder of a benchmark may hold."""

EXPERIMENT_INSTANCES = "experiment_instances"
JOB_LOGS = "job_logs"
STUDY_IDENTITY = "study.yml"
STUDY_CONTENTS = "contents.jsonl"

HYPEROPT, BENCHMARKING, ANALYSIS = STAGES = ("hyperopt", "benchmarking", "analysis")
"""The stages of a study, which name folders."""

RUNG, CONFIRM = "_rung_", "_confirm"
"""What the folders of an optimisation's later stages add to its name: ``_rung_1``, ``_rung_2``, ...; ``_confirm``."""

FIRST_SCOPE = "prms_0"
SCOPE_PATTERN = r"prms_(?:0|[1-9][0-9]*)"
INTERACTION_PATTERN = rf"{SCOPE_PATTERN}-\w+____{SCOPE_PATTERN}-\w+"
"""Regular expressions of a gin scope and of an interaction's name."""

_SCOPE = re.compile(SCOPE_PATTERN)
# Other programs name their scopes as they like.
_CONFIGURED = re.compile(r"(?P<scope>\w+)-(?P<class_name>\w+)")
_INTERACTION = re.compile(r"(\w+-\w+)____(\w+-\w+)")
_STAGE = re.compile(rf"(.*?)(?:{RUNG}([1-9][0-9]*)|({CONFIRM}))?")
_LOG = re.compile(r"seed(0|[1-9][0-9]*)_logs\.csv")

Folder = str | os.PathLike[str]


class Configured(NamedTuple):
    """A class with the gin scope of its parameters."""

    class_name: str
    scope: str

    @property
    def name(self) -> str:
        """``<scope>-<class>``."""
        return f"{self.scope}-{self.class_name}"

    @classmethod
    def parse(cls, name: str) -> "Configured":
        """Return what ``<scope>-<class>`` names; raise a `ValueError` if it is no such name."""
        match = _CONFIGURED.fullmatch(name)
        if match is None:
            raise ValueError(f"{name!r} is not <scope>-<class>, such as prms_0-TaxiEpisodic.")
        return cls(match["class_name"], match["scope"])

    def natural_key(self) -> tuple[str, int, str]:
        """Return the key to sort by: the class (a number in its name counts as one), then the number of the scope."""
        number = re.search(r"[0-9]+$", self.scope)
        class_name = re.sub(r"[0-9]+", lambda digits: digits.group().zfill(20), self.class_name)
        return class_name, int(number.group()) if number else -1, self.scope


class Instance(NamedTuple):
    """One agent with one seed in one environment."""

    mdp: Configured
    agent: Configured
    seed: int

    @property
    def interaction(self) -> str:
        """Name of the folder that holds all seeds."""
        return interaction_name(self.mdp.name, self.agent.name)

    @property
    def log(self) -> str:
        """Path of the log inside the benchmark's folder."""
        return log_file("", self.interaction, self.seed)

    @property
    def error(self) -> str:
        """Path of what its run wrote to standard error, likewise; the file is empty where all went well."""
        return error_file("", self.interaction, self.seed)

    def natural_key(self) -> tuple[tuple[str, int, str], tuple[str, int, str], int]:
        """Return the key to sort by: the environment, then the agent, then the seed."""
        return self.mdp.natural_key(), self.agent.natural_key(), self.seed


# -------------------------------------------------------------------------------------------------------------- names


def scope_name(index: int) -> str:
    """Return ``prms_<index>``."""
    return f"prms_{index}"


def is_scope(name: str) -> bool:
    """Tell whether a name is ``prms_<i>``, i = 0, 1, ..."""
    return _SCOPE.fullmatch(name) is not None


def scope_index(scope: str) -> int:
    """Return i of ``prms_<i>``."""
    return int(scope.removeprefix("prms_"))


def interaction_name(mdp: str, agent: str) -> str:
    """Return the name of an interaction from ``<scope>-<MDP>`` and ``<scope>-<Agent>``."""
    return f"{mdp}____{agent}"


def parse_interaction(name: str) -> tuple[Configured, Configured] | None:
    """Return the environment and the agent of an interaction's name; None if it is no such name."""
    match = _INTERACTION.fullmatch(name)
    return (Configured.parse(match[1]), Configured.parse(match[2])) if match else None


def parse_log_name(name: str) -> int | None:
    """Return the seed of ``seed<k>_logs.csv``; None if it is no such name."""
    match = _LOG.fullmatch(name)
    return int(match[1]) if match else None


def parse_stage(benchmark: str) -> tuple[str, str]:
    """
    Return the optimisation that a benchmark is a stage of, and which: the number of the rung, or ``"confirm"``.

    Examples
    --------
    >>> parse_stage("hyperopt_continuous_rung_2"), parse_stage("hyperopt_continuous")
    (('hyperopt_continuous', '2'), ('hyperopt_continuous', '0'))
    """
    match = _STAGE.fullmatch(benchmark)
    assert match is not None
    return match[1], match[2] or (CONFIRM[1:] if match[3] else "0")


# ----------------------------------------------------------------------------------------------- inside of a benchmark


def experiment_config_file(benchmark: Folder) -> str:
    """Return the file of a benchmark's experiment settings."""
    return _join(benchmark, EXPERIMENT_CONFIG)


def mdp_config_file(benchmark: Folder, class_name: str) -> str:
    """Return the gin file of an environment class in a benchmark's folder."""
    return _join(benchmark, f"{MDP_CONFIGS}/{class_name}.gin")


def agent_config_file(benchmark: Folder, class_name: str) -> str:
    """Return the gin file of an agent class in a benchmark's folder."""
    return _join(benchmark, f"{AGENTS_CONFIGS}/{class_name}.gin")


def selection_file(benchmark: Folder, class_name: str) -> str:
    """Return the gin file of the configuration that was chosen for an agent."""
    return _join(benchmark, f"{SELECTION}/{class_name}.gin")


def selection_table(benchmark: Folder, class_name: str) -> str:
    """Return the table of the scores that it was chosen by."""
    return _join(benchmark, f"{SELECTION}/{class_name}.csv")


def selection_ranges(benchmark: Folder, class_name: str) -> str:
    """Return the table of what its scores say of the ranges that its hyperparameters were drawn from."""
    return _join(benchmark, f"{SELECTION}/{class_name}_ranges.csv")


def promotion_table(benchmark: Folder, class_name: str) -> str:
    """Return the table of which samples of an agent reached a rung, and by which scores."""
    return _join(benchmark, f"{PROMOTION}/{class_name}.csv")


def logs_folder(benchmark: Folder) -> str:
    """Return the folder of a benchmark's logs."""
    return _join(benchmark, LOGS)


def log_file(benchmark: Folder, interaction: str, seed: int | str) -> str:
    """Return the log of an instance."""
    return _join(benchmark, f"{LOGS}/{interaction}/seed{seed}_logs.csv")


def previous_log(log: str) -> str:
    """Return where a log is kept while it is made anew."""
    return f"{log}.previous"


def error_file(benchmark: Folder, interaction: str, seed: int | str) -> str:
    """Return the file of what an instance's run wrote to standard error."""
    return _join(benchmark, f"{ERRORS}/{interaction}/seed{seed}.log")


# ------------------------------------------------------------------------------------------------ beside the benchmarks


def stage_folder(results: Folder, stage: str, name: str) -> str:
    """Return the folder of a stage (one of `STAGES`) of the study or experiment of a name."""
    return _join(results, f"{stage}/{name}")


def benchmark_folder(root: Folder, benchmark: str) -> str:
    """Return the folder of a benchmark."""
    return _join(root, benchmark)


def instances_folder(root: Folder, benchmark: str = "") -> str:
    """Return the folder of the pickled instances of a benchmark, or of all benchmarks."""
    return _join(root, f"{EXPERIMENT_INSTANCES}/{benchmark}".rstrip("/"))


def pickle_file(instances: Folder, interaction: str, seed: int | str) -> str:
    """Return the pickle of an instance in the folder of its benchmark's instances."""
    return _join(instances, f"{interaction}/seed{seed}.pkl")


def pickle_of_log(log: Folder) -> str:
    """Return the pickle that belongs to a log, where the workflow makes it."""
    path = PurePath(log)
    seed, benchmark = parse_log_name(path.name), path.parents[2]
    if seed is None:
        raise ValueError(f"{log}: this is not the path of a log.")
    return pickle_file(instances_folder(benchmark.parent, benchmark.name), path.parent.name, seed)


def job_log(root: Folder, job: str) -> str:
    """Return the log of a job that is not the run of an instance."""
    return _join(root, f"{JOB_LOGS}/{job}.log")


def study_identity_file(root: Folder) -> str:
    """Return the note that tells which study the results of a stage belong to."""
    return _join(root, STUDY_IDENTITY)


def study_contents_file(root: Folder) -> str:
    """Return the notes of what the jobs of a study made from what."""
    return _join(root, STUDY_CONTENTS)


def run_lock_file(results: Folder, study: str) -> str:
    """Return the file that tells which process runs a study (see `study.run_lock`)."""
    return _join(results, f".running/{study}.lock")


def _join(folder: Folder, name: str) -> str:
    text = folder.as_posix() if isinstance(folder, PurePath) else os.fspath(folder)
    return name if text in ("", ".") else f"{text.rstrip('/')}/{name}"
