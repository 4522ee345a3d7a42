# What the main process tells while it runs, and what it does before the first job. Nothing of this is in a cluster job.
import atexit
import contextlib
import logging
import re
from collections import Counter
from itertools import islice

from snakemake.logging import logger
from snakemake_interface_logger_plugins.common import LogEvent

from colosseum.errors import KILLED
from colosseum.experiment.cost import Costs, Kind, basis, forecast
from colosseum.progress import Progress, duration
from colosseum.utils.files import full_disk
from colosseum.warm import numba_cache

MOST_FAILURES_TOLD = 20
# what a command says of a failure that the next attempt may mend: with room on the disk, with more memory
MENDABLE = ("cannot be written:", KILLED)


def own_line(job, said):
    """What a failed job says itself, in one line, and whether that is a mistake which no further attempt can mend."""
    lines = []
    for log in job.log[:1]:
        try:
            with open(log, encoding="utf-8", errors="replace") as file:
                lines = [line.strip() for line in file if line.strip()]
        except OSError:
            pass
    # A command that ends with status 2 says why in its one, last line; a run that failed adds a traceback.
    is_mistake = bool(lines) and bool(re.match(r"(python -m )?colosseum[a-z -]*: error: ", lines[-1]))
    is_mistake = is_mistake and not any(words in lines[-1] for words in MENDABLE)
    errors = lines[-1:] if is_mistake else [line for line in lines if ": error: " in line] or lines[-1:]
    return " ".join((errors[0] if errors else said or "it said nothing").split()), is_mistake


OF_OTHER_JOB_S = 1.0
LOOKED_AT = 10


def kind_of(job):
    """What instances a job's is like; None where it runs none."""
    if job.rule.name not in ("run_hyperopt", "run_benchmark"):
        return None
    interactions = INTERACTIONS[job.wildcards.benchmark]
    _, agent = layout.parse_interaction(job.wildcards.interaction)
    return Kind(interactions.name, agent.class_name, interactions.experiment.n_steps)


def seconds_of(log, n_steps):
    """The seconds that a log tells, nan where it is not whole or does not."""
    try:
        return read_log(log, n_steps).seconds
    except (ColosseumError, OSError):
        return float("nan")


def finished_costs():
    """What finished instances took: some of each agent in each benchmark are looked at."""
    costs = Costs()
    for interactions in INTERACTIONS.values():
        n_steps = interactions.experiment.n_steps
        for agent in interactions.agents:
            there = (log for log in interactions.logs(agent) if os.path.exists(log) and log not in INVALID)
            for log in islice(there, LOOKED_AT):
                costs.note(Kind(interactions.name, agent, n_steps), seconds_of(log, n_steps))
    return costs


def tell_forecast():
    """After a dry run: what it means in instances, core-hours and time."""
    if getattr(workflow, "_dag", None) is None:
        return
    left = Counter(filter(None, map(kind_of, workflow.dag.needrun_jobs(exclude_finished=False))))
    if not left:
        return
    settings, costs = workflow.resource_settings, finished_costs()
    slots = settings.nodes or settings.cores or 1
    total, elapsed = forecast(left, costs, slots)
    where = f"on {slots:,} core{'s' * (slots != 1)}"
    if settings.nodes:
        where = "with all of them at a time" if slots >= left.total() else f"with {slots:,} jobs at a time"
    options = ("--profile", "--workflow-profile")
    named = [sys.argv[i + 1] for i, word in enumerate(sys.argv[:-1]) if word in options]
    profile = f" (profile {named[-1]})" if named else ""
    print(
        f"To be run: {left.total():,} instances, about {total / 3600:,.2g} core-hours; about {duration(elapsed)} {where}"
        f"{profile}. Estimated: {basis(left, costs)}.",
        file=sys.stderr,
        flush=True,
    )


if MAIN and any(re.fullmatch(r"-[pqFkr]*n[pqFkr]*|--dry-?run", argument) for argument in sys.argv):
    atexit.register(tell_forecast)


