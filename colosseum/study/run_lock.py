"""Which study is being run: a lock of a file in its results, which the system releases with the process that holds it.

The file says who holds it, and whether that has begun with its jobs. A run that ends in order removes it; one that is
there and that nobody holds belongs to a run that was killed, if it had begun. Where the lock cannot be seen (another
machine, a file system without locks) the file's time tells: the run touches it as long as it lives.
"""

from __future__ import annotations

import atexit
import json
import os
import socket
import threading
import time
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from colosseum import layout
from colosseum.errors import ColosseumError
from colosseum.utils.file_locks import is_at, lock
from colosseum.utils.files import unwritable

RECOVER = "python -m colosseum recover"

#: States of a run: its process lives; it was killed; it was on another machine and cannot be seen, but touched its file
#: a moment ago.
RUNNING, KILLED, UNSEEN = "running", "killed", "unseen"

#: Seconds between two touches, and seconds after the last one in which a run that cannot be seen counts as alive.
BEAT_S, SILENCE_S = 30.0, 300.0

_ATTEMPTS, _PAUSE_S = 10, 0.05


class RunError(ColosseumError):
    """A study cannot be run now; the text says why and what to do."""


@dataclass(frozen=True)
class Note:
    """
    Who runs a study.

    Attributes
    ----------
    study : str
    host : str
    boot : str
        Of the system that it runs in, containers of it included, since its start; "" where that is not known.
    pid : int
        The main process, by its own count: a container has one of its own.
    began : float
        Seconds since 1970.
    folder : str
        From where the workflow was started.
    begun : bool
        Whether it has come to its jobs.
    """

    study: str
    host: str
    boot: str
    pid: int
    began: float
    folder: str
    begun: bool = True

    def __str__(self) -> str:
        since = time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(self.began))
        return f"the study {self.study} of {self.folder} (process {self.pid} on {self.host}, since {since})"


@dataclass(frozen=True)
class Run:
    """A run that did not end in order, or still goes on: its file, its note, and its state."""

    path: Path
    note: Note
    state: str

    def is_of(self, folder: Path) -> bool:
        """Tell whether it was started in a folder, which may have been moved since."""
        here = Path(self.note.folder)
        return not self.note.folder or not here.is_dir() or here.resolve() == folder.resolve()

    def forget(self) -> None:
        """Remove the file of a run that was killed."""
        self.path.unlink(missing_ok=True)
        with suppress(OSError):
            self.path.parent.rmdir()  # only where it is empty


@dataclass
class Held:
    """The lock of this very process."""

    descriptor: int
    note: Note

    def begin(self) -> None:
        """Note that the jobs begin."""
        self.note = replace(self.note, begun=True)
        self.write()

    def write(self) -> None:
        """Write the note over the last one, which may have been a letter longer."""
        os.pwrite(self.descriptor, (json.dumps(asdict(self.note)) + "\n\n").encode(), 0)


def inspect(path: Path) -> Run | None:
    """Return the run that a file tells of; None if there is none, or one that was killed before its first job."""
    try:
        descriptor = os.open(path, os.O_RDONLY)
    except FileNotFoundError:
        return None
    try:
        free = lock(descriptor, shared=True)  # None where that cannot be known
        touched = os.fstat(descriptor).st_mtime
        note = _read(descriptor, path)
    finally:
        os.close(descriptor)
    return _judge(path, note, touched, free)


def find(folder: Path, results: Iterable[Path] = ()) -> list[Run]:
    """Return the runs of all studies whose results lie in a folder, in one of its folders, or in `results`."""
    name = layout.run_lock_file("", "*")
    found = {path.resolve() for base in results for path in base.glob(name)}
    found |= {path.resolve() for pattern in (name, f"*/{name}") for path in folder.glob(pattern)}
    return [run for path in sorted(found) if (run := inspect(path)) is not None]


def refuse(path: Path, harmless: bool = False) -> None:
    """
    Refuse a second run of a study, and one after a run that was killed.

    Parameters
    ----------
    path : Path
        The study's file (`layout.run_lock_file`).
    harmless : bool
        Whether nothing is to be run: that may go on beside a run.

    Raises
    ------
    RunError
        In one text what is the matter and what to do.
    """
    run = inspect(path)
    if run is None or (harmless and run.state != KILLED):
        return
    if run.state == RUNNING:
        raise RunError(f"{run.note} is being run: wait for its end, or stop it with Ctrl-C there.")
    if run.state == UNSEEN:
        raise RunError(
            f"{run.note} was alive {SILENCE_S / 60:.0f} minutes ago or less, and this machine "
            f"({socket.gethostname()}) cannot see more: look there, or wait so long and repeat this command."
        )
    raise RunError(
        f"the last run in this folder was killed and has left it locked: {run.note}. Type\n"
        f"    {_advice(run)}\n"
        "(it keeps every finished log and unlocks the folder), then repeat this command."
    )


