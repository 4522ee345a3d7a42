# The study, the names that follow from it (colosseum/study/plan.py), and the input functions.
import errno
import gc
import glob
import json
import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

from snakemake.logging import logger

from colosseum import about, layout
from colosseum.experiment.estimate import Allowance, demand
from colosseum.errors import ColosseumError
from colosseum.hyperopt.spaces import format_spaces
from colosseum.logs.read import read_log
from colosseum.study import Study, run_lock
from colosseum.study.contestants import PACKAGED, PUBLISHED, labels_of
from colosseum.study.products import FROM_ALL_RUNS

# The graph of a study has millions of objects that live as long as this process: looking through them for garbage again
# and again would take a sixth of the time to build it.
gc.set_threshold(200_000, 20, 100)

# User-defined classes are imported from where the workflow is started.
sys.path.insert(0, os.getcwd())
# Jobs use this very Python.
os.environ.update(PATH=os.pathsep.join([os.path.dirname(sys.executable), os.environ.get("PATH", os.defpath)]))


# What runs nothing may go on beside a run. (`-n` may stand in one word with other short options.)
HARMLESS = r"-[pqFkr]*n[pqFkr]*|--dry-?run|--(report|dag|rulegraph|filegraph|d3dag|summary|detailed-summary|lint|list).*|-[lSD]"
RUNS_NOTHING = any(re.fullmatch(HARMLESS, argument) for argument in sys.argv)


def refuse_stale_lock():
    """Say what to do about the lock that a killed run left behind, before Snakemake says what it knows of it."""
    if {"--unlock", "--nolock"} & set(sys.argv):
        return
    run_lock.refuse(RUN_LOCK, harmless=RUNS_NOTHING)
    try:
        from snakemake_executor_plugin_slurm_packed import run_notes
    except ModuleNotFoundError:
        return  # no executor, no recovery: Snakemake's own message stands
    if run_notes.stale_locks():
        raise SystemExit(
            "colosseum: error: the last run in this folder was killed and has left it locked. Type\n"
            "    python -m colosseum recover\n"
            "(it keeps every finished log and unlocks the folder), then repeat this command."
        )


def take_run_lock():
    """
    Keep others from running this study, from now until the end of this process; return the lock, if any.

    Snakemake's own locks come only once the graph is built, and of two starts at the same moment both may get them.
    """
    if RUNS_NOTHING or {"--unlock", "--nolock"} & set(sys.argv):
        return None
    try:
        return run_lock.take(RUN_LOCK, STUDY.configuration["study"], Path(), begun=False)
    except ColosseumError as error:
        if getattr(error.__cause__, "errno", None) not in (errno.EACCES, errno.EPERM, errno.EROFS):
            raise
        return None  # nothing may be written there, nor will it be if all is done


# A cluster job parses these files again: it gets the rules that can run there, and lists no instances.
MAIN = workflow.is_main_process

STUDY = Study(config, source=", ".join(map(os.path.relpath, workflow.configfiles)) or "--config")
RUN_LOCK = Path(layout.run_lock_file(STUDY.configuration["results"], STUDY.configuration["study"]))
HELD = None
try:
    if MAIN:
        refuse_stale_lock()
    ALLOWANCE = Allowance.of_profile(workflow.resource_settings.default_resources or {})
    if MAIN:
        STUDY.check()
        STUDY.check_results()
        HELD = take_run_lock()
except ColosseumError as error:
    raise SystemExit(f"colosseum: error: {error}") from None


def check_user_classes():
    """Have user-defined classes do their first steps before the first job, in a process that may import numba."""
    # where nothing is run, nothing is checked
    if {"--unlock", "--dag", "--rulegraph", "--filegraph", "--lint", "--summary", "--touch", "-t"} & set(sys.argv):
        return
    subjects = [path if gin is None else f"{path}={gin}" for path, gin in STUDY.user_classes().items()]
    if not subjects or any(argument.startswith("--report") for argument in sys.argv):
        return
    done = subprocess.run(
        [sys.executable, "-m", "colosseum", "check", *subjects],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        errors="replace",
    )
    if done.returncode:
        said = done.stderr.strip().splitlines()[-1:] or [f"{', '.join(subjects)}: ended with status {done.returncode}"]
        raise SystemExit(f"colosseum: error: {STUDY.source}: {said[0].removeprefix('colosseum check: error: ')}")


