"""`python -m colosseum.serve SOCKET [FOLDER [CLAIM]]`: a warm process (`colosseum.warm.server`) that runs the commands.

It serves until it is killed or its parent is gone. FOLDER is where the kernels go that had to be
compiled, CLAIM the descriptor of the claim to compile them.
"""

import contextlib
import importlib
import sys

from colosseum.cli import main, settle_environment
from colosseum.warm.client import ANALYSIS
from colosseum.warm.server import die_with_parent, serve

#: What takes long to import of what the commands of the analysis import.
_FOR_ANALYSIS = (
    "colosseum.analysis.results",
    "colosseum.analysis.style",
    "matplotlib.backends.backend_agg",
    "matplotlib.backends.backend_pdf",
    "matplotlib.backends.backend_svg",
)


def prepare(command: str) -> None:
    """Load what a command needs; one without it says so itself."""
    if command in ANALYSIS:
        settle_environment()  # before matplotlib reads it
        for module in _FOR_ANALYSIS:
            with contextlib.suppress(ImportError):
                importlib.import_module(module)


if __name__ == "__main__":
    die_with_parent()
    path, *filling = sys.argv[1:]
    serve(path, main, prepare, *filling)
