"""A note on disk for each run of a workflow on a cluster, so that a run that was killed can be found again.

The note is written before the first job is submitted and removed when the run ends in order. What is left
belongs to a run that is alive, or to one that was killed: its process is gone, its jobs may go on.
"""

from __future__ import annotations

import fcntl
import json
import os
import socket
import time
import uuid
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path

import psutil

from . import snakemake_state

#: Where the notes and the submissions' output lie, below the working directory.
FOLDER = snakemake_state.FOLDER / "slurm-packed"

#: The start of a process is known by the clock, which may be set meanwhile.
_CLOCK_S = 30

#: A run on another host counts as alive while its note was touched within this many seconds.
HEARTBEAT_S = 300


def _process_start(pid: int) -> float | None:
    """When a process of this host started, in seconds since 1970; None if there is none (or a zombie)."""
    try:
        process = psutil.Process(pid)
        return None if process.status() == psutil.STATUS_ZOMBIE else process.create_time()
    except psutil.Error:
        return None


_HELD: list[int] = []  # open as long as this process lives


def _hold(path: Path) -> None:
    """Lock a new file until this process ends."""
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
    with suppress(OSError):  # a file system without locks: the process and the note's time tell
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    _HELD.append(descriptor)


def _is_held(path: Path) -> bool:
    """Tell whether a process, of whatever container or host, is seen to hold a file locked."""
    try:
        descriptor = os.open(path, os.O_RDONLY)
    except OSError:
        return False
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except OSError:
        return False
    finally:
        os.close(descriptor)
    return False


@dataclass
class Run:
    """The note on one run.

    Attributes
    ----------
    run_id : str
        The name of all its Slurm jobs.
    host, pid, started : str, int, float
        The main process; `started` tells it from a later process with the same number.
    created : float
        When the note was written, in seconds since 1970.
    whole : str
        The hook by which to recover it (see `hooks.Whole`).
    locks : list of str
        The names of Snakemake's lock files that the run holds.
    """

    run_id: str
    host: str
    pid: int
    started: float
    created: float
    whole: str = ""
    locks: list[str] = field(default_factory=list)
    workdir: Path = Path(".")

    @classmethod
    def begin(cls, workdir: Path | str = ".", whole: str = "") -> Run:
        """Note this very process as a new run in `workdir`, with the hook by which to recover it."""
        workdir = Path(workdir)
        stamp = time.strftime("%Y%m%d-%H%M%S")
        locks = sorted(path.name for path in unclaimed_locks(workdir))
        run = cls(
            run_id=f"packed-{stamp}-{uuid.uuid4().hex[:8]}",
            host=socket.gethostname(),
            pid=os.getpid(),
            started=_process_start(os.getpid()) or 0.0,
            created=time.time(),
            whole=whole,
            locks=locks,
            workdir=workdir,
        )
        run.logs.mkdir(parents=True, exist_ok=True)
        _hold(run.lock)
        note = asdict(run)
        del note["workdir"]
        temporary = run.path.with_suffix(".tmp")
        temporary.write_text(json.dumps(note, indent=1) + "\n")
        os.replace(temporary, run.path)
        return run

    @property
    def path(self) -> Path:
        return self.workdir / FOLDER / f"{self.run_id}.json"

    @property
    def logs(self) -> Path:
        """Where Slurm writes the output of the run's jobs."""
        return self.workdir / FOLDER / "logs" / self.run_id

    @property
    def ledger(self) -> Path:
        """What its jobs are to leave in a storage (see `staging.Ledger`)."""
        return self.path.with_suffix(".staged")

    @property
    def lock(self) -> Path:
        """A file that the main process holds locked: the system lets go of it when the process ends, however."""
        return self.path.with_suffix(".lock")

    @property
    def jobs(self) -> Path:
        """The ids of its Slurm jobs (see `note_job`)."""
        return self.path.with_suffix(".jobs")

    def note_job(self, job_id: str, ended: bool = False) -> None:
        """Note a Slurm job of the run, or that nothing more is to be learnt of it."""
        with suppress(OSError):  # a full disk shows elsewhere
            with open(self.jobs, "a") as file:
                file.write(f"{'-' if ended else '+'}{job_id}\n")

    def noted_jobs(self) -> list[str]:
        """The ids of the Slurm jobs whose end the run did not see."""
        noted: dict[str, None] = {}
        with suppress(OSError):
            for line in self.jobs.read_text().splitlines():
                if line.startswith("+") and line[1:].isdigit():
                    noted[line[1:]] = None
                else:
                    noted.pop(line[1:], None)
        return list(noted)

    @property
    def alive(self) -> bool:
        """Whether the main process still runs."""
        if _is_held(self.lock):
            return True
        if self.host == socket.gethostname():
            started = _process_start(self.pid)
            return started is not None and abs(started - self.started) < _CLOCK_S
        try:
            return time.time() - self.path.stat().st_mtime < HEARTBEAT_S
        except OSError:
            return False

    def beat(self) -> None:
        """Say that the run is alive (for other hosts)."""
        try:
            os.utime(self.path)
        except OSError:
            pass  # a full or vanished disk shows elsewhere

    def end(self) -> None:
        """The run ended in order, or its leftovers are dealt with."""
        for path in (self.path, self.ledger, self.jobs, self.lock):
            path.unlink(missing_ok=True)
        try:
            self.logs.rmdir()  # only where no log is left
        except OSError:
            pass

    def unlock(self) -> bool:
        """Remove the run's locks on its working directory; True if there were any."""
        held = [path for path in snakemake_state.locks(self.workdir) if path.name in self.locks]
        for path in held:
            path.unlink(missing_ok=True)
        return bool(held)


def find(workdir: Path | str = ".") -> list[Run]:
    """The runs in `workdir` that did not end in order or still go on, oldest first."""
    runs = []
    for path in (Path(workdir) / FOLDER).glob("*.json"):
        try:
            note = json.loads(path.read_text())
            runs.append(Run(**note, workdir=Path(workdir)))
        except (OSError, ValueError, TypeError):
            continue  # just removed by its own run, or not ours
    return sorted(runs, key=lambda run: run.run_id)


def unclaimed_locks(workdir: Path | str = ".") -> list[Path]:
    """Lock files of no noted run: those of a local run, of another executor, or of a run about to begin."""
    # when a run ends Snakemake may remove every lock in the folder, so a name may be taken anew: the times tell
    claims = [(run.created, set(run.locks)) for run in find(workdir)]
    unclaimed = []
    for path in snakemake_state.locks(workdir):
        try:
            written = path.stat().st_mtime
        except FileNotFoundError:
            continue
        if not any(path.name in locks and written <= created for created, locks in claims):
            unclaimed.append(path)
    return unclaimed


def stale_locks(workdir: Path | str = ".") -> list[Path]:
    """Locks that a killed local run left: no noted run claims them, and no Snakemake of this host works there."""
    unclaimed = unclaimed_locks(workdir)
    if not unclaimed or snakemake_state.working_snakemakes(workdir):
        return []
    return [path for path in unclaimed if path.exists()]  # a run that ended meanwhile has removed its own first
