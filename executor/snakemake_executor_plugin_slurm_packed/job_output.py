"""What the output of a failed job says of its failure."""

from __future__ import annotations

import contextlib
import re
from pathlib import Path

#: How a program that reports a mistake in one line does it: "program [command]: error: ...".
_ONE_LINE = re.compile(r"[\w.-]+( [\w.-]+)*: error: ")


def last_error(output: Path) -> str:
    """Return the line of a job's output that says most about its failure."""
    try:
        text = output.read_text(errors="replace")
    except OSError as error:
        return f"its output is lost: {error}"
    lines = [line.rstrip() for line in text.splitlines() if line.strip()][-1000:]
    for line in [*_rule_logs(lines), *lines]:
        if _ONE_LINE.match(line):
            return line
    for number, line in enumerate(lines):
        # Snakemake's own words on a failed command come after those of the command
        if line == "RuleException:" and number and not lines[number - 1].startswith("    resources:"):
            return lines[number - 1]
    for number, line in enumerate(lines):
        if line.split(":")[0].split(" ")[0].endswith(("Error", "Exception")) and not line.startswith("Error in"):
            # "FileNotFoundError in file "common.smk", line 7:" has its text on the next line
            return f"{line} {lines[number + 1].strip()}" if line.endswith(":") and number + 1 < len(lines) else line
    return lines[-1].strip() if lines else "it printed nothing"


def _rule_logs(lines: list[str]) -> list[str]:
    """The lines of the log files that Snakemake names: a rule may send its errors there."""
    found = []
    for line in lines:
        name, _, rest = line.strip().partition(": ")
        if name == "log" and rest.endswith("(check log file(s) for error details)"):
            for path in rest.removesuffix("(check log file(s) for error details)").split(","):
                with contextlib.suppress(OSError):
                    found += Path(path.strip()).read_text(errors="replace").splitlines()
    return found
