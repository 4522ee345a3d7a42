"""Measures of hardness of a benchmark's environments: from a file, from a function, or computed."""

import csv
import os
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from statistics import fmean

from colosseum.analysis.folder import Configured
from colosseum.analysis.results import HardnessSource, Results
from colosseum.errors import ConfigurationError

HARDNESS_FILE = "hardness.csv"
MEASURES = ("diameter", "value_norm")


def get_hardness_measures(
    results: Results, source: HardnessSource = None, measures: Sequence[str] = MEASURES
) -> dict[Configured, dict[str, float]]:
    """
    Return measures of hardness of each environment of a benchmark, averaged over the seeds.

    Parameters
    ----------
    results : Results
        The benchmark.
    source : path, callable or None
        A CSV file with the columns ``mdp_class``, ``mdp_scope``, perhaps ``seed``, and one for each measure; or a
        function of (class name, gin scope, parameters as gin texts) that returns a mapping of measures; or None: the
        source that `results` names, else ``hardness.csv`` in its folder, else the environments are built and their
        properties read.
    measures : sequence of str
        Names of columns, or of properties of an environment.

    Returns
    -------
    dict of environment to dict of measure to float

    Raises
    ------
    ConfigurationError
        If the file is no such file or lacks an environment.
    """
    source = source if source is not None else results.hardness
    if source is None and results.folder is not None and (results.folder / HARDNESS_FILE).is_file():
        source = results.folder / HARDNESS_FILE
    if isinstance(source, (str, os.PathLike)):
        return _read(Path(source), results.mdps, measures)
    compute = source if source is not None else _compute_from(results, measures)
    parameters = results.parameters("mdp")
    found = {}
    for mdp in results.mdps:
        values = compute(mdp.class_name, mdp.scope, parameters[mdp])
        found[mdp] = {measure: float(values[measure]) for measure in measures}
    return found


def _read(path: Path, mdps: Sequence[Configured], measures: Sequence[str]) -> dict[Configured, dict[str, float]]:
    try:
        with open(path, newline="", encoding="utf-8") as file:
            rows = list(csv.DictReader(file))
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigurationError(f"{path}: not readable as measures of hardness: {error}.") from error
    lacking = [name for name in ("mdp_class", "mdp_scope", *measures) if not rows or name not in rows[0]]
    if lacking:
        raise ConfigurationError(f"{path}: the columns {', '.join(lacking)} are missing.")
    found: dict[Configured, dict[str, float]] = {}
    for mdp in mdps:
        mine = [row for row in rows if (row["mdp_class"], row["mdp_scope"]) == mdp]
        if not mine:
            raise ConfigurationError(f"{path}: no row for {mdp.class_name}, {mdp.scope}.")
        try:
            found[mdp] = {measure: fmean(float(row[measure]) for row in mine) for measure in measures}
        except (TypeError, ValueError) as error:
            raise ConfigurationError(f"{path}: a measure of {mdp.class_name}, {mdp.scope} is no number.") from error
    return found


def _compute_from(
    results: Results, measures: Sequence[str]
) -> Callable[[str, str, Mapping[str, str]], Mapping[str, float]]:
    # imported here: environments bring the compiler, which nothing else of the analysis needs
    from colosseum.gin_config import Reference, construct, format_scope
    from colosseum.registry import resolve_mdp_class

    def compute(class_name: str, scope: str, parameters: Mapping[str, str]) -> Mapping[str, float]:
        mdp_class = resolve_mdp_class(class_name)
        text = format_scope(class_name, scope, {name: Reference(value) for name, value in parameters.items()})
        mdps = [construct(mdp_class, scope, text, f"{scope}-{class_name}", seed=seed) for seed in results.seeds]
        lacking = [measure for measure in measures if not hasattr(mdp_class, measure)]
        if lacking:
            raise ConfigurationError(
                f"{class_name} has no property {', '.join(lacking)}; give the measures in a {HARDNESS_FILE} instead."
            )
        return {measure: fmean(getattr(mdp, measure) for mdp in mdps) for measure in measures}

    return compute
