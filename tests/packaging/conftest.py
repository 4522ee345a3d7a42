"""The wheels, and an environment that has them and what they need, but not the repository."""

import os
import subprocess
import sys
import sysconfig
import venv
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
OURS = ("colosseum", "snakemake_executor_plugin_slurm_packed", "colosseum_benchmark", "__editable__")


@pytest.fixture(scope="session")
def wheels(tmp_path_factory) -> list[Path]:
    """Both distributions, built from this tree."""
    folder = tmp_path_factory.mktemp("wheels")
    for project in (ROOT, ROOT / "executor"):
        command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
        subprocess.run(command, cwd=project, check=True, capture_output=True, timeout=300)
    return sorted(folder.glob("*.whl"))


@pytest.fixture(scope="session")
def installed(wheels, tmp_path_factory) -> Path:
    """
    The folder of the programs of a fresh environment with the wheels.

    What they depend on is linked from this interpreter's packages; the repository is not on its path.
    """
    folder = tmp_path_factory.mktemp("venv")
    venv.create(folder, symlinks=True, with_pip=False)
    site = Path(sysconfig.get_path("purelib", "venv", {"base": str(folder), "platbase": str(folder)}))
    paths = [path for path in sys.path if path.endswith("site-packages")]
    for path in reversed([*map(Path, paths)]):
        for entry in path.iterdir():
            if not entry.name.startswith(OURS) and entry.suffix != ".pth" and not (site / entry.name).exists():
                (site / entry.name).symlink_to(entry)
    python = folder / "bin" / "python"
    for wheel in wheels:
        install = [sys.executable, "-m", "uv", "pip", "install", "--quiet", "--offline", "--no-deps"]
        subprocess.run([*install, "--python", str(python), str(wheel)], check=True, timeout=300)
    snakemake = folder / "bin" / "snakemake"
    snakemake.write_text(f"#!{python}\nfrom snakemake.cli import main\nmain()\n")
    snakemake.chmod(0o755)
    return folder / "bin"


@pytest.fixture
def outside(installed, tmp_path) -> dict[str, str]:
    """The environment variables of somebody who has activated that environment and knows nothing of the repository."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "COLOSSEUM", "NUMBA"))}
    return kept | {"PATH": f"{installed}:{os.environ['PATH']}", "XDG_CACHE_HOME": str(tmp_path / "cache")}
