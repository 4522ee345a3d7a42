"""On the path of programs that tests start (`pytest --every-module`): notes what they import of the package."""

import os
import sys


def _note(event: str, arguments: tuple) -> None:
    """Note a module before it is imported: programs that are killed have no end to do it at."""
    if event == "import" and str(arguments[0]).partition(".")[0] == "colosseum":
        with open(os.path.join(folder, f"{os.getpid()}.txt"), "a") as file:
            file.write(f"{arguments[0]}\n")


if folder := os.environ.get("COLOSSEUM_TESTS_REACHED"):
    sys.addaudithook(_note)
