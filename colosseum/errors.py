"""The errors that a person meets: one line that names the place, the bad value and what would do."""

from __future__ import annotations

TYPE_CHECKING = False  # importing it takes time, and every command waits for this module
if TYPE_CHECKING:
    from collections.abc import Iterable

KILLED = "the process was killed, for a lack of memory perhaps"
"""What is said of a process that ended without a word; another attempt, with more memory, may go well."""


class ColosseumError(Exception):
    """
    Base of every error that the user can mend; the command line prints its text alone, without a traceback.

    Examples
    --------
    >>> import colosseum
    >>> try:
    ...     mdp = colosseum.make_mdp("continuous_ergodic/RiverSwim/1000", seed=0)
    ... except colosseum.ColosseumError as error:
    ...     print(type(error).__name__)
    ConfigurationError
    """


class ConfigurationError(ColosseumError, ValueError):
    """A configuration (study, gin text, argument) asks for something that does not exist or makes no sense."""


class InstanceError(ColosseumError):
    """A pickled instance is truncated, foreign, or asks for a class that is not allowed."""


class LogError(ColosseumError):
    """A log is missing, empty, truncated or belongs to something else."""


class NotWeaklyCommunicatingError(ColosseumError, ValueError):
    """A constant gain was asked of a Markov decision process that is not weakly communicating."""


def nearest(value: str, valid: Iterable[str], listed_by: str = "") -> str:
    """
    Return the ending of an error message about an unknown name: the nearest valid one, and all of them.

    Parameters
    ----------
    value : str
        The unknown name.
    valid : iterable of str
        The names that would do.
    listed_by : str
        What lists the names where they are too many for a message.

    Returns
    -------
    str
        ``"did you mean 'x'? Valid: 'x', 'y'."``, or only the second part where nothing is near.
    """
    import difflib

    names = sorted(valid)
    by_lower = {name.lower(): name for name in names}
    close = difflib.get_close_matches(value.lower(), by_lower, n=1, cutoff=0.6)
    hint = f"did you mean {by_lower[close[0]]!r}? " if close else ""
    return f"{hint}{listed_by} lists all {len(names)}." if listed_by else f"{hint}Valid: {', '.join(map(repr, names))}."
