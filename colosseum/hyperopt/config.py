"""What a hyperparameter optimisation samples and runs, and two presets."""

from dataclasses import dataclass
from numbers import Integral
from typing import TYPE_CHECKING, Any

from colosseum import published_names
from colosseum.errors import ConfigurationError, nearest
from colosseum.experiment import ExperimentConfig
from colosseum.hyperopt.spaces import read_spaces

if TYPE_CHECKING:
    from colosseum.emission_maps import EmissionMap
    from colosseum.mdp.base import BaseMDP


@dataclass(frozen=True)
class HyperOptConfig:
    """
    A hyperparameter optimisation by random search.

    Attributes
    ----------
    seed : int
        Sample i of an agent's hyperparameters or an environment's parameters depends on its class, this and i alone.
    n_steps : int
        Steps of each interaction. The published name, ``n_timesteps``, is accepted as well.
    max_interaction_time_s : float
        Seconds that an agent may train for.
    n_samples_agents : int
        Number of hyperparameter samples of each agent.
    n_samples_mdps : int
        Number of parameter samples of each environment class.
    log_every : int
        Steps between the points at which an agent is evaluated.
    emission_map : type, optional
        Only None and `colosseum.emission_maps.Tabular` exist.
    mdp_classes : list of type, optional
        The environment classes; None takes all that there are, registered ones included.
    n_seeds : int
        Number of times each interaction is repeated.
    stop_when_optimal : bool
        As in `ExperimentConfig`.
    search_spaces : dict of str to dict, optional
        The search spaces of hyperparameters in place of an agent's own, by its class name, as a study writes them:
        ``{"QLearningContinuous": {"min_at": {"log_uniform": [0.001, 0.2]}}}``.

    Raises
    ------
    ConfigurationError
        If a number or a search space makes no sense.
    """

    seed: int
    n_steps: int
    max_interaction_time_s: float
    n_samples_agents: int
    n_samples_mdps: int
    log_every: int
    emission_map: "type[EmissionMap] | None" = None
    mdp_classes: "list[type[BaseMDP]] | None" = None
    n_seeds: int = 3
    stop_when_optimal: bool = False
    search_spaces: dict[str, dict[str, dict[str, Any]]] | None = None

    def __post_init__(self):
        for field, least in (("seed", 0), ("n_samples_agents", 1), ("n_samples_mdps", 1)):
            value = getattr(self, field)
            if isinstance(value, bool) or not isinstance(value, Integral) or value < least:
                raise ConfigurationError(
                    f"hyperopt: {field} = {value!r}: it must be a whole number of at least {least}."
                )
        if self.mdp_classes is not None and not self.mdp_classes:
            raise ConfigurationError("hyperopt: mdp_classes = []: give environment classes, or None for all.")
        if self.search_spaces is not None:
            read_spaces(self.search_spaces, "hyperopt: search_spaces")
        self.experiment_config  # noqa: B018 - checks the other numbers

    @property
    def n_timesteps(self) -> int:
        """The published name of `n_steps`."""
        return self.n_steps

    @property
    def experiment_config(self) -> ExperimentConfig:
        """The settings of its interactions."""
        return ExperimentConfig(
            n_seeds=self.n_seeds,
            n_steps=self.n_steps,
            max_interaction_time_s=self.max_interaction_time_s,
            log_every=self.log_every,
            emission_map=self.emission_map,
            stop_when_optimal=self.stop_when_optimal,
        )


HyperOptConfig.__init__ = published_names.accepts(n_timesteps="n_steps")(HyperOptConfig.__init__)  # type: ignore[method-assign]


DEFAULT_HYPEROPT_CONF = HyperOptConfig(
    seed=42,
    n_steps=250_000,
    max_interaction_time_s=300,
    n_samples_agents=50,
    n_samples_mdps=5,
    log_every=100_000,
    n_seeds=3,
)
"""The published scale: 50 samples of each agent on 5 environments of each class, 3 seeds."""

SMALL_HYPEROPT_CONF = HyperOptConfig(
    seed=42,
    n_steps=30_000,
    max_interaction_time_s=120,
    n_samples_agents=2,
    n_samples_mdps=2,
    log_every=10_000,
    n_seeds=1,
)
"""A quick one, to see whether everything works."""

PRESETS = {"DEFAULT_HYPEROPT_CONF": DEFAULT_HYPEROPT_CONF, "SMALL_HYPEROPT_CONF": SMALL_HYPEROPT_CONF}
"""The presets by name."""


def get_preset(name: str) -> HyperOptConfig:
    """
    Return a preset by name.

    Raises
    ------
    ConfigurationError
        If there is none; the message names the nearest.
    """
    if name not in PRESETS:
        raise ConfigurationError(f"hyperopt: there is no preset {name!r}; {nearest(str(name), PRESETS)}")
    return PRESETS[name]
