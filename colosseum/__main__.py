"""`python -m colosseum`."""

import os
import sys


def _run() -> int:
    argv = sys.argv[1:]
    if os.environ.get("COLOSSEUM_WARM_SOCKET"):
        from colosseum.warm.client import delegate  # a process that has everything loaded already

        status = delegate(argv)
        if status is not None:
            return status
    from colosseum.cli import main

    return main(argv)


if __name__ == "__main__":
    sys.exit(_run())
