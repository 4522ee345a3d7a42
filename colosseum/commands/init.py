"""`python -m colosseum init`: a folder from which a study is run, without the repository."""

import argparse
from pathlib import Path

HELP = "make a folder for a study: a configuration, a Snakefile, profiles and an agent to change"

_STUDY = "study: my_study"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument("folder", metavar="FOLDER", type=Path, help="a folder that does not exist, or is empty")


def main(args: argparse.Namespace) -> None:
    """Make the folder and say what comes next."""
    import shutil

    from colosseum.about import shipped
    from colosseum.errors import ConfigurationError

    folder: Path = args.folder
    name = folder.resolve().name
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise ConfigurationError(f"{folder}: there is something already; give a folder that does not exist.")
    source = shipped()
    ignored = shutil.ignore_patterns("__pycache__")
    try:
        shutil.copytree(source / "examples" / "new_study", folder, dirs_exist_ok=True, ignore=ignored)
        shutil.copytree(source / "profiles", folder / "profiles", ignore=ignored)
        (folder / "my_lab").mkdir()
        for file in ("__init__.py", "sarsa.py"):
            shutil.copyfile(source / "examples" / "my_lab" / file, folder / "my_lab" / file)
    except (OSError, shutil.Error) as error:
        raise ConfigurationError(f"{folder}: cannot be written: {error}.") from error
    config = folder / "config.yaml"
    config.write_text(config.read_text(encoding="utf-8").replace(_STUDY, f"study: {_as_name(name)}"), encoding="utf-8")
    print(f"{folder}: config.yaml says what is compared, my_lab/sarsa.py is an agent to change. Next:")
    print(f"    cd {folder} && snakemake --cores all")
    print("then `snakemake --report report.html`; on a cluster, after a look at profiles/slurm/config.yaml,")
    print("    snakemake --profile profiles/slurm")


def _as_name(name: str) -> str:
    """Return the folder's name where a study may be called so."""
    import re

    import yaml

    from colosseum.study.keys import PLAIN_NAME

    return name if re.fullmatch(PLAIN_NAME, name) and yaml.safe_load(name) == name else "my_study"
