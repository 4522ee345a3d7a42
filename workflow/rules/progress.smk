# What the main process tells while it runs, and what it does before the first job. Nothing of this is in a cluster job.
import logging
import time
from collections import deque

from snakemake.logging import logger
from snakemake_interface_logger_plugins.common import LogEvent


class Progress(logging.Handler):
    """
    Prints how many jobs are done of all, and the time that is left, instead of several lines for each job.

    Snakemake's own lines are in its log file (.snakemake/log) as ever, and on the terminal with --verbose.
    """

    EVERY_S = 5
    WINDOW = 100  # the time left follows from the pace of so many last jobs
    HIDDEN = {LogEvent.JOB_INFO, LogEvent.JOB_STARTED, LogEvent.JOB_FINISHED, LogEvent.PROGRESS}
    CHATTER = ("Select jobs to execute", "DAG of jobs will be updated", "Updating checkpoint dependencies")

    def __init__(self):
        super().__init__()
        now = time.monotonic()
        self.finished = deque([now], maxlen=self.WINDOW)
        self.printed = now
        self.failed = 0

    def emit(self, record):
        event = getattr(record, "event", None)
        if event == LogEvent.JOB_ERROR:
            self.failed += 1
        elif event == LogEvent.PROGRESS:
            now = time.monotonic()
            self.finished.append(now)
            if record.done == record.total or now - self.printed >= self.EVERY_S:
                self.printed = now
                print(self.line(record.done, record.total), file=sys.stderr, flush=True)

    def line(self, done, total):
        text = f"[{time.strftime('%H:%M:%S')}] {done} of {total} jobs done ({100 * done // total} %)"
        if self.failed:
            text += f", {self.failed} failed attempts"
        span = self.finished[-1] - self.finished[0]
        if done < total and span > 0:
            text += f", about {self.duration((total - done) * span / (len(self.finished) - 1))} left"
        return text

    @staticmethod
    def duration(seconds):
        if seconds < 90:
            return f"{seconds:.0f} s"
        minutes = round(seconds / 60)
        return f"{minutes} min" if minutes < 90 else f"{minutes // 60} h {minutes % 60} min"

    def install(self):
        for handler in logger.handlers:
            if handler.get_name() == "DefaultStreamHandler" and not workflow.output_settings.verbose:
                handler.addFilter(self.is_shown)
        logger.addHandler(self)

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
            for path in glob.glob(f"{interactions.folder}/{kind}/*.gin"):
                if os.path.basename(path).removesuffix(".gin") not in names:
                    os.remove(path)


onstart:
    STUDY.write_identity()
    remove_what_is_not_configured()
    Progress().install()
