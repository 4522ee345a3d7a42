"""Files that appear whole or not at all."""

import contextlib
import errno
import os
import shutil
import stat

from colosseum.errors import ColosseumError

#: Bytes; what failed to be written left as much room on a full disk when its temporary file was removed.
_LEAST_ROOM = 65536

_TEMPORARY_PREFIX = ".colosseum-"


def write_atomically(
    path: str | os.PathLike, content: str | bytes, keep_unchanged: bool = False, durable: bool = True
) -> bool:
    """
    Write a file so that nobody ever sees a part of it, whatever happens in between: a signal, a full disk, a crash.

    A temporary file in the same folder is written and renamed. Folders that are missing are made;
    a symbolic link keeps pointing to its target, which is what is replaced; a device or a pipe (such as
    ``/dev/stdout``) is written to directly.

    Parameters
    ----------
    path : str or path
        The file.
    content : str or bytes
        Its whole content; text is encoded as UTF-8, its line ends as they are.
    keep_unchanged : bool
        Leave a file that has this content already as it is, its time of modification included.
    durable : bool
        Wait until the content has reached the disk, so that it is whole even after a power cut; takes milliseconds. For
        many small files that can be made again, False will do.

    Returns
    -------
    bool
        Whether the file was written.

    Raises
    ------
    ColosseumError
        If it cannot be written: one line with the path and the reason (read-only, no space left, ...).
    """
    # names of files that the locale cannot decode come with surrogates: their bytes are written as they are
    data = content.encode(errors="surrogateescape") if isinstance(content, str) else content
    try:
        if _is_special(path):
            with open(path, "wb") as file:
                file.write(data)
            return True
        target = os.path.realpath(path)
        if keep_unchanged and _has_content(target, data):
            return False
        os.makedirs(os.path.dirname(target), exist_ok=True)
        _replace(target, data, durable)
    except OSError as error:
        raise unwritable(path, error) from error
    return True


def unwritable(path: str | os.PathLike, error: OSError) -> ColosseumError:
    """Return the error to raise where a file cannot be written: one line, which names the disk if that is full."""
    reason = error.strerror or str(error)
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        reason += f" (the disk of {_mount_of(path)} is full)"
    return ColosseumError(f"{os.fspath(path)}: cannot be written: {reason}.")


def replace_link(path: str | os.PathLike, name: str | os.PathLike) -> None:
    """Give a file a second name, whatever had that name before; a copy where files can have one name only."""
    with contextlib.suppress(FileNotFoundError):
        os.remove(name)
    try:
        os.link(path, name)
    except OSError:
        shutil.copy2(path, name)


def _is_special(path: str | os.PathLike) -> bool:
    try:
        mode = os.stat(path).st_mode
    except FileNotFoundError:
        return False
    return not (stat.S_ISREG(mode) or stat.S_ISDIR(mode))


def _has_content(path: str, data: bytes) -> bool:
    try:
        with open(path, "rb") as file:
            return os.fstat(file.fileno()).st_size == len(data) and file.read() == data
    except FileNotFoundError:
        return False


def _replace(target: str, data: bytes, durable: bool) -> None:
    # The name is short and random: no other process has it, and no long target name makes it too long.
    temporary = os.path.join(os.path.dirname(target), f"{_TEMPORARY_PREFIX}{os.urandom(8).hex()}.tmp")
    try:
        # not tempfile's: its files are readable by their owner alone, whatever the umask
        with open(temporary, "xb") as file:
            file.write(data)
            if durable:
                file.flush()
                os.fsync(file.fileno())
        os.replace(temporary, target)
    except BaseException:  # a signal's exception, too, must not leave the temporary file
        with contextlib.suppress(OSError):
            os.unlink(temporary)
        raise


def full_disk(path: str | os.PathLike) -> str | None:
    """
    Tell whether the disk of a file has no room left, not even for the message that says so.

    Parameters
    ----------
    path : str or path
        A file, which need not be there.

    Returns
    -------
    str or None
        Where the disk is mounted; None if it has room.
    """
    mount = _mount_of(path)
    try:
        room = os.statvfs(mount)
    except OSError:
        return None
    has_bytes = room.f_blocks == 0 or room.f_bavail * room.f_frsize >= _LEAST_ROOM
    has_names = room.f_files == 0 or room.f_favail > 0
    return None if has_bytes and has_names else mount


def _mount_of(path: str | os.PathLike) -> str:
    """Return where the disk of a file, which need not be there, is mounted."""
    folder = os.path.realpath(path)
    while not os.path.ismount(folder):
        folder = os.path.dirname(folder)
    return folder