def take(path: Path, study: str, folder: Path, begun: bool = True) -> Held:
    """
    Note that this very process runs a study, until it ends.

    Parameters
    ----------
    path : Path
        The study's file (`layout.run_lock_file`).
    study : str
    folder : Path
        From where it is run.
    begun : bool
        False: its jobs come later, if at all; `Held.begin` says when. What is killed before leaves nothing to recover.

    Returns
    -------
    Held
        The lock, which goes with this process.

    Raises
    ------
    RunError
        If the study is being run, or the last run was killed.
    ColosseumError
        If the file cannot be written.
    """
    try:
        return _take(path, study, folder, begun)
    except OSError as error:
        raise unwritable(path, error) from error


def _take(path: Path, study: str, folder: Path, begun: bool) -> Held:
    for attempt in range(_ATTEMPTS):
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
        except FileNotFoundError:
            if attempt == _ATTEMPTS - 1:
                raise
            continue  # a run that ended just now has removed its empty folder
        free = lock(descriptor)
        if free is False:
            os.close(descriptor)
            time.sleep(_PAUSE_S)  # somebody may just be looking
            continue
        if not is_at(descriptor, path):
            os.close(descriptor)  # its run ended between the opening and the lock
            continue
        touched = os.fstat(descriptor).st_mtime
        if _judge(path, _read(descriptor, path), touched, free) is not None:
            os.close(descriptor)
            refuse(path)
            continue
        here = str(folder.resolve())
        held = Held(descriptor, Note(study, socket.gethostname(), _boot(), os.getpid(), time.time(), here, begun))
        try:
            os.ftruncate(descriptor, 0)
            held.write()
        except OSError:
            path.unlink(missing_ok=True)  # an empty one would be taken for a killed run's
            os.close(descriptor)
            raise
        _keep(descriptor, path)
        return held
    refuse(path)
    raise RunError(f"{path} cannot be locked: another process holds it.")


def _judge(path: Path, note: Note | None, touched: float, free: bool | None) -> Run | None:
    """Tell what a file means; `free` is None where there are no locks."""
    if free is False:
        return Run(path, note or _unknown(path), RUNNING)
    if note is None:
        return None
    seen = note.host == socket.gethostname() or (note.boot and note.boot == _boot())
    # the file's own clock may be another machine's
    silent = abs(time.time() - touched) > SILENCE_S
    if not note.begun and (silent or (seen and free)):
        return None  # there is nothing to recover
    if free is None:
        return Run(path, note, KILLED if silent else RUNNING if seen else UNSEEN)
    return Run(path, note, KILLED if seen or silent else UNSEEN)


def _keep(descriptor: int, path: Path) -> None:
    """Touch the file until the process ends, and then remove it."""
    owner = os.getpid()
    ended = threading.Event()

    def beat() -> None:
        while not ended.wait(BEAT_S):
            with suppress(OSError):
                os.utime(descriptor)

    def end() -> None:
        if os.getpid() == owner:  # not a fork of it
            ended.set()
            with suppress(OSError):
                path.unlink(missing_ok=True)
                path.parent.rmdir()
                path.parent.parent.rmdir()  # of a study that was refused nothing stays
            os.close(descriptor)

    threading.Thread(target=beat, name="run lock", daemon=True).start()
    atexit.register(end)


def _read(descriptor: int, path: Path) -> Note | None:
    text = os.read(descriptor, 1 << 16).decode(errors="replace")
    if not text.strip():
        return None  # made and not yet written, or its process was killed in between: nothing was begun
    try:
        return Note(**json.loads(text))
    except (ValueError, TypeError):
        return _unknown(path)


def _unknown(path: Path) -> Note:
    """The note of a file that is damaged, or not yet written: its study is that of its name."""
    return Note(path.name.removesuffix(".lock"), socket.gethostname(), "", 0, path.stat().st_mtime, "")


def _boot() -> str:
    try:
        return Path("/proc/sys/kernel/random/boot_id").read_text().strip()
    except OSError:
        return ""


def _advice(run: Run) -> str:
    """The command that recovers a run, from the folder in which it is read."""
    here = Path.cwd()
    change = "" if run.is_of(here) else f"cd {run.note.folder} && "
    base = here if run.is_of(here) else Path(run.note.folder)
    results = run.path.resolve().parent.parent
    known = results == base.resolve() or results.parent == base.resolve()
    return f"{change}{RECOVER}{'' if known else f' --results {results}'}"