if MAIN:
    check_user_classes()

# For the first page of the report, which sees nothing but the configuration of the main Snakefile.
if any(argument.startswith("--report") for argument in sys.argv):
    workflow.modifier_stack[0].globals["config"]["about"] = {
        "agents": list(STUDY.agents.values()),
        "allow_incomplete": STUDY.configuration["allow_incomplete"],
        "versions": about.versions(),
        "commit": about.commit(),
    }

HYPEROPT = STUDY.hyperopt_benchmarks if MAIN else {}
BENCHMARKS = STUDY.benchmarks if MAIN else {}
INTERACTIONS = {**HYPEROPT, **BENCHMARKS}
OPTIMISATIONS = {name: interactions for name, interactions in HYPEROPT.items() if not interactions.below}
HYPEROPT_ROOT = STUDY.root(layout.HYPEROPT)
BENCHMARKING_ROOT = STUDY.root(layout.BENCHMARKING)
ANALYSIS_ROOT = STUDY.root(layout.ANALYSIS)

# An incomplete study is shown as it is: only the analysis is made, of the logs that are there.
INCOMPLETE = MAIN and STUDY.configuration["allow_incomplete"]

# A log that is there is asked for behind the checkpoints: only once its pickle is final does it show whether it must be
# made anew. Where there is no log yet everything must be run, and the whole graph is known from the start.
BARRIER = (
    MAIN
    and STUDY.configuration["barrier"]
    and not INCOMPLETE
    and (
        workflow.storage_settings.default_storage_provider is not None  # cannot be looked into
        or any(os.path.isdir(layout.logs_folder(interactions.folder)) for interactions in STUDY.interactions())
    )
)


# What is shown of each benchmark: kinds of `python -m colosseum table` and `plot`, with their titles in the report. Their
# captions are in workflow/report/.
TABLES = {
    "average": "Regret in each environment",
    "indicators": "Both regrets and the other indicators",
    "tail": "The worst seeds",
    "two_regrets": "Where the two regrets disagree",
}
PLOTS = {
    "regret_curves": "Learning regret over time in each environment",
    "policy_regret_curves": "Policy regret over time in each environment",
    "performance_profile": "Performance profile",
    "aggregate_intervals": "Aggregates with intervals",
    "improvement_matrix": "Probability of improvement",
    "hardness_space": "Regret in the space of two measures of hardness",
    "completeness": "Completeness",
    "timing": "Time and steps per second",
}
KINDS = {"tables": TABLES, "plots": PLOTS}


wildcard_constraints:
    agent=r"[A-Za-z_]\w*",
    mdp=r"[A-Za-z_]\w*",
    scope=layout.SCOPE_PATTERN,
    setting="episodic|continuous",
    rung=r"rung_[1-9]\d*|confirm",
    benchmark=r"[^/]+",
    interaction=layout.INTERACTION_PATTERN,
    seed=r"\d+",


def read_logs():
    """
    Read each log that is there once, as Snakemake looks at the time of a file and not into it.

    Returns those that are not whole, and which instance each of the others says that made it (older ones do not). Whether
    that is the instance of its pickle is judged once that is final (contents.smk).
    """
    invalid, made_by = set(), {}
    for interactions in INTERACTIONS.values():
        for agent in interactions.agents:
            for log in filter(os.path.exists, interactions.logs(agent)):
                try:
                    made_by[log] = read_log(log, interactions.experiment.n_steps).instance
                except ColosseumError as error:
                    logger.warning(f"invalid log, it will be made again: {error}")
                    invalid.add(log)
    return invalid, made_by


INVALID, MADE_BY = read_logs() if BARRIER else (set(), {})


def setting_of(agent):
    return "episodic" if STUDY.is_episodic(agent) else "continuous"


def instances_rule(interactions, number):
    """The name of the rule that makes the instances in one part of the environments."""
    return f"instances_{interactions.name}" + (f"_{number + 1}" if number else "")


