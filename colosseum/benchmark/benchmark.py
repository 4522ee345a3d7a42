"""A benchmark: environments' configurations and experiment settings under a name; and the default ones."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import Any

from colosseum import layout, settings
from colosseum.benchmark.folders import DEFAULT_BENCHMARKS, read_experiment_config, read_mdp_configs
from colosseum.errors import ConfigurationError, nearest
from colosseum.experiment import ExperimentConfig
from colosseum.gin_config import check_values, parse_gin_text, split_scopes
from colosseum.utils.files import write_atomically


@dataclass(eq=False)
class ColosseumBenchmark:
    """
    A benchmark.

    Two benchmarks are equal if they configure the same environments and experiment, whatever their names and the layout
    of their gin texts.

    Attributes
    ----------
    name : str
        Name of its folder below the experiments or hyperparameter optimisation folder.
    mdps_gin_configs : dict of type to str
        Gin text of each environment class, scopes ``prms_<i>``.
    experiment_config : ExperimentConfig
        Seeds, steps, time and log interval.

    Raises
    ------
    ConfigurationError
        If the name is no folder name, there is no environment, episodic and continuous ones are mixed, or a text or a
        value in it is wrong.
    """

    name: str
    mdps_gin_configs: dict[type, str]
    experiment_config: ExperimentConfig

    def __post_init__(self):
        if not isinstance(self.name, str) or not self.name.strip(". ") or any(sep in self.name for sep in "/\\"):
            raise ConfigurationError(f"benchmark: {self.name!r} is not a folder name; give one such as 'my_benchmark'.")
        if not isinstance(self.mdps_gin_configs, Mapping) or not self.mdps_gin_configs:
            raise ConfigurationError(f"benchmark {self.name!r}: it has no environments; give {{class: gin text}}.")
        if not isinstance(self.experiment_config, ExperimentConfig):
            raise ConfigurationError(
                f"benchmark {self.name!r}: experiment_config is {self.experiment_config!r}; give an ExperimentConfig."
            )
        check_one_setting(self.mdps_gin_configs, f"benchmark {self.name!r}")
        for cls, text in self.mdps_gin_configs.items():
            check_values(cls, text, self._source(cls), seed=0)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, ColosseumBenchmark):
            return NotImplemented
        return self.experiment_config == other.experiment_config and self.mdp_scopes() == other.mdp_scopes()

    __hash__ = None  # type: ignore[assignment]  # as Python itself says that there is none

    def is_episodic(self) -> bool:
        """Return whether its environments are episodic; else they are continuous."""
        return _is_episodic(next(iter(self.mdps_gin_configs)))

    def mdp_scopes(self) -> dict[type, dict[str, str]]:
        """Return the checked, canonical gin text of each scope of each environment class."""
        return {cls: split_scopes(cls, text, self._source(cls)) for cls, text in self.mdps_gin_configs.items()}

    def instantiate(self, benchmark_folder: str | os.PathLike) -> None:
        """
        Write the benchmark into a folder, which is made if it is missing.

        Files of the same name are replaced, unless their content is the same;
        `colosseum.benchmark.utils.instantiate_benchmark_folder` looks first.
        """
        for cls, text in self.mdps_gin_configs.items():
            path = layout.mdp_config_file(benchmark_folder, cls.__name__)
            write_atomically(path, text.rstrip("\n") + "\n", keep_unchanged=True)
        # Last, so that a folder that has this file is complete.
        write_atomically(layout.experiment_config_file(benchmark_folder), self.experiment_config.to_yaml())

    def get_experiments_benchmark_log_folder(self) -> str:
        """Return its folder below the experiments folder of `colosseum.config`, with a separator at its end."""
        return self.get_log_folder(settings.get_experiments_folder())

    def get_hyperopt_benchmark_log_folder(self) -> str:
        """Return its folder below the hyperopt folder of `colosseum.config`, with a separator at its end."""
        return self.get_log_folder(settings.get_hyperopt_folder())

    def _source(self, cls: type) -> str:
        return f"benchmark {self.name!r}, {layout.mdp_config_file('', cls.__name__)}"

    def get_log_folder(self, benchmark_folder: str | os.PathLike) -> str:
        """Return its folder below the given one, with a separator at its end."""
        return os.path.join(os.fspath(benchmark_folder), self.name, "")


class ColosseumDefaultBenchmark(Enum):
    """
    The packaged benchmarks: four settings of twenty environments each, and two quick tests of seven.

    The environments are those of Conserva and Rauber (2022), "Hardness in Markov Decision Processes: Theory and
    Practice", Advances in Neural Information Processing Systems 35.
    """

    CONTINUOUS_ERGODIC = "benchmark_continuous_ergodic"
    CONTINUOUS_COMMUNICATING = "benchmark_continuous_communicating"
    EPISODIC_ERGODIC = "benchmark_episodic_ergodic"
    EPISODIC_COMMUNICATING = "benchmark_episodic_communicating"
    EPISODIC_QUICK_TEST = "benchmark_episodic_quick_test"
    CONTINUOUS_QUICK_TEST = "benchmark_continuous_quick_test"

    @classmethod
    def from_name(cls, name: str) -> "ColosseumDefaultBenchmark":
        """
        Return the default benchmark of a name, with or without ``benchmark_``, in any case.

        Raises
        ------
        ConfigurationError
            If there is none; the message names the nearest.
        """
        short = {member.name.lower(): member for member in cls}
        key = name.lower().removeprefix("benchmark_")
        if key not in short:
            raise ConfigurationError(f"benchmark: there is no default one or folder {name!r}; {nearest(key, short)}")
        return short[key]

    @property
    def folder(self) -> Path:
        """The folder of its gin files and experiment settings in the package."""
        return DEFAULT_BENCHMARKS / self.value

    @staticmethod
    def get_default_experiment_config() -> ExperimentConfig:
        """Return the experiment settings of the four settings' benchmarks (not of the quick tests)."""
        return read_experiment_config(ColosseumDefaultBenchmark.CONTINUOUS_ERGODIC.folder)

    def get_benchmark(self, postfix: str = "", experiment_config: ExperimentConfig | None = None) -> ColosseumBenchmark:
        """
        Make the benchmark.

        Parameters
        ----------
        postfix : str
            Added to its name after an underscore, so that variants get folders of their own.
        experiment_config : ExperimentConfig, optional
            Takes the place of the default settings.
        """
        return ColosseumBenchmark(
            f"{self.value}_{postfix}" if str(postfix) else self.value,
            read_mdp_configs(self.folder),
            experiment_config or read_experiment_config(self.folder),
        )


