"""Parts of other programs that they do not promise to keep, and that this one leans on: each fails here by its name.

Those of the executor are in executor/tests/test_snakemake_parts.py.
"""

import subprocess
import sys
from pathlib import Path

import pytest
import scipy.stats

SNAKEFILE = """
from snakemake.logging import logger
from snakemake_interface_logger_plugins.common import LogEvent

found = {
    # progress.smk: fewer lines on the terminal
    "the log handler DefaultStreamHandler": any(h.get_name() == "DefaultStreamHandler" for h in logger.handlers),
    "LogEvent": all(hasattr(LogEvent, e) for e in ("JOB_INFO", "JOB_STARTED", "JOB_FINISHED", "PROGRESS", "JOB_ERROR")),
    "workflow.output_settings.verbose": hasattr(workflow.output_settings, "verbose"),
    # common.smk
    "workflow.is_main_process": hasattr(workflow, "is_main_process"),
    "workflow.configfiles": hasattr(workflow, "configfiles"),
    "workflow.resource_settings.default_resources": hasattr(workflow.resource_settings, "default_resources"),
    "workflow.storage_settings.default_storage_provider": hasattr(
        workflow.storage_settings, "default_storage_provider"
    ),
    # Snakefile: the study that stands for itself
    "workflow.overwrite_configfiles": hasattr(workflow, "overwrite_configfiles"),
}

rule all:
    input: "there.txt", "after.txt"

def asks(wildcards):
    # common.smk: a log that is invalid is made again although it is there
    found["workflow.dag.forcefiles"] = hasattr(workflow.dag, "forcefiles")
    workflow.dag.forcefiles.add("there.txt")
    return "there.txt"

checkpoint there:
    output: "there.txt"
    shell: "echo made >> made; touch {output}"

rule after:
    input: asks
    output: "after.txt"
    shell: "touch {output}"

for _rule in workflow.rules:
    # Snakefile: without the barrier a checkpoint is a rule like others
    if _rule.name == "there":
        found["rule.is_checkpoint"] = _rule.is_checkpoint is True
        _rule.is_checkpoint = False

onsuccess:
    # progress.smk: a mistake is not tried again
    found["workflow.scheduler.running"] = isinstance(workflow.scheduler.running, set)
    limit = workflow.scheduler.job_rate_limiter
    found["job_rate_limiter of 100 jobs a second"] = (limit.max_jobs, limit.timespan) == (100, 1)
    found["job._attempt"] = all(job._attempt == 1 for job in workflow.dag.jobs)
    for part, is_there in found.items():
        if not is_there:
            print("VANISHED:", part)
    print("checked", len(found), "parts")
"""


def test_parts_of_snakemake(tmp_path: Path) -> None:
    (tmp_path / "Snakefile").write_text(SNAKEFILE)
    (tmp_path / "there.txt").touch()
    (tmp_path / "after.txt").touch()
    done = subprocess.run(
        [sys.executable, "-m", "snakemake", "--cores", "1"], cwd=tmp_path, capture_output=True, text=True, timeout=120
    )
    assert done.returncode == 0, done.stderr
    said = done.stdout + done.stderr
    assert "VANISHED" not in said, said
    assert "checked 13 parts" in said
    assert (tmp_path / "made").exists(), "workflow.dag.forcefiles makes nothing again"


def test_locks_of_snakemake() -> None:
    """locks.smk: an end removes what it wrote."""
    import inspect

    from snakemake.persistence import PersistenceBase
    from snakemake.persistence.file import FilePersistence

    for name in ("_delete_locks", "_read_locks"):
        assert name in vars(FilePersistence), f"FilePersistence.{name} of snakemake.persistence.file"
        assert f"self.{name}(" in inspect.getsource(PersistenceBase), f"who calls {name}"
    assert "self._lockfile[lock_type] = lockfile" in inspect.getsource(FilePersistence._write_locks), "_lockfile"


def test_part_of_numba_that_looks_for_a_blas() -> None:
    """commands/run.py: numba believes that scipy has no BLAS, and does not import it."""
    code = (
        "import sys\n"
        "from colosseum.commands.run import _load_numba_without_blas\n"
        "_load_numba_without_blas()\n"
        "import numba, numba.np.arraymath\n"
        "assert 'scipy.linalg' not in sys.modules, 'scipy.linalg.cython_blas is not what numba looks for'\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr


def test_part_of_numba_that_takes_arrays_apart() -> None:
    """mdp/sampling.py: an array without its count of references."""
    from numba import types
    from numba.core import cgutils

    array = cgutils.create_struct_proxy(types.Array(types.float64, 1, "C"))
    assert hasattr(array, "_getvalue"), "_getvalue of numba.core.cgutils.create_struct_proxy has vanished"


@pytest.mark.parametrize("name", ["dist", "args", "kwds"])
def test_parts_of_a_frozen_distribution(name: str) -> None:
    """mdp/rewards.py: what a frozen distribution of scipy was made from."""
    frozen = scipy.stats.beta(2.0, b=3.0, scale=4.0)
    assert hasattr(frozen, name), f"{name} of a frozen distribution of scipy.stats has vanished"
    assert (frozen.dist.name, frozen.args, frozen.kwds) == ("beta", (2.0,), {"b": 3.0, "scale": 4.0})


def test_numbas_cache():
    """colosseum/utils/compiled.py: a damaged cache is compiled again."""
    import inspect

    from numba.core.caching import Cache, FunctionCache, IndexDataCacheFile

    for name in ("_load_overload", "_save_overload"):
        assert name in vars(Cache) and name not in vars(FunctionCache), f"numba.core.caching.Cache.{name}"
        assert f"self.{name}(" in inspect.getsource(Cache), f"who calls {name}"
    assert "save" in vars(IndexDataCacheFile), "numba.core.caching.IndexDataCacheFile.save"
    text = inspect.getsource(IndexDataCacheFile) + inspect.getsource(Cache)
    for name in ("_index_path", "_cache_path", "_cache_file"):
        assert f"self.{name} = " in text, name
