"""Files between the head and nodes that share no file system, through a storage that both reach.

The storage is that of a Snakemake storage plugin: fs (a folder that both see), s3, sftp and so on. The inputs of a
submission travel as one object, the outputs of each job as one; both are removed once they arrived. So Snakemake's own
files stay where they are without a cluster, below the working directory.
"""

from __future__ import annotations

import json
import logging
import os
import shutil
import tarfile
import tempfile
from collections.abc import Iterable
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from platform import node
from typing import Any

from snakemake_interface_common.exceptions import WorkflowError
from snakemake_interface_storage_plugins.registry import StoragePluginRegistry

from .submission import Submission, extract


@dataclass(frozen=True)
class Storage:
    """
    Which storage, and where in it; plain values that fit into a batch script.

    Attributes
    ----------
    provider : str
        Name of the plugin.
    prefix : str
        What the names of all objects begin with.
    settings : dict
        The plugin's settings, without secrets: those come from the environment.
    """

    provider: str
    prefix: str
    settings: dict[str, Any]


def storage_of(provider: str, prefix: str, settings: Any) -> Storage:
    """
    Describe a storage.

    Parameters
    ----------
    provider, prefix : str
    settings : object or None
        The plugin's settings, as Snakemake read them.

    Raises
    ------
    WorkflowError
        If there is no such plugin or no prefix.
    """
    plugins = StoragePluginRegistry()
    if not plugins.is_installed(provider):
        raise WorkflowError(
            f"slurm-packed-storage is {provider!r}, but the installed storage plugins are "
            f"{', '.join(sorted(plugins.get_registered_plugins())) or 'none'}."
        )
    if not prefix:
        raise WorkflowError("slurm-packed-storage needs slurm-packed-storage-prefix: where in it to put files.")
    plain = {}
    for field in fields(settings) if settings is not None else ():
        value = getattr(settings, field.name)
        if value is not None and not field.metadata.get("env_var") and isinstance(value, str | int | float | bool):
            plain[field.name] = value
    return Storage(provider, prefix.rstrip("/"), plain)


class Store:
    """
    Objects in a storage, each an archive of files.

    Parameters
    ----------
    storage : Storage
    base : Path
        The folder that the names of the files are relative to.

    Raises
    ------
    WorkflowError
        If what the storage copies with is not installed here.
    """

    def __init__(self, storage: Storage, base: Path) -> None:
        if storage.provider == "fs" and shutil.which("rsync") is None:
            raise WorkflowError(f"slurm-packed-storage: fs copies by rsync, which is not on the PATH of {node()}.")
        plugin = StoragePluginRegistry().get_plugin(storage.provider)
        settings = None
        if plugin.settings_cls is not None:
            secrets = {
                field.name: os.environ[plugin.get_envvar(field.name)]
                for field in fields(plugin.settings_cls)
                if field.metadata.get("env_var") and plugin.get_envvar(field.name) in os.environ
            }
            settings = plugin.settings_cls(**storage.settings, **secrets)
        self._base = base
        self._prefix = storage.prefix
        self._scratch = tempfile.TemporaryDirectory(prefix="slurm-packed-staging-", ignore_cleanup_errors=True)
        self._local = Path(self._scratch.name)
        self._provider = plugin.storage_provider(
            local_prefix=self._local / "prefix", logger=logging.getLogger(__name__), settings=settings
        )

    def _object(self, name: str) -> tuple[Any, Path]:
        found = self._provider.object(f"{self._prefix}/{name}")
        local = self._local / name
        found.set_local_path(local)
        return found, local

    def put(self, name: str, paths: Iterable[str]) -> None:
        """Store files as one object; those that do not exist are left out."""
        found, local = self._object(name)
        with tarfile.open(local, "w:gz", compresslevel=3) as packed:
            for path in paths:
                if (self._base / path).exists():
                    packed.add(self._base / path, arcname=path)
        try:
            found.store_object()
        finally:
            local.unlink(missing_ok=True)

    def get(self, name: str) -> None:
        """Fetch the files of an object; each appears whole or not at all."""
        found, local = self._object(name)
        if not found.exists():
            raise FileNotFoundError(f"the storage has no {self._prefix}/{name}")
        found.retrieve_object()
        try:
            with tempfile.TemporaryDirectory(prefix=".slurm-packed-", dir=self._base) as fresh:
                with tarfile.open(local) as packed:
                    extract(packed, Path(fresh))
                    names = [member.name for member in packed.getmembers() if member.isfile()]
                for path in names:
                    target = self._base / path
                    target.parent.mkdir(parents=True, exist_ok=True)
                    os.utime(Path(fresh, path))  # newer than its inputs, whatever the clocks say
                    os.replace(Path(fresh, path), target)
        finally:
            local.unlink(missing_ok=True)

    def remove(self, name: str) -> None:
        """Remove an object, if it is there."""
        found, _ = self._object(name)
        if found.exists():
            found.remove()


