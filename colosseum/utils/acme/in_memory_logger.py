"""A logger that keeps everything in memory."""

from collections.abc import Mapping
from typing import Any


class InMemoryLogger:
    """
    Keeps the rows that it is told.

    Attributes
    ----------
    data : list of dict
        One for each row, in order.
    """

    def __init__(self) -> None:
        self.data: list[dict[str, Any]] = []

    def write(self, data: Mapping[str, Any]) -> None:
        """Keep a row."""
        self.data.append(dict(data))

    def reset(self) -> None:
        """Forget all rows; a loop calls it before its first step."""
        self.data = []

    def close(self) -> None:
        """Nothing to do; a loop calls it after its last step."""
