"""Results of any number of benchmarks as pandas frames: from folders of logs, or from the tables made of them."""

import io
import json
import os
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import pandas as pd

from colosseum.analysis.columns import CURVES_COLUMNS, SUMMARY_COLUMNS
from colosseum.analysis.folder import find_benchmark_folders, is_benchmark_folder
from colosseum.analysis.summary import summarise
from colosseum.errors import ConfigurationError, LogError
from colosseum.gin_config import read_gin_text
from colosseum.layout import FIRST_SCOPE
from colosseum.logs.columns import VALUE_COLUMNS, column

SUMMARY_FILE, CURVES_FILE = "summary.csv", "curves.csv"

_IDENTITIES = ("mdp_class", "mdp_scope", "agent_class", "agent_scope")
_PARAMETERS = ("agent_parameters", "mdp_parameters")
_TEXTS = ("problem", "training_state", *_PARAMETERS, "agent_label", "log", "status", "benchmark")
_WHOLE_NUMBERS = ("seed", "steps", "stop_step")


@dataclass(frozen=True)
class LoadedResults:
    """
    Results of one or several benchmarks.

    Attributes
    ----------
    summary : DataFrame
        A row an instance, columns `colosseum.analysis.columns.SUMMARY_COLUMNS`. Whole numbers are whole where there are
        gaps, too (``Int64``). ``agent_parameters`` and ``mdp_parameters`` are dicts of Python values; a macro or
        reference of gin is its text. What a log lacks, and what an instance without a log cannot have, is missing
        (``NaN``, ``<NA>``): ``status`` tells them apart.
    curves : DataFrame
        A row a log point, columns ``benchmark`` and `colosseum.analysis.columns.CURVES_COLUMNS`; empty where there are
        summaries alone.
    """

    summary: pd.DataFrame
    curves: pd.DataFrame


def load_results(source: str | os.PathLike[str], allow_incomplete: bool = False) -> LoadedResults:
    """
    Load the results of a study, of a benchmark, or of a file.

    Parameters
    ----------
    source : str or path
        A folder of summaries (a study's ``results/analysis/<study>``, or that of one benchmark in it), a folder of
        logs (a benchmark's, or one that holds some, such as ``results/benchmarking/<study>``), or a ``summary.csv``
        with its ``curves.csv`` beside it.
    allow_incomplete : bool
        Whether folders of logs may lack instances, or hold failed ones. A summary was allowed to when it was made.

    Returns
    -------
    LoadedResults

    Raises
    ------
    ConfigurationError
        If nothing of that kind is there.
    LogError
        If a benchmark is incomplete and that is not allowed, or a table is not readable.

    Examples
    --------
    The agents of a finished study, by the regret of a step:

    >>> from colosseum.analysis.load import load_results
    >>> results = load_results("results/analysis/tiny")  # doctest: +SKIP
    >>> per_step = results.summary["normalized_cumulative_regret"] / results.summary["steps"]  # doctest: +SKIP
    >>> per_step.groupby([results.summary["benchmark"], results.summary["agent_class"]]).mean()  # doctest: +SKIP

    Hyperparameters as columns of their own:

    >>> import pandas as pd
    >>> pd.json_normalize(results.summary["agent_parameters"])  # doctest: +SKIP
    """
    path = Path(source)
    tables = [load_tables(one, allow_incomplete=allow_incomplete) for one in _find(path)]
    curves = [
        table.curves.assign(benchmark=table.summary["benchmark"].iloc[0]).astype(dict.fromkeys(_IDENTITIES, str))
        for table in tables
        if table.curves is not None
    ]
    names = ["benchmark", *CURVES_COLUMNS]
    return LoadedResults(
        _with_types(pd.concat([table.summary for table in tables], ignore_index=True)),
        pd.concat(curves, ignore_index=True)[names] if curves else pd.DataFrame(columns=names),
    )


class Tables(NamedTuple):
    """The two tables of a benchmark as they were read, and its folder or that of its summary."""

    summary: pd.DataFrame
    curves: pd.DataFrame | None
    folder: Path


