"""From Snakemake's jobs to what is asked of Slurm and told to the node."""

from __future__ import annotations

import math
import os
import shlex
import sys
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from snakemake_interface_common.exceptions import WorkflowError
from snakemake_interface_executor_plugins.jobs import JobExecutorInterface
from snakemake_interface_executor_plugins.utils import format_cli_arg, join_cli_args

from colosseum.cluster import slurm

from .submission import Entry, archive, versions

if TYPE_CHECKING:
    from .executor import Executor

#: Resources of a rule or profile, by the names of Snakemake's own Slurm executor, and their options of `sbatch`.
_RESOURCE_OPTIONS = {
    "slurm_account": "account",
    "slurm_partition": "partition",
    "slurm_qos": "qos",
    "constraint": "constraint",
}

#: Bytes of the workflow's sources in a batch script; Slurm takes scripts of 4 MiB by default.
_LARGEST_SOURCES = 2 << 20


class Orders:
    """Reads jobs, the workflow and the profile on behalf of an executor."""

    def __init__(self, executor: Executor) -> None:
        self._executor = executor
        self._limits: dict[str, int | None] | None = None
        self._common: dict[str, Any] | None = None

    def entry(self, job: JobExecutorInterface) -> Entry:
        """What a job asks for."""
        resources = job.resources
        runtime, mem_mb = resources.get("runtime"), resources.get("mem_mb")
        minutes = runtime if isinstance(runtime, int) else 10
        # a rule may say the same more exactly; a profile that sets the minutes is right
        exact = resources.get("runtime_s")
        seconds = exact if isinstance(exact, int) and math.ceil(exact / 60) == minutes else 60 * minutes
        options = [
            f"--{option}={resources.get(name)}" for name, option in _RESOURCE_OPTIONS.items() if resources.get(name)
        ]
        options += shlex.split(str(resources.get("slurm_extra") or ""))
        inputs, outputs = list(map(str, job.input)), [str(path) for path in (*job.output, *job.log)]
        if self._executor.stage is not None:
            for path in (*inputs, *outputs):
                if os.path.isabs(path) or path.startswith(".."):
                    raise WorkflowError(
                        f"{path}: with colosseum-slurm-storage all files must lie below the working directory."
                    )
        first = next(iter(job.output), "")
        if getattr(first, "is_storage", False):
            first = first.storage_object.query
        return Entry(
            job=job,
            # a group is a Snakemake of its own, with several jobs in it
            argv=[] if job.is_group() else shlex.split(self._executor.get_job_args(job)),
            command=self._executor.format_job_exec(job) if job.is_group() else "",
            name=f"{job.name} {first}".strip(),
            threads=max(1, job.threads),
            mem_mb=mem_mb if isinstance(mem_mb, int) else 1000,
            seconds=seconds,
            options=tuple(options),
            inputs=inputs,
            outputs=outputs,
        )

    def shared(self) -> dict[str, Any]:
        """What is the same for all submissions of the run."""
        if self._common is None:
            factory = self._executor.workflow.spawned_job_args_factory
            argv = join_cli_args(
                [
                    format_cli_arg("--snakefile", self._executor.get_snakefile()),
                    factory.general_args(executor_common_settings=self._executor.common_settings),
                    format_cli_arg("--mode", self._executor.get_exec_mode().item_to_choice()),
                ]
            )
            self._common = {
                "common_argv": shlex.split(argv),
                "precommand": factory.precommand(executor_common_settings=self._executor.common_settings),
                "workdir": self._executor.workdir,
                "sources": self._sources() if self._executor.workdir is None else "",
                "storage": asdict(self._executor.stage.storage) if self._executor.stage is not None else None,
                "scratch": self._executor.settings.scratch,
                "kernels": self._executor.settings.kernel_cache,
                "versions": versions(),
                "environment": self._executor.envvars(),
            }
        return self._common

    def limit_s(self, entry: Entry) -> int:
        """Seconds that the entry's partition allows: Slurm takes a job that asks for more, and never starts it."""
        if self._limits is None:
            try:
                self._limits = slurm.time_limits()
            except slurm.SlurmError:
                return sys.maxsize  # asked again the next time
        partition = next((word.partition("=")[2] for word in entry.options if word.startswith("--partition=")), "")
        minutes = self._limits.get(partition)
        return sys.maxsize if minutes is None else 60 * minutes

    def _sources(self) -> str:
        """What a job needs of the working directory, for nodes that do not see it, as the text of an archive."""
        roots = [Path("workflow"), *map(Path, self._executor.settings.sources.split())]
        paths = [path for root in roots for path in ([root] if root.is_file() else sorted(root.rglob("*")))]
        workflow = self._executor.workflow
        paths += [Path(os.path.relpath(path)) for path in (workflow.main_snakefile, *workflow.configfiles)]
        paths = [path for path in dict.fromkeys(paths) if path.is_file() and "__pycache__" not in path.parts]
        outside = [str(path) for path in paths if path.is_absolute() or ".." in path.parts]
        if outside:
            raise WorkflowError(f"{outside[0]}: lies outside the working directory, so it cannot travel to the nodes.")
        text = archive(paths)
        if len(text) > _LARGEST_SOURCES:
            raise WorkflowError(
                f"The sources ({', '.join(map(str, roots))}) have {len(text) >> 10} KiB, more than a batch script can "
                "carry; install modules of your own on the nodes instead of naming them in colosseum-slurm-sources."
            )
        return text
