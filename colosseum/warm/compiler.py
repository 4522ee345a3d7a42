"""`python -m colosseum.warm.compiler PARENT FOLDER END [CLAIM]`: compile the kernels while a warm process answers.

PARENT is the process with which this one ends, FOLDER where the kernels are published, END the descriptor of a pipe to
the warm process, which gets a byte when they are in the private folder that both share. CLAIM is the descriptor of the
parent's claim to compile: it passes to this process, and ends with it.
"""

import os
import sys
from pathlib import Path

from colosseum.warm import numba_cache
from colosseum.warm.server import die_with_parent


def main(published: Path, end: int, claim: int | None = None) -> None:
    """Compile, publish, and tell the warm process."""
    if claim is not None:
        numba_cache.take_over(published, claim)
    numba_cache.compile_and_publish(Path(os.environ["NUMBA_CACHE_DIR"]), published)
    os.write(end, b"!")


if __name__ == "__main__":
    parent, folder, *descriptors = sys.argv[1:]
    die_with_parent(int(parent))
    main(Path(folder), *map(int, descriptors))