class JobProgress(logging.Handler):
    """
    Prints how many jobs are done of all, and the time that is left, instead of several lines for each job.

    The time left is what the instances cost that are not done: by those that are, of the same agent in the same
    benchmark, see `Costs`.

    Snakemake's own lines are in its log file (.snakemake/log) as ever, and on the terminal with --verbose. It also ends
    what another attempt cannot mend, and keeps what each failed job says for the last lines.
    """

    HIDDEN = {LogEvent.JOB_INFO, LogEvent.JOB_STARTED, LogEvent.JOB_FINISHED, LogEvent.PROGRESS}
    CHATTER = ("Select jobs to execute", "DAG of jobs will be updated", "Updating checkpoint dependencies")

    def __init__(self):
        super().__init__()
        self.progress = Progress(what="jobs", every_s=5, style="lines", failures="failed attempts", has_clock=True)
        self.failures = {}
        self.running = {}
        self.choosing = {}
        self.costs = Costs()
        self.kinds = {}
        self.left = Counter()
        self.worked = 0.0
        self.n_planned = None

    def emit(self, record):
        event = getattr(record, "event", None)
        if event == LogEvent.JOB_ERROR:
            self.progress.failed += 1
            self.note_failure(record.jobid, record.rule_msg)
        elif event == LogEvent.JOB_INFO and record.rule_name == "select" and record.log:
            self.choosing[record.jobid] = record.log[0]
        elif event == LogEvent.JOB_FINISHED:
            self.failures.pop(record.job_id, None)  # a later attempt went well
            self.note_work(record.job_id)
            if record.job_id in self.choosing:
                self.tell_warnings(self.choosing.pop(record.job_id))
        elif event == LogEvent.PROGRESS:
            if record.total != self.n_planned:  # known from the start, or found behind a checkpoint
                self.plan(record.total)
            self.progress.weigh(self.worked, self.work_left())
            self.progress.update(record.done, record.total)

    def plan(self, total):
        """Look at the jobs that are left."""
        self.n_planned = total
        dag = workflow.dag
        self.kinds = {dag.jobid(job): (kind_of(job), job.output) for job in dag.needrun_jobs() if not job.is_group()}
        self.left = Counter(kind for kind, _ in self.kinds.values())

    def note_work(self, number):
        """Count a job that went well, an instance by the seconds that its log tells."""
        kind, output = self.kinds.pop(number, (None, ()))
        self.left[kind] -= 1
        if kind is None:
            self.worked += OF_OTHER_JOB_S
            return
        self.costs.note(kind, seconds_of(output[0], kind.n_steps))
        self.worked += self.costs.seconds(kind)

    def work_left(self):
        """What is left, in seconds of work."""
        return sum(
            n * (OF_OTHER_JOB_S if kind is None else self.costs.seconds(kind)) for kind, n in self.left.items() if n > 0
        )

    def note_failure(self, number, said):
        if number not in self.running:
            self.running = {workflow.dag.jobid(job): job for job in list(workflow.scheduler.running)}
        job = self.running.get(number)
        if job is None:
            return
        line, is_mistake = own_line(job, said)
        disk = full_disk(job.output[0])
        if disk is not None:  # the job's log lies there, too, and has no room for the reason
            line = f"the disk of {disk} is full: no space left on device ({line})"
            print(f"{job.output[0]}: {line}", file=sys.stderr, flush=True)
        if is_mistake:
            # the scheduler asks for it after this; the setter would estimate the resources anew that it frees now
            job._attempt = job.restart_times + 1
        self.failures[number] = [
            f"{job.rule.name}: {job.output[0]}",
            line,
            *([f"log: {job.log[0]}"] if job.log else []),
            *([" ".join(said.split())] if said and said.strip() != line else []),
        ]

    def tell_failures(self):
        """Repeat what each failed job said: nobody scrolls up."""
        told = list(self.failures.values())
        if not told:
            return
        lines = [f"{len(told)} job{'s' * (len(told) != 1)} failed:"]
        for first, *others in told[:MOST_FAILURES_TOLD]:
            lines += [first, *(f"    {line}" for line in others)]
        if len(told) > MOST_FAILURES_TOLD:
            lines.append(f"and {len(told) - MOST_FAILURES_TOLD} more, see Snakemake's log.")
        print("\n".join(lines), file=sys.stderr, flush=True)

    @staticmethod
    def tell_warnings(log):
        """Show what a choice warns of: a range that is too narrow is of no use in a log that nobody opens."""
        with contextlib.suppress(OSError), open(log, encoding="utf-8", errors="replace") as file:
            for line in file:
                if line.startswith("warning: "):
                    print(line.rstrip(), file=sys.stderr, flush=True)

    def install(self):
        self.costs = finished_costs()
        self.plan(len(workflow.dag))
        if any(kind is not None for kind in self.left) and not workflow.remote_exec and self.must_compile():
            said = "colosseum: compiling all kernels first, once for this installation: it takes minutes"
            print(said, file=sys.stderr, flush=True)
        for handler in logger.handlers:
            if handler.get_name() == "DefaultStreamHandler" and not workflow.output_settings.verbose:
                handler.addFilter(self.is_shown)
        logger.addHandler(self)

    @staticmethod
    def must_compile():
        """Whether no run on this machine has compiled the kernels of this installation yet."""
        published = numba_cache.published_folder()
        return published is not None and not published.is_dir()

    def is_shown(self, record):
        event = getattr(record, "event", None)
        return event not in self.HIDDEN and not (event is None and str(record.msg).startswith(self.CHATTER))


def remove_what_is_not_configured():
    """Remove configurations of environments and agents that the study no longer has, so that no command takes them."""
    for interactions in INTERACTIONS.values():
        for kind, names in (
            (layout.AGENTS_CONFIGS, interactions.agents),
            (layout.MDP_CONFIGS, interactions.mdp_classes),
        ):
            for path in glob.glob(f"{glob.escape(interactions.folder)}/{kind}/*.gin"):
                if os.path.basename(path).removesuffix(".gin") not in names:
                    os.remove(path)


def take_off_submission_limit():
    """
    Lift Snakemake's limit of 100 submissions a second, which nobody asked for; another one stays.

    With a limit each look at the jobs that are ready is followed by another one a second later, which is followed by
    another one, for good. So after n jobs Snakemake looks n times a second, and is soon busy with nothing else.
    """
    limit = workflow.scheduler.job_rate_limiter
    if limit is not None and (limit.max_jobs, limit.timespan) == (100, 1):
        workflow.scheduler.job_rate_limiter = None


PROGRESS = JobProgress()


onstart:
    if MAIN:  # a cluster job is a Snakemake of its own, but none of this is its
        take_off_submission_limit()
        if HELD is not None:
            HELD.begin()
        STUDY.write_identity()
        remove_what_is_not_configured()
        note_contents()
        PROGRESS.install()


onerror:
    PROGRESS.tell_failures()
    NOTES.tell_kept()


# Snakemake takes the handlers of the main Snakefile alone. A workflow that uses this one as a module has these as well,
# unless handlers follow there; then those call `colosseum.onstart()` and `colosseum.onerror()`.
if not workflow.modifier.is_main_snakefile():
    workflow._onstart, workflow._onerror = (
        lambda log, theirs=workflow._onstart: (onstart(), theirs(log)),
        lambda log, theirs=workflow._onerror: (onerror(), theirs(log)),
    )
