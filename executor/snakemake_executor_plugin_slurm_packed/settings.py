"""The keys of a profile that are the executor's own."""

# no `from __future__ import annotations`: Snakemake reads the types

from dataclasses import dataclass, field

from snakemake.exceptions import CliException
from snakemake_interface_executor_plugins.settings import ExecutorSettingsBase

from . import hooks, run_notes


@dataclass
class ExecutorSettings(ExecutorSettingsBase):
    """The keys of a profile; on the command line and in profiles each begins with `slurm-packed-`."""

    jobs_per_submission: int = field(
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
            "(modules that rules import)."
        },
    )
    scratch: str = field(
        default="", metadata={"help": "Node-local folder for temporary files ('$TMPDIR'). Default: TMPDIR or /tmp."}
    )
    session: str = field(
        default="",
        metadata={"help": "Hook, as module:function: prepares the node for the jobs of a submission (hooks.Session)."},
    )
    versions: str = field(
        default="",
        metadata={
            "help": "Hook, as module:function: versions that head and node must agree on beside those of Python and "
            "Snakemake (hooks.Versions)."
        },
    )
    whole: str = field(
        default="",
        metadata={
            "help": "Hook, as module:function: tells of an output of a killed run whether it is whole and its job need "
            "not run again (hooks.Whole)."
        },
    )
    recover: str = field(
        default="python -m snakemake_executor_plugin_slurm_packed",
        metadata={"help": "The command that messages about a killed run tell people to type."},
    )
    logdir: str = field(
        default="",
        metadata={
            "help": "Where Slurm writes the output of its jobs; must be visible on the nodes. Default: "
            ".snakemake/slurm-packed/logs, or in the storage's folder if the nodes do not see that."
        },
    )
    keep_logs: bool = field(default=False, metadata={"help": "Keep the output of Slurm jobs without a failure too."})

    def __post_init__(self) -> None:
        for name, least in (
            ("jobs_per_submission", 1),
            ("cpus_per_submission", 1),
            ("minutes_per_submission", 1),
            ("submissions", 1),
            ("linger", 0),
        ):
            if getattr(self, name) < least:
                raise CliException(
                    f"slurm-packed-{name.replace('_', '-')} is {getattr(self, name)}, but must be at least {least}."
                )
        for hook in ("session", "versions", "whole"):
            if getattr(self, hook):
                try:
                    hooks.check_name(getattr(self, hook))
                except hooks.HookError as error:
                    raise CliException(f"slurm-packed-{hook}: {error}") from None
        refuse_killed_run(self.recover)


def refuse_killed_run(command: str) -> None:
    """Say in time what Snakemake's own message about a locked folder leaves out."""
    for run in run_notes.find():
        if not run.alive:
            raise CliException(
                f"The run {run.run_id} in this folder was killed; its Slurm jobs may go on. Type\n"
                f"    {command}\n"
                "(it waits for those jobs, or with --cancel cancels them, and unlocks the folder), then repeat this "
                "command."
            )