class Ledger:
    """
    Which outputs are on their way, on disk, so that they are not lost with the head's process.

    Parameters
    ----------
    path : Path
        A file of the run.
    """

    def __init__(self, path: Path) -> None:
        self.path = path

    def begin(self, storage: Storage) -> None:
        """Note the storage."""
        self._append({"storage": asdict(storage)})

    def expect(self, name: str, outputs: list[str]) -> None:
        """Note an object that a job will make, and the files that will be in it."""
        self._append({"object": name, "outputs": outputs})

    def _append(self, entry: dict) -> None:
        with open(self.path, "a") as file:
            file.write(json.dumps(entry) + "\n")

    def fetch(self, base: Path) -> int:
        """
        Fetch what jobs finished and no head fetched, and remove all that is in the storage.

        Returns
        -------
        int
            How many jobs' outputs arrived.
        """
        if not self.path.exists():
            return 0
        first, *entries = map(json.loads, self.path.read_text().splitlines())
        store = Store(Storage(**first["storage"]), base)
        arrived = 0
        for entry in entries:
            if entry["outputs"]:
                try:
                    store.get(entry["object"])
                    arrived += all((base / path).exists() for path in entry["outputs"])
                except (OSError, WorkflowError):
                    continue  # fetched before, or never made
            store.remove(entry["object"])
        return arrived


class Stage:
    """
    The head's side of staging.

    Parameters
    ----------
    storage : Storage
    run_id : str
        What the names of the run's objects begin with.
    ledger : Path
        A file of the run.
    logger : object
        Snakemake's.
    """

    def __init__(self, storage: Storage, run_id: str, ledger: Path, logger: Any) -> None:
        self.storage = storage
        self._run_id = run_id
        self._logger = logger
        self._store = Store(storage, Path.cwd())
        self._ledger = Ledger(ledger)
        self._ledger.begin(storage)
        self._serial = 0

    def send(self, submission: Submission) -> bool:
        """Put the inputs of a submission into the storage; False if that is not possible now."""
        self._serial += 1
        submission.staged = f"{self._run_id}-{self._serial}"
        try:
            self._store.put(submission.staged, dict.fromkeys(path for e in submission.entries for path in e.inputs))
        except (OSError, WorkflowError) as error:
            self._logger.warning(f"The inputs cannot be stored now, trying again: {error}")
            return False
        self._ledger.expect(submission.staged, [])
        for number, entry in enumerate(submission.entries):
            self._ledger.expect(submission.staged_outputs(number), entry.outputs)
        return True

    def fetch(self, submission: Submission, number: int) -> str:
        """Bring a job's outputs, or the logs of one that failed, from the storage; why not, if not."""
        name = submission.staged_outputs(number)
        try:
            self._store.get(name)
        except (OSError, WorkflowError) as error:
            return str(error)
        self.discard(name)
        return ""

    def discard(self, name: str) -> None:
        """Remove an object that is not needed any more."""
        try:
            self._store.remove(name)
        except (OSError, WorkflowError) as error:
            self._logger.warning(f"{name} stays behind in the storage ({error}).")
