"""The files of instances: what they say with its digest, and the one door by which they are read.

A file is a pickle and, behind it, a line with the SHA-256 of its bytes: ``pickle.load`` does not see that line. Nothing
heavy is imported here, as tens of thousands of files are read while a study starts.
"""

import hashlib
import io
import os
import pickle
import pickletools
import re
import stat
from typing import Any

from colosseum import layout
from colosseum.errors import InstanceError

MOST_BYTES = 1 << 22
"""The length of the longest file: most have a few thousand bytes, those of environments from arrays more."""

FORMAT = "colosseum instance 3"
"""First of what an instance says, so that files of other versions are recognised."""

RESULTS_VERSION = "4"
"""
Of what the same instance gives. A release that changes any number of a log but its times changes this: instances are
then made again and run again, and what was logged before is named and not mixed with it.
"""

MEND = "make the instance again (repeat the snakemake command, or use python -m colosseum instances)"
"""What a message about a file that cannot be taken ends with."""

INSTANCE = ("colosseum.experiment.experiment_instance", "ExperimentInstance")
"""Module and name of the only class that a pickle may ask for."""

_FOOTER = "\ncolosseum-instance sha256:{}\n"
_FOOTER_BYTES = len(_FOOTER.format("0" * 64))
_FOOTER_PATTERN = re.compile(rb"\ncolosseum-instance sha256:([0-9a-f]{64})\n")

# An instance takes about 60 operations, so these bound nesting and the memo as well.
_MOST_OPERATIONS = 200
_MOST_BITS = 63
_TEXTS = ("SHORT_BINUNICODE", "BINUNICODE")
_OPERATIONS = frozenset(
    "PROTO FRAME MARK STOP NONE NEWTRUE NEWFALSE BININT BININT1 BININT2 LONG1 BINFLOAT MEMOIZE STACK_GLOBAL NEWOBJ"
    " BUILD EMPTY_TUPLE TUPLE TUPLE1 TUPLE2 TUPLE3".split()
) | set(_TEXTS)


def digest_of(stream: bytes) -> str:
    """Return the digest of a pickled instance, 64 hexadecimal digits."""
    return hashlib.sha256(stream).hexdigest()


def with_digest(stream: bytes) -> bytes:
    """Return the content of a file: a pickled instance and its digest."""
    return stream + _FOOTER.format(digest_of(stream)).encode()


def instance_digest(path: str | os.PathLike[str]) -> str:
    """
    Return the digest of the instance in a file, which is checked against what the file says; nothing is unpickled.

    Parameters
    ----------
    path : str or path

    Returns
    -------
    str
        64 hexadecimal digits. Its first 16 are in every row of the instance's log.

    Raises
    ------
    InstanceError
        If the file is missing, damaged, or was made by an older version. One line that begins with the path.
    """
    return _read(path)[1]


def digest_for_log(log: str | os.PathLike[str]) -> str:
    """
    Return the digest of the instance whose log a file should be, by its pickle where the workflow makes that.

    Parameters
    ----------
    log : str or path
        ``<root>/<benchmark>/logs/<interaction>/seed<k>_logs.csv``; it need not exist.

    Returns
    -------
    str
        Empty where there is no pickle, or none of this version that is whole: nothing is known then.
    """
    try:
        return instance_digest(layout.pickle_of_log(os.path.abspath(log)))
    except (InstanceError, ValueError):
        return ""


def read_state(path: str | os.PathLike[str]) -> tuple[tuple[Any, ...], str]:
    """
    Read what the instance in a file says, as plain data: texts, numbers and tuples of them; no class is looked for.

    The file's size is bounded, then its digest is checked, then that its pickle asks for `INSTANCE` alone and takes no
    more operations than an instance needs; only then is it unpickled.

    Parameters
    ----------
    path : str or path

    Returns
    -------
    state : tuple
        As `ExperimentInstance.__getstate__` returns it.
    digest : str
        As `instance_digest`.

    Raises
    ------
    InstanceError
        As `instance_digest`, or if it is no instance of this version. One line that begins with the path.
    """
    stream, digest = _read(path)
    try:
        _inspect(stream)
        instance = _Unpickler(io.BytesIO(stream)).load()
    except InstanceError as error:
        raise InstanceError(f"{os.fspath(path)}: refused: {' '.join(str(error).split())}") from None
    except Exception as error:  # whatever a stream makes the unpickler raise
        reason = " ".join(f"{type(error).__name__}: {error}".split())
        raise InstanceError(f"{os.fspath(path)}: no pickled instance ({reason}); {MEND}.") from None
    state = getattr(instance, "state", None)
    if not (isinstance(instance, _State) and isinstance(state, tuple) and state):
        raise InstanceError(f"{os.fspath(path)}: it holds no instance; {MEND}.")
    if state[0] != FORMAT:
        raise InstanceError(f"{os.fspath(path)}: made by another version of this program; {MEND}.")
    origin = state[-1]
    if not (isinstance(origin, tuple) and origin and origin[0] == RESULTS_VERSION):
        raise InstanceError(f"{os.fspath(path)}: made by a version of this program that gives other results; {MEND}.")
    return state, digest


