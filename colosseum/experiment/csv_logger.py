"""A logger that writes the rows to a file once all are there."""

import os

from colosseum.logs.write import write_log
from colosseum.utils.acme.in_memory_logger import InMemoryLogger


class CSVLogger(InMemoryLogger):
    """
    Keeps the rows and writes the log when it is closed: the file appears whole or not at all.

    Parameters
    ----------
    path : str or path
        The log.
    """

    def __init__(self, path: str | os.PathLike):
        super().__init__()
        self.path = path

    def close(self) -> None:
        """
        Write the log.

        Raises
        ------
        ColosseumError
            If the file cannot be written.
        """
        write_log(self.path, self.data)
