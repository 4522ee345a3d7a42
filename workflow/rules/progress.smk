# What the main process tells while it runs, and what it does before the first job. Nothing of this is in a cluster job.
import logging

from snakemake.logging import logger
from snakemake_interface_logger_plugins.common import LogEvent

from colosseum.progress import Progress


class JobProgress(logging.Handler):
    """
    Prints how many jobs are done of all, and the time that is left, instead of several lines for each job.

    Snakemake's own lines are in its log file (.snakemake/log) as ever, and on the terminal with --verbose.
    """

    HIDDEN = {LogEvent.JOB_INFO, LogEvent.JOB_STARTED, LogEvent.JOB_FINISHED, LogEvent.PROGRESS}
    CHATTER = ("Select jobs to execute", "DAG of jobs will be updated", "Updating checkpoint dependencies")

    def __init__(self):
        super().__init__()
        self.progress = Progress(what="jobs", every_s=5, style="lines", failures="failed attempts", has_clock=True)

    def emit(self, record):
        event = getattr(record, "event", None)
        if event == LogEvent.JOB_ERROR:
            self.progress.failed += 1
        elif event == LogEvent.PROGRESS:
            self.progress.update(record.done, record.total)

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
    JobProgress().install()
