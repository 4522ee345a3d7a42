# Before Snakemake reads the study: what it could not take ends here in one line, and what YAML reads otherwise is told.
from pathlib import Path

from snakemake.logging import logger

from colosseum import neighbours
from colosseum.errors import ColosseumError
from colosseum.study.text import inspect_study_file

if workflow.is_main_process:
    neighbours.refuse()
    if {"{", "}"} & set(str(workflow.basedir)):
        raise SystemExit(
            f"colosseum: error: {workflow.basedir}: Snakemake reads the braces in the name of this folder; rename it."
        )
    # a workflow that uses this one as a module has read its files
    for _path in workflow.overwrite_configfiles or (
        workflow.configfiles if workflow.modifier.skip_configfile else ["config.yaml"]
    ):
        try:
            for _note in inspect_study_file(Path(_path)):
                logger.warning(f"note: {_note}")
        except ColosseumError as _error:
            raise SystemExit(f"colosseum: error: {_error}") from None
