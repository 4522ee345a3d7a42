"""What a page says of its study beside the results: settings, versions, commands; whoever knows the study tells."""

from dataclasses import dataclass, field
from typing import NamedTuple


class Setting(NamedTuple):
    """
    A setting of the study.

    Attributes
    ----------
    part : str
        What it belongs to, such as ``"Tuning"`` or the title of a benchmark.
    name, value : str
    """

    part: str
    name: str
    value: str


@dataclass(frozen=True)
class About:
    """
    What is known of a study.

    Attributes
    ----------
    study : str
        Its name.
    settings : tuple of Setting
        With presets and defaults unfolded; empty where only folders were given.
    configuration : str
        The configuration as YAML, defaults included.
    run_command : str
        What runs what is missing, and makes what is stale again.
    register : str
        The options that make the study's user-defined classes known to a command.
    tuned : dict of str to str
        By agent class: how its hyperparameters were chosen, in a few words.
    planned : dict of str to int
        By benchmark: how many instances the study asks for.
    versions : dict of str to str
        Of Python and packages, where the page was made.
    commit : str
        Of the package's source.
    machine : str
        Where the page was made.
    """

    study: str
    settings: tuple[Setting, ...] = ()
    configuration: str = ""
    run_command: str = "snakemake --cores all"
    register: str = ""
    tuned: dict[str, str] = field(default_factory=dict)
    planned: dict[str, int] = field(default_factory=dict)
    versions: dict[str, str] = field(default_factory=dict)
    commit: str = "unknown"
    machine: str = ""
