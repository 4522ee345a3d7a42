"""`make help` lists every target."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
MAKEFILES = ("Makefile", "tools.mk", "cluster.mk")


@pytest.mark.skipif(shutil.which("make") is None, reason="needs make")
def test_help_lists_every_target():
    done = subprocess.run(["make", "--no-print-directory"], cwd=ROOT, capture_output=True, text=True, check=True)
    listed = dict(line.split(maxsplit=1) for line in done.stdout.splitlines())
    text = "".join((ROOT / name).read_text() for name in MAKEFILES)
    declared = [name for names in re.findall(r"^\.PHONY: (.*)", text, re.MULTILINE) for name in names.split()]
    assert sorted(listed) == sorted(declared)
    assert all(len(sentence) > 5 for sentence in listed.values())
    targets = re.findall(r"^([a-z][a-z-]*):(?!=)", text, re.MULTILINE)
    assert sorted(targets) == sorted(declared)