def instances_outputs(interactions, part):
    """The pickles of one job of that rule, with the wildcards agent and scope."""
    seeds = interactions.experiment.seeds
    names = [layout.interaction_name(mdp, layout.Configured("{agent}", "{scope}").name) for mdp in part]
    return [layout.pickle_file(interactions.pickles_folder, name, k) for name in names for k in seeds]


def mdp_configs(interactions):
    return [layout.mdp_config_file(interactions.folder, mdp) for mdp in interactions.mdp_classes]


def configurations(interactions):
    """The files of its environments and settings."""
    return [*mdp_configs(interactions), layout.experiment_config_file(interactions.folder)]


def user_files(interactions):
    """The files of a user-defined benchmark, whose changes are noticed; none for a default one."""
    if not os.path.isdir(interactions.given):
        return []
    settings = layout.experiment_config_file(interactions.given)
    mdps = [layout.mdp_config_file(interactions.given, mdp) for mdp in interactions.mdp_classes]
    return [*mdps, *([settings] if os.path.exists(settings) else [])]


def mdp_options(interactions, part):
    """The options that restrict a job to one part of the environments; none where there is only one."""
    return "" if part == interactions.mdps else " ".join(f"--mdp {mdp}" for mdp in part)


def experiment_options(interactions):
    experiment = interactions.experiment
    return (
        f"--first-seed {experiment.first_seed} --n-seeds {experiment.n_seeds} --n-steps {experiment.n_steps}"
        f" --log-every {experiment.log_every} --max-time {experiment.max_interaction_time_s}"
        f" --{'' if experiment.stop_when_optimal else 'no-'}stop-when-optimal"
    )


def make_again():
    """Have Snakemake make again what is there, but is not what it should be. To be called by an input function."""
    workflow.dag.forcefiles.update(INVALID | STALE)


def logs_of(interactions, agent):
    """An input function: the logs of an agent, once its pickles are final."""

    def logs(wildcards):
        make_again()
        if BARRIER:
            for number, _ in enumerate(interactions.parts()):
                instances = getattr(checkpoints, instances_rule(interactions, number))
                for scope in interactions.agents[agent]:
                    instances.get(agent=agent, scope=scope)
            find_stale_logs(interactions.name, agent)
            make_again()
        return interactions.logs(agent)

    return logs


def missing_logs(interactions, agent):
    """Logs that must be made whatever the checkpoints bring: known from the start, they are counted and planned."""
    return [log for log in interactions.logs(agent) if not os.path.exists(log)]


def all_logs_of(benchmark):
    """The input functions of the logs of all its agents."""
    return [logs_of(INTERACTIONS[benchmark], agent) for agent in INTERACTIONS[benchmark].agents]


def agents_configs(interactions):
    return [layout.agent_config_file(interactions.folder, agent) for agent in interactions.agents]


def once_selected(agent, files):
    """An input function: files that depend on the choice of an agent's hyperparameters, once that is final."""

    def of_selection(wildcards):
        make_again()
        if BARRIER and HYPEROPT:
            checkpoints.select.get(agent=agent, setting=setting_of(agent))
        return files

    return of_selection


def spaces_option(wildcards):
    """The option that gives an agent the search spaces that the study has for it; nothing where they are its own."""
    spaces = format_spaces(STUDY.search_spaces.get(wildcards.agent, {}))
    return f"--spaces {shlex.quote(spaces)}" if spaces else ""


def agent_config_command(wildcards):
    """The command that writes the configurations of an agent that a benchmark compares, but for the file."""
    agent = wildcards.agent
    configs, path = STUDY.configs(agent), shlex.quote(STUDY.class_path(agent))
    if len(configs) == 1 and STUDY.hyperopt is not None and agent in STUDY.tuned:
        return f"cp {shlex.quote(configs[0])}"  # a choice is written as a configuration is
    if configs == [PACKAGED]:
        return f"python -m colosseum sample-agents {path} --packaged -o"
    return f"python -m colosseum sample-agents {path} --configs {' '.join(map(shlex.quote, configs))} -o"


