"""What a wheel has beside the package, where there is no repository: the workflow, and the commit it was built from."""

import subprocess
import tempfile
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

SHIPPED = ("Snakefile", "examples", "profiles", "studies", "workflow")
MADE = {"__pycache__", ".snakemake", "results"}


class ShippedFiles(BuildHookInterface):
    """Puts them into colosseum/shipped; an editable installation finds them in the repository (colosseum/about.py)."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Name the files to pack."""
        if version == "editable":
            return
        root = Path(self.root)
        for name in SHIPPED:
            for path in [root / name, *(root / name).rglob("*")]:
                inner = path.relative_to(root)
                if path.is_file() and not MADE & set(inner.parts):
                    build_data["force_include"][str(path)] = f"colosseum/shipped/{inner.as_posix()}"
        command = ["git", "-C", self.root, "describe", "--always", "--dirty", "--abbrev=12", "--exclude=*"]
        if not (root / ".git").exists():
            return
        try:
            commit = subprocess.run(command, capture_output=True, text=True, check=True, timeout=10).stdout.strip()
        except (OSError, subprocess.SubprocessError):
            return
        self._folder = tempfile.TemporaryDirectory()  # until the wheel is packed
        file = Path(self._folder.name, "COMMIT")
        file.write_text(commit + "\n")
        build_data["force_include"][str(file)] = "colosseum/shipped/COMMIT"
