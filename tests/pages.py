"""The code blocks of the pages of documentation."""

import re
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parents[1]

PAGES = sorted(
    path.relative_to(ROOT).as_posix()
    for folder in ("", "config", "docs", "docs/tutorials", "examples", "executor")
    for path in (ROOT / folder).glob("*.md")
)


class Block(NamedTuple):
    """A fenced block: under which heading it stands, its language, what it says."""

    section: str
    language: str
    text: str

    @property
    def file(self) -> str | None:
        """The file that it is, which its first line names."""
        named = re.match(r"# (\S+\.\w+)\n", self.text)
        return named[1] if named and self.language != "sh" else None


def blocks_of(page: str) -> list[Block]:
    """Read a page's blocks, in order."""
    found, section = [], ""
    pattern = r"^#+ (?P<heading>[^\n]*)$|^```(?P<language>\S*)[^\n]*\n(?P<text>.*?)^```$"
    for match in re.finditer(pattern, (ROOT / page).read_text(), re.MULTILINE | re.DOTALL):
        if match["heading"] is not None:
            section = match["heading"]
        else:
            found.append(Block(section, match["language"], match["text"]))
    return found
