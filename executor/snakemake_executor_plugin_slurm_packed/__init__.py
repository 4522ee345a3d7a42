"""A Snakemake executor for Slurm in which several short jobs share one submission.

Snakemake's own `slurm` executor pays two starts of Snakemake for every job, and in its job groups one failing member
takes the finished ones with it. Here the head packs ready jobs into submissions, one process on the node forks a
child for each (see `runner`), and each job is reported to Snakemake by itself: its success, its failure, its retry.
An accounting database is not needed.

What Snakemake asks of a plugin is loaded when it asks: `recovery` and `snakemake_state` start without Snakemake.
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .executor import Executor
    from .settings import ExecutorSettings

__version__ = "0.1.0"
__all__ = ["Executor", "ExecutorSettings", "common_settings"]


def __getattr__(name: str) -> Any:
    if name == "Executor":
        from .executor import Executor

        return Executor
    if name == "ExecutorSettings":
        from .settings import ExecutorSettings

        return ExecutorSettings
    if name == "common_settings":
        from snakemake_interface_executor_plugins.settings import CommonSettings

        return CommonSettings(
            non_local_exec=True,
            implies_no_shared_fs=False,
            job_deploy_sources=False,
            pass_default_storage_provider_args=True,
            pass_default_resources_args=True,
            pass_envvar_declarations_to_cmd=False,
            auto_deploy_default_storage_provider=False,
            init_seconds_before_status_checks=1,
        )
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