def check_one_setting(classes: Mapping[type, object], source: str) -> None:
    """Raise a `ConfigurationError` if some of the classes are episodic and others continuous."""
    episodic = [cls.__name__ for cls in classes if _is_episodic(cls)]
    continuous = [cls.__name__ for cls in classes if not _is_episodic(cls)]
    if episodic and continuous:
        raise ConfigurationError(
            f"{source}: mixes episodic ({', '.join(episodic)}) and continuous classes ({', '.join(continuous)}); "
            "make one benchmark for each setting."
        )


def _is_episodic(cls: type[Any]) -> bool:
    return cls.is_episodic()


def describe_difference(cls: type, there: str, asked: str, source: str) -> str | None:
    """
    Say in what two gin texts of a class differ.

    Parameters
    ----------
    cls : type
    there, asked : str
        The text that exists and the text that was given.
    source : str
        Names the existing text in errors.

    Returns
    -------
    str or None
        The first difference; None if both configure the same.
    """
    old, new = parse_gin_text(cls, there, source), parse_gin_text(cls, asked, f"the new {cls.__name__}.gin")
    for scope in sorted(old.keys() ^ new.keys(), key=layout.scope_index):
        return f"{scope} is {'only there' if scope in old else 'missing there'}"
    for scope in old:
        for name in sorted(old[scope].keys() | new[scope].keys()):
            values = [repr(prms[name]) if name in prms else "not set" for prms in (old[scope], new[scope])]
            if values[0] != values[1]:
                return f"{scope}/{cls.__name__}.{name} is {values[0]} there and {values[1]} here"
    return None
