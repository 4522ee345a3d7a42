"""The wheels, environments that have them and what they need but not the repository, and a study made from them."""

import email
import importlib.metadata
import subprocess
import sys
import sysconfig
import venv
import zipfile
from collections.abc import Iterable, Mapping
from pathlib import Path

import yaml
from packaging.requirements import Requirement

ROOT = Path(__file__).parents[1]
OURS = ("colosseum", "snakemake_executor_plugin_slurm_packed", "colosseum_benchmark", "__editable__")


def build_wheels(folder: Path) -> list[Path]:
    """Both distributions, built from this tree."""
    for project in (ROOT, ROOT / "executor"):
        command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
        subprocess.run(command, cwd=project, check=True, capture_output=True, timeout=300)
    return sorted(folder.glob("*.whl"))


def make_environment(folder: Path, wheels: list[Path], entries: Iterable[Path] | None = None) -> Path:
    """
    Make a fresh environment with the wheels; return the folder of its programs.

    What they depend on is linked from this interpreter's packages, all or only these entries of its folders; the
    repository is not on its path.
    """
    venv.create(folder, symlinks=True, with_pip=False)
    site = Path(sysconfig.get_path("purelib", "venv", {"base": str(folder), "platbase": str(folder)}))
    if entries is None:
        paths = [Path(path) for path in sys.path if path.endswith("site-packages")]
        entries = [entry for path in reversed(paths) for entry in path.iterdir()]
    for entry in entries:
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


def needed_by(wheels: list[Path], extra: str) -> set[str]:
    """The distributions that ours asks for with an extra, itself included, and those that these ask for, and so on."""
    ours = {wheel.name.partition("-")[0].replace("_", "-"): wheel for wheel in wheels}

    def requirements(name: str) -> list[str]:
        if name not in ours:
            return importlib.metadata.requires(name) or []
        with zipfile.ZipFile(ours[name]) as packed:
            [metadata] = [file for file in packed.namelist() if file.endswith(".dist-info/METADATA")]
            return email.message_from_bytes(packed.read(metadata)).get_all("Requires-Dist", [])

    waiting = [("colosseum-benchmark", ""), ("colosseum-benchmark", extra)]
    asked = set(waiting)
    while waiting:
        name, wanted = waiting.pop()
        for requirement in map(Requirement, requirements(name)):
            if requirement.marker is None or requirement.marker.evaluate({"extra": wanted}):
                new = {(requirement.name, one) for one in ("", *requirement.extras)} - asked
                asked |= new
                waiting += new
    return {name for name, _ in asked}


def entries_of(distributions: Iterable[str]) -> set[Path]:
    """What these have put directly into the folder that they are installed in."""
    found = set()
    for name in distributions:
        try:
            distribution = importlib.metadata.distribution(name)
        except importlib.metadata.PackageNotFoundError:
            continue  # the command that needs it says so
        for file in distribution.files or ():
            if file.parts[0] not in ("..", "bin", "__pycache__"):
                found.add(Path(str(distribution.locate_file(file.parts[0]))))
    return found


def variables_of(programs: Path, environment: Mapping[str, str], cache: Path) -> dict[str, str]:
    """The environment variables of somebody who has activated that environment and knows nothing of the repository."""
    kept = {name: value for name, value in environment.items() if not name.startswith(("PYTHON", "COLOSSEUM", "NUMBA"))}
    return kept | {"PATH": f"{programs}:{environment['PATH']}", "XDG_CACHE_HOME": str(cache)}


def shorten(folder: Path) -> None:
    """Leave of a study what shows that it works: two agents, one environment of each kind, one seed."""
    study = yaml.safe_load((folder / "config.yaml").read_text())
    study["agents"] = study["agents"][:2]
    study["hyperopt"] |= {"mdp_classes": ["RiverSwimEpisodic"], "n_samples_agents": 1, "n_steps": 300, "log_every": 100}
    study["experiment"] |= {"n_seeds": 1, "n_steps": 300, "log_every": 100, "max_interaction_time_s": 60}
    (folder / "rivers/mdp_configs").mkdir(parents=True)
    (folder / "rivers/mdp_configs/RiverSwimEpisodic.gin").write_text("prms_0/RiverSwimEpisodic.size = 4\n")
    study["benchmarks"] = ["rivers"]
    (folder / "config.yaml").write_text(yaml.safe_dump(study))
