"""`python -m colosseum.serve PARENT SOCKET [FOLDER END]`: a warm process (`colosseum.warm.server`).

It runs the commands until it is killed or its parent, a process id, is gone. FOLDER is where the kernels are published
that another process compiles (`colosseum.warm.compiler`), END the descriptor of a pipe from that process.
"""

import contextlib
import importlib
import sys

from colosseum.cli import main, settle_environment
from colosseum.registry import PACKAGED_MDPS
from colosseum.warm.client import ANALYSIS
from colosseum.warm.server import die_with_parent, serve

#: What takes long to import of what the commands of the analysis import; the others have numba's kernels already.
_FOR_ANALYSIS = (
    "colosseum.analysis.results",
    "colosseum.analysis.style",
    "matplotlib.backends.backend_agg",
    "matplotlib.backends.backend_pdf",
    "matplotlib.backends.backend_svg",
)

_prepared: set[str] = set()


def prepare(command: str) -> None:
    """Load what a command needs, before the first process forks for it; what cannot be loaded it says itself."""
    if command in _prepared:
        return
    _prepared.add(command)
    modules = [f"colosseum.commands.{command.replace('-', '_')}"]
    if command in ANALYSIS:
        settle_environment()  # before matplotlib reads it
        modules += _FOR_ANALYSIS
    else:
        modules += sorted(set(PACKAGED_MDPS.values()))
    for module in modules:
        with contextlib.suppress(Exception):
            importlib.import_module(module)


if __name__ == "__main__":
    parent, path, *compiling = sys.argv[1:]
    die_with_parent(int(parent))
    serve(path, main, prepare, *compiling)
