"""How a submission of several jobs tells the head which of them are done.

A Slurm job has one exit status and many jobs of Snakemake in it. Slurm's comment of the job carries one letter for each
job and a few words on each failure: it needs no shared file system, outlives the node, and comes
with the very query that asks for the job's state.
"""

from __future__ import annotations

from dataclasses import dataclass, field

WAITING, RUNNING, DONE, FAILED, TIME, MEMORY = "wrdftm"

#: Keys of the texts about a whole submission.
HERE, ANYWHERE = -1, -2

#: What each letter of a failed job means to a person.
REASONS = {FAILED: "failed", TIME: "ran longer than its time limit", MEMORY: "used more memory than it asked for"}

_LONGEST_TEXT = 160
_LONGEST_COMMENT = 1500


@dataclass
class Report:
    """The state of each job of a submission.

    Attributes
    ----------
    letters : list of str
        One of the module's letters for each job.
    texts : dict
        From the number of a failed job to why. The keys `HERE` and `ANYWHERE` are about the submission as a whole:
        it cannot run on this node, or on none.
    """

    letters: list[str]
    texts: dict[int, str] = field(default_factory=dict)

    @classmethod
    def of(cls, n: int) -> Report:
        return cls([WAITING] * n)

    def encode(self) -> str:
        """As one line that is safe as a Slurm comment."""
        line = "".join(self.letters)
        for number, text in self.texts.items():
            # Slurm's output formats use the bar, and a quote would need quoting in scontrol
            clean = " ".join(str(text).translate(str.maketrans("|\"'`;=", "/    :")).split())
            entry = f";{number} {clean[-_LONGEST_TEXT:]}"
            if len(line) + len(entry) <= _LONGEST_COMMENT:
                line += entry
        return line

    @classmethod
    def decode(cls, line: str, n: int) -> Report | None:
        """Read a comment; None if it is not a report on `n` jobs (the submission has not begun)."""
        letters, *entries = line.split(";")
        if len(letters) != n or set(letters) - {WAITING, RUNNING, DONE, *REASONS}:
            return None
        texts = {}
        for entry in entries:
            number, _, text = entry.partition(" ")
            if number.lstrip("-").isdigit():
                texts[int(number)] = text
        return cls(list(letters), texts)


def outcome_line(letter: str, number: int, n: int, text: str) -> str:
    """The line on a job that ended in the output of its submission."""
    return f"=== {letter} {number} of {n}: {text}"


def read_outcomes(output: str, n: int) -> dict[int, str]:
    """
    Read the lines of `outcome_line` back: the comment of a submission lags by seconds, its output does not.

    Returns
    -------
    dict
        From the number of a job that ended to its letter.
    """
    outcomes = {}
    for line in output.splitlines():
        words = line.split(maxsplit=5)
        if len(words) == 6 and words[0] == "===" and words[2].isdigit() and words[3:5] == ["of", f"{n}:"]:
            outcomes[int(words[2])] = words[1]
    return outcomes
