# Content decides what is stale: what is there, but is not what its job would make of its inputs as they are, is made again.
import contextlib
import functools
import logging

from snakemake.logging import logger
from snakemake_interface_logger_plugins.common import LogEvent

from colosseum.errors import ColosseumError
from colosseum.experiment.instance_file import digest_for_log, instance_digest
from colosseum.logs.columns import INSTANCE_DIGITS
from colosseum.study.contents import Contents, Product
from colosseum.study.products import analysis_products, decided_by, overview, page, products
from colosseum.utils.files import replace_link


def all_products():
    """What the jobs of this study make, but for the logs."""
    yield from BEFORE_ANALYSIS
    for interactions in [*OPTIMISATIONS.values(), *BENCHMARKS.values()]:
        kinds = KINDS_OF_OPTIMISATIONS if interactions.name in HYPEROPT else KINDS
        yield from analysis_products(STUDY, interactions, kinds, *summary_of(interactions))
    if shown(BENCHMARKS):
        yield overview(STUDY, shown(BENCHMARKS))
    if shown(INTERACTIONS):
        yield page(STUDY, shown(BENCHMARKS), shown(OPTIMISATIONS), configuration_text())


def run_of(log):
    """The run of an instance, which made a log."""
    return Product((log,), (layout.pickle_of_log(log),), "")


def is_damaged(path):
    """Whether it is a pickle that no run can take, though its job has just ended: the next start makes it again."""
    if not path.endswith(".pkl"):
        return False
    try:
        instance_digest(path)
    except ColosseumError:
        return True
    return False


def stay_planned(outputs):
    """
    Have the jobs run that read what a job has just made, though it may have come out as it was.

    They are planned. Snakemake would take a checkpoint among them off the plan again, and what waits for it is looked at
    only when it finishes: it would be left out, or begin with inputs that are not known yet.
    """
    for path in outputs:
        workflow.dag.forcefiles.update(DECIDED_BY.get(path, ()))


class ContentNotes(logging.Handler):
    """Notes what each job made from what, once it is done; and keeps a log that is made anew until the new one is whole."""

    def __init__(self):
        super().__init__()
        self.running = {}
        self.kept = set()

    def emit(self, record):
        event = getattr(record, "event", None)
        if event == LogEvent.JOB_INFO and record.output:
            output = record.output[0]
            is_run = layout.parse_log_name(os.path.basename(output)) is not None
            product = run_of(output) if is_run else PRODUCTS.get(output)
            if product is not None:
                self.running[record.jobid] = product, CONTENTS.sources(product)
            # Snakemake removes outputs before a job
            if is_run and os.path.exists(output) and output not in INVALID:
                self.kept.add(output)
                replace_link(output, layout.previous_log(output))
        elif event == LogEvent.JOB_FINISHED and record.job_id in self.running:
            product, sources = self.running.pop(record.job_id)
            if not any(map(is_damaged, product.outputs)):
                CONTENTS.note(product, sources)
            stay_planned(product.outputs)
            # an earlier start may have kept it, too
            with contextlib.suppress(FileNotFoundError):
                os.remove(layout.previous_log(product.outputs[0]))
            self.kept.discard(product.outputs[0])

    def tell_kept(self):
        for log in sorted(self.kept):
            print(
                f"{log}: its run did not end; the log that it was to replace is {layout.previous_log(log)}",
                file=sys.stderr,
            )


CONTENTS = Contents(layout.study_contents_file(BENCHMARKING_ROOT))
BEFORE_ANALYSIS = list(products(STUDY)) if MAIN and not INCOMPLETE else []
PRODUCTS = {product.outputs[0]: product for product in all_products()} if MAIN else {}
DECIDED_BY = decided_by(BEFORE_ANALYSIS)
NOTES = ContentNotes()

# For each product the output that stands for it. A report makes nothing.
STALE = set()
if MAIN and not any(argument.startswith("--report") for argument in sys.argv):
    STALE.update(product.outputs[0] for product in CONTENTS.stale(PRODUCTS.values()))


@functools.cache
def find_stale_logs(benchmark, agent):
    """Look for logs of other pickles than those that are there now, which are final; each agent is looked at once."""
    STALE.update(log for log in INTERACTIONS[benchmark].logs(agent) if os.path.exists(log) and is_of_another(log))


def is_of_another(log):
    """Whether another instance made a log than the one that is in its pickle now: it says so, or it was noted."""
    if MADE_BY.get(log):
        digest = digest_for_log(log)
        return bool(digest) and MADE_BY[log] != digest[:INSTANCE_DIGITS]
    return CONTENTS.is_from_elsewhere(run_of(log))


def note_contents():
    CONTENTS.tidy()
    logger.addHandler(NOTES)
