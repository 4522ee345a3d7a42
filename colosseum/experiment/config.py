"""The settings that all interactions of a benchmark share."""

import math
import os
from dataclasses import dataclass, fields
from numbers import Integral, Real
from pathlib import Path
from typing import TYPE_CHECKING, Any

from colosseum import published_names
from colosseum.errors import ConfigurationError, nearest

if TYPE_CHECKING:
    from colosseum.emission_maps import EmissionMap

_WHOLE_NUMBERS = ("n_seeds", "n_steps", "log_every")

REQUIRED = ("n_seeds", "n_steps", "max_interaction_time_s", "log_every")
"""The settings that have no default."""

OPTIONAL = ("stop_when_optimal", "first_seed")
"""Those of a study that have one."""

LARGEST_FIRST_SEED = 2**32 - 1

_HERE = {"log_performance_indicators_every": "log_every"}
_IN_FILES = {"log_every": "log_performance_indicators_every"}  # which the published package reads


@dataclass(frozen=True)
class ExperimentConfig:
    """
    How the interactions of a benchmark are run.

    Attributes
    ----------
    n_seeds : int
        Number of times that each interaction is repeated, with the seeds first_seed, ..., first_seed + n_seeds - 1.
    n_steps : int
        Steps of each interaction.
    max_interaction_time_s : float
        Seconds that an agent may train for; then it acts on as it did and learns no more. May be infinite.
    log_every : int
        Steps between two log points, at most `n_steps`. The last step is always a log point. The published name,
        ``log_performance_indicators_every``, is accepted as well, and written to an ``experiment_config.yml``.
    emission_map : type, optional
        What agents observe. Only tabular observations exist: ``colosseum.emission_maps.Tabular`` and None say the same
        and are stored as None.
    stop_when_optimal : bool
        Whether training also stops, as in the published package, when the policy that the agent recommends has been
        optimal for a while; see `MDPLoop`. What the agent does then depends on the log points.
    first_seed : int
        The first seed: benchmarks that share none need different ones. A file of the settings names it where it is not
        0, as in the published package, which does not know it.

    Raises
    ------
    ConfigurationError
        If a value makes no sense.
    """

    n_seeds: int
    n_steps: int
    max_interaction_time_s: float
    log_every: int
    emission_map: "type[EmissionMap] | None" = None
    stop_when_optimal: bool = False
    first_seed: int = 0

    def __post_init__(self):
        for name in _WHOLE_NUMBERS:
            value = getattr(self, name)
            if isinstance(value, bool) or not isinstance(value, Integral) or value < 1:
                raise _error(name, value, "it must be a whole number of at least 1.")
            object.__setattr__(self, name, int(value))
        if self.log_every > self.n_steps:
            reason = f"there would be no log point within the n_steps = {self.n_steps} steps."
            raise _error("log_every", self.log_every, reason)
        seconds = self.max_interaction_time_s
        if isinstance(seconds, bool) or not isinstance(seconds, Real) or math.isnan(seconds) or seconds <= 0:
            raise _error("max_interaction_time_s", seconds, "it must be a positive number of seconds.")
        object.__setattr__(self, "max_interaction_time_s", float(seconds))
        object.__setattr__(self, "emission_map", _check_emission_map(self.emission_map))
        if not isinstance(self.stop_when_optimal, bool):
            raise _error("stop_when_optimal", self.stop_when_optimal, "it must be true or false.")
        first = self.first_seed
        if isinstance(first, bool) or not isinstance(first, Integral) or not 0 <= first <= LARGEST_FIRST_SEED:
            raise _error(
                "first_seed", first, f"it must be a whole number of at least 0 and at most {LARGEST_FIRST_SEED}."
            )
        object.__setattr__(self, "first_seed", int(first))

    @property
    def seeds(self) -> range:
        """The seeds of each interaction."""
        return range(self.first_seed, self.first_seed + self.n_seeds)

    @property
    def log_performance_indicators_every(self) -> int:
        """The published name of `log_every`."""
        return self.log_every

    def to_yaml(self) -> str:
        """Return the settings as the text of an ``experiment_config.yml``."""
        import yaml  # a job that runs an instance never needs it

        values = {_IN_FILES.get(field.name, field.name): getattr(self, field.name) for field in fields(self)}
        if not self.first_seed:
            del values["first_seed"]
        if self.max_interaction_time_s.is_integer():
            values["max_interaction_time_s"] = int(self.max_interaction_time_s)
        return yaml.safe_dump(values)

    @classmethod
    def from_yaml(cls, path: str | os.PathLike) -> "ExperimentConfig":
        """
        Read an ``experiment_config.yml``.

        Parameters
        ----------
        path : str or path
            A YAML mapping of the attributes' names, or of the published ones, to their values.

        Raises
        ------
        ConfigurationError
            If the file cannot be read, is no such mapping, or a key or value is wrong. The message begins with the
            path.
        """
        import yaml

        try:
            values = yaml.safe_load(Path(path).read_text(encoding="utf-8"))
        except OSError as error:
            raise ConfigurationError(f"{path}: {error.strerror or error}.") from None
        except UnicodeDecodeError:
            raise ConfigurationError(f"{path}: this is not a text file.") from None
        except yaml.YAMLError as error:
            raise ConfigurationError(f"{path}: this is not YAML: {' '.join(str(error).split())}") from None
        try:
            return cls._from_mapping(values)
        except ConfigurationError as error:
            raise ConfigurationError(f"{path}: {error}") from None

    @classmethod
    def _from_mapping(cls, values: Any) -> "ExperimentConfig":
        names = [field.name for field in fields(cls)]
        if not isinstance(values, dict):
            raise ConfigurationError(f"a mapping of {', '.join(names)} is needed, not {values!r}.")
        values = {_HERE.get(key, key): value for key, value in values.items()}
        for key in values:
            if key not in names:
                raise ConfigurationError(f"there is no setting {key!r}; {nearest(str(key), names)}")
        missing = [name for name in REQUIRED if name not in values]
        if missing:
            raise ConfigurationError(f"lacks {', '.join(missing)}.")
        return cls(**values)


ExperimentConfig.__init__ = published_names.accepts(**_HERE)(ExperimentConfig.__init__)  # type: ignore[method-assign]


def _check_emission_map(emission_map: Any) -> None:
    if emission_map is None or emission_map == "Tabular":
        return
    kind = emission_map if isinstance(emission_map, type) else type(emission_map)
    # by name: the class need not be imported where nobody uses it
    if (kind.__module__, kind.__name__) != ("colosseum.emission_maps", "Tabular"):
        raise _error("emission_map", emission_map, "only tabular observations exist; leave it out.")


def _error(name: str, value: Any, reason: str) -> ConfigurationError:
    return ConfigurationError(f"experiment settings: {name} = {value!r}: {reason}")