def load_tables(
    source: str | os.PathLike[str], curves: str | os.PathLike[str] | None = None, allow_incomplete: bool = False
) -> Tables:
    """
    Load the tables of one benchmark; parameters and errors are those of `colosseum.analysis.results.Results.load`.

    Returns
    -------
    Tables
        Curves are None where only a summary was given.
    """
    path = Path(source)
    if is_benchmark_folder(path):
        made = summarise(path, allow_incomplete=allow_incomplete)
        return Tables(_read_summary(io.StringIO(made.instances), path), _read_curves(io.StringIO(made.curves)), path)
    path = path / SUMMARY_FILE if path.is_dir() else path
    if not path.is_file():
        raise ConfigurationError(f"{source}: neither a benchmark's folder nor a summary.csv nor a folder with one.")
    curves_path = Path(curves) if curves else path.with_name(CURVES_FILE)
    if curves and not curves_path.is_file():
        raise ConfigurationError(f"{curves}: missing; `summarise --curves` writes it.")
    return Tables(_read_summary(path, path), _read_curves(curves_path) if curves_path.is_file() else None, path.parent)


def _find(path: Path) -> list[Path]:
    if not path.is_dir() or is_benchmark_folder(path):
        return [path]
    summaries = [path / SUMMARY_FILE] if (path / SUMMARY_FILE).is_file() else sorted(path.glob(f"*/{SUMMARY_FILE}"))
    found = summaries or find_benchmark_folders(path)
    if not found:
        raise ConfigurationError(
            f"{path}: no summary.csv (in it or in a folder of it) and no benchmark's folder; has the study been run?"
        )
    return found


def _with_types(summary: pd.DataFrame) -> pd.DataFrame:
    types: dict[str, str] = dict.fromkeys(_WHOLE_NUMBERS, "Int64")
    parameters = {name: summary[name].map(_parse_parameters) for name in _PARAMETERS}
    return summary.astype(types).assign(**parameters)


def _parse_parameters(text: str) -> dict[str, Any]:
    return dict(_parse_once(text))


@cache
def _parse_once(text: str) -> dict[str, Any]:
    """Python values of a JSON object of gin texts: that of all seeds in all environments."""
    lines = [f"{FIRST_SCOPE}/Class.{name} = {value}\n" for name, value in json.loads(text or "{}").items()]
    return read_gin_text("Class", "".join(lines), "parameters").get(FIRST_SCOPE, {})


def _read_summary(file: io.StringIO | Path, path: Path) -> pd.DataFrame:
    try:
        table = pd.read_csv(file, dtype=dict.fromkeys((*_TEXTS, *_IDENTITIES), str), keep_default_na=True)
    except (ValueError, OSError) as error:
        raise LogError(f"{path}: not readable as a summary: {error}.") from error
    table = _with_later_columns(table, SUMMARY_COLUMNS)
    if "agent_label" not in table.columns:
        table["agent_label"] = ""  # a summary of before labels
    lacking = [name for name in SUMMARY_COLUMNS if name not in table.columns]
    if lacking or table.empty:
        raise LogError(f"{path}: no summary; it lacks {', '.join(lacking) or 'rows'}. `summarise` writes it.")
    table[list(_TEXTS)] = table[list(_TEXTS)].fillna("")
    return table


def _read_curves(file: io.StringIO | Path) -> pd.DataFrame:
    try:
        table = pd.read_csv(file, dtype=dict.fromkeys(_IDENTITIES, "category"))
    except (ValueError, OSError) as error:
        raise LogError(f"{file}: not readable as curves: {error}.") from error
    table = _with_later_columns(table, CURVES_COLUMNS)
    lacking = [name for name in CURVES_COLUMNS if name not in table.columns]
    if lacking:
        raise LogError(f"{file}: no curves; it lacks {', '.join(lacking)}. `summarise --curves` writes them.")
    return table


def _with_later_columns(table: pd.DataFrame, names: dict[str, str]) -> pd.DataFrame:
    """A table of before a later format has the columns of that, empty: its logs lack them."""
    later = [name for name in names if name in VALUE_COLUMNS and column(name).since > 1 and name not in table.columns]
    return table.reindex(columns=[*table.columns, *later]) if later else table
