"""What a page is made of: summaries of benchmarks and of optimisations, and the folders that they were made from."""

import os
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from colosseum import layout
from colosseum.analysis.folder import find_benchmark_folders, is_benchmark_folder
from colosseum.analysis.load import SUMMARY_FILE
from colosseum.analysis.names import setting_title
from colosseum.analysis.results import Results
from colosseum.errors import ConfigurationError


@dataclass(frozen=True)
class Source:
    """
    One benchmark, or the first stage of one optimisation.

    Attributes
    ----------
    results : Results
    folder : str
        The benchmark's folder, with its configurations and logs, as a command would name it.
    """

    results: Results
    folder: str

    @property
    def name(self) -> str:
        """Name of the benchmark."""
        return self.results.name

    @property
    def is_optimisation(self) -> bool:
        """Whether it is part of a hyperparameter optimisation."""
        return self.name.startswith(layout.HYPEROPT)

    @cached_property
    def title(self) -> str:
        """How headings name it."""
        return setting_title(self.name.removeprefix(f"{layout.HYPEROPT}_"))

    @cached_property
    def anchor(self) -> str:
        """What links to its parts begin with."""
        return self.name.replace("_", "-")


@dataclass(frozen=True)
class Sources:
    """
    All that a page shows.

    Attributes
    ----------
    name : str
        Of the study.
    benchmarks : tuple of Source
        What is compared, in the order given.
    optimisations : tuple of Source
        What chose the hyperparameters.
    """

    name: str
    benchmarks: tuple[Source, ...]
    optimisations: tuple[Source, ...]

    @property
    def everything(self) -> tuple[Source, ...]:
        """Both."""
        return (*self.benchmarks, *self.optimisations)


def find_sources(given: Iterable[str | os.PathLike[str]], allow_incomplete: bool = False) -> Sources:
    """
    Load what some folders and files hold.

    Parameters
    ----------
    given : iterable of str or path
        Of each: the folder of a study's analysis, a ``summary.csv``, a folder with one, or a benchmark's folder.
    allow_incomplete : bool
        Whether benchmark folders may lack instances. A summary says so itself.

    Raises
    ------
    ConfigurationError, LogError
        If nothing of that kind is there, or it is incomplete where that is not allowed.
    """
    folders = [Path(one) for one in given]
    paths = [path for one in folders for path in _find(one)]
    found = [_load(path, allow_incomplete) for path in paths]
    names = [source.name for source in found]
    for name in names:
        if names.count(name) > 1:
            raise ConfigurationError(f"{name}: two of what is given are named so; one page shows one of them.")
    name = _study_of(folders[0], paths[0])
    benchmarks = tuple(source for source in found if not source.is_optimisation)
    return Sources(name, benchmarks, tuple(source for source in found if source.is_optimisation))


def _find(path: Path) -> list[Path]:
    if path.is_file() or is_benchmark_folder(path) or (path / SUMMARY_FILE).is_file():
        return [path]
    if not path.is_dir():
        raise ConfigurationError(f"{path}: missing; the analysis of a study or a benchmark's folder would do.")
    found = [file.parent for file in sorted(path.glob(f"*/{SUMMARY_FILE}"))] or find_benchmark_folders(path)
    if not found:
        raise ConfigurationError(f"{path}: no summary.csv and no benchmark's folder in it; has the study been run?")
    return found


def _load(path: Path, allow_incomplete: bool) -> Source:
    results = Results.load(path, allow_incomplete=allow_incomplete)
    return Source(results, _folder_of(path, results.name))


def _folder_of(path: Path, name: str) -> str:
    """The folder of logs: what is given, or what the layout of a study has for its analysis."""
    folder = path.parent if path.is_file() else path
    if is_benchmark_folder(folder):
        return folder.as_posix()
    study = folder.parent
    stage = layout.HYPEROPT if name.startswith(layout.HYPEROPT) else layout.BENCHMARKING
    if study.parent.name == layout.ANALYSIS:
        return layout.benchmark_folder(layout.stage_folder(study.parent.parent, stage, study.name), name)
    return folder.as_posix()


def _study_of(given: Path, first: Path) -> str:
    """The name of a folder of several, else of the folder around the analysis of a benchmark, else the benchmark's."""
    if given != first:
        return given.absolute().name
    folder = (first.parent if first.is_file() else first).absolute()
    return folder.name if is_benchmark_folder(folder) else folder.parent.name
