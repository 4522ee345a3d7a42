"""Numba's `njit`, whose cache on disk heals itself; every kernel of the package is made with it.

A power cut or a full disk leaves files of the cache that are empty or cut. Numba raises whatever reading them raises,
in every process that comes by, for ever. Here a function whose cache cannot be read is compiled as if there were none,
and what it is saved as replaces the damaged files, wherever they are: in the published cache (see
`colosseum.warm.numba_cache`), in a private folder, or in the `__pycache__` beside the sources.
"""

from __future__ import annotations

import contextlib
import functools
import os
import sys
from collections.abc import Callable
from typing import Any

from numba import njit
from numba.core.caching import Cache, IndexDataCacheFile

from colosseum.utils.file_locks import locked

__all__ = ["njit"]


def _mend(cache: Cache, load: Callable[..., Any], *args: Any) -> Any:
    """Forget what is saved of a function that cannot be loaded, unless another process has just saved it anew."""
    index = cache._cache_file._index_path
    with contextlib.suppress(OSError), locked(os.path.dirname(index)):
        try:
            return load(cache, *args)
        except Exception as error:
            reason = type(error).__name__
            print(f"colosseum: {index}: damaged kernel cache ({reason}): compiled again", file=sys.stderr, flush=True)
            os.unlink(index)
    return None


def _forgiving_load(load: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(load)
    def load_overload(self: Cache, *args: Any) -> Any:
        try:
            return load(self, *args)
        except Exception:  # unpickling what was damaged raises anything
            return _mend(self, load, *args)

    return load_overload


def _forgiving_save(save: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(save)
    def save_overload(self: Cache, *args: Any) -> Any:
        # a full disk, a folder that is not ours: the kernel is compiled, and only the next process has to do it again
        with contextlib.suppress(OSError):
            return save(self, *args)

    return save_overload


def _one_at_a_time(save: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(save)
    def save_file(self: IndexDataCacheFile, *args: Any) -> Any:
        # two that save different signatures of a function at once would give both the same file
        with locked(self._cache_path):
            return save(self, *args)

    return save_file


def _install() -> None:
    """Change numba's classes, once in a process: users' kernels, too, are compiled by them."""
    if not hasattr(Cache._load_overload, "__wrapped__"):
        Cache._load_overload = _forgiving_load(Cache._load_overload)  # type: ignore[method-assign]
        Cache._save_overload = _forgiving_save(Cache._save_overload)  # type: ignore[method-assign]
        IndexDataCacheFile.save = _one_at_a_time(IndexDataCacheFile.save)  # type: ignore[method-assign]


_install()