def _read(path: str | os.PathLike[str]) -> tuple[bytes, str]:
    """The stream of a file, which matches its digest; and the digest."""
    name = os.fspath(path)
    try:
        # a pipe is not waited for
        descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
        with open(descriptor, "rb") as file:
            status = os.fstat(descriptor)
            if not stat.S_ISREG(status.st_mode):
                raise InstanceError(f"{name}: Is a directory." if stat.S_ISDIR(status.st_mode) else f"{name}: no file.")
            # one more than is allowed, so that a file that grows is noticed
            data = file.read(MOST_BYTES + 1) if status.st_size <= MOST_BYTES else None
    except OSError as error:
        raise InstanceError(f"{name}: {error.strerror or error}.") from None
    if data is None or len(data) > MOST_BYTES:
        raise InstanceError(f"{name}: refused: it is larger than an instance can be ({MOST_BYTES >> 20} MiB); {MEND}.")
    if not data:
        raise InstanceError(f"{name}: empty; {MEND}.")
    stream, footer = data[:-_FOOTER_BYTES], data[-_FOOTER_BYTES:]
    match = _FOOTER_PATTERN.fullmatch(footer)
    if not match:
        if _is_of_older_version(data):
            raise InstanceError(f"{name}: made by an older version of this program; {MEND}.")
        raise InstanceError(f"{name}: damaged or no instance: it does not end with its digest; {MEND}.")
    digest = digest_of(stream)
    if match[1].decode() != digest:
        raise InstanceError(f"{name}: damaged: what it says does not match its digest; {MEND}.")
    return stream, digest


def _is_of_older_version(data: bytes) -> bool:
    """Whether it is an instance in whole, but without a digest."""
    try:
        _inspect(data)
    except Exception:  # of damaged streams, pickletools raises anything
        return False
    return FORMAT.encode() not in data and INSTANCE[1].encode() in data


def _inspect(stream: bytes) -> None:
    """Refuse a pickle that asks for anything but an instance, or for more than one needs, without executing it."""
    texts: list[str] = []
    end = None
    for number, (operation, argument, position) in enumerate(pickletools.genops(stream), 1):
        if number > _MOST_OPERATIONS:
            raise InstanceError(f"it takes more operations than an instance ({_MOST_OPERATIONS}).")
        if operation.name in ("GLOBAL", "INST", "STACK_GLOBAL"):
            asked = texts[-2:] if operation.name == "STACK_GLOBAL" else str(argument).split(" ")
            if tuple(asked) != INSTANCE:
                raise InstanceError(
                    f"it asks for {'.'.join(asked) or 'a class'}, and only an experiment instance is ever loaded from "
                    "a pickle."
                )
        if operation.name not in _OPERATIONS:
            raise InstanceError(f"its operation {operation.name} is no part of an instance.")
        if operation.name in _TEXTS:
            texts.append(str(argument))
        elif isinstance(argument, int) and argument.bit_length() > _MOST_BITS:
            raise InstanceError(f"a number of {argument.bit_length()} bits is no part of an instance.")
        end = position
    if end != len(stream) - 1:  # of its STOP
        raise InstanceError("there is more behind the pickled instance.")


class _State:
    """Stands for the instance."""

    state: Any = None

    def __setstate__(self, state: Any) -> None:
        self.state = state


class _Unpickler(pickle.Unpickler):
    def find_class(self, module: str, name: str) -> type:
        if (module, name) == INSTANCE:
            return _State
        raise InstanceError(f"it asks for {module}.{name}.")
