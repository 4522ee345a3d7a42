"""Share the targets of a diameter among threads."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Lock
from typing import TypeVar

import numpy as np

Progress = Callable[[int, int], None]
WorkSpace = TypeVar("WorkSpace")


def share(
    chunks: list[np.ndarray],
    make_work_space: Callable[[], WorkSpace],
    solve_chunk: Callable[[np.ndarray, float, WorkSpace], float],
    cores: int,
    progress: Progress | None,
) -> float:
    """
    Find the largest value of all chunks in threads, each chunk being told the largest value that is known when it
    begins.

    Parameters
    ----------
    chunks : list of int64 arrays
    make_work_space : callable () -> work space
        Called once for each thread.
    solve_chunk : callable (chunk, bound, work space) -> float
        Compiled code that releases the interpreter lock; returns the larger of the bound and its own largest value.
    cores : int
    progress : callable (done, total), optional

    Returns
    -------
    float
    """
    total = sum(chunk.size for chunk in chunks)
    bound, done = 0.0, 0
    remaining = iter(chunks)
    lock = Lock()

    def work(_: int) -> None:
        nonlocal bound, done
        space = make_work_space()
        while True:
            with lock:
                chunk = next(remaining, None)
            if chunk is None:
                return
            found = solve_chunk(chunk, bound, space)
            with lock:
                bound = max(bound, found)
                done += chunk.size
                if progress is not None:
                    progress(done, total)

    if cores <= 1:
        work(0)
    else:
        with ThreadPoolExecutor(cores) as pool:
            list(pool.map(work, range(cores)))
    return bound
