# Agents through hyperparameter optimisation and benchmarking to a report: see README.md, and config.yaml for the study.
from snakemake.utils import min_version

min_version("9.27")


include: "workflow/rules/study_file.smk"


# A study file that is given on the command line stands for itself: nothing is taken from config.yaml then.
if not workflow.overwrite_configfiles:

    configfile: "config.yaml"


report: "workflow/report/workflow.rst"


include: "workflow/rules/locks.smk"
include: "workflow/rules/common.smk"
include: "workflow/rules/rungs.smk"
include: "workflow/rules/contents.smk"
include: "workflow/rules/progress.smk"
include: "workflow/rules/hyperopt.smk"
include: "workflow/rules/benchmark.smk"
include: "workflow/rules/instances.smk"
include: "workflow/rules/hardness.smk"
include: "workflow/rules/analysis.smk"


# Where nothing waits for a checkpoint it is a rule like others: after each checkpoint Snakemake goes through the whole graph,
# which takes seconds in a study of 10,000 jobs.
if not BARRIER:
    for _rule in workflow.modifier.rules:
        _rule.is_checkpoint = False


rule all:
    default_target: True
    input:
        *hyperopt_targets(),
        *benchmark_targets(),
        *analysis_targets(),
    message:
        "the study is complete"
