"""The client of a warm process (`colosseum.warm.server`): every `python -m colosseum` imports it, so nothing heavy."""

from __future__ import annotations

import os
import socket
import sys

from colosseum.errors import KILLED

#: The environment variable that tells a client where its server listens.
VARIABLE = "COLOSSEUM_WARM_SOCKET"

#: Seconds that server and client wait for each other to begin: the server may have all kernels to compile, on a busy
#: machine; one that is gone ends the waiting at once.
PATIENCE_S = 900.0

#: The commands that read and draw results, with pandas and matplotlib: the warm process loads both for the first one.
ANALYSIS = frozenset({"summarise", "tuning", "table", "plot", "page"})

#: The commands that need many compiled kernels: while those are compiled, the warm process lets them wait. (`instances`
#: needs one, for the horizon of episodic environments: it compiles it in a second, or finds it.)
KERNELS = frozenset({"run", "hardness"})

#: The commands of the workflow that a warm process runs: importing what they need takes longer than most of them do.
DELEGATED = ANALYSIS | KERNELS | {"sample-agents", "sample-mdps", "benchmark", "instances", "select", "promote"}


def delegate(argv: list[str]) -> int | None:
    """
    Let the warm process run a command.

    Parameters
    ----------
    argv : list of str
        The arguments after `python -m colosseum`.

    Returns
    -------
    int or None
        The exit status; None if there is no warm process, or none for this command: the caller must run it itself.
    """
    path = os.environ.get(VARIABLE)
    if not path or not argv or argv[0] not in DELEGATED:
        return None
    connection = socket.socket(socket.AF_UNIX)
    try:
        connection.settimeout(PATIENCE_S)
        connection.connect(path)
        request = "\0".join([str(os.getpgrp()), os.getcwd(), *argv]).encode(errors="surrogateescape")
        socket.send_fds(connection, [len(request).to_bytes(4, "big")], [0, 1, 2])
        connection.sendall(request)
        begun = connection.recv(1)
    except OSError:
        return None  # none yet, or none any more: nothing has run
    if not begun:
        return None
    connection.settimeout(None)
    status = connection.recv(1)
    if not status:
        print(f"colosseum {argv[0]}: error: {KILLED}", file=sys.stderr)
        return 137
    return status[0]
