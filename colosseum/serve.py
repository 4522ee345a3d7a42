"""`python -m colosseum.serve SOCKET [FOLDER [CLAIM]]`: a warm process (`colosseum.warm.server`) that runs the commands.

It serves until it is killed or its parent is gone. FOLDER is where the kernels go that had to be
compiled, CLAIM the descriptor of the claim to compile them.
"""

import sys

from colosseum.cli import main
from colosseum.warm.server import die_with_parent, serve

if __name__ == "__main__":
    die_with_parent()
    path, *filling = sys.argv[1:]
    serve(path, main, *filling)
