"""The configurations that a study compares: what it tuned, what the package has, what a file has."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from colosseum import layout, registry
from colosseum.agent.published_spaces import PUBLISHED as PUBLISHED_SPACES
from colosseum.benchmark import folders
from colosseum.errors import ConfigurationError, nearest
from colosseum.gin_config import read_gin_text
from colosseum.study import names
from colosseum.study.sources import class_name

PACKAGED, PUBLISHED = "packaged", "published"
"""What a study writes in place of a gin file for the hyperparameters that this package has, and the published ones."""


@dataclass(frozen=True)
class Contestant:
    """
    A configuration of an agent that a study compares.

    Attributes
    ----------
    path : str
        The name of a packaged class, or the import path of a user-defined one.
    config : str or None
        A gin file, whose scope ``prms_0`` is run, `PACKAGED` or `PUBLISHED`; None where the study tunes it, or takes
        what it has for the class.
    label : str or None
        What tables and plots call it.
    """

    path: str
    config: str | None = None
    label: str | None = None


def read_contestants(given: Iterable[Any]) -> list[Contestant]:
    """Return the contestants of a study's key `agents`; what is neither a text nor a mapping is left out."""
    found = []
    for one in given:
        if isinstance(one, str):
            found.append(Contestant(one))
        elif isinstance(one, Mapping) and isinstance(one.get("class"), str):
            config = one.get("config")
            config = names.expanded(config) if isinstance(config, str) else config
            found.append(Contestant(one["class"], config, one.get("label")))
    return found


def by_class(contestants: Iterable[Contestant]) -> dict[str, list[Contestant]]:
    """Return the contestants of each class name; number i of a class is its gin scope ``prms_<i>`` in a benchmark."""
    found: dict[str, list[Contestant]] = {}
    for one in contestants:
        found.setdefault(class_name(one.path), []).append(one)
    return found


def labels_of(contestants: Iterable[Contestant]) -> dict[str, str]:
    """Return the labels by ``<scope>-<class>``, of those that have one."""
    return {
        layout.Configured(name, layout.scope_name(i)).name: one.label
        for name, of_class in by_class(contestants).items()
        for i, one in enumerate(of_class)
        if one.label
    }


def check_contestants(contestants: Iterable[Contestant]) -> None:
    """
    Refuse configurations and labels that cannot be told apart, and files that have none.

    Raises
    ------
    ConfigurationError
        In one line: the class, the value, what would do.
    """
    seen: dict[tuple[str, str | None], Contestant] = {}
    labels: dict[str, Contestant] = {}
    for one in contestants:
        name = class_name(one.path)
        if (one.path, one.config) in seen:
            raise ConfigurationError(f"{name} with config {one.config!r} is listed twice.")
        seen[one.path, one.config] = one
        if one.label is not None:
            if not one.label.strip() or not one.label.isprintable():
                raise ConfigurationError(f"{name}: label {one.label!r} is nothing that a table could show.")
            if one.label in labels:
                raise ConfigurationError(f"{name}: label {one.label!r} is taken by {labels[one.label].path}.")
            labels[one.label] = one
        if one.config is not None:
            check_config(one.path, one.config)


def check_config(path: str, config: str) -> None:
    """
    Refuse a configuration that an agent cannot have.

    Parameters
    ----------
    path : str
        Name or import path of the class.
    config : str
        A gin file, `PACKAGED` or `PUBLISHED`.

    Raises
    ------
    ConfigurationError
        If the file cannot be read or has no scope ``prms_0``, or the class is none of the package's.
    """
    if config in (PACKAGED, PUBLISHED):
        if path not in PUBLISHED_SPACES:
            raise ConfigurationError(f"{path}: there are no {config} hyperparameters of it; name a gin file.")
        return
    names.check_path(config)
    if layout.FIRST_SCOPE not in read_gin_text(class_name(path), folders.read_text(config), config):
        raise ConfigurationError(f"{config}: has no scope {layout.FIRST_SCOPE}, which is the one that is run.")


def check_hyperparameters(given: Mapping[str, str], contestants: Iterable[Contestant], tunes: bool) -> None:
    """
    Check a study's key `hyperparameters`.

    Parameters
    ----------
    given : mapping of str to str
        File or name of the hyperparameters by class name.
    contestants : iterable of Contestant
    tunes : bool
        Whether the study has a hyperparameter optimisation.

    Raises
    ------
    ConfigurationError
        With the key: if it is of no agent or not needed, as `check_config`, or if a user-defined agent has none.
    """
    key = "hyperparameters"
    if given and tunes:
        raise ConfigurationError(
            f"{key}: hyperopt chooses them: leave one of the two out (hyperopt: null), or list the agent once more "
            "with a config."
        )
    paths = {class_name(one.path): one.path for one in contestants if one.config is None}
    for name, config in given.items():
        if name not in paths:
            raise ConfigurationError(f"{key}: there is no agent {name!r}; {nearest(name, paths)}")
        try:
            check_config(paths[name], config)
        except ConfigurationError as error:
            raise ConfigurationError(f"{key}: {error}") from None
    for name, path in paths.items():
        if not tunes and ":" in path and name not in given:
            if registry.resolve_agent_class(path).get_hyperparameters_search_spaces():
                raise ConfigurationError(
                    f"agents: {path} has hyperparameters, and hyperopt is null: name a gin file of them "
                    f"(hyperparameters: {{{name}: my_agent.gin}}), or optimise them (hyperopt: SMALL_HYPEROPT_CONF)."
                )