def interaction_registrations(wildcards):
    """The options that make the user-defined classes known to a run."""
    return STUDY.registrations(*(one.class_name for one in layout.parse_interaction(wildcards.interaction)))


# What a run asks of a cluster, more on each attempt: estimated from the instance (environment, steps, time limit) and
# from what the profile allows each.
def run_memory(wildcards, input, attempt):
    return demand(input[0], attempt, ALLOWANCE).mem_mb


def run_minutes(wildcards, input, attempt):
    return demand(input[0], attempt, ALLOWANCE).minutes


def run_seconds(wildcards, input, attempt):
    return demand(input[0], attempt, ALLOWANCE).seconds


def benchmark_targets():
    if INCOMPLETE:
        return
    for interactions in BENCHMARKS.values():
        yield configurations(interactions)
        for agent, config in zip(interactions.agents, agents_configs(interactions), strict=True):
            yield once_selected(agent, [config, *interactions.pickles(agent)])
            yield missing_logs(interactions, agent)
            yield logs_of(interactions, agent)


def finished_logs(interactions):
    """The logs that are there, as paths."""
    return [log for agent in interactions.agents for log in interactions.logs(agent) if os.path.exists(log)]


def shown(benchmarks):
    """The names of those benchmarks that have something to show."""
    return [name for name, interactions in benchmarks.items() if not INCOMPLETE or finished_logs(interactions)]


def analysis_targets():
    if INCOMPLETE and not shown(INTERACTIONS):
        raise SystemExit(
            "colosseum: error: allow_incomplete: no run of this study is finished, there is nothing to show"
        )
    yield f"{ANALYSIS_ROOT}/index.html"
    if shown(BENCHMARKS):
        yield f"{ANALYSIS_ROOT}/overview.html"
    for benchmark in shown(BENCHMARKS):
        yield expand("{root}/{b}/tables/{kind}.html", root=ANALYSIS_ROOT, b=benchmark, kind=TABLES)
        yield expand("{root}/{b}/plots/{kind}.svg", root=ANALYSIS_ROOT, b=benchmark, kind=PLOTS)
    for benchmark in shown(OPTIMISATIONS):
        kinds = KINDS_OF_OPTIMISATIONS
        yield expand("{root}/{b}/tables/{kind}.html", root=ANALYSIS_ROOT, b=benchmark, kind=kinds["tables"])
        yield expand("{root}/{b}/plots/{kind}.svg", root=ANALYSIS_ROOT, b=benchmark, kind=kinds["plots"])


def summary_of(interactions):
    """The logs that a summary is made of, and how."""
    if INCOMPLETE:
        return finished_logs(interactions), "incomplete"
    return [log for agent in interactions.agents for log in interactions.logs(agent)], ""


def summarised(wildcards):
    """What a summary is made of; of an incomplete benchmark nothing, so that nothing is run for it."""
    if INCOMPLETE:
        return []
    interactions = INTERACTIONS[wildcards.benchmark]
    logs = [log for logs in all_logs_of(wildcards.benchmark) for log in logs(wildcards)]
    return [*logs, *agents_configs(interactions), *mdp_configs(interactions)]


def summary_options(wildcards):
    """
    The agents, in the study's order.

    Of a benchmark that may be incomplete the logs that are there are counted: with more it is made anew.
    """
    interactions = INTERACTIONS[wildcards.benchmark]
    options = f"--agents {' '.join(interactions.agents)}"
    if interactions.given:
        for configured, label in labels_of(STUDY.contestants).items():
            if layout.Configured.parse(configured).class_name in interactions.agents:
                options += f" --label {configured} {shlex.quote(label)}"
    return f"--allow-incomplete {options} # {len(finished_logs(interactions))} logs" if INCOMPLETE else options


def configuration_text():
    """The configuration of the study as the results page takes it; how the graph is built is no matter of its."""
    return json.dumps({key: value for key, value in STUDY.configuration.items() if key != "barrier"})


def title_of(wildcards):
    """The category of a benchmark in the report."""
    words = wildcards.benchmark.removeprefix("benchmark_").replace("hyperopt_", "hyperparameters_").split("_")
    return " ".join(words).capitalize()
