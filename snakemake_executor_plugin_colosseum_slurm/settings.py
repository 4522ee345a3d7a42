"""The keys of a profile that are the executor's own."""

# no `from __future__ import annotations`: Snakemake reads the types

from dataclasses import dataclass, field

from snakemake.exceptions import CliException
from snakemake_interface_executor_plugins.settings import ExecutorSettingsBase

from colosseum.cluster import runs


@dataclass
class ExecutorSettings(ExecutorSettingsBase):
    """The keys of a profile; on the command line and in profiles each begins with `colosseum-slurm-`."""

    instances_per_submission: int = field(
        default=10, metadata={"help": "How many jobs share one Slurm job, at most (1: none shares)."}
    )
    cpus_per_submission: int = field(
        default=1, metadata={"help": "CPUs of one Slurm job: as many of its jobs run at a time."}
    )
    minutes_per_submission: int = field(
        default=240, metadata={"help": "Fewer jobs share a Slurm job where it would ask for more minutes than this."}
    )
    submissions: int = field(
        default=100,
        metadata={"help": "How many Slurm jobs wait or run at a time, at most; the rest stays on the head."},
    )
    linger: int = field(
        default=3, metadata={"help": "Seconds to wait for more ready jobs before submitting fewer than could share."}
    )
    python: str = field(
        default="",
        metadata={
            "help": "The command that starts Python on the nodes, if it is not the head's: a path, or 'apptainer exec "
            "IMAGE python'."
        },
    )
    prologue: str = field(default="", metadata={"help": "Shell lines to run first on the node ('module load ...')."})
    storage: str = field(
        default="",
        metadata={
            "help": "Where the nodes do not see the working directory: the Snakemake storage plugin (fs, s3, ...) "
            "through which inputs and outputs travel."
        },
    )
    storage_prefix: str = field(
        default="", metadata={"help": "What names in the storage begin with: a folder, for fs."}
    )
    sources: str = field(
        default="",
        metadata={
            "help": "With a storage: files and folders, separated by blanks, that jobs need beside the workflow "
            "(modules with agents of one's own)."
        },
    )
    scratch: str = field(
        default="", metadata={"help": "Node-local folder for temporary files ('$TMPDIR'). Default: TMPDIR or /tmp."}
    )
    kernel_cache: str = field(
        default="",
        metadata={
            "help": "Folder, seen by the nodes, in which compiled kernels are kept from one submission to the next; "
            "'none' keeps none. Default: ~/.cache/colosseum/numba."
        },
    )
    logdir: str = field(
        default="",
        metadata={
            "help": "Where Slurm writes the output of its jobs; must be visible on the nodes. Default: "
            ".snakemake/colosseum-slurm/logs, or in the storage's folder if the nodes do not see that."
        },
    )
    keep_logs: bool = field(default=False, metadata={"help": "Keep the output of Slurm jobs without a failure too."})

    def __post_init__(self) -> None:
        for name, least in (
            ("instances_per_submission", 1),
            ("cpus_per_submission", 1),
            ("minutes_per_submission", 1),
            ("submissions", 1),
            ("linger", 0),
        ):
            if getattr(self, name) < least:
                raise CliException(
                    f"colosseum-slurm-{name.replace('_', '-')} is {getattr(self, name)}, but must be at least {least}."
                )
        refuse_killed_run()


def refuse_killed_run() -> None:
    """Say in time what Snakemake's own message about a locked folder leaves out."""
    for run in runs.find():
        if not run.alive:
            raise CliException(
                f"The run {run.run_id} in this folder was killed; its Slurm jobs may go on. Type\n"
                "    python -m colosseum recover\n"
                "(it waits for those jobs, or with --cancel cancels them, and unlocks the folder), then repeat this "
                "command."
            )
