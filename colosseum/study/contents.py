"""Content decides what is stale, not the times of files: what each cheap job of a study made, from what, by digest.

Of what a run has made, a log, it is only noted which instance it is of. All other jobs take a moment, so what is not
known of them is made again.
"""

import hashlib
import json
import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from colosseum.utils.files import write_atomically

_MISSING = "missing"


@dataclass(frozen=True)
class Product:
    """
    What one job makes.

    Attributes
    ----------
    outputs : tuple of str
        All files that it writes; the first one stands for the job.
    inputs : tuple of str
        The files that their content follows from.
    asked : str
        What else it follows from.
    """

    outputs: tuple[str, ...]
    inputs: tuple[str, ...]
    asked: str


@dataclass
class Contents:
    """
    Notes of the contents that jobs read and wrote, kept in a file to which each finished job adds a line.

    Lines that a kill cut are skipped: what they tell of is made again.

    Parameters
    ----------
    path : str
        The file of the notes.
    """

    path: str
    _notes: dict[str, tuple[str, str]] = field(default_factory=dict, init=False, repr=False)
    _digests: dict[str, tuple[tuple[int, ...], str]] = field(default_factory=dict, init=False, repr=False)

    def __post_init__(self) -> None:
        try:
            lines = Path(self.path).read_bytes().splitlines()
        except FileNotFoundError:
            return
        for line in lines:
            try:
                name, made_from, made = json.loads(line)
            except ValueError:
                continue
            self._notes[str(name)] = str(made_from), str(made)

    def stale(self, products: Iterable[Product]) -> Iterator[Product]:
        """Yield those products that are there, but not what their job would make, or of which that is not known."""
        for product in products:
            if any(map(os.path.lexists, product.outputs)):
                noted = self._notes.get(product.outputs[0])
                if noted is None or noted != (self.sources(product), self._of_files(product.outputs)):
                    yield product

    def sources(self, product: Product) -> str:
        """Return the digest of what a product follows from, as it is now."""
        return hashlib.sha256(f"{product.asked}\n{self._of_files(product.inputs)}".encode()).hexdigest()

    def note(self, product: Product, sources: str) -> None:
        """
        Note that a job has made its product.

        Parameters
        ----------
        product : Product
        sources : str
            The digest of what it followed from when the job began.
        """
        made = self._of_files(product.outputs)
        self._notes[product.outputs[0]] = sources, made
        os.makedirs(os.path.dirname(self.path), exist_ok=True)
        # a line that was cut by a kill ends here, so that it does not take this one with it
        with open(self.path, "a+b") as file:
            start = b""
            if file.tell():
                file.seek(-1, os.SEEK_END)
                start = b"" if file.read(1) == b"\n" else b"\n"
            file.write(start + _line(product.outputs[0], sources, made))

    def is_from_elsewhere(self, product: Product) -> bool:
        """Tell whether it was noted that a product was made from other sources than those that are there now."""
        noted = self._notes.get(product.outputs[0])
        return noted is not None and noted[0] != self.sources(product)

    def tidy(self) -> None:
        """Write the notes anew, one line for each product that is there, so that the file does not grow for ever."""
        self._notes = {name: noted for name, noted in self._notes.items() if os.path.lexists(name)}
        lines = (_line(name, *noted) for name, noted in sorted(self._notes.items()))
        write_atomically(self.path, b"".join(lines), keep_unchanged=True, durable=False)

    def _of_files(self, paths: Iterable[str]) -> str:
        digests = hashlib.sha256()
        for path in paths:
            digests.update(self._of_file(path).encode())
        return digests.hexdigest()

    def _of_file(self, path: str) -> str:
        """The digest of a file's content; a file that has not changed since the last time is not read again."""
        try:
            status = os.stat(path)
            now = (status.st_ino, status.st_size, status.st_mtime_ns, status.st_ctime_ns)
            before, digest = self._digests.get(path, ((), ""))
            if now != before:
                with open(path, "rb") as file:
                    digest = hashlib.sha256(file.read()).hexdigest()
                self._digests[path] = now, digest
            return digest
        except OSError:
            return _MISSING


def _line(*texts: str) -> bytes:
    return json.dumps(texts).encode() + b"\n"
